"""What a session may do follows the account and the ARS de travail of this very moment (QUALITY A-07, A-16, S141)."""

import pytest
from sqlalchemy import select

from models.etablissement import Etablissement
from models.territoire import Ars
from models.utilisateur import Role
from tests import build
from tests.conftest import MOT_DE_PASSE, ROLES
from tests.securite.matrice import NOUVEAU_MDP
from tests.views.pages import Page
from tests.views.test_connexion import DEHORS


def _changer(session, compte, *, role: str | None = None, ars: tuple[str, ...] = ()) -> None:
    """As an administrator does it in another browser."""
    nouveau = session.scalar(select(Role).where(Role.name == ROLES[role])) if role else None
    accordees = session.scalars(select(Ars).where(Ars.code.in_(ars))).all()
    with session.no_autoflush:
        compte.roles = [nouveau] if nouveau else compte.roles
        compte.ars = list(accordees)
    build._ajouter(session, compte)


@pytest.mark.parametrize(("role", "apres"), [("lecture", [403, 403]), ("national", [200, 200])])
def test_a_change_of_role_counts_at_the_next_request(connexion, session, utilisateur, role, apres):
    et = build.etablissement(session)
    client = connexion("gestionnaire-53")
    adresses = (f"/etablissements/{et.id}/modifier", "/utilisateurs/")
    codes = [client.get(adresse).status_code for adresse in adresses]

    _changer(session, utilisateur("gestionnaire-53"), role=role, ars=("53",))

    assert codes == [200, 403]
    assert [client.get(adresse).status_code for adresse in adresses] == apres


def test_a_form_open_when_the_role_was_withdrawn_is_not_saved(connexion, session, utilisateur):
    et = build.etablissement(session)
    client = connexion("gestionnaire-53")
    formulaire = Page(client.get(f"/etablissements/{et.id}/modifier").text).formulaire
    _changer(session, utilisateur("gestionnaire-53"), role="lecture", ars=("53",))

    reponse = client.post(
        f"/etablissements/{et.id}/modifier", data={**formulaire, "telephone_secondaire": "0299000000"}
    )

    session.refresh(et)
    assert (reponse.status_code, et.telephone_secondaire) == (403, None)


def test_a_granted_ars_opens_and_a_withdrawn_one_closes_at_the_next_request(connexion, session, utilisateur):
    client = connexion("gestionnaire-53")
    et = build.etablissement(session)

    _changer(session, utilisateur("gestionnaire-53"), ars=("53", "84"))
    assert client.post("/ars-de-travail/", data={"ars": "84"}).status_code == 302
    _changer(session, utilisateur("gestionnaire-53"), ars=("53",))

    reponse = client.get(f"/etablissements/{et.id}/modifier")
    assert reponse.location == f"/ars-de-travail/?next=/etablissements/{et.id}/modifier"


def test_an_account_without_any_ars_writes_nothing(connexion, session, utilisateur):
    hors_ars, du_53 = build.etablissement(session, ars_code=None), build.etablissement(session)
    client = connexion("gestionnaire-53")
    _changer(session, utilisateur("gestionnaire-53"))

    for et in (hors_ars, du_53):
        assert client.post(f"/etablissements/{et.id}/modifier", data={"version": et.version}).status_code == 404


@pytest.mark.parametrize("champ", ["ars_reprise", "ars"])
@pytest.mark.parametrize("code", ["93", "toutes", "", "53'", "\x00"])
def test_no_field_gives_an_ars_that_is_not_granted(connexion, session, champ, code):
    """The field that goes back to the ARS of the form asks for the grant too."""
    et = build.etablissement(session, ars_code="93")
    client = connexion("gestionnaire-53")

    reponse = client.post(f"/etablissements/{et.id}/modifier", data={champ: code, "version": et.version})

    assert reponse.status_code in (400, 403, 404, 409)
    with client.session_transaction() as cookie:
        assert cookie["ars"] == "53"


def test_two_tabs_in_different_ars_never_mix_and_nothing_typed_is_lost(connexion, session):
    """The card was opened in 53; another tab went to 84: the save stops, shows all that was typed, and can go on."""
    et = build.etablissement(session)
    client = connexion("gestionnaire-53-84")
    adresse = f"/etablissements/{et.id}/modifier"
    saisie = {"telephone_secondaire": "0299000000", "finess_errone": "y", "finess_errone_commentaire": "Rue <fausse>"}
    formulaire = {**Page(client.get(adresse).text).formulaire, **saisie}
    client.post("/ars-de-travail/", data={"ars": "84"})

    arret = client.post(adresse, data=formulaire)
    garde = Page(arret.text).formulaire
    dans_84 = client.post(adresse, data={**garde, "ars_affichee": "84"})
    session.refresh(et)
    reste = et.telephone_secondaire
    dans_53 = client.post(adresse, data={**garde, "ars_reprise": "53"})

    assert arret.status_code == 409
    assert {cle: garde[cle] for cle in saisie} == {cle: [valeur] for cle, valeur in saisie.items()}
    assert (dans_84.status_code, reste) == (404, None)
    assert dans_53.status_code == 302
    session.refresh(et)
    assert (et.telephone_secondaire, et.finess_errone_commentaire) == ("0299000000", "Rue <fausse>")


def test_a_creation_begun_in_another_ars_stops_too(connexion, session):
    finess = build.finess_et(session)
    client = connexion("gestionnaire-84-53", ars="53")
    adresse = f"/etablissements/creer?numero_finess={finess.numero}"
    formulaire = Page(client.get(adresse).text).formulaire
    client.post("/ars-de-travail/", data={"ars": "84"})

    arret = client.post(adresse, data=formulaire)

    assert arret.status_code == 409
    assert f"numero_finess={finess.numero}" in arret.text
    assert session.scalar(select(Etablissement).where(Etablissement.numero_finess == finess.numero)) is None


@pytest.mark.parametrize("suite", DEHORS)
def test_the_choice_of_an_ars_never_leads_out_of_the_site(connexion, suite):
    """A-16, by the other door."""
    reponse = connexion("gestionnaire-53-84").post("/ars-de-travail/", query_string={"next": suite}, data={"ars": "84"})

    assert reponse.location in ("/", None)
    assert reponse.status_code in (302, 400)


def test_the_present_password_is_not_guessed_from_an_open_session(connexion):
    """A-14: the door of « Mon compte » counts as that of the login page."""
    client = connexion("gestionnaire-53")
    saisie = {"actuel": "faux", "nouveau": NOUVEAU_MDP, "confirmation": NOUVEAU_MDP}

    codes = [client.post("/mon-compte/", data=saisie).status_code for _ in range(11)]

    assert codes == [422] * 10 + [429]
    assert client.post("/mon-compte/", data={**saisie, "actuel": MOT_DE_PASSE}).status_code == 429


def test_the_session_of_one_account_is_of_no_use_to_another(connexion, session, utilisateur):
    """The version of the session is that of its account: a number swapped for another is refused."""
    autre = utilisateur("national")
    autre.session_version = 7
    build._ajouter(session, autre)
    client = connexion("gestionnaire-53")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(autre.id)

    assert client.get("/").status_code == 302
