"""« Rechercher un terrain de stage » (manual §1.6): criteria, columns of the list and of the exports.

A criterion that reads several tables is a union of ids, one branch per column, so that each uses its own index.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from app.recherches import Recherche
from app.recherches.coordonnees import (
    CriteresLocalises,
    avec_bassin_de_vie,
    conditions_localisees,
    coordonnees_exportees,
    effectif,
)
from app.recherches.sur_terrain import SPECIALITES, SUBDIVISIONS
from app.search import contient, numero
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutTerrain, TypeTerrain
from models.nomenclature import Specialite
from models.terrain_de_stage import AncienNumero, TerrainDeStage, terrain_specialite_complementaire
from models.territoire import Ars, Subdivision


@dataclass(frozen=True, kw_only=True)
class CriteresTerrain(CriteresLocalises):
    """Criteria of the screen. A group with no box ticked does not filter, Transférés included (S43, A45)."""

    numero: str = ""
    nom: str = ""
    responsable: str = ""
    nom_terrain: str = ""
    numero_terrain: str = ""
    etablissement: str = ""
    subdivision: str = ""
    specialite: str = ""
    type: tuple[str, ...] = ()
    statut: tuple[str, ...] = ()
    rpps: tuple[str, ...] = ()


NOTICES = {
    "invalide": TerrainDeStage.rpps_invalide_depuis.is_not(None),
    "hors_ars": TerrainDeStage.rpps_hors_ars_depuis.is_not(None),
    "errone": TerrainDeStage.rpps_errone.is_(True),
}
LISTES: dict[str, Select[str, str]] = {"subdivision": SUBDIVISIONS, "specialite": SPECIALITES}

_autre = aliased(TerrainDeStage)
_complementaires = terrain_specialite_complementaire.c


def conditions(criteres: CriteresTerrain) -> list[ColumnElement[bool]]:
    """What the criteria mean, on the table of terrains alone."""
    lieu = conditions_localisees(TerrainDeStage, criteres)
    return [*_groupes(criteres), *_textes(criteres), *_codes(criteres), *lieu]


def _groupes(criteres: CriteresTerrain) -> list[ColumnElement[bool]]:
    """Checkbox groups; values that do not exist count as not ticked."""
    types = [un for un in TypeTerrain if un.name in criteres.type]
    statuts = [un for un in StatutTerrain if un.name in criteres.statut]
    notices = [NOTICES[cle] for cle in criteres.rpps if cle in NOTICES]
    resultat: list[ColumnElement[bool]] = [TerrainDeStage.type.in_(types)] if types else []
    resultat += [TerrainDeStage.statut.in_(statuts)] if statuts else []
    return [*resultat, or_(*notices)] if notices else resultat


def _textes(criteres: CriteresTerrain) -> list[ColumnElement[bool]]:
    """What is typed; blanks alone do not filter."""
    sens = (
        (criteres.numero, _de_numero),
        (criteres.nom, _de_nom),
        (criteres.responsable, lambda saisie: contient(TerrainDeStage.responsable_norme, saisie)),
        (criteres.nom_terrain, lambda saisie: contient(TerrainDeStage.nom_norme, saisie)),
        (criteres.numero_terrain, _de_numero_de_terrain),
    )
    return [condition(saisie) for saisie, condition in sens if saisie.strip()]


def _codes(criteres: CriteresTerrain) -> list[ColumnElement[bool]]:
    """Exact codes: subdivision, spécialité principal or complémentaire, établissement."""
    resultat: list[ColumnElement[bool]] = []
    if criteres.subdivision:
        resultat.append(TerrainDeStage.subdivision_code == criteres.subdivision)
    if criteres.specialite:
        resultat.append(
            _parmi(
                select(_autre.id).where(_autre.specialite_code == criteres.specialite),
                select(_complementaires.terrain_id).where(_complementaires.specialite_code == criteres.specialite),
            )
        )
    if exact := "".join(criteres.etablissement.split()).upper():
        un = select(Etablissement.id).where(Etablissement.numero_finess == exact)
        resultat.append(TerrainDeStage.etablissement_id == un.scalar_subquery())
    return resultat


def _de_numero(saisie: str) -> ColumnElement[bool]:
    """FINESS number of the établissement or of its EJ, RPPS, SIRET or other number of an organisme (S65, A25)."""
    des_ej = select(EntiteJuridique.id).where(numero(EntiteJuridique.numero_finess, saisie))
    return _parmi(
        *(select(_autre.id).where(numero(un, saisie)) for un in (_autre.rpps, _autre.siret, _autre.autre_numero_norme)),
        _sur_un_et(numero(Etablissement.numero_finess, saisie)),
        _sur_un_et(Etablissement.entite_juridique_id.in_(des_ej)),
    )


def _de_nom(saisie: str) -> ColumnElement[bool]:
    """Name of the établissement, of the practitioner, of the organisme, or of the responsable (S66, S68, A24)."""
    return _parmi(
        *(select(_autre.id).where(contient(un, saisie)) for un in (_autre.titulaire_norme, _autre.responsable_norme)),
        _sur_un_et(contient(Etablissement.nom_norme, saisie)),
    )


def _de_numero_de_terrain(saisie: str) -> ColumnElement[bool]:
    """Its number, or one that it had before a change of ARS (N21)."""
    return _parmi(
        select(_autre.id).where(numero(_autre.numero, saisie)),
        select(AncienNumero.terrain_id).where(numero(AncienNumero.numero, saisie)),
    )


def _sur_un_et(condition: ColumnElement[bool]) -> Select[Any]:
    return select(_autre.id).where(_autre.etablissement_id.in_(select(Etablissement.id).where(condition)))


def _parmi(*branches: Select[Any]) -> ColumnElement[bool]:
    return TerrainDeStage.id.in_(union_all(*branches))


# --- What is shown ---

_anciens = select(AncienNumero.numero).where(AncienNumero.terrain_id == TerrainDeStage.id).correlate(TerrainDeStage)
_exercice = aliased(Specialite)
# By code, one look-up a speciality: an export gives its first rows at once.
_complementaires_du_terrain = (
    select(
        func.string_agg(
            select(Specialite.nom).where(Specialite.code == _complementaires.specialite_code).scalar_subquery(),
            aggregate_order_by(literal(", "), _complementaires.specialite_code),
        )
    )
    .where(_complementaires.terrain_id == TerrainDeStage.id)
    .correlate(TerrainDeStage)
)


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .select_from(TerrainDeStage)
        .outerjoin(Etablissement, Etablissement.id == TerrainDeStage.etablissement_id)
        .outerjoin(Subdivision, Subdivision.code == TerrainDeStage.subdivision_code)
        .join(Ars, Ars.code == TerrainDeStage.ars_code)
    )


_AFFICHAGE = _avec_libelles(
    TerrainDeStage.id,
    TerrainDeStage.numero,
    TerrainDeStage.nom,
    TerrainDeStage.type,
    TerrainDeStage.statut,
    TerrainDeStage.ars_code,
    TerrainDeStage.rpps,
    TerrainDeStage.praticien_nom,
    TerrainDeStage.praticien_prenom,
    TerrainDeStage.organisme_nom,
    func.coalesce(TerrainDeStage.siret, TerrainDeStage.autre_numero).label("numero_organisme"),
    TerrainDeStage.rpps_invalide_depuis,
    TerrainDeStage.rpps_hors_ars_depuis,
    TerrainDeStage.rpps_errone,
    TerrainDeStage.code_postal_effectif.label("code_postal"),
    effectif(TerrainDeStage, "ville").label("ville"),
    Etablissement.numero_finess,
    Etablissement.raison_sociale,
    Subdivision.nom.label("subdivision"),
    Ars.nom.label("ars"),
    func.array(_anciens.order_by(AncienNumero.id).scalar_subquery()).label("anciens_numeros"),
)

_EXPORT: dict[str, Any] = {
    "Numéro de terrain": TerrainDeStage.numero,
    "Nom de terrain de stage": TerrainDeStage.nom,
    "Type": TerrainDeStage.type,
    "Statut": TerrainDeStage.statut,
    "Subdivision": Subdivision.nom,
    "Spécialité": Specialite.nom,
    "Spécialités complémentaires": _complementaires_du_terrain.scalar_subquery(),
    "Nombre de postes": TerrainDeStage.nombre_de_postes,
    "Nom du responsable": TerrainDeStage.responsable_nom,
    "Prénom du responsable": TerrainDeStage.responsable_prenom,
    "Numéro FINESS ET": Etablissement.numero_finess,
    "Établissement": Etablissement.raison_sociale,
    "Numéro FINESS EJ": EntiteJuridique.numero_finess,
    "Entité juridique": EntiteJuridique.raison_sociale,
    "Stage CHU": TerrainDeStage.stage_chu,
    "Numéro RPPS": TerrainDeStage.rpps,
    "Nom du praticien": TerrainDeStage.praticien_nom,
    "Prénom du praticien": TerrainDeStage.praticien_prenom,
    "Nature d’exercice": func.coalesce(TerrainDeStage.nature_exercice_locale, TerrainDeStage.nature_exercice),
    "Spécialité d’exercice": func.coalesce(_exercice.nom, TerrainDeStage.specialite_exercice_code),
    "Type d’organisme": TerrainDeStage.type_organisme,
    "Organisme": TerrainDeStage.organisme_nom,
    "SIRET": TerrainDeStage.siret,
    "Autre numéro": TerrainDeStage.autre_numero,
    "Nature de l’autre numéro": TerrainDeStage.autre_numero_nature,
    **coordonnees_exportees(TerrainDeStage),
    "RPPS invalide depuis": TerrainDeStage.rpps_invalide_depuis,
    "N’exerce plus dans l’ARS depuis": TerrainDeStage.rpps_hors_ars_depuis,
    "RPPS erroné": TerrainDeStage.rpps_errone,
    "Commentaire (RPPS erroné)": TerrainDeStage.rpps_errone_commentaire,
    "Anciens numéros": _anciens.with_only_columns(
        func.string_agg(AncienNumero.numero, aggregate_order_by(literal(", "), AncienNumero.numero))
    ).scalar_subquery(),
}

RECHERCHE = Recherche(
    modele=TerrainDeStage,
    conditions=conditions,
    tris={
        "numero": TerrainDeStage.numero,
        "nom": TerrainDeStage.nom_norme,
        "type": TerrainDeStage.type,
        "ville": TerrainDeStage.ville_norme,
        "ars": TerrainDeStage.ars_code,
        "statut": TerrainDeStage.statut,
    },
    affichage=_AFFICHAGE,
    export=avec_bassin_de_vie(
        _avec_libelles(*_EXPORT.values())
        .outerjoin(EntiteJuridique, EntiteJuridique.id == Etablissement.entite_juridique_id)
        .outerjoin(Specialite, Specialite.code == TerrainDeStage.specialite_code)
        .outerjoin(_exercice, _exercice.code == TerrainDeStage.specialite_exercice_code),
        TerrainDeStage,
    ),
    entetes=tuple(_EXPORT),
)
