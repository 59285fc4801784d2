"""Fusion and transfer of units (manual §1.7; SPEC §5 FUS and TRU; scenarios 1, 2, 4, 5)."""

import pytest
from sqlalchemy import select

from app.errors import OperationRefused
from app.operations import annulation, fusion
from app.operations.fusion import Demande
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.agrement import DecisionAgrement, EtatDemande
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain
from models.journal import Evenement
from models.terrain_de_stage import AncienNumero
from tests import build

BRETAGNE = Actor("agent", "53")
NATIONAL = Actor("admin", None, national=True)
ACTIF, INACTIF, SUPPRIME = StatutEtablissement.ACTIF, StatutEtablissement.INACTIF, StatutEtablissement.SUPPRIME


def fusionner(session, origine, destination, actor=BRETAGNE, sceau=None, **options):
    operation = "ET.fusionner" if options.get("terrain_ids") is None else "TS.transferer_unite"
    with unit_of_work(actor, operation, session=session) as uow:
        return fusion.executer(uow, Demande(origine.id, destination.id, **options), sceau)


def codes(appel, *arguments, **options) -> list[str]:
    with pytest.raises(OperationRefused) as refus:
        appel(*arguments, **options)
    return refus.value.codes


@pytest.mark.parametrize(("statut", "final"), [(ACTIF, ACTIF), (INACTIF, SUPPRIME)])
def test_all_terrains_move_and_an_inactive_origin_is_deleted_with_its_last_et(session, statut, final):
    """S91, S93, A14; scenarios 1 and 2."""
    origine, destination = build.etablissement(session, statut=statut), build.etablissement(session, ville="BREST")
    terrains = [
        build.terrain(session, etablissement=origine, statut=un) for un in (StatutTerrain.ACTIF, StatutTerrain.INACTIF)
    ]
    numeros = [un.numero for un in terrains]

    fusionner(session, origine, destination)

    session.expire_all()
    assert [un.etablissement_id for un in terrains] == [destination.id] * 2
    assert [un.numero for un in terrains] == numeros
    assert {un.ville for un in terrains} == {"BREST"}
    ej = StatutEntiteJuridique.SUPPRIME if final is SUPPRIME else StatutEntiteJuridique.ACTIF
    assert (origine.statut, origine.entite_juridique.statut) == (final, ej)


def test_open_agrements_are_to_be_re_examined_and_the_others_are_not_touched(session):
    """N31, I10."""
    origine, destination = build.etablissement(session, statut=INACTIF), build.etablissement(session)
    terrain = build.terrain(session, etablissement=origine)
    ouvert = build.agrement(session, terrain)
    retire = build.agrement(session, terrain, decision=DecisionAgrement.RETIRE)

    fusionner(session, origine, destination)

    session.expire_all()
    assert (ouvert.a_reexaminer, retire.a_reexaminer) == (True, False)


def test_chosen_terrains_move_and_the_origin_stays(session):
    """S92, S94, A15; scenario 4."""
    origine, destination = build.etablissement(session, statut=INACTIF), build.etablissement(session)
    partant, restant = (build.terrain(session, etablissement=origine) for _ in range(2))

    fusionner(session, origine, destination, terrain_ids=(partant.id,))

    session.expire_all()
    assert (partant.etablissement_id, restant.etablissement_id) == (destination.id, origine.id)
    assert origine.statut is INACTIF


def test_between_two_ars_terrains_take_the_territory_and_a_number_of_the_destination(session):
    """A31: by a national administrator only; scenario 5."""
    origine, destination = build.etablissement(session, statut=INACTIF), build.etablissement(session, ars_code="93")
    terrain = build.terrain(session, etablissement=origine)
    ancien, agrement = terrain.numero, build.agrement(session, terrain)

    assert codes(fusionner, session, origine, destination) == ["E-HORS-ARS"]
    assert codes(fusionner, session, origine, destination, NATIONAL) == ["E-SUBDIV-NON-LIEE"]
    fusionner(session, origine, destination, NATIONAL, subdivision_code="NICE")

    session.expire_all()
    assert (terrain.ars_code, terrain.subdivision_code, terrain.numero) == ("93", "NICE", "93H00001")
    assert session.scalars(select(AncienNumero.numero)).all() == [ancien]
    assert (agrement.ars_code, agrement.numero_terrain, len(agrement.historique)) == ("93", "93H00001", 1)


