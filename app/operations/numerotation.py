"""Number of a terrain: code of its ARS, letter of its type, five digits (manual §1.6, S75).

Each ARS has one sequence per type, which only goes up: a number is never given twice, whatever became of its terrain.
"""

from collections.abc import Callable
from functools import partial

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.unit_of_work import UnitOfWork
from models.etats import TypeTerrain
from models.terrain_de_stage import CompteurNumero

LETTRES = {TypeTerrain.HOSPITALIER: "H", TypeTerrain.PRATICIEN: "P", TypeTerrain.AUTRE: "A"}
DERNIER_POSSIBLE = 99_999

Numeroter = Callable[[str, TypeTerrain, int], list[str]]


def tirer(uow: UnitOfWork, ars_code: str, type_: TypeTerrain) -> str:
    """Next number of an ARS for a type, for the terrain that this unit of work makes."""
    return tirer_plusieurs(uow, ars_code, type_, 1)[0]


def numeroteur(session: Session, uow: UnitOfWork | None) -> Numeroter:
    """Where a plan takes its numbers: drawn when it is carried out by `uow`, only read when it is shown."""
    return partial(prochains, session) if uow is None else partial(tirer_plusieurs, uow)


def tirer_plusieurs(uow: UnitOfWork, ars_code: str, type_: TypeTerrain, nombre: int) -> list[str]:
    """The next `nombre` numbers of an ARS for a type.

    The counter stays locked until the commit: whoever draws next waits, and a creation given up leaves no gap.
    """
    tirage = insert(CompteurNumero).values(ars_code=ars_code, type=type_, dernier=nombre)
    suivant = tirage.on_conflict_do_update(
        index_elements=["ars_code", "type"], set_={"dernier": CompteurNumero.dernier + nombre}
    ).returning(CompteurNumero.dernier)
    return _numeros(ars_code, type_, uow.session.scalars(suivant).one() - nombre, nombre)


def prochains(session: Session, ars_code: str, type_: TypeTerrain, nombre: int) -> list[str]:
    """The numbers that `tirer_plusieurs` would give now, for a preview: nothing is drawn."""
    dernier = session.scalar(
        select(CompteurNumero.dernier).where(CompteurNumero.ars_code == ars_code, CompteurNumero.type == type_)
    )
    return _numeros(ars_code, type_, dernier or 0, nombre)


def _numeros(ars_code: str, type_: TypeTerrain, dernier: int, nombre: int) -> list[str]:
    if dernier + nombre > DERNIER_POSSIBLE:
        message = "Tous les numéros de ce type sont pris dans cette ARS : prévenez un administrateur national."
        raise OperationRefused(Refus("E-NUMEROS-EPUISES", message))
    return [f"{ars_code}{LETTRES[type_]}{rang:05d}" for rang in range(dernier + 1, dernier + nombre + 1)]
