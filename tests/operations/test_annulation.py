"""« Annuler » (SPEC N2, M22, I14): what may have happened since, and what it forbids."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from app.errors import OperationRefused
from app.operations import activation, annulation, fusion, suppression, territoire
from app.operations.fusion import Demande
from app.referentiels.repercussion import repercuter
from app.scope import Actor
from app.unit_of_work import unit_of_work
from jobs.journal import tout_journaliser
from models.agrement import Agrement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain
from models.journal import Evenement
from tests import build

BRETAGNE, NATIONAL = Actor("agent", "53"), Actor("admin", None, national=True)
ACTIF, INACTIF, SUPPRIME = StatutEtablissement


def fusionner(session: Session, origine, destination, terrain_ids=None) -> int:
    code = "ET.fusionner" if terrain_ids is None else "TS.transferer_unite"
    with unit_of_work(BRETAGNE, code, session=session) as uow:
        fusion.executer(uow, Demande(origine.id, destination.id, terrain_ids))
    session.expire_all()
    return uow.evenement_id


def annuler(session: Session, evenement: int, actor: Actor = BRETAGNE) -> list[str]:
    """Codes of the refusals; those of `refus` are the same, for the greyed button (N18)."""
    prevus = [un.code for un in annulation.refus(session, actor, session.get_one(Evenement, evenement))]
    codes = []
    try:
        with unit_of_work(actor, "JOU.annuler", session=session) as uow:
            annulation.annuler(uow, evenement)
    except OperationRefused as refus:
        codes = refus.codes
    session.expire_all()
    assert codes == prevus
    return codes


def raison(session: Session, evenement: int) -> str:
    return annulation.refus(session, NATIONAL, session.get_one(Evenement, evenement))[0].message


@pytest.fixture
def ferme(session):
    """An ET Actif with one terrain, that FINESS closes."""
    origine = build.etablissement(session)
    build.finess_ej(session, numero=origine.entite_juridique.numero_finess)
    build.finess_et(
        session, numero=origine.numero_finess, numero_ej=origine.entite_juridique.numero_finess, ouvert=False
    )
    build.terrain(session, etablissement=origine)
    return origine


@pytest.mark.parametrize("unites", [False, True])
def test_terrains_never_go_back_to_an_et_that_the_night_has_deleted(session, ferme, unites):
    """I2: the origin is not in the event, its deletion forbids to undo it, and is named."""
    [terrain] = ferme.terrains
    evenement = fusionner(session, ferme, build.etablissement(session), (terrain.id,) if unites else None)
    repercuter(session, None, aujourd_hui())
    session.commit()
    session.expire_all()
    assert ferme.statut is SUPPRIME

    assert annuler(session, evenement) == ["E-ANNULATION-TARDIVE"]
    assert "Synchronisation FINESS" in raison(session, evenement)


def test_an_et_never_comes_back_under_an_ej_deleted_since(session):
    """I4: the fusion of the other ET of the EJ is undone first."""
    ej = build.entite_juridique(session)
    origines = [build.etablissement(session, entite_juridique=ej, statut=INACTIF) for _ in range(2)]
    destination = build.etablissement(session)
    premier, second = (fusionner(session, un, destination) for un in origines)

    assert annuler(session, premier) == ["E-ANNULATION-TARDIVE"]
    assert (annuler(session, second), ej.statut) == ([], StatutEntiteJuridique.ACTIF)
    assert annuler(session, premier) == []
    assert [un.statut for un in origines] == [INACTIF] * 2


def test_an_agrement_opened_since_forbids_to_take_the_activation_back(session):
    """S138: a terrain that is not Actif holds nothing open."""
    terrain = build.terrain(session, statut=StatutTerrain.INACTIF)
    with unit_of_work(BRETAGNE, "TS.activer", session=session) as uow:
        activation.activer(uow, [terrain.id]).exiger()
    agrement = build.agrement(session, terrain)

    assert annuler(session, uow.evenement_id) == ["E-ANNULATION-TARDIVE"]
    assert agrement.reference in raison(session, uow.evenement_id)


def changer_ars(session, terrain) -> int:
    with unit_of_work(NATIONAL, "TS.changer_ars", session=session) as uow:
        territoire.changer_ars(uow, terrain.id, "03")
    session.expire_all()
    return uow.evenement_id


def test_an_agrement_opened_since_is_not_left_in_an_ars_that_its_terrain_leaves(session):
    """S114."""
    terrain = build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")
    evenement = changer_ars(session, terrain)
    build.agrement(session, terrain)

    assert annuler(session, evenement, NATIONAL) == ["E-ANNULATION-TARDIVE"]


def test_an_agrement_that_has_ended_since_is_not_touched(session):
    """I10: nobody has changed it, time has."""
    terrain = build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")
    agrement = build.agrement(session, terrain)
    evenement = changer_ars(session, terrain)
    passe = aujourd_hui() - timedelta(days=1)
    session.execute(update(Agrement).where(Agrement.id == agrement.id).values(date_fin=passe))
    session.commit()
    session.expire_all()

    assert annuler(session, evenement, NATIONAL) == ["E-ANNULATION-TARDIVE"]
    assert agrement.reference in raison(session, evenement)


def test_an_earlier_history_of_the_agrement_stays(session):
    """I14: only what the operation had added goes."""
    terrain = build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")
    agrement = build.agrement(session, terrain)
    changer_ars(session, terrain)
    with unit_of_work(NATIONAL, "TS.changer_ars", session=session) as uow:
        territoire.changer_ars(uow, terrain.id, "02")
    session.expire_all()

    assert annuler(session, uow.evenement_id, NATIONAL) == []
    assert [un.ars_code for un in agrement.historique] == ["01"]
    assert [un.numero[:2] for un in terrain.anciens_numeros] == ["01"]


@pytest.mark.parametrize("ecrites", [False, True])
def test_a_later_operation_is_named_whether_its_entries_are_written_or_not(session, ecrites):
    """N2, A-59: the worker may be late."""
    terrain = build.terrain(session)
    with unit_of_work(BRETAGNE, "TS.supprimer", session=session) as premiere:
        suppression.supprimer(premiere, [terrain.id]).exiger()
    with unit_of_work(BRETAGNE, "TS.activer", session=session) as uow:
        activation.activer(uow, [terrain.id]).exiger()
    if ecrites:
        tout_journaliser()

    assert annuler(session, premiere.evenement_id) == ["E-ANNULATION-TARDIVE"]
    assert "« Activation »" in raison(session, premiere.evenement_id)


@pytest.mark.parametrize(
    ("actor", "jours", "attendus"),
    [
        (BRETAGNE, 14, []),
        (BRETAGNE, 16, ["E-ANNULATION-DELAI"]),
        (NATIONAL, 16, []),
        (Actor("autre", "53"), 1, ["E-HORS-ARS"]),
        (Actor("agent", "93"), 1, ["E-HORS-ARS"]),
        (Actor("agent", "53", ecriture=False), 1, ["E-HORS-ARS"]),
    ],
)
def test_who_may_undo_and_until_when(session, actor, jours, attendus):
    """M22: own operation, own ARS, fifteen days; a national administrator always."""
    terrain = build.terrain(session)
    with unit_of_work(BRETAGNE, "TS.supprimer", session=session) as uow:
        suppression.supprimer(uow, [terrain.id]).exiger()
    evenement = session.scalars(select(Evenement).where(Evenement.id == uow.evenement_id)).one()
    build.vieillir(session, evenement, jours)
    session.commit()
    session.expire_all()

    assert annuler(session, evenement.id, actor) == attendus
    assert terrain.statut is (StatutTerrain.INACTIF if attendus else StatutTerrain.ACTIF)


def test_what_cannot_be_undone_says_so(session):
    terrain = build.terrain(session)
    with unit_of_work(NATIONAL, "TS.modifier", session=session) as uow:
        uow.session.get_one(type(terrain), terrain.id).nom = "Autre"

    assert annuler(session, uow.evenement_id) == ["E-ANNULATION"]
