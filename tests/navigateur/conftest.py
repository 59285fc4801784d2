"""A real Chromium on a real server: gunicorn and a worker, on a database of their own.

CHROMIUM names the browser to use; `make test` installs one where it can. SANS_NAVIGATEUR=1 leaves these tests out.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from redis import Redis
from sqlalchemy import URL, Engine, NullPool, create_engine, select
from sqlalchemy.orm import Session

from app.process import die_with_parent
from models.utilisateur import Utilisateur
from tests.conftest import MOT_DE_PASSE, creer_utilisateur, database
from tests.navigateur.jeu import peupler
from tests.navigateur.visite import Plan, Visite, visiter

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
START_TIMEOUT = 60.0
REDIS_DATABASES = count(1)  # 0 is that of the tests without a site
PATIENCE = 15_000  # milliseconds: a machine may be busy
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.navigateur)
            if os.environ.get("SANS_NAVIGATEUR"):
                item.add_marker(pytest.mark.skip(reason="SANS_NAVIGATEUR"))


# --- The server ---


@dataclass(frozen=True)
class Serveur:
    """A running application; `engine` reaches its database, to prepare and to check."""

    url: str
    engine: Engine

    def preparer(self, build: Callable[[Session], Any]) -> Any:
        """Commit what a builder makes."""
        with Session(self.engine, expire_on_commit=False) as session:
            built = build(session)
            session.commit()
        return built


@pytest.fixture(scope="module")
def serveur(serveur_postgresql: URL, base_modele: URL, redis_url: str, data_dir: Path) -> Iterator[Serveur]:
    """The web server and a worker, for the tests of one module."""
    with database(serveur_postgresql, template=base_modele.database) as url, serving(url, redis_url, data_dir) as site:
        yield site


@contextmanager
def serving(url: URL, redis_url: str, data_dir: Path) -> Iterator[Serveur]:
    """A site with queues of its own: its worker must not take the jobs of another test."""
    port = free_port()
    redis_url += f"{'&' if '?' in redis_url else '?'}db={next(REDIS_DATABASES)}"
    environ = os.environ | {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data_dir),
    }
    web = ["gunicorn", "app.factory:create_app()", f"--bind=127.0.0.1:{port}", "--threads=4", "--log-level=warning"]
    with running([*web, "--no-control-socket"], environ), running(["jobs.worker"], environ):
        wait_for(port)
        wait_for_a_worker(redis_url)
        yield Serveur(f"http://127.0.0.1:{port}", create_engine(url, poolclass=NullPool))


@contextmanager
def running(module: list[str], environ: dict[str, str]) -> Iterator[None]:
    """A Python module as a process of its own, stopped at the end, whatever happens to the tests."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env=environ,
        preexec_fn=partial(die_with_parent, os.getpid(), 15),
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        web = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            web.request("GET", "/sante/vivant")
            web.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            web.close()
    pytest.fail("the web server did not start")


def wait_for_a_worker(redis_url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    with Redis.from_url(redis_url) as client:
        while not client.scard("rq:workers"):
            assert time.monotonic() < deadline, "the worker did not start"
            time.sleep(0.1)


# --- The browser ---


def chromium() -> str | None:
    """Path of a Chromium of this machine; None = Playwright's own."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen
    return next((path for path in map(shutil.which, NAMES) if path), None)


@pytest.fixture(scope="session")
def navigateur() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium()
        if path is None and not Path(playwright.chromium.executable_path).exists():
            pytest.fail(
                "Aucun Chromium : installez-le (« apt install chromium », « .venv/bin/playwright install chromium »), "
                "indiquez-le par CHROMIUM=…, ou passez ces tests par SANS_NAVIGATEUR=1."
            )
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Plaintes:
    """What the browser complained about: scripts, content security policy, requests to another machine."""

    origine: str
    messages: list[str]

    def ecouter(self, page: Page) -> None:
        page.on("console", lambda said: self._console(said))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", lambda request: self._requete(request))

    def _console(self, said: ConsoleMessage) -> None:
        """A page may answer 404 or 422: only what it loads must not."""
        refused_page = said.page is not None and said.location.get("url") == said.page.url
        if said.type in ("error", "warning") and not (refused_page and "responded with a status of" in said.text):
            self.messages.append(said.text)

    def _requete(self, request: Request) -> None:
        if not request.url.startswith((self.origine, "data:")):
            self.messages.append(f"external request: {request.url}")


@pytest.fixture
def plaintes(serveur: Serveur) -> Iterator[Plaintes]:
    """Collected during the test; any complaint fails it."""
    collected = Plaintes(serveur.url, [])
    yield collected
    assert collected.messages == []


@contextmanager
def contexte(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="fr-FR", **options)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(navigateur: Browser, serveur: Serveur, plaintes: Plaintes) -> Iterator[Page]:
    """A blank page, under the real content security policy."""
    with contexte(navigateur, base_url=serveur.url) as context:
        page = context.new_page()
        plaintes.ecouter(page)
        yield page


@pytest.fixture
def page_axe(navigateur: Browser, serveur: Serveur) -> Iterator[Page]:
    """A page where a script of ours may be added, which the content security policy forbids elsewhere."""
    with contexte(navigateur, base_url=serveur.url, bypass_csp=True) as context:
        yield context.new_page()


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """Accessibility violations (WCAG A and AA) of a `page_axe`, or those of one rule: « rule: elements »."""
    script = Axe().axe_script

    def violations(page: Page, regle: str | None = None) -> list[str]:
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(script)
        only = {"type": "rule", "values": [regle]} if regle else {"type": "tag", "values": WCAG}
        options = {"runOnly": only, "resultTypes": ["violations"]}
        found = page.evaluate("options => axe.run(options)", options)["violations"]
        return [f"{one['id']}: {', '.join(str(node['target']) for node in one['nodes'])}" for one in found]

    return violations


@pytest.fixture
def entrer(serveur: Serveur) -> Callable[[Page, str], None]:
    """Logs in by the login page, as a user does; the account is created if need be."""
    return partial(se_connecter, serveur)


def se_connecter(serveur: Serveur, page: Page, login: str) -> None:
    serveur.preparer(partial(compte, login=login))
    page.goto("/")
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_load_state()


def compte(session: Session, login: str) -> Utilisateur:
    found = session.scalar(select(Utilisateur).where(Utilisateur.username == login))
    return found or creer_utilisateur(session, login)


# --- A visit of the whole application ---


@pytest.fixture(scope="session")
def site(serveur_postgresql: URL, base_modele: URL, redis_url: str, data_dir: Path) -> Iterator[Serveur]:
    """A server whose pages have something to show; the tests that share it only look."""
    with database(serveur_postgresql, template=base_modele.database) as url, serving(url, redis_url, data_dir) as site:
        site.preparer(peupler)
        yield site


@pytest.fixture(scope="session")
def visites(navigateur: Browser, site: Serveur, application: Flask) -> Callable[[str], Visite]:
    """What each login sees by following every link; each visit is made once."""

    @cache
    def faire(login: str) -> Visite:
        plaintes = Plaintes(site.url, [])
        with contexte(navigateur, base_url=site.url) as context:
            page = context.new_page()
            plaintes.ecouter(page)
            se_connecter(site, page, login)
            vues = tuple(visiter(page, Plan(application)))
        return Visite(vues, tuple(plaintes.messages))

    return faire
