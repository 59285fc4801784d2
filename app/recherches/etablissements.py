"""« Rechercher un établissement » (manual §1.5): criteria, columns of the list and of the exports."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.recherches import Recherche
from app.recherches.coordonnees import avec_bassin_de_vie, coordonnees_exportees
from app.recherches.registre import (
    CriteresRegistre,
    colonnes_de_la_liste,
    conditions_communes,
    signalement_exporte,
)
from app.search import contient, numero
from models.entite_juridique import EntiteJuridique
from models.etablissement import CATEGORIE_CHR, Etablissement
from models.etats import StatutTerrain
from models.nomenclature import CategorieFiness, Chu
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars


@dataclass(frozen=True, kw_only=True)
class CriteresEtablissement(CriteresRegistre):
    """Criteria of the screen; `etat` tells ET with a terrain Actif from the others, whatever their statut (A26)."""

    numero_ej: str = ""
    nature: str = ""
    etat: tuple[str, ...] = ()
    chu: tuple[str, ...] = ()


a_un_terrain = exists().where(TerrainDeStage.etablissement_id == Etablissement.id)
a_un_terrain_actif = a_un_terrain.where(TerrainDeStage.statut == StatutTerrain.ACTIF)

_ej = aliased(EntiteJuridique)
_ej_des_chu = select(_ej.id).join(Chu, Chu.numero_finess_ej == _ej.numero_finess)
# The list of CHU has the last word on what FINESS calls a CHR, as in `Etablissement.est_chu`.
est_chu = or_(
    Etablissement.entite_juridique_id.in_(_ej_des_chu.where(Chu.universitaire)),
    and_(
        Etablissement.categorie_code == CATEGORIE_CHR,
        Etablissement.entite_juridique_id.not_in(_ej_des_chu.where(not_(Chu.universitaire))),
    ),
)


def conditions(criteres: CriteresEtablissement) -> list[ColumnElement[bool]]:
    """What the criteria mean, on the table of établissements alone."""
    resultat = conditions_communes(Etablissement, criteres)
    if criteres.numero_ej.strip():
        entites = select(EntiteJuridique.id).where(numero(EntiteJuridique.numero_finess, criteres.numero_ej))
        resultat.append(Etablissement.entite_juridique_id.in_(entites))
    if criteres.nature.strip():
        resultat.append(Etablissement.categorie_code.in_(_categories(criteres.nature)))
    if len(criteres.etat) == 1:
        resultat.append(a_un_terrain_actif if "avec" in criteres.etat else not_(a_un_terrain_actif))
    if len(criteres.chu) == 1:
        resultat.append(est_chu if "oui" in criteres.chu else not_(est_chu))
    return resultat


def _categories(saisie: str) -> Select[str]:
    par_libelle = contient(func.normaliser(CategorieFiness.libelle), saisie)
    return select(CategorieFiness.code).where(or_(CategorieFiness.code == saisie.strip(), par_libelle))


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .join(EntiteJuridique, EntiteJuridique.id == Etablissement.entite_juridique_id)
        .outerjoin(CategorieFiness, CategorieFiness.code == Etablissement.categorie_code)
        .outerjoin(Ars, Ars.code == Etablissement.ars_code)
    )


_AFFICHAGE = _avec_libelles(
    *colonnes_de_la_liste(Etablissement),
    func.coalesce(CategorieFiness.libelle, Etablissement.categorie_code).label("nature"),
    a_un_terrain_actif.label("a_un_terrain_actif"),
    EntiteJuridique.id.label("entite_juridique_id"),
    EntiteJuridique.numero_finess.label("numero_ej"),
    EntiteJuridique.raison_sociale.label("raison_sociale_ej"),
)

_EXPORT: dict[str, Any] = {
    "Numéro FINESS ET": Etablissement.numero_finess,
    "Raison sociale": Etablissement.raison_sociale,
    "Numéro FINESS EJ": EntiteJuridique.numero_finess,
    "Raison sociale EJ": EntiteJuridique.raison_sociale,
    "Nature (code)": Etablissement.categorie_code,
    "Nature": CategorieFiness.libelle,
    "SIRET": Etablissement.siret,
    **coordonnees_exportees(Etablissement),
    "Statut": Etablissement.statut,
    "Terrain de stage actif": a_un_terrain_actif,
    **signalement_exporte(Etablissement),
}

RECHERCHE = Recherche(
    modele=Etablissement,
    conditions=conditions,
    tris={
        "numero": Etablissement.numero_finess,
        "nom": Etablissement.nom_norme,
        "nature": Etablissement.categorie_code,
        "ville": Etablissement.ville_norme,
        "ars": Etablissement.ars_code,
        "statut": Etablissement.statut,
    },
    affichage=_AFFICHAGE,
    export=avec_bassin_de_vie(_avec_libelles(*_EXPORT.values()), Etablissement),
    entetes=tuple(_EXPORT),
)
