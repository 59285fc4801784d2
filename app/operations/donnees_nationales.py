"""What agréments, demandes, internes and their semestres share: who writes them, stale forms, designated terrains.

These objects have no version of their own: that of a card is a digest of what it shows.
"""

from hashlib import sha256

from sqlalchemy import inspect, select, union_all
from sqlalchemy.orm import Session

from app.errors import CONFLIT, Refus
from app.scope import Actor
from models.base import Model
from models.etats import StatutTerrain
from models.nomenclature import DES, Specialite
from models.terrain_de_stage import AncienNumero, TerrainDeStage


def version_de(objet: Model) -> str:
    """Digest of the columns of a row: it changes as soon as one of them does."""
    valeurs = [getattr(objet, colonne.key) for colonne in inspect(type(objet)).column_attrs]
    return sha256(repr(valeurs).encode()).hexdigest()[:16]


def refus_national(actor: Actor) -> list[Refus]:
    """These data come from the national system: only its administrators write them."""
    if actor.covers_ars(set()):
        return []
    return [Refus("E-NATIONAL", "Seul un administrateur national modifie ces données : vous pouvez les consulter.")]


def refus_version(objet: Model, version: str) -> list[Refus]:
    """A save from a card that no longer shows what is stored would overwrite silently (A-53)."""
    return [] if version == version_de(objet) else [CONFLIT]


def terrain_designe(session: Session, saisie: str | None) -> TerrainDeStage | None:
    """The terrain of a number, its present one or one that it had before (N21)."""
    numero = "".join((saisie or "").split()).upper()
    designe = union_all(
        select(TerrainDeStage.id).where(TerrainDeStage.numero == numero),
        select(AncienNumero.terrain_id).where(AncienNumero.numero == numero),
    )
    return session.scalar(select(TerrainDeStage).where(TerrainDeStage.id.in_(designe)))


def refus_terrain(terrain: TerrainDeStage | None, saisie: str | None, *, ouvert: bool) -> list[Refus]:
    """The terrain exists, and is Actif for what is open: what is open forbids to delete it (S138, A13)."""
    if terrain is None:
        message = f"Aucun terrain de stage n’a le numéro « {saisie or ''} » : choisissez-le par « Sélectionner »."
        return [Refus("E-TERRAIN-INCONNU", message, "terrain")]
    if ouvert and terrain.statut is not StatutTerrain.ACTIF:
        message = f"{terrain} n’est pas actif : il ne porte que des agréments échus et des demandes closes. Activez-le."
        return [Refus("E-TERRAIN-INACTIF", message, "terrain")]
    return []


def refus_specialite(specialite: Specialite | None) -> list[Refus]:
    """An agrément is given for a DES, never for a spécialité of the order."""
    if specialite is not None and specialite.nature == DES:
        return []
    return [Refus("E-SPECIALITE", "Choisissez une spécialité parmi les DES du troisième cycle.", "specialite")]


def refus_reference(reference: str) -> list[Refus]:
    """A reference is what the national system calls the object: never empty."""
    return [] if reference.strip() else [Refus("E-REFERENCE", "Indiquez la référence.", "reference")]
