"""Speed of a large fusion and of its preview, beside the bare statements on the same rows. From the project's root:

    python -m bench.fusion                      5 000 terrains, 12 000 agréments, 5 times
    python -m bench.fusion --lignes 500         reduced

The fusion locks, checks, plans and writes every terrain and every agrément, then their event, and commits; its
reference is one UPDATE of the same columns of the same terrains and one of the same agréments. The reference of the
preview is one SELECT of the terrains with their agréments. All in turn in one run; figures are medians.
"""

import argparse
import statistics
import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine, create_engine, text

from app import unit_of_work
from app.initialisation import initialiser
from app.operations import fusion
from app.operations.fusion import Demande
from app.scope import Actor
from bench.banc import base_jetable, figer
from bench.donnees_pages import charger

CIBLE_FUSION, CIBLE_APERCU = 2.2, 3.0
ARS = "84"
NOMBRE_ET = 15_000
ACTEUR = Actor("bench", ARS)
REMPLIR = (
    """
    INSERT INTO terrain_de_stage (numero, type, statut, nom, ars_code, subdivision_code, etablissement_id,
                                  coordonnees_de_finess, rpps_errone, version, adresse, code_postal, ville, code_insee)
    SELECT :ars || 'H' || lpad(rang::text, 5, '0'), 'HOSPITALIER', 'ACTIF', 'Service de médecine ' || rang, :ars,
           'LYON', :origine, true, false, 1, '1 rue', '69000', 'LYON', '69123'
    FROM generate_series(1, :lignes) rang
    """,
    """
    INSERT INTO agrement (reference, terrain_id, specialite_code, type, decision, date_debut, date_fin, a_reexaminer,
                          ars_code, subdivision_code, departement_code, numero_terrain)
    SELECT 'A' || t.id || '-' || rang, t.id, 'DES28', 'PRINCIPAL', 'AGREE', current_date - 100, current_date + 100,
           false, t.ars_code, t.subdivision_code, '69', t.numero
    FROM terrain_de_stage t, generate_series(1, 3) rang ORDER BY t.id, rang LIMIT :lignes * 12 / 5
    """,
)
NU = (
    """
    UPDATE terrain_de_stage t SET etablissement_id = e.id, adresse = e.adresse, code_postal = e.code_postal,
           ville = e.ville, code_insee = e.code_insee, version = t.version + 1, modifie_le = now()
    FROM etablissement e WHERE e.id = :destination AND t.etablissement_id = :origine
    """,
    """
    UPDATE agrement SET a_reexaminer = true, modifie_le = now()
    WHERE terrain_id IN (SELECT id FROM terrain_de_stage WHERE etablissement_id = :destination)
    """,
)
LU = """
    SELECT t.*, a.* FROM terrain_de_stage t LEFT JOIN agrement a ON a.terrain_id = t.id
    WHERE t.etablissement_id = :origine ORDER BY t.id, a.id
"""
REMETTRE = (
    """
    UPDATE terrain_de_stage SET etablissement_id = :origine, adresse = '1 rue', code_postal = '69000', ville = 'LYON',
           code_insee = '69123' WHERE etablissement_id = :destination
    """,
    "UPDATE agrement SET a_reexaminer = false",
)
Extremites = dict[str, int]


def fusion_nue(extremites: Extremites) -> None:
    with unit_of_work.transaction() as session:
        for instruction in NU:
            session.execute(text(instruction), extremites)


def fusion_faite(extremites: Extremites) -> None:
    with unit_of_work.unit_of_work(ACTEUR, "ET.fusionner") as uow:
        fusion.executer(uow, Demande(extremites["origine"], extremites["destination"]))


def lecture_nue(extremites: Extremites) -> None:
    with unit_of_work.transaction() as session:
        session.execute(text(LU), extremites).all()


def apercu(extremites: Extremites) -> None:
    with unit_of_work.transaction() as session:
        vu = fusion.apercu(session, ACTEUR, Demande(extremites["origine"], extremites["destination"]))
        assert not vu.refus
        assert vu.plan.sceau


def preparer(connexion: Connection, lignes: int) -> Extremites:
    """Two ET of the ARS, the first one with all the terrains."""
    origine, destination = connexion.scalars(
        text("SELECT id FROM etablissement WHERE ars_code = :ars AND statut = 'ACTIF' ORDER BY id LIMIT 2"),
        {"ars": ARS},
    )
    connexion.execute(text("TRUNCATE terrain_de_stage CASCADE"))
    for instruction in REMPLIR:
        connexion.execute(text(instruction), {"ars": ARS, "origine": origine, "lignes": lignes})
    connexion.commit()
    return {"origine": origine, "destination": destination}


def comparer(moteur: Engine, extremites: Extremites, fois: int) -> dict[str, float]:
    """Medians of each, in turn."""
    durees: dict[str, list[float]] = {}
    for _ in range(fois):
        for faire in (lecture_nue, apercu, fusion_nue, fusion_faite):
            _nettoyer(moteur, extremites)
            durees.setdefault(faire.__name__, []).append(_mesurer(faire, extremites))
    return {nom: statistics.median(mesures) for nom, mesures in durees.items()}


def _nettoyer(moteur: Engine, extremites: Extremites) -> None:
    with moteur.begin() as connexion:
        for instruction in REMETTRE:
            connexion.execute(text(instruction), extremites)
    with moteur.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
        connexion.execute(text("VACUUM ANALYZE terrain_de_stage, agrement"))


def _mesurer(faire: Callable[[Extremites], None], extremites: Extremites) -> float:
    debut = time.perf_counter()
    faire(extremites)
    return time.perf_counter() - debut


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--lignes", type=int, default=5_000)
    analyseur.add_argument("--fois", type=int, default=5)
    choix = analyseur.parse_args()
    with base_jetable() as (_, url):
        moteur = create_engine(url)
        unit_of_work.configure(moteur)
        initialiser(moteur)
        with moteur.connect() as connexion:
            charger(connexion, NOMBRE_ET)
        with moteur.connect() as connexion:
            extremites = preparer(connexion, choix.lignes)
        figer()
        medianes = comparer(moteur, extremites, choix.fois)
    for nom, duree in medianes.items():
        print(f"{nom:14} {duree * 1000:8.0f} ms")
    rapport, lecture = (
        medianes["fusion_faite"] / medianes["fusion_nue"],
        medianes["apercu"] / medianes["lecture_nue"],
    )
    print(f"{choix.lignes} terrains : fusion / UPDATE nus = {rapport:.2f} (cible {CIBLE_FUSION})")
    print(f"{choix.lignes} terrains : aperçu / SELECT nu = {lecture:.2f} (cible {CIBLE_APERCU})")


if __name__ == "__main__":
    main()
