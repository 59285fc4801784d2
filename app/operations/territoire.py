"""« Modifier l’ARS » and « Modifier la subdivision » of a terrain (manual §1.8, §1.9; SPEC §5, ARS and SUB).

The destinations are exactly those that the table of links gives: the other ARS of the subdivision, the other
subdivisions of the ARS. Open agréments follow, with their former territory in their history; the échus never change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.operations.deplacement import (
    Plan,
    agrements_qui_suivent,
    appliquer,
    compter,
    deplacer,
    exiger_le_sceau,
    lire_terrains,
    verrouiller,
)
from app.operations.numerotation import Numeroter, numeroteur
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etats import StatutTerrain
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Subdivision, SubdivisionArs


@dataclass(frozen=True)
class Apercu:
    """What the preview shows of one terrain: its plan, and every reason to refuse it."""

    terrain: TerrainDeStage
    plan: Plan
    refus: tuple[Refus, ...]


# --- « Modifier l’ARS » ---


def autres_ars(session: Session, terrain: TerrainDeStage) -> Sequence[Ars]:
    """The other ARS of the terrain's subdivision: what the pop-up lists (S112)."""
    liees = select(SubdivisionArs.ars_code).where(SubdivisionArs.subdivision_code == terrain.subdivision_code)
    return session.scalars(select(Ars).where(Ars.code.in_(liees), Ars.code != terrain.ars_code).order_by(Ars.nom)).all()


def refus_ars(actor: Actor, terrain: TerrainDeStage, cibles: Sequence[Ars], ars_code: str | None = None) -> list[Refus]:
    """Every reason to refuse; without `ars_code`, what hides or greys the button (S111)."""
    raisons = _refus_communs(actor, terrain)
    if not cibles:
        message = f"La subdivision de {terrain} n’est liée qu’à une ARS : il n’y a pas d’autre ARS à choisir."
        raisons.append(Refus("E-ARS-NON-LIEE", message))
    elif ars_code is not None and ars_code not in {un.code for un in cibles}:
        noms = ", ".join(un.nom for un in cibles)
        message = f"Cette ARS n’est pas liée à la subdivision du terrain : choisissez parmi {noms}."
        raisons.append(Refus("E-ARS-NON-LIEE", message, "ars_code"))
    return raisons


def apercu_ars(session: Session, actor: Actor, terrain_id: int, ars_code: str) -> Apercu:
    """The plan of a change of ARS: ARS, number, and the agréments that follow (S113, S114)."""
    return _examiner_ars(session, actor, terrain_id, ars_code, numeroteur(session, None))


def changer_ars(uow: UnitOfWork, terrain_id: int, ars_code: str, sceau: str | None = None) -> Apercu:
    """Give the terrain to another ARS of its subdivision, as it was shown; its former number is still found (N21)."""
    verrouiller(uow, [terrain_id])
    fait = _examiner_ars(uow.session, uow.actor, terrain_id, ars_code, numeroteur(uow.session, uow))
    executer(uow, fait, sceau)
    return fait


def _examiner_ars(session: Session, actor: Actor, terrain_id: int, ars_code: str, numeroter: Numeroter) -> Apercu:
    terrain = _terrain(session, terrain_id)
    raisons = refus_ars(actor, terrain, autres_ars(session, terrain), ars_code)
    if raisons:
        return Apercu(terrain, Plan(()), tuple(raisons))
    [numero] = numeroter(ars_code, terrain.type, 1)
    return Apercu(terrain, planifier(session, terrain, {"ars_code": ars_code, "numero": numero}), ())


# --- « Modifier la subdivision » ---


def autres_subdivisions(session: Session, terrain: TerrainDeStage) -> Sequence[Subdivision]:
    """The other subdivisions of the terrain's ARS: what the pop-up lists (S119)."""
    liees = select(SubdivisionArs.subdivision_code).where(SubdivisionArs.ars_code == terrain.ars_code)
    autres = select(Subdivision).where(Subdivision.code.in_(liees), Subdivision.code != terrain.subdivision_code)
    return session.scalars(autres.order_by(Subdivision.nom)).all()


def refus_subdivision(
    actor: Actor, terrain: TerrainDeStage, cibles: Sequence[Subdivision], code: str | None = None
) -> list[Refus]:
    """Every reason to refuse; without `code`, what hides or greys the button (S118)."""
    raisons = _refus_communs(actor, terrain)
    if not cibles:
        message = f"L’ARS de {terrain} n’a qu’une subdivision : il n’y en a pas d’autre à choisir."
        raisons.append(Refus("E-SUBDIV-NON-LIEE", message))
    elif code is not None and code not in {un.code for un in cibles}:
        noms = ", ".join(un.nom for un in cibles)
        message = f"Cette subdivision n’est pas liée à l’ARS du terrain : choisissez parmi {noms}."
        raisons.append(Refus("E-SUBDIV-NON-LIEE", message, "subdivision_code"))
    return raisons


def apercu_subdivision(session: Session, actor: Actor, terrain_id: int, code: str) -> Apercu:
    """The plan of a change of subdivision: ARS and number stay (S120, A32), open agréments follow (S121)."""
    terrain = _terrain(session, terrain_id)
    raisons = refus_subdivision(actor, terrain, autres_subdivisions(session, terrain), code)
    plan = Plan(()) if raisons else planifier(session, terrain, {"subdivision_code": code})
    return Apercu(terrain, plan, tuple(raisons))


def changer_subdivision(uow: UnitOfWork, terrain_id: int, code: str, sceau: str | None = None) -> Apercu:
    """Give the terrain another subdivision of its ARS, as it was shown."""
    verrouiller(uow, [terrain_id])
    fait = apercu_subdivision(uow.session, uow.actor, terrain_id, code)
    executer(uow, fait, sceau)
    return fait


# --- Shared with the transfer of a practitioner ---


def planifier(session: Session, terrain: TerrainDeStage, apres: dict[str, Any]) -> Plan:
    """The plan of one terrain that changes territory."""
    [ligne] = lire_terrains(session, [terrain.id])
    deplace = deplacer(ligne, apres)
    ecritures = (deplace,) if deplace else ()
    bilan = compter(session, [terrain.id])
    demandes = bilan["demandes"]
    avertissements = (
        (f"{demandes} demande(s) d’agrément ouverte(s) : leur ARS n’est pas modifiée.",) if demandes else ()
    )
    return Plan(
        ecritures, agrements_qui_suivent(session, [ligne], ecritures), avertissements=avertissements, bilan=bilan
    )


def executer(uow: UnitOfWork, fait: Apercu, sceau: str | None) -> None:
    """Apply the plan of a locked terrain, unless it is refused or no longer what was shown."""
    if fait.refus:
        raise OperationRefused(*fait.refus)
    exiger_le_sceau(fait.plan, sceau)
    appliquer(uow, fait.plan)


def _terrain(session: Session, terrain_id: int) -> TerrainDeStage:
    trouve = session.get(TerrainDeStage, terrain_id)
    if trouve is None:
        raise OperationRefused(Refus("E-INTROUVABLE", "Ce terrain n’existe pas : revenez à la liste."))
    return trouve


def _refus_communs(actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    """Actif or Inactif, never Transféré (A30); in the ARS de travail."""
    raisons = []
    if terrain.statut is StatutTerrain.TRANSFERE:
        message = f"{terrain} est en cours de transfert : il se complète d’abord par « Transfert de praticien »."
        raisons.append(Refus("E-STATUT", message))
    if not actor.covers(terrain):
        raisons.append(Refus("E-HORS-ARS", f"{terrain} n’est pas dans votre ARS de travail."))
    return raisons
