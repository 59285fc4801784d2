"""Speed and memory of the exports of a search, beside a raw COPY TO of the same columns. Run from the root:

    python -m bench.exports_terrains                    60 000 terrains over 15 000 ET
    python -m bench.exports_terrains --terrains 6000    reduced

Ours is the whole request, as a browser makes it: session, count, journal, then the file over HTTP. The reference is the
COPY of the same rows, unordered, straight from PostgreSQL to this process, which throws them away.
"""

import argparse
import statistics
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import psutil
from sqlalchemy import Engine

from app.recherches.terrains import RECHERCHE
from bench.donnees_terrains import charger_terrains
from bench.pages import COMPTES
from bench.serveurs import NOTRE, Serveur, environnement, ouvrir_session, serveur, site

CIBLES = {"csv": 3.5, "xlsx": 5.0}
CIBLE_PREMIER_MS, CIBLE_MIO = 50, 15
ADRESSE = "/terrains/export.{}?ars="


@dataclass(frozen=True)
class Mesure:
    """One export: milliseconds to its first byte and to its last, and what the server grew by, in MiB."""

    premier_ms: float
    total_ms: float
    mio: float


def copier(engine: Engine) -> float:
    """Milliseconds of the raw COPY."""
    requete = RECHERCHE.export.compile(engine, compile_kwargs={"literal_binds": True})
    with engine.connect() as connexion:
        curseur = cast("Any", connexion.connection.cursor())
        debut = time.perf_counter()
        with curseur.copy(f"COPY ({requete}) TO STDOUT") as flux:
            for _ in flux:
                pass
        return (time.perf_counter() - debut) * 1000


def exporter(site: Serveur, format_: str) -> Mesure:
    """One export through the server, its memory watched meanwhile."""
    with closing(site.connexion()) as web, Memoire() as memoire:
        debut = time.perf_counter()
        web.request("GET", ADRESSE.format(format_), headers={"Cookie": site.cookie})
        reponse = web.getresponse()
        lu = reponse.read(1)
        premier = time.perf_counter() - debut
        while lu:
            lu = reponse.read(2**16)
        total = time.perf_counter() - debut
    if reponse.status != 200:
        sys.exit(f"Réponse {reponse.status}.")
    return Mesure(premier * 1000, total * 1000, memoire.hausse)


class Memoire:
    """Growth of the memory of the web server that this process started, while a block runs."""

    def __enter__(self) -> "Memoire":
        enfants = psutil.Process().children(recursive=True)
        self.processus = [un for un in enfants if "gunicorn" in " ".join(un.cmdline())]
        self.depart = self.plus_haut = self._lire()
        self._fini = threading.Event()
        self._veille = threading.Thread(target=self._veiller)
        self._veille.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._fini.set()
        self._veille.join()
        self.hausse = (self.plus_haut - self.depart) / 2**20

    def _veiller(self) -> None:
        while not self._fini.wait(0.02):
            self.plus_haut = max(self.plus_haut, self._lire())

    def _lire(self) -> int:
        return sum(un.memory_info().rss for un in self.processus)


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--et", type=int, default=15_000)
    analyseur.add_argument("--terrains", type=int, default=60_000)
    analyseur.add_argument("--fois", type=int, default=7)
    choix = analyseur.parse_args()
    copies: list[float] = []
    mesures: dict[str, list[Mesure]] = {format_: [] for format_ in CIBLES}
    with site() as (settings, engine):
        charger_terrains(engine, choix.et, choix.terrains)
        with serveur(NOTRE, environnement(settings), 8802) as notre:
            ici = Serveur(notre.port, ouvrir_session(notre.port, COMPTES[-1]))
            for tour in range(choix.fois + 2):  # each of the two workers warms up
                for format_, faites in mesures.items():
                    copie, une = copier(engine), exporter(ici, format_)
                    if tour > 1:
                        copies.append(copie)
                        faites.append(une)
    sys.exit(0 if rapporter(statistics.median(copies), mesures) else 1)


def rapporter(copie: float, mesures: dict[str, list[Mesure]]) -> bool:
    """Print the figures; whether the targets are met."""
    print(f"COPY brut {copie:8.0f} ms")
    tenues = []
    for format_, faites in mesures.items():
        premier, total = (statistics.median(getattr(une, nom) for une in faites) for nom in ("premier_ms", "total_ms"))
        mio = max(une.mio for une in faites)
        rapport = total / copie
        tenues.append(rapport <= CIBLES[format_] and premier <= CIBLE_PREMIER_MS and mio <= CIBLE_MIO)
        print(
            f"{format_:9} {total:8.0f} ms  × {rapport:.2f} (≤ {CIBLES[format_]})  premier octet {premier:.0f} ms "
            f"(≤ {CIBLE_PREMIER_MS})  mémoire + {mio:.1f} Mio (≤ {CIBLE_MIO})  {'tenu' if tenues[-1] else 'MANQUÉ'}"
        )
    return all(tenues)


if __name__ == "__main__":
    main()
