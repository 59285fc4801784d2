"""Transfer of the practitioners of several terrains to one ARS: each by itself, with a report (manual §1.10; S145)."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
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
    colonnes = (TerrainDeStage.id, TerrainDeStage.numero, TerrainDeStage.nom, TerrainDeStage.ars_code)
    choisis = uow.session.execute(parmi(ids).with_only_columns(*colonnes)).all()
    exiger_la_portee(uow.actor, choisis, "transféré")
    return Rapport(tuple(Ligne(un.id, f"{un.numero} – {un.nom}", _transferer(uow, un.id, ars_code)) for un in choisis))


def _transferer(uow: UnitOfWork, terrain_id: int, ars_code: str) -> tuple[Refus, ...]:
    """Reasons of a refusal, which comes before anything is written."""
    try:
        transfert_praticien.transferer(uow, terrain_id, ars_code)
    except OperationRefused as refuse:
        return tuple(refuse.refus)
    return ()
