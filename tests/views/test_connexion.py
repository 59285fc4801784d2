"""Login, logout and life of a session (QUALITY A-13 to A-21)."""

import time

import pytest
from sqlalchemy import select

from models.journal import Evenement
from tests.conftest import MOT_DE_PASSE
from tests.views.pages import Page
from views import connexion as module
from views.connexion import REFUS

DEHORS = [
    "https://exemple.fr/",
    "//exemple.fr",
    "///exemple.fr",
    "////exemple.fr/%2f..",
    "/\\exemple.fr",
    "\\\\exemple.fr",
    "\\/exemple.fr",
    "http:exemple.fr",
    "http:/exemple.fr",
    "HtTpS://exemple.fr",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    " //exemple.fr",
    "\t//exemple.fr",
    "/\t/exemple.fr",
    "/\n/exemple.fr",
    "/\r\nLocation: https://exemple.fr",
    "/\x0b/exemple.fr",
    "\x00//exemple.fr",
    "exemple.fr",
    "@exemple.fr",
    "https:exemple.fr@localhost",
    "//localhost@exemple.fr",
    "//exemple.fr:80",
    "//[::1]/",
    "ftp://exemple.fr",
    "mailto:x@exemple.fr",
    "blob:https://exemple.fr",
    "..//exemple.fr",
    "./\\exemple.fr",
    "?next=//exemple.fr",
    "#//exemple.fr",
    "%2f%2fexemple.fr",
    "%5c%5cexemple.fr",
    "https%3a%2f%2fexemple.fr",
    "http://localhost/",
    "//localhost/",
    "x" * 3000,
]


def _se_connecter(client, login, mot_de_passe=MOT_DE_PASSE, suite=None):
    adresse = "/connexion" if suite is None else "/connexion?" + suite
    return client.post(adresse, data={"identifiant": login, "mot_de_passe": mot_de_passe})


def test_a_known_account_enters_and_the_journal_tells(client, session, utilisateur):
    utilisateur("gestionnaire-53")

    reponse = _se_connecter(client, "Gestionnaire-53")

    assert (reponse.status_code, reponse.location) == (302, "/")
    assert "Bretagne" in client.get("/").text
    assert session.scalars(select(Evenement.operation)).all() == ["UTI.connecter"]


@pytest.mark.parametrize(("login", "mot_de_passe"), [("gestionnaire-53", "un autre"), ("inconnu", MOT_DE_PASSE)])
def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(client, utilisateur, login, mot_de_passe):
    """A-15."""
    utilisateur("gestionnaire-53")

    reponse = _se_connecter(client, login, mot_de_passe)

    assert reponse.status_code == 401
    assert REFUS in reponse.text
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("login", ["gestionnaire-53", "inconnu", "desactive"])
def test_one_password_is_checked_whatever_the_account(client, session, utilisateur, monkeypatch, login):
    """A-15: the time of the answer does not tell whether the account exists."""
    utilisateur("gestionnaire-53")
    verifies = []
    verifier = module.check_password_hash
    monkeypatch.setattr(module, "check_password_hash", lambda *a: verifies.append(a) or verifier(*a))

    _se_connecter(client, login, "faux")

    assert len(verifies) == 1


@pytest.mark.parametrize("suite", DEHORS)
def test_the_return_address_never_leaves_the_site(client, utilisateur, suite):
    """A-16."""
    utilisateur("gestionnaire-53")

    reponse = client.post(
        "/connexion",
        query_string={"next": suite},
        data={"identifiant": "gestionnaire-53", "mot_de_passe": MOT_DE_PASSE},
    )

    assert reponse.location in ("/", None)
    assert reponse.status_code in (302, 400)


def test_the_page_asked_for_opens_after_login(client, utilisateur):
    utilisateur("gestionnaire-53")
    demande = client.get("/etablissements/?ars=53&statut=ACTIF")

    reponse = _se_connecter(client, "gestionnaire-53", suite=demande.location.partition("?")[2])

    assert reponse.location == "/etablissements/?ars=53&statut=ACTIF"


def test_ten_attempts_are_evaluated_then_the_door_closes(client, utilisateur):
    """A-14: per account, whoever asks; the answer says when to come back."""
    utilisateur("gestionnaire-53")
    for _ in range(10):
        assert _se_connecter(client, "gestionnaire-53", "faux").status_code == 401

    reponse = _se_connecter(client, "gestionnaire-53")

    assert reponse.status_code == 429
    assert 0 < int(reponse.headers["Retry-After"]) <= 300
    assert "Trop de tentatives" in reponse.text


