"""What every page owes (QUALITY A-80, A-84): headers, French, structure, weight, few statements; error pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import abort
from sqlalchemy import event

from app.errors import OperationRefused, Refus
from app.factory import create_app, db
from tests import build
from tests.securite.routes import routes
from tests.views.pages import Page

ANGLAIS = re.compile(
    r"\b(the|and|with|this|that|your|you|please|error|invalid|required|field|list|show|add|edit|delete|save|back|search|"
    r"filter|record|records|found|actions|login|logout|password|user|users|name|first|last|true|false|none|null|submit|"
    r"cancel|next|previous|page not found|access|denied|home|security|choice|value|row|rows|order|by)\b",
    re.IGNORECASE,
)
AUSSI_FRANCAIS = {"page", "actions", "null"}


def _pages(app) -> list[str]:
    """Addresses of the screens that open without knowing an object."""
    fixes = [route for route in routes(app) if route.methode == "GET" and "<" not in route.regle]
    return [route.adresse for route in fixes if not route.adresse.startswith(("/sante", "/static", "/connexion"))]


@contextmanager
def _instructions(connection) -> Iterator[list[str]]:
    """SQL statements sent in the meantime."""
    envoyees: list[str] = []

    def noter(_connection, _cursor, statement, *_):
        if "SAVEPOINT" not in statement:  # those of the tests
            envoyees.append(statement)

    event.listen(connection, "before_cursor_execute", noter)
    yield envoyees
    event.remove(connection, "before_cursor_execute", noter)


def test_every_page_is_french_structured_light_and_frugal(app, session, connection, connexion):
    """B-01, issue: one h1, a title that says it, no list of more than 200 choices, 40 KiB, 8 statements."""
    build.etablissement(session)
    client = connexion("national")

    for adresse in _pages(app):
        with _instructions(connection) as instructions:
            reponse = client.get(adresse)
        page = Page(reponse.text)

        assert reponse.status_code == 200, adresse
        assert page.langue == "fr", adresse
        assert len(page.h1) == 1, adresse
        assert page.titres[0].startswith(page.h1[0]), adresse
        mots = {mot.group().lower() for texte in page.textes for mot in ANGLAIS.finditer(texte)}
        assert mots <= AUSSI_FRANCAIS, (adresse, mots)
        assert max(page.options.values(), default=0) <= 201, adresse
        assert len(reponse.data) <= 40 * 1024, (adresse, len(reponse.data))
        assert len(instructions) <= 8, (adresse, instructions)


def test_no_page_holds_a_script_a_style_or_an_address_of_another_site(app, connexion):
    """A-80: the content security policy would stop them."""
    client = connexion("national")

    for adresse in [*_pages(app), "/connexion", "/nulle-part"]:
        page = Page(client.get(adresse).text)
        assert all(lien.startswith(("/", "#", "?")) for lien in page.adresses), adresse
        noms = {nom for _, nom, _ in page.attributs}
        assert "style" not in noms, adresse
        assert not [nom for nom in noms if nom.startswith("on")], adresse


@pytest.mark.parametrize(
    ("adresse", "statut"),
    [("/", 200), ("/connexion", 302), ("/nulle-part", 404), ("/static/app.css", 200), ("/sante/vivant", 200)],
)
def test_the_security_headers_are_on_every_answer(connexion, adresse, statut):
    """A-80: pages, redirections, errors and static files."""
    reponse = connexion("national").get(adresse, buffered=True)

    entetes = reponse.headers
    assert reponse.status_code == statut
    assert "unsafe" not in entetes["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in entetes["Content-Security-Policy"]
    assert entetes["X-Content-Type-Options"] == "nosniff"
    assert entetes["Referrer-Policy"] == "same-origin"
    assert entetes["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in entetes["Permissions-Policy"]
    assert ("no-store" in entetes["Cache-Control"]) is not adresse.startswith("/static")


def test_the_script_carries_the_nonce_of_its_own_answer(connexion):
    client = connexion("national")
    premiere, seconde = client.get("/"), client.get("/")

    nonces = [re.search(r'nonce="([^"]+)"', reponse.text)[1] for reponse in (premiere, seconde)]

    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0]}'" in premiere.headers["Content-Security-Policy"]


def test_a_versioned_static_file_is_kept_for_a_year(connexion):
    client = connexion("national")
    style = re.search(r'href="(/static/app\.css\?v=\w+)"', client.get("/").text)[1]

    reponse = client.get(style, buffered=True)

    assert "immutable" in reponse.headers["Cache-Control"]
    assert len(reponse.data) < 24 * 1024


@pytest.mark.parametrize("statut", [400, 403, 404, 405, 409, 413, 429, 500, 503])
def test_an_error_page_is_french_and_has_a_reference(app, connexion, monkeypatch, statut):
    """A-84: what happened, what to do, a number to give to the support, and nothing of the program."""
    client = connexion("national")
    _casser(app, monkeypatch, statut)

    reponse = client.get("/mon-compte/")

    page = Page(reponse.text)
    assert reponse.status_code == statut
    assert len(page.h1) == 1
    assert re.search(r"[0-9A-F]{8}", reponse.text)
    assert "Traceback" not in reponse.text
    assert not [texte for texte in page.textes if ANGLAIS.search(texte) and "page" not in texte.lower()]


def test_a_refused_operation_says_why(app, connexion, monkeypatch):
    """B-14."""
    refus = OperationRefused(Refus("E-ESSAI", "Ce terrain a déjà été supprimé."))
    client = connexion("national")
    _casser(app, monkeypatch, refus)

    reponse = client.get("/mon-compte/")

    assert reponse.status_code == 409
    assert "Ce terrain a déjà été supprimé." in reponse.text


def _casser(app, monkeypatch, cause: int | Exception) -> None:
    """Make one screen fail in this way."""

    def echouer(**_):
        if isinstance(cause, Exception):
            raise cause
        if cause == 500:
            raise ZeroDivisionError
        abort(cause)

    monkeypatch.setitem(app.view_functions, "MonCompteView.compte", echouer)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def test_without_its_database_the_site_says_so_and_stays_alive(settings):
    """A-84: a clean 503 page for a logged-in user, and the probes tell the two apart."""
    app = create_app(settings.model_copy(update={"database_url": "postgresql+psycopg://nul@127.0.0.1:1/nul"}))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "1"

    assert client.get("/connexion").status_code == 503
    with client.session_transaction() as cookie:
        cookie.clear()
    assert client.get("/connexion").status_code == 200
    assert client.get("/sante/vivant").status_code == 200
    assert client.get("/sante/pret").status_code == 503
    with app.app_context():
        db.engine.dispose()


def test_a_nul_character_is_refused_before_the_database(connexion):
    client = connexion("national")

    assert client.get("/utilisateurs/?q=%00").status_code == 400
    assert client.get("/reference/ars/%00").status_code == 400


def test_the_theme_of_the_installation_comes_after_ours(settings, tmp_path, engine):
    """THEME_CSS: one documented hook."""
    theme = tmp_path / "theme.css"
    theme.write_text(":root { --accent: #000091; }")
    client = create_app(settings.model_copy(update={"theme_css": str(theme)})).test_client()

    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/connexion").text)

    assert styles[-1] == "/theme.css"
    assert "#000091" in client.get("/theme.css", buffered=True).text


def test_production_hardens_the_cookie_and_asks_for_https(settings, utilisateur):
    """A-18, A-80."""
    app = create_app(settings.model_copy(update={"environnement": "production", "trusted_hosts": ("localhost",)}))
    client = app.test_client()

    reponse = client.get("/connexion", base_url="https://localhost")
    ailleurs = client.get("/connexion", base_url="https://ailleurs.exemple.fr")

    assert "max-age=31536000" in reponse.headers["Strict-Transport-Security"]
    assert reponse.headers["Set-Cookie"].startswith("__Host-session=")
    assert "Secure" in reponse.headers["Set-Cookie"]
    assert ailleurs.status_code == 400


def test_the_probe_is_ready_when_the_database_is_at_the_level_of_the_code(client):
    """A-81: and nothing is told but that."""
    reponse = client.get("/sante/pret")

    assert (reponse.status_code, reponse.json) == (200, {"base": True, "schema": True, "file": True})
    assert client.get("/sante/vivant").json == {"etat": "vivant"}
