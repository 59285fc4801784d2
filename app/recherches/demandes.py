"""Search of demandes d'agrément: criteria, columns of the list and of the exports."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.recherches import Recherche
from app.recherches.sur_terrain import (
    TITULAIRE,
    CriteresSurTerrain,
    coches,
    conditions_sur_terrain,
    sur_un_terrain_de_l_ars,
)
from app.search import reference
from models.agrement import DemandeAgrement
from models.etablissement import Etablissement
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars


@dataclass(frozen=True, kw_only=True)
class CriteresDemande(CriteresSurTerrain):
    """Criteria of the screen; the ARS is that of the terrain."""

    reference: str = ""
    etat: tuple[str, ...] = ()


def conditions(criteres: CriteresDemande) -> list[ColumnElement[bool]]:
    """What the criteria mean, on the table of demandes alone."""
    resultat = [
        *conditions_sur_terrain(DemandeAgrement.terrain_id, criteres),
        *sur_un_terrain_de_l_ars(DemandeAgrement.terrain_id, criteres.ars),
        *coches(DemandeAgrement.etat, criteres.etat),
    ]
    if criteres.specialite:
        resultat.append(DemandeAgrement.specialite_code == criteres.specialite)
    if criteres.reference.strip():
        resultat.append(reference(DemandeAgrement.reference, criteres.reference))
    return resultat


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .select_from(DemandeAgrement)
        .join(TerrainDeStage, TerrainDeStage.id == DemandeAgrement.terrain_id)
        .outerjoin(Etablissement, Etablissement.id == TerrainDeStage.etablissement_id)
        .join(Specialite, Specialite.code == DemandeAgrement.specialite_code)
        .join(Ars, Ars.code == TerrainDeStage.ars_code)
    )


_AFFICHAGE = _avec_libelles(
    DemandeAgrement.id,
    DemandeAgrement.reference,
    DemandeAgrement.terrain_id,
    TerrainDeStage.numero,
    TerrainDeStage.nom,
    TITULAIRE.label("titulaire"),
    Specialite.nom.label("specialite"),
    DemandeAgrement.etat,
    DemandeAgrement.deposee_le,
    Ars.nom.label("ars"),
)

_EXPORT: dict[str, Any] = {
    "Référence": DemandeAgrement.reference,
    "Numéro de terrain": TerrainDeStage.numero,
    "Nom de terrain de stage": TerrainDeStage.nom,
    "Établissement, praticien ou organisme": TITULAIRE,
    "Numéro FINESS ET": Etablissement.numero_finess,
    "Spécialité": Specialite.nom,
    "État": DemandeAgrement.etat,
    "Déposée le": DemandeAgrement.deposee_le,
    "ARS": Ars.nom,
}

RECHERCHE = Recherche(
    modele=DemandeAgrement,
    conditions=conditions,
    tris={
        "reference": DemandeAgrement.reference,
        "specialite": DemandeAgrement.specialite_code,
        "etat": DemandeAgrement.etat,
        "deposee_le": DemandeAgrement.deposee_le,
    },
    affichage=_AFFICHAGE,
    export=_avec_libelles(*_EXPORT.values()),
    entetes=tuple(_EXPORT),
)
