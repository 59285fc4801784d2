"""Speed and memory of the FINESS synchronisation at national size. Run from the root of the project:

    python -m bench.synchro_finess                          50 000 EJ, 105 000 ET, 3 times
    python -m bench.synchro_finess --ej 5000 --et 10500     reduced

Everything is measured in one run, on one server, each step in a process of its own; figures are medians. References:
`ijson` is the usual streaming parser; `octets` cuts the records on their indentation and parses each with orjson, the
fastest reading we know; `copie` is the COPY of the same rows, ready in memory, into tables without index.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ijson
import orjson
from sqlalchemy import create_engine, text

from app import unit_of_work
from app.referentiels import suivi
from app.referentiels.copie import verser
from app.referentiels.depots import Source
from app.referentiels.finess_json import LectureFiness
from app.referentiels.lignes import LigneEj, LigneEt
from app.referentiels.registres import EJ, ET
from app.referentiels.synchro import synchroniser_finess
from bench.banc import mener
from bench.generateur_finess import generer
from models.traitement import EtatTraitement, TypeTraitement

CIBLE_PREMIERE, CIBLE_SECONDE, CIBLE_MEMOIRE = 2.0, 1.3, 250


def _inflater(chemin: Path) -> Iterator[bytes]:
    flux = zlib.decompressobj(wbits=31)
    with chemin.open("rb") as fichier:
        while brut := fichier.read(2**20):
            yield flux.decompress(brut) if chemin.suffix == ".gz" else brut


class _Fichier:
    """The file object that ijson expects."""

    def __init__(self, chemin: Path) -> None:
        self._morceaux, self._reste = _inflater(chemin), b""

    def read(self, taille: int) -> bytes:
        while taille and len(self._reste) < taille and (morceau := next(self._morceaux, b"")):
            self._reste += morceau
        lu, self._reste = self._reste[:taille], self._reste[taille:]
        return lu


def ijson_seul(chemin: Path) -> None:
    """Streaming parse: every record as Python objects."""
    for _ in ijson.items(_Fichier(chemin), "pmej.item", use_float=True, buf_size=2**20):
        pass


def octets_seuls(chemin: Path) -> None:
    """The fastest honest parse: no hash, no check, an indentation known beforehand."""
    octets, debut, fin = b"", b"\n    {", b"\n    }"
    for morceau in _inflater(chemin):
        octets += morceau
        position = 0
        while (depart := octets.find(debut, position)) >= 0 and (arret := octets.find(fin, depart)) >= 0:
            orjson.loads(octets[depart : arret + len(fin)])
            position = arret + len(fin)
        octets = octets[position:]


def synchro(chemin: Path) -> None:
    """What the nightly job does."""
    numero = suivi.demander(TypeTraitement.FINESS, chemin.name, demandeur="bench")
    traitement = synchroniser_finess(numero, chemin)
    if traitement.etat is not EtatTraitement.APPLIQUE:
        sys.exit(f"{traitement.etat} : {traitement.motif}")


def copie(chemin: Path) -> float:
    """COPY of the rows of the file, ready in memory, into tables without index; only the copy is timed."""
    lus = list(LectureFiness(Source(chemin).morceaux()))
    lots = {EJ: [un.ej for un in lus if un.ej], ET: [et for un in lus for et in un.ets]}
    with unit_of_work.transaction() as session:
        for registre in lots:
            colonnes = f"(LIKE {registre.miroir}, date_maj timestamptz, position text)"
            session.execute(text(f"CREATE TABLE bench_{registre.arrivee} {colonnes}"))
    debut = time.perf_counter()
    with unit_of_work.transaction() as session:
        for registre, lignes in lots.items():
            champs = LigneEj._fields if registre is EJ else LigneEt._fields
            verser(session, f"bench_{registre.arrivee}", champs, lignes)
    duree = time.perf_counter() - debut
    with unit_of_work.transaction() as session:
        for registre in lots:
            session.execute(text(f"DROP TABLE bench_{registre.arrivee}"))
    return duree


ETAPES: dict[str, Callable[[Path], float | None]] = {
    "ijson": ijson_seul,
    "octets": octets_seuls,
    "copie": copie,
    "synchro": synchro,
}


def executer(etape: str, chemin: Path, url: str) -> None:
    """One step, in this process: its time in seconds and its peak memory in MiB, as JSON."""
    unit_of_work.configure(create_engine(url))
    debut = time.perf_counter()
    duree = ETAPES[etape](chemin)
    duree = time.perf_counter() - debut if duree is None else duree
    print(json.dumps([duree, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def mesurer(etape: str, chemin: Path, url: str) -> tuple[float, float]:
    commande = [sys.executable, "-m", "bench.synchro_finess", "--etape", etape, "--fichier", str(chemin), "--url", url]
    sortie = subprocess.run(commande, check=True, capture_output=True, text=True).stdout
    duree, memoire = json.loads(sortie)
    return duree, memoire


def vider(url: str) -> None:
    """An empty mirror, as on the first night."""
    with create_engine(url).begin() as connexion:
        connexion.execute(text("SET LOCAL session_replication_role = replica"))  # the journal goes too, of all things
        connexion.execute(text("TRUNCATE finess_ej, finess_et, traitement CASCADE"))


def comparer(dossier: Path, url: str, choix: argparse.Namespace) -> None:
    """Measure everything, print the figures and their ratios."""
    suffixe = ".json.gz" if choix.gzip else ".json"
    jours = [dossier / f"jour-{jour}{suffixe}" for jour in (1, 2)]
    double = dossier / f"double{suffixe}"
    for jour, chemin in enumerate(jours, start=1):
        generer(chemin, ej=choix.ej, et=choix.et, jour=jour)
    generer(double, ej=choix.ej * 2, et=choix.et * 2)
    print(f"{choix.ej} EJ, {choix.et} ET, {jours[0].stat().st_size / 2**20:.0f} MiB ({suffixe})")
    mesures: dict[str, list[tuple[float, float]]] = {}

    def noter(nom: str, etape: str, chemin: Path) -> None:
        mesures.setdefault(nom, []).append(mesurer(etape, chemin, url))

    for _ in range(choix.fois):
        vider(url)
        noter("lecture ijson", "ijson", jours[0])
        noter("lecture octets", "octets", jours[0])
        noter("copie", "copie", jours[0])
        noter("première nuit", "synchro", jours[0])
        noter("seconde nuit", "synchro", jours[1])
    vider(url)
    noter("première nuit, fichier double", "synchro", double)
    rapport({nom: _medianes(valeurs) for nom, valeurs in mesures.items()})


def _medianes(valeurs: list[tuple[float, float]]) -> tuple[float, float]:
    durees, memoires = zip(*valeurs, strict=True)
    return statistics.median(durees), max(memoires)


def rapport(medianes: dict[str, tuple[float, float]]) -> None:
    for nom, (duree, memoire) in medianes.items():
        print(f"{nom:32} {duree:7.2f} s   {memoire:5.0f} MiB")
    duree: dict[str, Any] = {nom: valeurs[0] for nom, valeurs in medianes.items()}
    for lecture in ("lecture ijson", "lecture octets"):
        premiere = duree["première nuit"] / (duree[lecture] + duree["copie"])
        seconde = duree["seconde nuit"] / duree[lecture]
        print(f"{lecture:15} première nuit / (lecture + copie) = {premiere:.2f} (cible {CIBLE_PREMIERE})", end=" ; ")
        print(f"seconde nuit / lecture = {seconde:.2f} (cible {CIBLE_SECONDE})")
    print(f"mémoire : cible {CIBLE_MEMOIRE} MiB, plate quand le fichier double")


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--ej", type=int, default=50_000)
    analyseur.add_argument("--et", type=int, default=105_000)
    analyseur.add_argument("--gzip", action=argparse.BooleanOptionalAction, default=True)
    mener(analyseur, executer, comparer)


if __name__ == "__main__":
    main()
