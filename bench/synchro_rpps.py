"""Speed and memory of the RPPS synchronisation at national size. Run from the root of the project:

    python -m bench.synchro_rpps                        2 200 000 lines of 56 columns, 3 times
    python -m bench.synchro_rpps --lignes 200000        reduced

Everything is measured in one run, on one server, each step in a process of its own; figures are medians. References:
`copie` is the COPY of the whole file, as it is, into an unlogged table of 56 columns without index; `orm` is the usual
loader, csv.DictReader and one `merge` per row, on a tenth of the lines.
"""

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session, configure_mappers

from app import unit_of_work
from app.referentiels import suivi
from app.referentiels.rpps_motif import PROFESSIONS
from app.referentiels.rpps_synchro import synchroniser_rpps
from bench.banc import mener
from bench.generateur_rpps import COLONNES, JOURS, generer
from models.praticien import ActivitePraticien, Praticien
from models.traitement import EtatTraitement, TypeTraitement

CIBLE_PREMIERE, CIBLE_SECONDE, CIBLE_ORM, CIBLE_MEMOIRE, CIBLE_JOURNAL = 1.1, 0.65, 40, 150, 2.0


def copie(chemin: Path) -> None:
    """COPY of every field of every line."""
    with unit_of_work.transaction() as session:
        session.execute(text("DROP TABLE IF EXISTS bench_copie"))
        champs = ", ".join(f"c{rang} text" for rang in range(len(COLONNES)))
        session.execute(text(f"CREATE UNLOGGED TABLE bench_copie ({champs})"))
        curseur = cast("Any", session.connection().connection.cursor())
        commande = "COPY bench_copie FROM STDIN (DELIMITER '|', NULL '', HEADER)"
        with chemin.open("rb") as fichier, curseur, curseur.copy(commande) as flux:
            while morceau := fichier.read(2**20):
                flux.write(morceau)


def orm(chemin: Path) -> None:
    """Row by row, as it is usually written: each object is looked for, then added or changed."""
    vues: set[tuple[str, str]] = set()  # activities of the batch, not yet in the database
    with chemin.open(encoding="utf-8", newline="") as fichier, unit_of_work.transaction() as session:
        for rang, ligne in enumerate(csv.DictReader(fichier, delimiter="|", quoting=csv.QUOTE_NONE)):
            if ligne["Code profession"].encode() not in PROFESSIONS:
                continue
            session.merge(_praticien(ligne))
            activite = _activite(ligne)
            cle = (activite.rpps, activite.structure or "")
            if cle not in vues and not _connue(session, activite):
                session.add(activite)
            vues.add(cle)
            if rang % 1000 == 0:
                session.flush()
                session.expunge_all()
                vues.clear()


def _connue(session: Session, activite: ActivitePraticien) -> bool:
    memes = select(ActivitePraticien).where(
        ActivitePraticien.rpps == activite.rpps, ActivitePraticien.structure == activite.structure
    )
    with session.no_autoflush:
        return session.scalar(memes) is not None


def _praticien(ligne: dict[str, str]) -> Praticien:
    return Praticien(
        rpps=ligne["Identifiant PP"],
        nom=ligne["Nom d'exercice"],
        prenom=ligne["Prénom d'exercice"],
        civilite=ligne["Code civilité"],
        profession_code=ligne["Code profession"],
        savoirs_faire=[f"{ligne['Code type savoir-faire']}:{ligne['Code savoir-faire']}"],
    )


def _activite(ligne: dict[str, str]) -> ActivitePraticien:
    return ActivitePraticien(
        rpps=ligne["Identifiant PP"],
        structure=ligne["Identifiant technique de la structure"],
        mode=ligne["Code mode exercice"],
        raison=ligne["Raison sociale site"],
        numero_voie=ligne["Numéro Voie (coord. structure)"],
        voie=ligne["Libellé Voie (coord. structure)"],
        code_postal=ligne["Code postal (coord. structure)"],
        commune=ligne["Libellé commune (coord. structure)"],
        code_insee=ligne["Code commune (coord. structure)"],
        telephone=ligne["Téléphone (coord. structure)"],
        courriel=ligne["Adresse e-mail (coord. structure)"],
    )


def synchro(chemin: Path) -> None:
    """What the nightly job does."""
    numero = suivi.demander(TypeTraitement.RPPS, chemin.name, demandeur="bench")
    traitement = synchroniser_rpps(numero, chemin)
    if traitement.etat is not EtatTraitement.APPLIQUE:
        sys.exit(f"{traitement.etat} : {traitement.motif}")


