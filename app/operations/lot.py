"""Operations on selected rows: each is checked by itself, and a report says what was done and what was refused (N30).

A row of another ARS is no ordinary refusal: nothing at all is done then (QUALITY A-04).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, any_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import OperationRefused, Refus
from app.scope import Actor
from app.unit_of_work import UnitOfWork, tableau
from models.etablissement import Etablissement
from models.terrain_de_stage import TerrainDeStage


@dataclass(frozen=True)
class Ligne:
    """One row of a report: refused for these reasons, or done."""

    id: int
    libelle: str
    refus: tuple[Refus, ...] = ()
    avertissements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rapport:
    """What became of each selected row, in the order of the selection."""

    lignes: tuple[Ligne, ...]

    @property
    def faites(self) -> list[Ligne]:
        return [une for une in self.lignes if not une.refus]

    @property
    def refusees(self) -> list[Ligne]:
        return [une for une in self.lignes if une.refus]

    def exiger(self) -> "Rapport":
        """For an operation on one row: a refusal is the failure of the whole."""
        if raisons := [refus for une in self.refusees for refus in une.refus]:
            raise OperationRefused(*raisons)
        return self


def parmi(ids: Iterable[int]) -> Select[TerrainDeStage]:
    """The terrains of a selection, whatever its size, in ascending id."""
    return select(TerrainDeStage).where(est_parmi(TerrainDeStage.id, ids)).order_by(TerrainDeStage.id)


def est_parmi(cle: ColumnElement[int] | InstrumentedAttribute[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """`cle IN (ids)` with one parameter, however many there are."""
    return cle == any_(tableau(sorted(set(ids))))


def verrouiller_lignes(session: Session, cle: InstrumentedAttribute[int], lignes: ColumnElement[bool]) -> None:
    """Lock rows in ascending id without loading them: `UnitOfWork.lock` for the many."""
    session.execute(select(cle).where(lignes).order_by(cle).with_for_update())


def verrouiller(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Lock the établissements of a selection, then its terrains, each in ascending id: the order of every operation.

    An ET is only kept as it is (FOR SHARE): two selections that share one do not wait for each other.
    """
    session = uow.session
    session.flush()
    porteurs = parmi(ids).with_only_columns(TerrainDeStage.etablissement_id).order_by(None)
    session.execute(
        select(Etablissement.id)
        .where(Etablissement.id.in_(porteurs))
        .order_by(Etablissement.id)
        .with_for_update(read=True)
    )
    trouves = session.execute(parmi(ids).with_only_columns(TerrainDeStage.id).with_for_update()).all()
    if len(trouves) < len(set(ids)):
        raise OperationRefused(Refus("E-INTROUVABLE", "Un des terrains choisis n’existe plus : revenez à la liste."))
    session.expire_all()


def exiger_la_portee(actor: Actor, lignes: Iterable[Row[*tuple[object, ...]]], fait: str) -> None:
    """Nothing is done when one of the rows is not of the actor's ARS; the message names it."""
    etrangers = [f"{une.numero} – {une.nom}" for une in lignes if not actor.covers_ars({une.ars_code})]
    if etrangers:
        message = f"Rien n’a été {fait}, car hors de votre ARS de travail : {', '.join(etrangers[:5])}."
        raise OperationRefused(Refus("E-HORS-ARS", message))
