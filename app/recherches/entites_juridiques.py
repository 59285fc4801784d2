"""« Rechercher une entité juridique » (manual §1.4): criteria, columns of the list and of the exports."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.recherches import Recherche
from app.recherches.coordonnees import avec_bassin_de_vie, coordonnees_exportees
from app.recherches.registre import (
    CriteresRegistre,
    colonnes_de_la_liste,
    conditions_communes,
    signalement_exporte,
)
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from models.nomenclature import StatutJuridique
from models.territoire import Ars


@dataclass(frozen=True, kw_only=True)
class CriteresEntiteJuridique(CriteresRegistre):
    """Criteria of the screen; `nature` holds codes of the second level of the legal status (S29)."""

    nature: tuple[str, ...] = ()


_vivants = (
    select(Etablissement.ars_code)
    .where(
        Etablissement.entite_juridique_id == EntiteJuridique.id,
        Etablissement.statut != StatutEtablissement.SUPPRIME,
    )
    .correlate(EntiteJuridique)
)
_nombre_d_et = _vivants.with_only_columns(func.count()).scalar_subquery()


def conditions(criteres: CriteresEntiteJuridique) -> list[ColumnElement[bool]]:
    """What the criteria mean, on the table of entités juridiques alone."""
    resultat = conditions_communes(EntiteJuridique, criteres)
    if criteres.nature:
        statuts = select(StatutJuridique.code).where(StatutJuridique.nature_code.in_(criteres.nature))
        resultat.append(EntiteJuridique.statut_juridique_code.in_(statuts))
    return resultat


def natures(session: Session) -> list[tuple[str, str]]:
    """Natures of an EJ: the second level of the legal status, public or private, commercial or not."""
    lignes = select(StatutJuridique.nature_code, StatutJuridique.nature).distinct()
    return [(code, nature) for code, nature in session.execute(lignes.order_by(StatutJuridique.nature_code))]


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .outerjoin(StatutJuridique, StatutJuridique.code == EntiteJuridique.statut_juridique_code)
        .outerjoin(Ars, Ars.code == EntiteJuridique.ars_code)
    )


_AFFICHAGE = _avec_libelles(
    *colonnes_de_la_liste(EntiteJuridique),
    func.coalesce(StatutJuridique.nature, EntiteJuridique.statut_juridique_code).label("nature"),
    _nombre_d_et.label("nombre_d_et"),
    func.array(_vivants.distinct().scalar_subquery()).label("ars_des_et"),
)

_EXPORT: dict[str, Any] = {
    "Numéro FINESS EJ": EntiteJuridique.numero_finess,
    "Raison sociale": EntiteJuridique.raison_sociale,
    "Nature": StatutJuridique.nature,
    "Statut juridique": StatutJuridique.libelle,
    "SIREN": EntiteJuridique.siren,
    **coordonnees_exportees(EntiteJuridique),
    "Statut": EntiteJuridique.statut,
    "Nombre d’établissements": _nombre_d_et,
    **signalement_exporte(EntiteJuridique),
}

RECHERCHE = Recherche(
    modele=EntiteJuridique,
    conditions=conditions,
    tris={
        "numero": EntiteJuridique.numero_finess,
        "nom": EntiteJuridique.nom_norme,
        "ville": EntiteJuridique.ville_norme,
        "ars": EntiteJuridique.ars_code,
        "statut": EntiteJuridique.statut,
    },
    affichage=_AFFICHAGE,
    export=avec_bassin_de_vie(_avec_libelles(*_EXPORT.values()), EntiteJuridique),
    entetes=tuple(_EXPORT),
)
