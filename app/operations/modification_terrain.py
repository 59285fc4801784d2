"""Modification of a terrain de stage: what its type lets a user change, and nothing of its registry (§1.6, S81–S90).

Its type, établissement (A42), ARS and subdivision are not even parameters: they have operations of their own.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.errors import CONFLIT, OperationRefused, Refus
from app.operations import bloc_principal, saisie_terrain, signalement
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage


@dataclass(frozen=True, kw_only=True)
class ModificationTerrain:
    """What was typed on the card; `version` is that of the card that the user had before his eyes."""

    version: int
    saisie: SaisieTerrain


def refus(actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    """Every reason why `actor` may not modify this terrain: statut (TS-15, TS-18), then scope."""
    raisons = []
    if terrain.statut is StatutTerrain.INACTIF:
        raisons.append(Refus("E-STATUT", f"{terrain} est inactif : activez-le avant de le modifier."))
    if terrain.statut is StatutTerrain.TRANSFERE:
        message = f"{terrain} est en cours de transfert : il se complète par « Transfert de praticien »."
        raisons.append(Refus("E-STATUT", message))
    if not actor.covers(terrain):
        message = f"{terrain} n’est pas dans votre ARS de travail : vous pouvez seulement le consulter."
        raisons.append(Refus("E-HORS-ARS", message))
    return raisons


def refus_modification(session: Session, terrain: TerrainDeStage, demande: ModificationTerrain) -> list[Refus]:
    """Every reason to refuse what was typed: stale version, else what the form itself must satisfy."""
    if demande.version != terrain.version:
        return [CONFLIT]
    return saisie_terrain.refus_saisie(session, terrain, demande.saisie)


def modifier(uow: UnitOfWork, terrain_id: int, demande: ModificationTerrain) -> TerrainDeStage:
    """Write what the user typed on one terrain, under lock."""
    [terrain] = uow.lock(TerrainDeStage, terrain_id)
    if raisons := refus(uow.actor, terrain) or refus_modification(uow.session, terrain, demande):
        raise OperationRefused(*raisons)
    saisie_terrain.appliquer(uow.session, terrain, demande.saisie)
    if terrain.type is TypeTerrain.HOSPITALIER:
        terrain.stage_chu = demande.saisie.stage_chu if _est_un_chu(terrain) else None
    if terrain.type is TypeTerrain.PRATICIEN:
        signalement.signaler(
            terrain,
            uow.actor.login,
            errone=demande.saisie.rpps_errone,
            commentaire=demande.saisie.rpps_errone_commentaire,
        )
    return terrain


def refus_reprise(actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    """Every reason not to copy the coordinates of the ET again."""
    raisons = refus(actor, terrain)
    etablissement = terrain.etablissement
    if etablissement is None:
        raisons.append(Refus("E-TYPE", "Seul un terrain hospitalier reprend les coordonnées d’un établissement."))
    elif etablissement.statut is not StatutEtablissement.ACTIF:
        raisons.append(
            Refus("E-ET-INACTIF", f"{etablissement} n’est pas actif : ses coordonnées ne se reprennent plus.")
        )
    return raisons


def reprendre_les_coordonnees(uow: UnitOfWork, terrain_id: int) -> TerrainDeStage:
    """Copy the coordinates of the ET again: a change of its secondary block never comes by itself (A22)."""
    [terrain] = uow.lock(TerrainDeStage, terrain_id)
    raisons = refus_reprise(uow.actor, terrain)
    if raisons or terrain.etablissement is None:
        raise OperationRefused(*raisons)
    for champ, valeur in bloc_principal.de_l_etablissement(terrain.etablissement).items():
        setattr(terrain, champ, valeur)
    return terrain


def _est_un_chu(terrain: TerrainDeStage) -> bool:
    return terrain.etablissement is not None and terrain.etablissement.est_chu
