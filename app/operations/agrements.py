"""Agréments: creation, modification and deletion by a national administrator (manual §1.8, §1.11, A13, A34).

An agrément copies the territory of its terrain and follows it as long as it is not échu; once échu it keeps its own.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from app.errors import OperationRefused, Refus
from app.operations.donnees_nationales import (
    refus_national,
    refus_reference,
    refus_specialite,
    refus_terrain,
    refus_version,
    terrain_designe,
)
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.agrement import (
    Agrement,
    AgrementHistorique,
    DecisionAgrement,
    StatutAgrement,
    TypeAgrement,
    statut_agrement,
)
from models.commune import Commune
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage


@dataclass(frozen=True, kw_only=True)
class SaisieAgrement:
    """What is typed of an agrément; `terrain` is a number, `version` that of the card before the user's eyes."""

    reference: str
    terrain: str
    specialite: Specialite
    type: TypeAgrement
    decision: DecisionAgrement
    date_debut: date
    date_fin: date
    a_reexaminer: bool = False
    version: str = ""


def refus(actor: Actor, saisie: SaisieAgrement, terrain: TerrainDeStage | None, jour: date) -> list[Refus]:
    """Every reason to refuse what was typed: who writes, reference, terrain, spécialité, dates in order."""
    raisons = refus_national(actor) + refus_reference(saisie.reference)
    raisons += refus_terrain(terrain, saisie.terrain, ouvert=_est_ouvert(saisie, jour))
    raisons += refus_specialite(saisie.specialite)
    if saisie.date_fin < saisie.date_debut:
        raisons.append(Refus("E-DATES", "La fin précède le début : corrigez l’une des deux dates.", "date_fin"))
    return raisons


def creer(uow: UnitOfWork, saisie: SaisieAgrement, jour: date | None = None) -> Agrement:
    """A new agrément, with the territory of its terrain."""
    terrain = _verrouiller(uow, saisie)
    if raisons := refus(uow.actor, saisie, terrain, jour or aujourd_hui()):
        raise OperationRefused(*raisons)
    assert terrain is not None  # `refus` has just checked it
    agrement = _ecrire(Agrement(), saisie)
    suivre_le_terrain(uow.session, agrement, terrain)
    uow.session.add(agrement)
    return agrement


def modifier(uow: UnitOfWork, agrement_id: int, saisie: SaisieAgrement, jour: date | None = None) -> Agrement:
    """Write what was typed; the territory follows the terrain unless the agrément is échu, on the same terrain."""
    jour = jour or aujourd_hui()
    terrain = _verrouiller(uow, saisie)
    [agrement] = uow.lock(Agrement, agrement_id)
    if raisons := refus_version(agrement, saisie.version) or refus(uow.actor, saisie, terrain, jour):
        raise OperationRefused(*raisons)
    assert terrain is not None  # `refus` has just checked it
    _ecrire(agrement, saisie)
    if agrement.terrain_id != terrain.id or _est_ouvert(saisie, jour):
        suivre_le_terrain(uow.session, agrement, terrain)
    return agrement


def supprimer(uow: UnitOfWork, agrement_id: int) -> None:
    """Remove an agrément and its geographic history; the journal keeps the former, and the places of the latter."""
    [agrement] = uow.lock(Agrement, agrement_id)
    if raisons := refus_national(uow.actor):
        raise OperationRefused(*raisons)
    if anciens := [f"{un.numero_terrain} (ARS {un.ars_code})" for un in agrement.historique]:
        uow.details = {"ancien_numero": anciens}
    uow.session.execute(delete(AgrementHistorique).where(AgrementHistorique.agrement_id == agrement.id))
    uow.session.expire(agrement, ["historique"])
    uow.session.delete(agrement)


def suivre_le_terrain(session: Session, agrement: Agrement, terrain: TerrainDeStage) -> None:
    """Copy the territory of a terrain on an agrément: ARS, subdivision, département, bassin de vie, number (§1.8)."""
    bassin = select(Commune.bassin_de_vie_code).where(Commune.code == terrain.code_insee_effectif)
    agrement.terrain = terrain
    agrement.ars_code = terrain.ars_code
    agrement.subdivision_code = terrain.subdivision_code
    agrement.departement_code = terrain.departement_effectif
    agrement.bassin_de_vie_code = session.scalar(bassin)
    agrement.numero_terrain = terrain.numero


def _verrouiller(uow: UnitOfWork, saisie: SaisieAgrement) -> TerrainDeStage | None:
    """The terrain typed, locked before the agrément as the operations on a terrain do: none deletes it meanwhile."""
    designe = terrain_designe(uow.session, saisie.terrain)
    return uow.lock(TerrainDeStage, designe.id)[0] if designe else None


def _est_ouvert(saisie: SaisieAgrement, jour: date) -> bool:
    statut = statut_agrement(saisie.decision, saisie.date_debut, saisie.date_fin, jour)
    return statut is not StatutAgrement.ECHU


def _ecrire(agrement: Agrement, saisie: SaisieAgrement) -> Agrement:
    agrement.reference = saisie.reference.strip()
    agrement.specialite = saisie.specialite
    agrement.type, agrement.decision = saisie.type, saisie.decision
    agrement.date_debut, agrement.date_fin = saisie.date_debut, saisie.date_fin
    agrement.a_reexaminer = saisie.a_reexaminer
    return agrement
