"""Verification of the sealed journal at scale: rows read and hashed per second, beside a bare SELECT of the same rows.

    python -m bench.journal [--evenements N] [--fois N]

A row is one of `evenement`, `entree_journal` or `sceau_journal`: three for most events, as in a year of use.
"""

import argparse
import statistics
import time
from collections.abc import Callable

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app import unit_of_work
from app.sceaux.verification import verifier
from bench.banc import base_jetable
from jobs.journal import tout_journaliser

CIBLE = 100_000  # rows per second
EVENEMENTS = """
    INSERT INTO evenement (operation, acteur, source, requete_id, changements)
    SELECT 'ET.modifier', 'agent-' || n % 200, 'écran', gen_random_uuid(), jsonb_build_array(jsonb_build_object(
        'type', 'Etablissement', 'id', (n % 100000)::text, 'libelle', '350000014 HOPITAL ' || n % 100000,
        'ars', jsonb_build_array('53'), 'avant', jsonb_build_object('ville_secondaire', 'RENNES'),
        'apres', jsonb_build_object('ville_secondaire', 'BREST')))
    FROM generate_series(1, :nombre) n
"""
LIGNES = """SELECT (SELECT count(*) FROM evenement) + (SELECT count(*) FROM entree_journal)
    + (SELECT count(*) FROM sceau_journal)"""


def nue(moteur: Engine) -> None:
    """The same rows as text, table after table, read and thrown away: no JSON to build, no order, no join."""
    with Session(moteur) as session:
        for table in ("evenement", "entree_journal", "sceau_journal"):
            for _ in session.execute(text(f"SELECT t::text FROM {table} t").execution_options(yield_per=2000)):
                continue


def verification(moteur: Engine) -> None:
    with Session(moteur) as session:
        bilan = verifier(session)
    if bilan.rupture:
        raise SystemExit(bilan.rupture.message)


def comparer(url: str, nombre: int, fois: int) -> None:
    moteur = create_engine(url)
    unit_of_work.configure(moteur)
    with moteur.begin() as connexion:
        connexion.execute(text(EVENEMENTS), {"nombre": nombre})
    debut = time.perf_counter()
    tout_journaliser()
    print(f"{nombre} événements écrits et scellés : {nombre / (time.perf_counter() - debut):.0f} par seconde")
    with moteur.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
        connexion.execute(text("VACUUM ANALYZE evenement, entree_journal, sceau_journal"))
        lignes = connexion.scalar(text(LIGNES)) or 0
    durees: dict[Callable[[Engine], None], list[float]] = {nue: [], verification: []}
    for _ in range(fois):
        for faire, mesures in durees.items():
            debut = time.perf_counter()
            faire(moteur)
            mesures.append(time.perf_counter() - debut)
    medianes = {faire.__name__: statistics.median(mesures) for faire, mesures in durees.items()}
    for nom, duree in medianes.items():
        print(f"{nom:14} {duree:6.2f} s {lignes / duree:10.0f} lignes par seconde")
    rapport = medianes["verification"] / medianes["nue"]
    print(f"vérification / SELECT nu = {rapport:.2f} (cible {CIBLE} lignes par seconde)")


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--evenements", type=int, default=200_000)
    analyseur.add_argument("--fois", type=int, default=3)
    choix = analyseur.parse_args()
    with base_jetable() as (_, url):
        comparer(url, choix.evenements, choix.fois)


if __name__ == "__main__":
    main()
