"""Speed of « Activer » on a large selection, beside the bare UPDATE of the same rows. Run from the root of the project:

    python -m bench.lot                      10 000 terrains hospitaliers, 5 times
    python -m bench.lot --lignes 1000        reduced

Ours checks every row, takes its principal block again, writes the event with its 10 000 objects and commits; the
reference is one UPDATE of statut, version and date. Both in turn in one run, on the same rows; figures are medians.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from sqlalchemy import create_engine, text

from app import unit_of_work
from app.initialisation import initialiser
from app.operations.activation import activer
from app.scope import Actor
from bench.banc import base_jetable, figer
from bench.donnees_pages import charger

CIBLE = 2.2
NOMBRE_ET = 15_000
ARS = "84"
ACTEUR = Actor("bench", None, national=True)
REMPLIR = """
    INSERT INTO terrain_de_stage (numero, type, statut, nom, ars_code, subdivision_code, etablissement_id,
                                  coordonnees_de_finess, rpps_errone, version, adresse, code_postal, ville, code_insee)
    SELECT e.ars_code || 'Z' || lpad((row_number() OVER (PARTITION BY ars_code ORDER BY id))::text, 5, '0'),
           'HOSPITALIER', 'INACTIF', 'Service de médecine ' || id, ars_code,
           (SELECT min(subdivision_code) FROM subdivision_ars s WHERE s.ars_code = e.ars_code), id, true, false, 1,
           adresse, code_postal, ville, code_insee
    FROM etablissement e, generate_series(1, 2)
    WHERE ars_code IS NOT NULL AND statut = 'ACTIF' ORDER BY id LIMIT :lignes
"""
NU = """
    UPDATE terrain_de_stage SET statut = 'ACTIF', version = version + 1, modifie_le = now() WHERE id = ANY(:ids)
"""
REMETTRE = "UPDATE terrain_de_stage SET statut = 'INACTIF' WHERE id = ANY(:ids)"


def nu(ids: list[int]) -> None:
    with unit_of_work.transaction() as session:
        session.execute(text(NU), {"ids": ids})


def operation(ids: list[int]) -> None:
    with unit_of_work.unit_of_work(ACTEUR, "TS.activer") as uow:
        rapport = activer(uow, ids)
    if len(rapport.faites) != len(ids):
        sys.exit(f"{len(rapport.refusees)} refusés : {rapport.refusees[0]}")


def comparer(url: str, lignes: int, fois: int) -> None:
    """Measure both in turn, print medians and ratio."""
    moteur = create_engine(url)
    unit_of_work.configure(moteur)
    initialiser(moteur)
    with moteur.connect() as connexion:
        charger(connexion, NOMBRE_ET)
    with moteur.begin() as connexion:
        connexion.execute(text("TRUNCATE terrain_de_stage CASCADE"))
        connexion.execute(text(REMPLIR), {"lignes": lignes})
        ids = list(connexion.scalars(text("SELECT id FROM terrain_de_stage ORDER BY id")))
    figer()
    durees: dict[str, list[float]] = {}
    for _ in range(fois):
        for faire in (nu, operation):
            durees.setdefault(faire.__name__, []).append(_mesurer(faire, ids))
            with moteur.begin() as connexion:
                connexion.execute(text(REMETTRE), {"ids": ids})
            with moteur.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
                connexion.execute(text("VACUUM ANALYZE terrain_de_stage"))
    medianes = {nom: statistics.median(mesures) for nom, mesures in durees.items()}
    for nom, duree in medianes.items():
        print(f"{nom:10} {duree * 1000:8.0f} ms")
    print(f"{len(ids)} terrains : opération / UPDATE nu = {medianes['operation'] / medianes['nu']:.2f} (cible {CIBLE})")


def _mesurer(faire: Callable[[list[int]], None], ids: list[int]) -> float:
    debut = time.perf_counter()
    faire(ids)
    return time.perf_counter() - debut


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--lignes", type=int, default=10_000)
    analyseur.add_argument("--fois", type=int, default=5)
    choix = analyseur.parse_args()
    with base_jetable() as (_, url):
        comparer(url, choix.lignes, choix.fois)


if __name__ == "__main__":
    main()