def test_the_limit_also_counts_by_address(client, utilisateur):
    """A-14."""
    utilisateur("gestionnaire-53")
    for rang in range(10):
        _se_connecter(client, f"inconnu{rang}", "faux")

    assert _se_connecter(client, "gestionnaire-53").status_code == 429


def test_logging_out_ends_every_session_of_the_account(app, utilisateur):
    """A-21: a stolen cookie dies with the session it was stolen from."""
    utilisateur("gestionnaire-53")
    poste, autre_poste = app.test_client(), app.test_client()
    for client in (poste, autre_poste):
        _se_connecter(client, "gestionnaire-53")
        assert client.get("/").status_code == 200

    poste.post("/deconnexion")

    assert poste.get("/").status_code == 302
    assert autre_poste.get("/").status_code == 302


def test_a_deactivated_account_is_out_at_the_next_request(app, client, connexion, utilisateur):
    """A-07, A-21."""
    compte = utilisateur("gestionnaire-53")
    _se_connecter(client, "gestionnaire-53")
    administrateur = app.test_client()
    utilisateur("national")
    _se_connecter(administrateur, "national")
    page = Page(administrateur.get(f"/utilisateurs/{compte.id}/modifier").text)

    reponse = administrateur.post(f"/utilisateurs/{compte.id}/modifier", data={**page.formulaire, "active": []})

    assert reponse.status_code == 302
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("login", "minutes", "ouverte"),
    [("gestionnaire-53", 29, True), ("gestionnaire-53", 31, False), ("national", 14, True), ("national", 16, False)],
)
def test_an_idle_session_ends(connexion, login, minutes, ouverte):
    """A-20: 30 minutes, 15 for a national administrator."""
    client = connexion(login)
    with client.session_transaction() as cookie:
        cookie["vue"] = int(time.time()) - minutes * 60

    assert (client.get("/").status_code == 200) is ouverte


def test_a_session_ends_after_twelve_hours_even_in_use(connexion):
    """A-20."""
    client = connexion("gestionnaire-53")
    with client.session_transaction() as cookie:
        cookie["debut"] = int(time.time()) - 12 * 3600 - 1

    assert client.get("/").status_code == 302


def test_the_cookie_is_guarded(client, utilisateur):
    """A-18."""
    utilisateur("gestionnaire-53")

    cookie = _se_connecter(client, "gestionnaire-53").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert len(cookie) < 1024


def test_a_password_is_changed_by_its_owner_and_other_sessions_end(app, client, utilisateur):
    """A-13, A-21."""
    utilisateur("gestionnaire-53")
    autre_poste = app.test_client()
    for un in (client, autre_poste):
        _se_connecter(un, "gestionnaire-53")
    nouveau = "quatre chevaux sur la lande"

    reponse = client.post("/mon-compte/", data={"actuel": MOT_DE_PASSE, "nouveau": nouveau, "confirmation": nouveau})

    assert reponse.status_code == 302
    assert client.get("/").status_code == 200
    assert autre_poste.get("/").status_code == 302
    assert _se_connecter(autre_poste, "gestionnaire-53", nouveau).status_code == 302


@pytest.mark.parametrize(
    ("saisie", "phrase"),
    [
        ({"actuel": "faux"}, "Le mot de passe actuel est incorrect."),
        ({"nouveau": "court", "confirmation": "court"}, "au moins 14 caractères"),
        ({"nouveau": "Azertyuiop2026!!", "confirmation": "Azertyuiop2026!!"}, "trop courant"),
        ({"nouveau": "a" * 20, "confirmation": "a" * 20}, "trop courant"),
        ({"nouveau": "gestionnaire-53!!", "confirmation": "gestionnaire-53!!"}, "contenir l’identifiant"),
        ({"confirmation": "quatre chevaux sur la dune"}, "diffèrent"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_with_its_reason(connexion, saisie, phrase):
    """A-13."""
    client = connexion("gestionnaire-53")
    nouveau = "quatre chevaux sur la lande"

    reponse = client.post(
        "/mon-compte/", data={"actuel": MOT_DE_PASSE, "nouveau": nouveau, "confirmation": nouveau, **saisie}
    )

    assert reponse.status_code == 422
    assert phrase in reponse.text
