"""What a night of RPPS brings to the terrains Praticien, and to the journal (SPEC TS-30, TS-31, R12 to R14)."""

from datetime import date

import pytest
from sqlalchemy import select, update

from models.etats import StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from models.traitement import EtatTraitement
from tests import build
from tests.fichier_rpps import JOUR_2, JOUR_3, charger, ecrire, ligne

A, B = "10000000011", "10000000029"
A_GRENOBLE = {"structure": "R38", "code_postal": "38000", "code_insee": "38185", "ville": "Grenoble"}


@pytest.fixture
def cabinet(session, tmp_path) -> TerrainDeStage:
    """A terrain Praticien in Pays de la Loire, as the registry of the first day describes it."""
    charger(ecrire(tmp_path, ligne(A), ligne(B)))
    terrain = build.terrain(
        session,
        type=TypeTerrain.PRATICIEN,
        etablissement=None,
        rpps=A,
        ars_code="52",
        numero="52P00001",
        subdivision_code="NANTES",
    )
    charger(ecrire(tmp_path, ligne(A), ligne(B)))
    build.vider_le_journal(session)
    session.expire_all()
    return terrain


def test_the_registry_fills_the_terrain(cabinet):
    assert (cabinet.praticien_nom, cabinet.praticien_prenom) == ("EXEMPLE", "ALICE")
    assert (cabinet.nature_exercice, cabinet.specialite_exercice_code) == ("Libéral", "SM54")
    assert (cabinet.adresse, cabinet.code_postal, cabinet.ville) == ("12 Rue DE STRASBOURG", "44000", "Nantes")
    assert (cabinet.rpps_structure, cabinet.telephone) == ("R10000000000001", "0240000001")
    assert (cabinet.rpps_invalide_depuis, cabinet.rpps_hors_ars_depuis) == (None, None)


def test_who_disappears_is_flagged_and_keeps_the_statut(session, tmp_path, cabinet):
    """TS-30, A7, A9: flagged from the date of the file; the flag goes when the practitioner comes back."""
    statut = cabinet.statut

    traitement = charger(ecrire(tmp_path, ligne(B), jour=JOUR_2))
    session.expire_all()

    assert (traitement.objets_modifies, cabinet.statut) == (1, statut)
    assert cabinet.rpps_invalide_depuis == date(2026, 11, 21)
    assert cabinet.praticien_nom == "EXEMPLE"
    [evenement] = session.scalars(select(Evenement))
    assert (evenement.operation, evenement.traitement_id) == ("TS.synchroniser_rpps", traitement.id)
    assert evenement.changements[0]["apres"] == {"rpps_invalide_depuis": "2026-11-21"}

    charger(ecrire(tmp_path, ligne(A), ligne(B), jour=JOUR_3))
    session.expire_all()
    assert cabinet.rpps_invalide_depuis is None


def test_a_file_that_lost_too_much_flags_nobody(session, tmp_path, cabinet):
    """A7: only after the completeness guards."""
    autres = [ligne(f"1000000{n:04}") for n in range(100, 160)]
    charger(ecrire(tmp_path, ligne(A), ligne(B), *autres, jour=JOUR_2))

    traitement = charger(ecrire(tmp_path, ligne(B), *autres[:40], jour=JOUR_3))

    session.expire_all()
    assert traitement.etat is EtatTraitement.QUARANTAINE
    assert cabinet.rpps_invalide_depuis is None


def test_a_practice_that_left_the_ars_is_a_hint(session, tmp_path, cabinet):
    """TS-31, A10: the block stays, a user decides of a transfer."""
    charger(ecrire(tmp_path, ligne(A, **A_GRENOBLE), ligne(B), jour=JOUR_2))
    session.expire_all()

    assert cabinet.rpps_hors_ars_depuis == date(2026, 11, 21)
    assert (cabinet.ville, cabinet.ars_code, cabinet.rpps_invalide_depuis) == ("Nantes", "52", None)

    charger(ecrire(tmp_path, ligne(A), ligne(B), jour=JOUR_3))
    session.expire_all()
    assert cabinet.rpps_hors_ars_depuis is None


def test_a_terrain_being_transferred_gets_no_such_hint(session, tmp_path, cabinet):
    """TS-31 is for active terrains: this one waits for its new ARS already."""
    session.execute(update(TerrainDeStage).values(statut=StatutTerrain.TRANSFERE))
    session.commit()

    charger(ecrire(tmp_path, ligne(A, **A_GRENOBLE), ligne(B), jour=JOUR_2))
    session.expire_all()

    assert cabinet.rpps_hors_ars_depuis is None


def test_data_are_refreshed_but_for_what_users_typed(session, tmp_path, cabinet):
    """R12, A27."""
    session.query(TerrainDeStage).update({"nature_exercice_locale": "Mixte", "responsable_nom": "LOCALE"})

    charger(
        ecrire(tmp_path, ligne(A, nom="MARIEE", mode="S", savoir="SM04", telephone="1", voie="x" * 300), jour=JOUR_2)
    )
    session.expire_all()

    assert (cabinet.praticien_nom, cabinet.nature_exercice, cabinet.specialite_exercice_code) == (
        "MARIEE",
        "Salarié",
        "SM04",
    )
    assert (cabinet.telephone, len(cabinet.adresse)) == ("1", 255)
    assert (cabinet.nature_exercice_locale, cabinet.responsable_nom) == ("Mixte", "LOCALE")


def test_the_chosen_structure_counts_and_another_of_the_ars_when_it_closes(session, tmp_path, cabinet):
    """S77: several addresses, the user picked one."""
    angers = ligne(A, structure="A49", code_insee="49007", code_postal="49000", ville="Angers")
    hopital = ligne(A, structure="A00", mode="S", ville="Saint-Herblain")
    charger(ecrire(tmp_path, ligne(A, **A_GRENOBLE), hopital, angers, ligne(A), jour=JOUR_2))
    session.expire_all()
    assert cabinet.ville == "Nantes"

    charger(ecrire(tmp_path, ligne(A, **A_GRENOBLE), hopital, angers, jour=JOUR_3))
    session.expire_all()
    assert (cabinet.ville, cabinet.rpps_structure, cabinet.nature_exercice) == ("Angers", "A49", "Libéral")


def test_an_unchanged_registry_writes_nothing(session, tmp_path, cabinet):
    version = cabinet.version

    traitement = charger(ecrire(tmp_path, ligne(B), ligne(A), jour=JOUR_2))

    session.expire_all()
    assert (traitement.objets_modifies, cabinet.version) == (0, version)


def test_a_simulation_leaves_the_terrains(session, tmp_path, cabinet):
    traitement = charger(ecrire(tmp_path, ligne(A, nom="AUTRE"), ligne(B), jour=JOUR_2), simulation=True)

    session.expire_all()
    assert (traitement.objets_modifies, cabinet.praticien_nom) == (1, "EXEMPLE")


def test_a_terrain_whose_number_rpps_never_knew_is_invalid(session, tmp_path, cabinet):
    autre = build.terrain(
        session, type=TypeTerrain.PRATICIEN, etablissement=None, rpps="10000000045", ars_code="52", numero="52P00002"
    )

    charger(ecrire(tmp_path, ligne(B), ligne(A), jour=JOUR_2))

    session.expire_all()
    assert autre.rpps_invalide_depuis == date(2026, 11, 21)
