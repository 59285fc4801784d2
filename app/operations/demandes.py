"""Demandes d'agrément: creation and modification by a national administrator (A13)."""

from dataclasses import dataclass
from datetime import date

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
from models.agrement import ETATS_OUVERTS, DemandeAgrement, EtatDemande
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage


@dataclass(frozen=True, kw_only=True)
class SaisieDemande:
    """What is typed of a demande; `terrain` is a number, `version` that of the card before the user's eyes."""

    reference: str
    terrain: str
    specialite: Specialite
    etat: EtatDemande
    deposee_le: date
    version: str = ""


def refus(actor: Actor, saisie: SaisieDemande, terrain: TerrainDeStage | None) -> list[Refus]:
    """Every reason to refuse what was typed: who writes, reference, terrain, spécialité."""
    return [
        *refus_national(actor),
        *refus_reference(saisie.reference),
        *refus_terrain(terrain, saisie.terrain, ouvert=saisie.etat in ETATS_OUVERTS),
        *refus_specialite(saisie.specialite),
    ]


def creer(uow: UnitOfWork, saisie: SaisieDemande) -> DemandeAgrement:
    """A new demande on a terrain."""
    return _enregistrer(uow, None, saisie)


def modifier(uow: UnitOfWork, demande_id: int, saisie: SaisieDemande) -> DemandeAgrement:
    """Write what was typed on one demande, under lock."""
    return _enregistrer(uow, demande_id, saisie)


def _enregistrer(uow: UnitOfWork, demande_id: int | None, saisie: SaisieDemande) -> DemandeAgrement:
    """The terrain is locked first, as the operations on a terrain do: none deletes it meanwhile."""
    terrain = terrain_designe(uow.session, saisie.terrain)
    if terrain is not None:
        [terrain] = uow.lock(TerrainDeStage, terrain.id)
    demande = DemandeAgrement() if demande_id is None else uow.lock(DemandeAgrement, demande_id)[0]
    perimee = [] if demande_id is None else refus_version(demande, saisie.version)
    if raisons := perimee or refus(uow.actor, saisie, terrain):
        raise OperationRefused(*raisons)
    assert terrain is not None  # `refus` has just checked it
    demande.reference = saisie.reference.strip()
    demande.terrain, demande.specialite = terrain, saisie.specialite
    demande.etat, demande.deposee_le = saisie.etat, saisie.deposee_le
    uow.session.add(demande)
    return demande
