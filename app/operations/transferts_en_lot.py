"""Transfer of the practitioners of several terrains to one ARS: each by itself, with a report (manual §1.10; S145)."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.operations import transfert_praticien
from app.operations.lot import Ligne, Rapport, exiger_la_portee, parmi
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.terrain_de_stage import TerrainDeStage


def examiner(session: Session, actor: Actor, terrains: Iterable[TerrainDeStage]) -> Rapport:
    """Which of these terrains may leave, whatever the ARS; changes nothing."""
    return Rapport(
        tuple(Ligne(un.id, str(un), tuple(transfert_praticien.refus(session, actor, un))) for un in terrains)
    )


def transferer(uow: UnitOfWork, ids: Sequence[int], ars_code: str) -> Rapport:
    """Let go those that nothing holds back; the others are reported with their reasons. One event for all."""
    terrains = uow.lock(TerrainDeStage, *sorted(set(ids)))
    colonnes = (TerrainDeStage.numero, TerrainDeStage.nom, TerrainDeStage.ars_code)
    exiger_la_portee(uow.actor, uow.session.execute(parmi(ids).with_only_columns(*colonnes)), "transféré")
    return Rapport(tuple(_transferer(uow, un, ars_code) for un in terrains))


def _transferer(uow: UnitOfWork, terrain: TerrainDeStage, ars_code: str) -> Ligne:
    """Asked before acting: a refusal that comes later is no ordinary one, and undoes the whole selection."""
    ligne = Ligne(terrain.id, str(terrain), tuple(transfert_praticien.refus(uow.session, uow.actor, terrain, ars_code)))
    if not ligne.refus:
        transfert_praticien.transferer(uow, terrain.id, ars_code)
    return ligne
