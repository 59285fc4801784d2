"""Who may open what: every route × every role, compared with the golden table `droits.txt` (SPEC §4, QUALITY A-01).

After a wanted change: `ECRIRE_DROITS=1 .venv/bin/pytest tests/securite/test_droits.py`, then read the difference.
"""

import os
from pathlib import Path

import pytest

from tests.securite.routes import PUBLIQUES, Route, routes

TABLE = Path(__file__).parents[1] / "droits.txt"
COMPTES = {"Anonyme": None, "Lecture": "lecture-53", "Gestionnaire": "gestionnaire-53", "National": "national"}


def test_the_table_of_rights_is_the_one_that_was_reviewed(app, session, connexion):
    """SPEC §4: an added or opened route shows in the review of `droits.txt`."""
    toutes = routes(app)

    colonnes = {
        nom: [_acces(app, session, connexion, login, route) for route in toutes] for nom, login in COMPTES.items()
    }

    obtenue = _table(toutes, colonnes)
    if os.environ.get("ECRIRE_DROITS"):
        TABLE.write_text(obtenue, encoding="utf-8")
    assert obtenue == TABLE.read_text(encoding="utf-8")


def test_at_most_six_routes_are_public(app):
    """A-01."""
    publiques = {route.endpoint for route in routes(app) if route.publique}

    assert publiques <= PUBLIQUES
    assert len(publiques) <= 6


def test_every_other_route_sends_an_anonymous_visitor_to_the_login_page(app):
    """A-01: every rule × method of the map, none left out by hand."""
    for route in routes(app):
        if route.publique:
            continue

        reponse = app.test_client().open(route.adresse, method=route.methode, buffered=True)

        assert (reponse.status_code, reponse.location.partition("?")[0]) == (302, "/connexion"), route


def test_every_write_without_a_token_is_refused(app, connexion, monkeypatch):
    """A-17: 400 on every route that is not a GET, whatever the role."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = connexion("national")

    for route in routes(app):
        if route.methode != "GET":
            assert client.open(route.adresse, method=route.methode, buffered=True).status_code == 400, route


def test_every_screen_is_built_on_our_base_classes(app):
    """docs/architecture.md: a stock screen of the framework would bring its holes and its English back."""
    modules = {type(vue).__module__.partition(".")[0] for vue in app.appbuilder.baseviews}

    assert modules == {"views"}


def _acces(app, session, connexion, login: str | None, route: Route) -> str:
    session.expire_all()  # the walk logs out on its way
    client = connexion(login) if login else app.test_client()
    reponse = client.open(route.adresse, method=route.methode, buffered=True)
    if reponse.status_code == 403 or (reponse.location or "").startswith("/connexion?"):
        return "–"
    if login is None and (reponse.location or "") == "/connexion":
        return "–"
    assert reponse.status_code < 500, (route, reponse.status_code)
    return "oui"


def _table(toutes: list[Route], colonnes: dict[str, list[str]]) -> str:
    """Roles first: a new route changes its own line only."""
    lignes = ["  ".join(colonnes) + "  Route"]
    for rang, route in enumerate(toutes):
        acces = "  ".join(f"{valeurs[rang]:{len(nom)}}" for nom, valeurs in colonnes.items())
        lignes.append(f"{acces}  {route.methode} {route.regle}")
    return "\n".join(lignes) + "\n"


@pytest.fixture(autouse=True)
def _une_erreur_est_une_erreur(app, monkeypatch):
    """A failure shows as a 500 page here, as it would to a user."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
