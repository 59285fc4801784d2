"""Semestres d'internat: posting an interne on a terrain for a semestre, by a national administrator (§1.11)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.operations.donnees_nationales import (
    refus_national,
    refus_terrain,
    refus_version,
    terrain_designe,
)
from app.unit_of_work import UnitOfWork
from models.interne import Interne, Semestre, SemestreInternat


@dataclass(frozen=True, kw_only=True)
class SaisieSemestreInternat:
    """What is typed: the identifier of the interne, the number of the terrain, a semestre of the calendar."""

    interne: str
    terrain: str
    semestre: Semestre
    version: str = ""


def interne_designe(session: Session, saisie: str | None) -> Interne | None:
    """The interne of an identifier, exactly as the national system gave it."""
    return session.scalar(select(Interne).where(Interne.identifiant == (saisie or "").strip()))


def refus_interne(session: Session, saisie: SaisieSemestreInternat, semestre_internat_id: int | None) -> list[Refus]:
    """The interne exists, and is not posted elsewhere for the same semestre."""
    interne = interne_designe(session, saisie.interne)
    if interne is None:
        message = f"Aucun interne n’a l’identifiant « {saisie.interne} » : choisissez-le par « Sélectionner »."
        return [Refus("E-INTERNE-INCONNU", message, "interne")]
    ailleurs = select(SemestreInternat).where(
        SemestreInternat.interne_id == interne.id,
        SemestreInternat.semestre_id == saisie.semestre.id,
        SemestreInternat.id.is_distinct_from(semestre_internat_id),
    )
    if poste := session.scalar(ailleurs):
        message = (
            f"{interne} a déjà un terrain au semestre {saisie.semestre} : {poste.terrain}. Modifiez ce semestre-là."
        )
        return [Refus("E-DEJA-POSTE", message, "interne")]
    return []


def creer(uow: UnitOfWork, saisie: SaisieSemestreInternat) -> SemestreInternat:
    """Post an interne on a terrain, whatever its statut: semestres of the past stay on terrains now Inactifs (S139)."""
    return _enregistrer(uow, None, saisie)


def modifier(uow: UnitOfWork, semestre_internat_id: int, saisie: SaisieSemestreInternat) -> SemestreInternat:
    """Write what was typed on one semestre d'internat, under lock."""
    return _enregistrer(uow, semestre_internat_id, saisie)


def _enregistrer(uow: UnitOfWork, identifiant: int | None, saisie: SaisieSemestreInternat) -> SemestreInternat:
    poste = SemestreInternat() if identifiant is None else uow.lock(SemestreInternat, identifiant)[0]
    perimee = [] if identifiant is None else refus_version(poste, saisie.version)
    terrain = terrain_designe(uow.session, saisie.terrain)
    raisons = perimee or [
        *refus_national(uow.actor),
        *refus_interne(uow.session, saisie, identifiant),
        *refus_terrain(terrain, saisie.terrain, ouvert=False),
    ]
    interne = interne_designe(uow.session, saisie.interne)
    if raisons or terrain is None or interne is None:
        raise OperationRefused(*raisons)
    poste.interne, poste.terrain, poste.semestre = interne, terrain, saisie.semestre
    uow.session.add(poste)
    return poste
