"""Speed of « Rechercher un établissement » and of the card, beside pages written by hand. Run from the root:

    python -m bench.pages                              15 000 then 95 000 ET
    python -m bench.pages --et 15000 --fois 100        one size, more repetitions
    python -m bench.pages --json pages.json            the figures, for a machine

Both servers run at the same time over the same database, each under gunicorn with the workers of `run.py`, and answer
in turn over connections that stay open; figures are medians of one run. The witness is `bench/page_temoin.py`.
"""

import argparse
import json
import re
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event, text
from werkzeug.security import generate_password_hash

from app import embedded, unit_of_work
from app.demonstration.comptes import MOT_DE_PASSE, creer_comptes
from app.factory import create_app, db
from app.initialisation import initialiser
from bench.donnees_pages import charger
from config import Settings

CIBLE_LISTE, CIBLE_FICHE, CIBLE_SQL, CIBLE_KIO, CIBLE_OPTIONS = 3.5, 6.0, 8, 40, 200
SERVEUR = ["--worker-class=gthread", "--workers=2", "--threads=4", "--preload", "--no-control-socket"]
RODAGE = 25
COMPTES = ("ara", "national")
FICHES = {
    "fiche": "categorie_code = '355' AND adresse_secondaire IS NOT NULL",
    "fiche d’un CHU": "categorie_code = '101' AND finess_errone IS FALSE",
}
SELECT = re.compile(r"<select.*?</select>", re.DOTALL)
LIEN = re.compile(r'href="/etablissements/(\d+)"')


@dataclass(frozen=True)
class Serveur:
    """A running server; `cookie` is the session of an account of ours."""

    port: int
    cookie: str = ""

    def connexion(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port)


@dataclass(frozen=True)
class Mesure:
    """One page for one account: medians in milliseconds, and what the page costs otherwise."""

    et: int
    cas: str
    compte: str
    temoin_ms: float
    page_ms: float
    p95_ms: float
    requetes_sql: int
    kio: float
    options: int

    @property
    def rapport(self) -> float:
        return self.page_ms / self.temoin_ms

    @property
    def cible(self) -> float:
        return CIBLE_FICHE if self.cas in FICHES else CIBLE_LISTE

    @property
    def tenue(self) -> bool:
        sobre = self.requetes_sql <= CIBLE_SQL and self.kio <= CIBLE_KIO and self.options <= CIBLE_OPTIONS
        return sobre and self.rapport <= self.cible


def cas(engine: Engine) -> dict[str, str]:
    """The pages to measure, by name; every list spans the whole country unless it says otherwise."""
    listes = {
        "liste, une ARS": {"ars": "84"},
        "liste, France": {"ars": ""},
        "nom, rare": {"ars": "", "nom": "*hâtillo*"},
        "nom, fréquent": {"ars": "", "nom": "*ospitalie*"},
        "ville accentuée": {"ars": "", "ville": "Châtillon"},
        "début de numéro": {"ars": "", "numero": "69900"},
        "page lointaine": {"ars": "", "page": "{derniere}"},
        "tri par ville": {"ars": "", "tri": "ville", "sens": "asc"},
    }
    with engine.connect() as connexion:
        total = connexion.scalar(text("SELECT count(*) FROM etablissement")) or 0
        numeros = {
            nom: connexion.scalar(text(f"SELECT min(id) FROM etablissement WHERE ars_code = '84' AND {condition}"))
            for nom, condition in FICHES.items()
        }
    derniere = str(min(2000, total // 25 - 100))
    adresses = {nom: f"/etablissements/?{urlencode(args)}" for nom, args in listes.items()}
    adresses["page lointaine"] = f"/etablissements/?ars=&page={derniere}"
    return adresses | {nom: f"/etablissements/{numero}" for nom, numero in numeros.items()}


# --- Servers ---


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


def chronometrer(serveurs: list[Serveur], adresse: str, fois: int) -> list[list[float]]:
    """Times of each server, asked in turn; the pages must show the same rows."""
    durees: list[list[float]] = [[] for _ in serveurs]
    connexions = [un.connexion() for un in serveurs]
    vus = set()
    for tour in range(RODAGE + fois):
        for rang, un in enumerate(serveurs):
            duree, page = demander(connexions[rang], adresse, un.cookie)
            if tour >= RODAGE:
                durees[rang].append(duree)
            elif "?" in adresse:
                vus.add(tuple(dict.fromkeys(LIEN.findall(page))))
    if len(vus) > 1:
        sys.exit(f"{adresse} : les deux pages ne montrent pas les mêmes lignes.")
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


def mesurer(engine: Engine, settings: Settings, fois: int, nombre_et: int) -> Iterator[Mesure]:
    """Every page for every account, beside its witness."""
    environ = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "DATA_DIR": str(settings.data_dir),
        "LC_ALL": "C.UTF-8",
    }
    compteur = Compteur(settings)
    with (
        serveur("bench.page_temoin:app", environ, 8801) as temoin,
        serveur("app.factory:create_app()", environ, 8802) as notre,
    ):
        cookies = {login: ouvrir_session(notre.port, login) for login in COMPTES}
        serveurs = [temoin, *(Serveur(notre.port, cookie) for cookie in cookies.values())]
        for nom, adresse in cas(engine).items():
            reference, *durees = chronometrer(serveurs, adresse, fois)
            for login, les_notres in zip(COMPTES, durees, strict=True):
                medianes = statistics.median(reference), statistics.median(les_notres)
                p95 = statistics.quantiles(les_notres, n=20)[-1]
                yield Mesure(nombre_et, nom, login, *medianes, p95, *compteur.page(adresse, cookies[login]))


# --- Report ---


def afficher(mesure: Mesure) -> None:
    print(
        f"{mesure.et:6} {mesure.cas:18} {mesure.compte:9} {mesure.temoin_ms:7.2f} {mesure.page_ms:7.2f} "
        f"{mesure.p95_ms:7.2f}  × {mesure.rapport:5.2f} (≤ {mesure.cible}) {mesure.requetes_sql:3} SQL "
        f"{mesure.kio:5.1f} Kio {mesure.options:4} options  {'tenu' if mesure.tenue else 'MANQUÉ'}",
        flush=True,
    )


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--et", type=int, nargs="+", default=[15_000, 95_000])
    analyseur.add_argument("--fois", type=int, default=60)
    analyseur.add_argument("--json", type=Path)
    choix = analyseur.parse_args()
    mesures = []
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
        print("    ET cas                compte     témoin    page     p95  (ms)")
        for nombre_et in choix.et:
            with engine.connect() as connexion:
                charger(connexion, nombre_et)
            for mesure in mesurer(engine, settings, choix.fois, nombre_et):
                mesures.append(mesure)
                afficher(mesure)
        engine.dispose()
        embedded.release()
    if choix.json:
        lignes = [{**asdict(une), "rapport": round(une.rapport, 2), "tenue": une.tenue} for une in mesures]
        choix.json.write_text(json.dumps(lignes, ensure_ascii=False, indent=1))
    sys.exit(0 if all(une.tenue for une in mesures) else 1)


if __name__ == "__main__":
    main()