ETAPES: dict[str, Callable[[Path], None]] = {"copie": copie, "orm": orm, "synchro": synchro}


def executer(etape: str, chemin: Path, url: str) -> None:
    """One step, in this process: its time, its peak memory and the WAL it wrote (MiB), as JSON."""
    moteur = create_engine(url)
    unit_of_work.configure(moteur)
    configure_mappers()  # a worker has done it long before
    with moteur.connect() as connexion:
        avant = connexion.scalar(text("SELECT pg_current_wal_insert_lsn()"))
    debut = time.perf_counter()
    ETAPES[etape](chemin)
    duree = time.perf_counter() - debut
    with moteur.connect() as connexion:
        journal = connexion.scalar(
            text("SELECT pg_current_wal_insert_lsn() - CAST(:avant AS pg_lsn)"), {"avant": avant}
        )
    memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([duree, memoire, float(journal or 0) / 2**20]))


def mesurer(etape: str, chemin: Path, url: str) -> list[float]:
    commande = [sys.executable, "-m", "bench.synchro_rpps", "--etape", etape, "--fichier", str(chemin), "--url", url]
    sortie = subprocess.run(commande, check=True, capture_output=True, text=True).stdout
    mesures: list[float] = json.loads(sortie)
    return mesures


def vider(url: str) -> None:
    """An empty mirror, as on the first night."""
    with create_engine(url).begin() as connexion:
        connexion.execute(text("SET LOCAL session_replication_role = replica"))  # the journal goes too, of all things
        connexion.execute(text("TRUNCATE praticien, activite_praticien, bloc_rpps, traitement CASCADE"))


def comparer(dossier: Path, url: str, choix: argparse.Namespace) -> None:
    """Measure everything, print the figures and their ratios."""
    jours = {jour: dossier / f"PS_LibreAcces_Personne_activite_{JOURS[jour]}.txt" for jour in JOURS}
    for jour, chemin in jours.items():
        generer(chemin, lignes=choix.lignes, jour=jour)
    dixieme = generer(dossier / f"dixieme_{JOURS[1]}.txt", lignes=choix.lignes // 10)
    print(f"{choix.lignes} lignes, {len(COLONNES)} colonnes, {jours[1].stat().st_size / 2**20:.0f} MiB")
    mesures: dict[str, list[list[float]]] = {}

    def noter(nom: str, etape: str, chemin: Path) -> None:
        mesures.setdefault(nom, []).append(mesurer(etape, chemin, url))
        print(f"  {nom} : {mesures[nom][-1][0]:.2f} s", flush=True)

    for _ in range(choix.fois):
        vider(url)
        noter("copie", "copie", jours[1])
        noter("première nuit", "synchro", jours[1])
        noter("seconde nuit", "synchro", jours[2])
    vider(url)
    noter("orm, un dixième", "orm", dixieme)
    for _ in range(choix.fois):
        vider(url)
        noter("première nuit, un dixième", "synchro", dixieme)
    rapport({nom: [statistics.median(une) for une in zip(*valeurs, strict=True)] for nom, valeurs in mesures.items()})


def rapport(medianes: dict[str, list[float]]) -> None:
    for nom, (duree, memoire, journal) in medianes.items():
        print(f"{nom:28} {duree:7.2f} s   {memoire:5.0f} MiB   journal {journal:7.1f} MiB")
    duree = {nom: valeurs[0] for nom, valeurs in medianes.items()}
    print(f"première nuit / copie = {duree['première nuit'] / duree['copie']:.2f} (cible {CIBLE_PREMIERE})")
    print(f"seconde nuit / copie = {duree['seconde nuit'] / duree['copie']:.2f} (cible {CIBLE_SECONDE})")
    print(
        f"orm / première nuit = {duree['orm, un dixième'] / duree['première nuit, un dixième']:.0f} (cible {CIBLE_ORM})"
    )
    print(f"taille × 10 : temps × {duree['première nuit'] / duree['première nuit, un dixième']:.1f} (cible 11)")
    print(f"mémoire : cible {CIBLE_MEMOIRE} MiB ; journal de la seconde nuit : cible {CIBLE_JOURNAL} MiB")


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--lignes", type=int, default=2_200_000)
    mener(analyseur, executer, comparer)


if __name__ == "__main__":
    main()
