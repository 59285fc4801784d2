"""« Modifier l’ARS », « Modifier la subdivision », transfer of a practitioner (§1.8 to §1.10; scenarios 6 to 9)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.calendrier import aujourd_hui
from app.errors import OperationRefused
from app.operations import annulation, territoire, transfert_praticien
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.agrement import EtatDemande
from models.etats import StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import AncienNumero
from tests import build

BRETAGNE, PACA, CORSE, IDF = Actor("agent", "53"), Actor("agent", "93"), Actor("corse", "94"), Actor("idf", "11")
NATIONAL = Actor("admin", None, national=True)
GUADELOUPE = Actor("gwada", "01")
PRATICIEN, TRANSFERE = TypeTerrain.PRATICIEN, StatutTerrain.TRANSFERE
JOUR = aujourd_hui()


def changer_ars(session, terrain, code, actor):
    with unit_of_work(actor, "TS.changer_ars", session=session) as uow:
        return territoire.changer_ars(uow, terrain.id, code)


def changer_subdivision(session, terrain, code, actor):
    with unit_of_work(actor, "TS.changer_subdivision", session=session) as uow:
        return territoire.changer_subdivision(uow, terrain.id, code)


def transferer(session, terrain, code, actor):
    with unit_of_work(actor, "TS.transferer_praticien", session=session) as uow:
        return transfert_praticien.transferer(uow, terrain.id, code)


def completer(session, terrain, actor, subdivision=None, saisie=SaisieTerrain(nom="Cabinet")):  # noqa: B008
    with unit_of_work(actor, "TS.completer", session=session) as uow:
        return transfert_praticien.completer(uow, terrain.id, saisie, subdivision)


def codes(appel, *arguments, **options) -> list[str]:
    with pytest.raises(OperationRefused) as refus:
        appel(*arguments, **options)
    return refus.value.codes


@pytest.fixture
def guadeloupe(session):
    return build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")


# --- « Modifier l’ARS » ---


def test_ars_and_number_change_and_open_agrements_follow_with_their_history(session, guadeloupe):
    """S113, S114, N21; scenario 6."""
    ancien = guadeloupe.numero
    en_cours = build.agrement(session, guadeloupe)
    prochain = build.agrement(session, guadeloupe, date_debut=JOUR + timedelta(days=9))
    echu = build.agrement(session, guadeloupe, date_debut=date(2020, 1, 1), date_fin=date(2021, 1, 1))

    changer_ars(session, guadeloupe, "03", GUADELOUPE)

    session.expire_all()
    assert (guadeloupe.ars_code, guadeloupe.numero, guadeloupe.subdivision_code) == ("03", "03H00001", "ANTILLESGUYANE")
    assert session.scalars(select(AncienNumero.numero)).all() == [ancien]
    assert [(un.ars_code, un.numero_terrain) for un in (en_cours, prochain)] == [("03", "03H00001")] * 2
    [histoire] = en_cours.historique
    assert (histoire.ars_code, histoire.numero_terrain, histoire.auteur) == ("01", ancien, "gwada")
    assert (echu.ars_code, echu.numero_terrain, echu.historique) == ("01", ancien, [])


def test_the_destinations_are_exactly_the_other_ars_of_the_subdivision(session, guadeloupe):
    """S109, S112, S116."""
    assert [un.code for un in territoire.autres_ars(session, guadeloupe)] == ["03", "02"]
    assert codes(changer_ars, session, guadeloupe, "53", GUADELOUPE) == ["E-ARS-NON-LIEE"]


def test_a_terrain_whose_subdivision_has_one_ars_does_not_change(session):
    """S111."""
    assert codes(changer_ars, session, build.terrain(session), "52", BRETAGNE) == ["E-ARS-NON-LIEE"]


@pytest.mark.parametrize(("statut", "attendu"), [(StatutTerrain.INACTIF, None), (TRANSFERE, ["E-STATUT"])])
def test_an_inactive_terrain_changes_ars_and_a_transferred_one_does_not(session, statut, attendu):
    """A30, TS-25, TS-26."""
    terrain = build.terrain(session, type=PRATICIEN, ars_code="93", statut=statut)

    if attendu is None:
        assert changer_ars(session, terrain, "94", PACA).terrain.ars_code == "94"
    else:
        assert codes(changer_ars, session, terrain, "94", PACA) == attendu


def test_another_ars_may_not(session, guadeloupe):
    """M18."""
    assert codes(changer_ars, session, guadeloupe, "03", BRETAGNE) == ["E-HORS-ARS"]


def test_a_change_of_ars_is_undone_by_who_made_it(session, guadeloupe):
    """N2, M22: the terrain is no longer of his ARS, the operation is his."""
    numero = guadeloupe.numero
    agrement = build.agrement(session, guadeloupe)
    changer_ars(session, guadeloupe, "03", GUADELOUPE)
    evenement = session.scalars(select(Evenement)).one()

    with pytest.raises(OperationRefused), unit_of_work(BRETAGNE, "JOU.annuler", session=session) as uow:
        annulation.annuler(uow, evenement.id)
    with unit_of_work(GUADELOUPE, "JOU.annuler", session=session) as uow:
        annulation.annuler(uow, evenement.id)

    session.expire_all()
    assert (guadeloupe.ars_code, guadeloupe.numero) == ("01", numero)
    assert (agrement.ars_code, agrement.historique, session.scalars(select(AncienNumero)).all()) == ("01", [], [])


# --- « Modifier la subdivision » ---


def test_the_subdivision_changes_and_the_number_does_not(session):
    """S120, S121, A32; scenario 7."""
    terrain = build.terrain(session, ars_code="93", subdivision_code="MARSEILLE")
    numero, agrement = terrain.numero, build.agrement(session, terrain)

    changer_subdivision(session, terrain, "NICE", PACA)

    session.expire_all()
    assert (terrain.subdivision_code, terrain.numero, agrement.subdivision_code) == ("NICE", numero, "NICE")
    assert [un.subdivision_code for un in agrement.historique] == ["MARSEILLE"]


def test_only_another_subdivision_of_the_ars_is_offered(session):
    """S117 to S119."""
    terrain = build.terrain(session, ars_code="93", subdivision_code="MARSEILLE")

    assert [un.code for un in territoire.autres_subdivisions(session, terrain)] == ["NICE"]
    assert codes(changer_subdivision, session, terrain, "LYON", PACA) == ["E-SUBDIV-NON-LIEE"]
    idf = build.terrain(session, ars_code="11")
    assert codes(changer_subdivision, session, idf, "LYON", IDF) == ["E-SUBDIV-NON-LIEE"]


# --- Transfer of a practitioner ---


@pytest.fixture
def cabinet(session):
    """A practitioner of Nice, who now also practises in Rennes."""
    terrain = build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="NICE", ville="NICE")
    build.praticien(session, rpps=terrain.rpps)
    build.activite(session, terrain.rpps, commune="Rennes")
    return terrain


def test_a_practitioner_is_transferred_then_completed_by_the_receiving_ars(session, cabinet):
    """S127, S130 to S133, TS-16, TS-19; scenario 8."""
    transferer(session, cabinet, "53", PACA)
    session.expire_all()
    assert (cabinet.statut, cabinet.ars_code, cabinet.subdivision_code) == (TRANSFERE, "53", None)

    assert codes(completer, session, cabinet, PACA) == ["E-HORS-ARS"]
    assert codes(completer, session, cabinet, BRETAGNE) == ["E-INCOMPLET"]
    completer(session, cabinet, BRETAGNE, "RENNES")

    session.expire_all()
    assert (cabinet.statut, cabinet.subdivision_code, cabinet.ville) == (StatutTerrain.ACTIF, "RENNES", "Rennes")
    assert (cabinet.numero, cabinet.departement_effectif) == ("53P00001", "35")


def test_the_only_subdivision_of_the_receiving_ars_is_given_at_once(session, cabinet):
    """S127."""
    transferer(session, cabinet, "11", PACA)

    session.expire_all()
    assert cabinet.subdivision_code == "IDF"


def test_an_ars_that_shares_the_subdivision_is_for_the_change_of_ars(session, cabinet):
    """A33; scenario 8."""
    assert codes(transferer, session, cabinet, "94", PACA) == ["E-ARS-MEME-SUBDIVISION"]


@pytest.mark.parametrize(("type_", "statut", "attendu"), [
    (TypeTerrain.HOSPITALIER, StatutTerrain.ACTIF, "E-TYPE"),
    (TypeTerrain.AUTRE, StatutTerrain.ACTIF, "E-TYPE"),
    (PRATICIEN, StatutTerrain.INACTIF, "E-STATUT"),
    (PRATICIEN, TRANSFERE, "E-STATUT"),
])  # fmt: skip
def test_only_an_active_practitioner_is_transferred(session, type_, statut, attendu):
    """TS-20, TS-22."""
    terrain = build.terrain(session, type=type_, statut=statut)

    assert codes(transferer, session, terrain, "11", BRETAGNE) == [attendu]


@pytest.mark.parametrize("etat", [EtatDemande.EN_INSTRUCTION, EtatDemande.EN_RECOURS])
def test_an_open_demande_forbids_the_transfer_and_is_named(session, cabinet, etat):
    """TS-21; scenario 9."""
    demande = build.demande(session, cabinet, etat=etat)

    with pytest.raises(OperationRefused) as refus:
        transferer(session, cabinet, "53", PACA)

    assert (refus.value.codes, demande.reference in str(refus.value)) == (["E-TR-DEM"], True)


@pytest.mark.parametrize("debut", [-9, 9])
def test_an_open_agrement_forbids_the_transfer(session, cabinet, debut):
    """TS-21."""
    build.agrement(session, cabinet, date_debut=JOUR + timedelta(days=debut))

    assert codes(transferer, session, cabinet, "53", PACA) == ["E-TR-AGR"]


def test_who_is_no_longer_valid_is_completed_by_a_national_administrator_only(session, cabinet):
    """TS-34, A9."""
    transferer(session, cabinet, "11", PACA)
    autre = build.terrain(session, type=PRATICIEN, ars_code="11", statut=TRANSFERE)

    assert codes(completer, session, autre, IDF) == ["E-RPPS-INVALIDE"]
    assert completer(session, autre, NATIONAL).statut is StatutTerrain.ACTIF
