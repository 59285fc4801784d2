"""What the benchmarks of pages share: our server and others under gunicorn, asked in turn over connections that stay
open; the SQL statements and the weight of our pages."""

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event
from werkzeug.security import generate_password_hash

from app import embedded, unit_of_work
from app.demonstration.comptes import MOT_DE_PASSE, creer_comptes
from app.factory import create_app, db
from app.initialisation import initialiser
from config import Settings

SERVEUR = ["--worker-class=gthread", "--workers=2", "--threads=4", "--preload", "--no-control-socket"]
NOTRE = "app.factory:create_app()"
RODAGE = 25
SELECT = re.compile(r"<select.*?</select>", re.DOTALL)
LIEN = re.compile(r'href="/(?:etablissements|terrains)/(\d+)"')


@dataclass(frozen=True)
class Serveur:
    """A running server; `cookie` is the session of an account of ours."""

    port: int
    cookie: str = ""

    def connexion(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port)


# --- Servers ---


@contextmanager
def site() -> Iterator[tuple[Settings, Engine]]:
    """A scratch site: its servers, its schema, its accounts of demonstration."""
    with TemporaryDirectory(prefix="bench-pages-") as dossier:
        chemin = Path(dossier)
        chemin.chmod(0o755)  # root gives the embedded server to another account
        settings = Settings(
            data_dir=chemin,
            secret_key=secrets.token_urlsafe(48),
            database_url=embedded.use_postgresql(chemin),
            redis_url=embedded.use_valkey(chemin),
        )
        engine = create_engine(settings.database_url)
        unit_of_work.configure(engine)
        initialiser(engine)
        creer_comptes(generate_password_hash(MOT_DE_PASSE))
        try:
            yield settings, engine
        finally:
            engine.dispose()
            embedded.release()


def environnement(settings: Settings) -> dict[str, str]:
    """The environment of a server of this site."""
    return {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "DATA_DIR": str(settings.data_dir),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }


@contextmanager
def serveur(application: str, environ: dict[str, str], port: int) -> Iterator[Serveur]:
    """An application under gunicorn, for a while."""
    commande = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}", *SERVEUR]
    processus = subprocess.Popen([*commande, "--log-level=warning"], env=environ)
    try:
        attendre(port)
        yield Serveur(port)
    finally:
        processus.terminate()
        processus.wait()


def attendre(port: int) -> None:
    for _ in range(200):
        with closing(HTTPConnection("127.0.0.1", port)) as essai:
            try:
                essai.connect()
            except ConnectionRefusedError:
                time.sleep(0.1)
            else:
                return
    sys.exit(f"Rien ne répond sur le port {port}.")


def ouvrir_session(port: int, login: str) -> str:
    """The session cookie of an account, through the login page."""
    with closing(HTTPConnection("127.0.0.1", port)) as web:
        web.request("GET", "/connexion")
        reponse = web.getresponse()
        cookie = str(reponse.getheader("Set-Cookie")).partition(";")[0]
        [jeton] = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', reponse.read().decode())
        corps = urlencode({"csrf_token": jeton, "identifiant": login, "mot_de_passe": MOT_DE_PASSE})
        entetes = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        web.request("POST", "/connexion", corps, entetes)
        return str(web.getresponse().getheader("Set-Cookie")).partition(";")[0]


# --- Measures ---


def demander(web: HTTPConnection, adresse: str, cookie: str) -> tuple[float, str]:
    """Milliseconds and text of a page."""
    debut = time.perf_counter()
    web.request("GET", adresse, headers={"Cookie": cookie} if cookie else {})
    reponse = web.getresponse()
    corps = reponse.read()
    duree = (time.perf_counter() - debut) * 1000
    if reponse.status != 200:
        sys.exit(f"{adresse} : réponse {reponse.status}.")
    return duree, corps.decode()


def chronometrer(serveurs: Sequence[Serveur], adresses: Sequence[str], fois: int) -> list[list[float]]:
    """Times of each server at its address, asked in turn; the same address must show the same rows everywhere."""
    durees: list[list[float]] = [[] for _ in serveurs]
    connexions = [un.connexion() for un in serveurs]
    vus: dict[str, set[tuple[str, ...]]] = {}
    for tour in range(RODAGE + fois):
        for rang, (un, adresse) in enumerate(zip(serveurs, adresses, strict=True)):
            duree, page = demander(connexions[rang], adresse, un.cookie)
            if tour >= RODAGE:
                durees[rang].append(duree)
            elif "?" in adresse:
                vus.setdefault(adresse, set()).add(tuple(dict.fromkeys(LIEN.findall(page))))
    if differentes := [adresse for adresse, lignes in vus.items() if len(lignes) > 1]:
        sys.exit(f"{differentes} : les pages ne montrent pas les mêmes lignes.")
    for une in connexions:
        une.close()
    return durees


class Compteur:
    """Counts the SQL statements of our pages, in an application of this process: the measured one is left alone."""

    def __init__(self, settings: Settings) -> None:
        self.application = create_app(settings)
        self.nombre = 0
        with self.application.app_context():
            event.listen(db.engine, "before_cursor_execute", self._compter)

    def _compter(self, *_: object) -> None:
        self.nombre += 1

    def page(self, adresse: str, cookie: str) -> tuple[int, float, int]:
        """Number of statements, size in KiB, options of the longest list of choices."""
        client: FlaskClient = self.application.test_client()
        client.set_cookie(*cookie.split("=", 1))
        client.get(adresse)
        self.nombre = 0
        corps = client.get(adresse).data
        choix = [len(re.findall("<option", un)) for un in SELECT.findall(corps.decode())]
        return self.nombre, len(corps) / 1024, max(choix, default=0)
