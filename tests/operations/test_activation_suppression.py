"""« Activer » and « Supprimer » a terrain, alone or on a selection (manual §1.6, §1.12; SPEC §3.3, TS-05 to TS-13)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.errors import OperationRefused
from app.operations import activation, suppression
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.agrement import DecisionAgrement, EtatDemande
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.interne import Semestre
from models.journal import Evenement
from tests import build

BRETAGNE = Actor("agent", "53")
ACTIF, INACTIF, TRANSFERE = StatutTerrain.ACTIF, StatutTerrain.INACTIF, StatutTerrain.TRANSFERE
PRATICIEN, AUTRE = TypeTerrain.PRATICIEN, TypeTerrain.AUTRE
JOUR = datetime.now(UTC).date()


def activer(session, *terrains, actor=BRETAGNE):
    with unit_of_work(actor, "TS.activer", session=session) as uow:
        return activation.activer(uow, [un.id for un in terrains])


def supprimer(session, *terrains, actor=BRETAGNE):
    with unit_of_work(actor, "TS.supprimer", session=session) as uow:
        return suppression.supprimer(uow, [un.id for un in terrains])


def codes(rapport) -> list[list[str]]:
    """Codes of each row."""
    return [[refus.code for refus in ligne.refus] for ligne in rapport.lignes]


def evenements(session) -> list[Evenement]:
    return list(session.scalars(select(Evenement)))


# --- « Activer » ---


@pytest.mark.parametrize("type_", list(TypeTerrain))
def test_an_inactive_terrain_becomes_active(session, type_):
    """S140, TS-09."""
    terrain = build.terrain(session, type=type_, statut=INACTIF)
    if type_ is PRATICIEN:
        build.praticien(session, rpps=terrain.rpps)

    rapport = activer(session, terrain)

    session.refresh(terrain)
    assert (terrain.statut, terrain.version, codes(rapport)) == (ACTIF, 2, [[]])


@pytest.mark.parametrize(("statut", "raison"), [(ACTIF, "déjà actif"), (TRANSFERE, "transfert")])
def test_only_an_inactive_terrain_is_activated(session, statut, raison):
    """TS-12, TS-13."""
    terrain = build.terrain(session, type=PRATICIEN, statut=statut)
    build.praticien(session, rpps=terrain.rpps)

    [ligne] = activer(session, terrain).lignes

    session.refresh(terrain)
    assert ([refus.code for refus in ligne.refus], terrain.statut) == (["E-STATUT"], statut)
    assert raison in ligne.refus[0].message


@pytest.mark.parametrize("statut", [StatutEtablissement.INACTIF, StatutEtablissement.SUPPRIME])
def test_a_terrain_is_not_activated_on_an_et_that_is_not_active(session, statut):
    """TS-10, A8."""
    terrain = build.terrain(session, statut=INACTIF)
    terrain.etablissement.statut = statut
    build.terrain(session, etablissement=terrain.etablissement)

    assert codes(activer(session, terrain)) == [["E-ET-INACTIF"]]


@pytest.mark.parametrize("absent_depuis", [date(2026, 1, 1), None])
def test_a_praticien_who_is_not_valid_in_rpps_is_not_activated(session, absent_depuis):
    """TS-11, A9: gone since, or never known."""
    terrain = build.terrain(session, type=PRATICIEN, statut=INACTIF)
    if absent_depuis:
        build.praticien(session, rpps=terrain.rpps, absent_depuis=absent_depuis)

    assert codes(activer(session, terrain)) == [["E-RPPS-INVALIDE"]]


def test_its_principal_block_is_taken_again_from_its_et(session):
    """A22, ACT."""
    et = build.etablissement(session, ville="FOUGERES", telephone="0299000000")
    terrain = build.terrain(session, etablissement=et, statut=INACTIF, ville="ANCIENNE", telephone="0299111111")

    activer(session, terrain)

    session.refresh(terrain)
    assert (terrain.ville, terrain.telephone, terrain.coordonnees_de_finess) == ("FOUGERES", "0299000000", True)
    [evenement] = evenements(session)
    [changement] = evenement.changements
    assert changement["avant"]["ville"] == "ANCIENNE"
    assert changement["apres"] == changement["apres"] | {"ville": "FOUGERES", "statut": "Actif"}


def test_the_block_of_a_praticien_is_taken_again_from_the_practice_it_had(session):
    """A22: the structure that was chosen, else another one of the ARS."""
    terrain = build.terrain(
        session, type=PRATICIEN, statut=INACTIF, rpps_structure="Z9", specialite_exercice_code="SM54"
    )
    build.praticien(session, rpps=terrain.rpps, nom="NOUVEAU", savoirs_faire=["S:SM26", "S:SM54"])
    build.activite(session, terrain.rpps, structure="A1", voie="1 rue")
    build.activite(session, terrain.rpps, structure="Z9", mode="S", voie="9 rue")

    activer(session, terrain)

    session.refresh(terrain)
    assert (terrain.praticien_nom, terrain.adresse, terrain.nature_exercice) == ("NOUVEAU", "9 rue", "Salarié")
    assert terrain.specialite_exercice_code == "SM54"


def test_the_secondary_block_is_never_touched(session):
    """S11."""
    secondaire = {"adresse_secondaire": "2 place", "code_postal_secondaire": "35000", "ville_secondaire": "Rennes"}
    terrain = build.terrain(session, statut=INACTIF, **secondaire)

    activer(session, terrain)

    session.refresh(terrain)
    assert (terrain.adresse_secondaire, terrain.effectif("ville")) == ("2 place", "Rennes")


# --- « Supprimer » ---


@pytest.mark.parametrize("type_", list(TypeTerrain))
def test_an_active_terrain_becomes_inactive_and_nothing_else_changes(session, type_):
    """S137, TS-05, A12."""
    terrain = build.terrain(session, type=type_)

    supprimer(session, terrain)

    session.refresh(terrain)
    assert terrain.statut is INACTIF
    [evenement] = evenements(session)
    [changement] = evenement.changements
    assert (changement["avant"], changement["apres"]) == ({"statut": "Actif"}, {"statut": "Inactif"})


@pytest.mark.parametrize("statut", [INACTIF, TRANSFERE])
def test_only_an_active_terrain_is_deleted(session, statut):
    """TS-07, TS-08."""
    terrain = build.terrain(session, type=PRATICIEN, statut=statut)

    assert codes(supprimer(session, terrain)) == [["E-STATUT"]]


BLOQUANTS = {
    "en cours": {"date_debut": JOUR, "date_fin": JOUR},
    "agréé prochainement": {"date_debut": JOUR + timedelta(days=40), "date_fin": JOUR + timedelta(days=80)},
    "conditionnel": {"decision": DecisionAgrement.CONDITIONNEL},
    "suspendu": {"decision": DecisionAgrement.SUSPENDU},
}


@pytest.mark.parametrize("champs", BLOQUANTS.values(), ids=BLOQUANTS)
def test_an_agrement_that_is_not_echu_blocks_the_deletion_and_is_named(session, champs):
    """S138, TS-06, A13, A34; scenario 10."""
    terrain = build.terrain(session)
    agrement = build.agrement(session, terrain, **champs)

    [ligne] = supprimer(session, terrain).lignes

    session.refresh(terrain)
    assert ([refus.code for refus in ligne.refus], terrain.statut) == (["E-TS-SUPPR-AGR"], ACTIF)
    assert agrement.reference in ligne.refus[0].message


@pytest.mark.parametrize("etat", [EtatDemande.EN_INSTRUCTION, EtatDemande.EN_RECOURS])
def test_an_open_demande_blocks_the_deletion_and_is_named(session, etat):
    """S138, A13."""
    terrain = build.terrain(session)
    demande = build.demande(session, terrain, etat=etat)

    [ligne] = supprimer(session, terrain).lignes

    assert [refus.code for refus in ligne.refus] == ["E-TS-SUPPR-DEM"]
    assert demande.reference in ligne.refus[0].message


def test_what_is_over_blocks_nothing_and_is_not_touched(session):
    """S139, I10, TS-33, A34."""
    terrain = build.terrain(session)
    hier = JOUR - timedelta(days=1)
    echus = [
        build.agrement(session, terrain, date_debut=JOUR - timedelta(days=9), date_fin=hier),
        build.agrement(session, terrain, decision=DecisionAgrement.RETIRE),
    ]
    for etat in (EtatDemande.ACCORDEE, EtatDemande.REFUSEE, EtatDemande.RETIREE):
        build.demande(session, terrain, etat=etat)
    avant = [(un.date_fin, un.ars_code, un.numero_terrain, un.modifie_le) for un in echus]

    rapport = supprimer(session, terrain)

    for un in echus:
        session.refresh(un)
    assert codes(rapport) == [[]]
    assert [(un.date_fin, un.ars_code, un.numero_terrain, un.modifie_le) for un in echus] == avant


def test_current_internes_are_a_warning_not_a_refusal(session):
    """SUP."""
    terrain = build.terrain(session)
    [en_cours] = session.scalars(select(Semestre).where(Semestre.date_debut <= JOUR, Semestre.date_fin >= JOUR))
    build.semestre_internat(session, terrain, semestre=en_cours)
    build.semestre_internat(session, terrain)

    [ligne] = suppression.examiner(session, BRETAGNE, [terrain.id]).lignes

    assert (ligne.refus, ligne.avertissements) == ((), ("1 interne y est affecté ce semestre ou ensuite.",))


# --- Selections ---


def test_a_selection_is_done_row_by_row_with_a_report(session):
    """N30, S145."""
    libre, bloque, inactif = build.terrain(session), build.terrain(session), build.terrain(session, statut=INACTIF)
    build.agrement(session, bloque)

    rapport = supprimer(session, inactif, bloque, libre)

    session.expire_all()
    assert codes(rapport) == [[], ["E-TS-SUPPR-AGR"], ["E-STATUT"]]
    assert [un.statut for un in (libre, bloque, inactif)] == [INACTIF, ACTIF, INACTIF]
    assert [ligne.id for ligne in rapport.faites] == [libre.id]


@pytest.mark.parametrize(("verbe", "statut"), [(activer, INACTIF), (supprimer, ACTIF)])
def test_one_foreign_row_and_nothing_is_done(session, verbe, statut):
    """A-04: the message names the row."""
    mien, etranger = build.terrain(session, statut=statut), build.terrain(session, statut=statut, ars_code="93")

    with pytest.raises(OperationRefused) as refus:
        verbe(session, mien, etranger)

    session.expire_all()
    assert (refus.value.codes, mien.statut, etranger.statut) == (["E-HORS-ARS"], statut, statut)
    assert etranger.numero in str(refus.value)
    assert evenements(session) == []


@pytest.mark.parametrize(("verbe", "statut"), [(activer, INACTIF), (supprimer, ACTIF)])
@pytest.mark.parametrize("actor", [Actor("lecture", "53", ecriture=False), Actor("perdu", None)])
def test_who_may_not_write_changes_nothing(session, verbe, statut, actor):
    """M12, M13."""
    terrain = build.terrain(session, statut=statut)

    with pytest.raises(OperationRefused):
        verbe(session, terrain, actor=actor)

    session.refresh(terrain)
    assert terrain.statut is statut


def test_a_national_administrator_acts_in_every_ars(session):
    """M12."""
    terrains = [build.terrain(session, ars_code=code) for code in ("53", "93")]

    rapport = supprimer(session, *terrains, actor=Actor("admin", None, national=True))

    assert codes(rapport) == [[], []]
    [evenement] = evenements(session)
    assert [un["ars"] for un in evenement.changements] == [["53"], ["93"]]


def test_a_terrain_that_does_not_exist_is_named_as_such(session):
    existant = build.terrain(session, statut=INACTIF)

    with pytest.raises(OperationRefused) as refus, unit_of_work(BRETAGNE, "TS.activer", session=session) as uow:
        activation.activer(uow, [existant.id, 2_000_000_000])

    assert refus.value.codes == ["E-INTROUVABLE"]


def test_examining_changes_nothing(session):
    """N1: the preview is the rule itself."""
    terrain = build.terrain(session)

    suppression.examiner(session, BRETAGNE, [terrain.id])
    activation.examiner(session, BRETAGNE, [terrain.id])

    session.refresh(terrain)
    assert (terrain.statut, evenements(session)) == (ACTIF, [])


def test_a_national_administrator_may_activate_who_is_no_longer_valid(session):
    """A9: « admin override »."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, statut=INACTIF)

    rapport = activer(session, terrain, actor=Actor("admin", None, national=True))

    assert codes(rapport) == [[]]