def test_a_preview_that_is_no_longer_true_is_refused(session):
    """N1, E-APERCU-PERIME."""
    origine, destination = build.etablissement(session), build.etablissement(session)
    build.terrain(session, etablissement=origine)
    sceau = fusion.apercu(session, BRETAGNE, Demande(origine.id, destination.id)).plan.sceau
    build.terrain(session, etablissement=origine)

    assert codes(fusionner, session, origine, destination, sceau=sceau) == ["E-APERCU-PERIME"]


def test_a_fusion_is_undone_to_the_letter(session):
    """N2, I14."""
    origine, destination = build.etablissement(session, statut=INACTIF), build.etablissement(session, ars_code="93")
    terrain = build.terrain(session, etablissement=origine)
    agrement = build.agrement(session, terrain)
    avant = (terrain.numero, terrain.ville, agrement.ars_code, agrement.a_reexaminer)
    fusionner(session, origine, destination, NATIONAL, subdivision_code="NICE")
    [evenement] = session.scalars(select(Evenement)).all()

    with unit_of_work(NATIONAL, "JOU.annuler", session=session) as uow:
        annulation.annuler(uow, evenement.id)

    session.expire_all()
    assert (terrain.numero, terrain.ville, agrement.ars_code, agrement.a_reexaminer) == avant
    assert (terrain.etablissement_id, origine.statut) == (origine.id, INACTIF)
    assert origine.entite_juridique.statut is StatutEntiteJuridique.ACTIF
    assert (session.scalars(select(AncienNumero)).all(), agrement.historique) == ([], [])


def test_a_second_undo_names_the_first(session):
    origine, destination = build.etablissement(session, statut=INACTIF), build.etablissement(session)
    build.terrain(session, etablissement=origine)
    fusionner(session, origine, destination)
    [evenement] = session.scalars(select(Evenement)).all()

    def annuler():
        with unit_of_work(BRETAGNE, "JOU.annuler", session=session) as uow:
            annulation.annuler(uow, evenement.id)

    annuler()

    assert codes(annuler) == ["E-ANNULATION-TARDIVE"]


def test_a_terrain_left_in_another_ars_is_for_a_national_administrator(session):
    """A35: refused in the preview already, not when it is written."""
    origine, destination = build.etablissement(session), build.etablissement(session)
    terrain = build.terrain(session, etablissement=origine, ars_code="52")

    vu = fusion.apercu(session, BRETAGNE, Demande(origine.id, destination.id))

    assert [un.code for un in vu.refus] == ["E-HORS-ARS"]
    assert terrain.numero in vu.refus[0].message
    assert codes(fusionner, session, origine, destination) == ["E-HORS-ARS"]
    fusionner(session, origine, destination, NATIONAL)
    session.expire_all()
    assert (terrain.etablissement_id, terrain.ars_code) == (destination.id, "52")


def test_a_destination_of_no_ars_is_refused_for_what_it_is(session):
    """A17: Actif, but FINESS gives it no commune."""
    origine, destination = build.etablissement(session), build.etablissement(session, ars_code=None)
    build.terrain(session, etablissement=origine)

    vu = fusion.apercu(session, NATIONAL, Demande(origine.id, destination.id))

    assert [un.code for un in vu.refus] == ["E-DEST-INACTIVE"]
    assert "d’aucune ARS" in vu.refus[0].message


def test_the_preview_counts_agrements_and_demandes_by_statut(session):
    """N1."""
    origine, destination = build.etablissement(session), build.etablissement(session)
    terrain = build.terrain(session, etablissement=origine)
    build.agrement(session, terrain)
    build.agrement(session, terrain, decision=DecisionAgrement.RETIRE)
    build.demande(session, terrain)
    build.demande(session, terrain, etat=EtatDemande.REFUSEE)

    bilan = fusion.apercu(session, BRETAGNE, Demande(origine.id, destination.id)).plan.bilan

    assert {cle: un for cle, un in bilan.items() if un} == {
        **{"agrements_en_cours": 1, "agrements_echu": 1},
        **{"demandes_en_instruction": 1, "demandes_refusee": 1, "demandes": 1},
    }


@pytest.mark.parametrize(("categorie", "attendu"), [("101", True), ("355", None)])
def test_stage_chu_is_cleared_where_the_destination_is_not_a_chu(session, categorie, attendu):
    """A50, S84: the journal keeps the former value."""
    origine, destination = build.etablissement(session), build.etablissement(session, categorie_code=categorie)
    terrain = build.terrain(session, etablissement=origine, stage_chu=True)

    fait = fusionner(session, origine, destination)

    session.expire_all()
    assert terrain.stage_chu is attendu
    assert any("Stage CHU" in un for un in fait.plan.avertissements) is (attendu is None)
