"""Search of agréments (manual §1.11, S135; deadlines N7): criteria, columns of the list and of the exports.

The statut is never stored: criteria and columns derive it from the decision and the dates, on the present day.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, false, or_, select, type_coerce

from app.calendrier import aujourd_hui, en_cours_sql, prochain_sql
from app.recherches import Recherche
from app.recherches.sur_terrain import TITULAIRE, CriteresSurTerrain, coches, conditions_sur_terrain
from app.search import jour_saisi, reference
from models.agrement import (
    Agrement,
    StatutAgrement,
    agrement_au_statut_sql,
    agrement_ouvert_sql,
    statut_agrement_sql,
)
from models.base import enum_column
from models.commune import BassinDeVie
from models.etablissement import Etablissement
from models.interne import Semestre
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Subdivision

SEMESTRE_EN_COURS, SEMESTRE_PROCHAIN = "en-cours", "prochain"


@dataclass(frozen=True, kw_only=True)
class CriteresAgrement(CriteresSurTerrain):
    """Criteria of the screen; `echeance` holds the semestres in which an open agrément ends (N7)."""

    reference: str = ""
    type: tuple[str, ...] = ()
    decision: tuple[str, ...] = ()
    statut: tuple[str, ...] = ()
    subdivision: str = ""
    a_reexaminer: tuple[str, ...] = ()
    echeance: tuple[str, ...] = ()
    fin_apres: str = ""
    fin_avant: str = ""


def conditions(criteres: CriteresAgrement, jour: date | None = None) -> list[ColumnElement[bool]]:
    """What the criteria mean on a day (today), on the table of agréments alone."""
    jour = jour or aujourd_hui()
    return [
        *conditions_sur_terrain(Agrement.terrain_id, criteres),
        *_valeurs(criteres),
        *coches(Agrement.type, criteres.type),
        *coches(Agrement.decision, criteres.decision),
        *_statuts(criteres, jour),
        *_echeances(criteres, jour),
        *_dates(criteres),
    ]


def _valeurs(criteres: CriteresAgrement) -> list[ColumnElement[bool]]:
    egalites = (
        (criteres.specialite, Agrement.specialite_code),
        (criteres.ars, Agrement.ars_code),
        (criteres.subdivision, Agrement.subdivision_code),
    )
    resultat = [colonne == code for code, colonne in egalites if code]
    if criteres.reference.strip():
        resultat.append(reference(Agrement.reference, criteres.reference))
    if len(criteres.a_reexaminer) == 1:
        resultat.append(Agrement.a_reexaminer.is_("oui" in criteres.a_reexaminer))
    return resultat


def _statuts(criteres: CriteresAgrement, jour: date) -> list[ColumnElement[bool]]:
    choisis = [agrement_au_statut_sql(un, jour) for un in StatutAgrement if un.name in criteres.statut]
    return [or_(*choisis)] if choisis else []


def _echeances(criteres: CriteresAgrement, jour: date) -> list[ColumnElement[bool]]:
    """Open agréments that end by the end of the semestre en cours, or after it and by the end of the next one."""
    fin_en_cours, fin_prochain = (
        requete.with_only_columns(Semestre.date_fin).scalar_subquery()
        for requete in (en_cours_sql(jour), prochain_sql(jour))
    )
    possibles = {
        SEMESTRE_EN_COURS: Agrement.date_fin <= fin_en_cours,
        SEMESTRE_PROCHAIN: and_(Agrement.date_fin > fin_en_cours, Agrement.date_fin <= fin_prochain),
    }
    choisies = [possibles[cle] for cle in criteres.echeance if cle in possibles]
    return [agrement_ouvert_sql(jour), or_(*choisies)] if choisies else []


def _dates(criteres: CriteresAgrement) -> list[ColumnElement[bool]]:
    """End between two days; what is not a date finds nothing, rather than everything."""
    resultat: list[ColumnElement[bool]] = []
    for saisie, comparer in (
        (criteres.fin_apres, Agrement.date_fin.__ge__),
        (criteres.fin_avant, Agrement.date_fin.__le__),
    ):
        if saisie:
            jour = jour_saisi(saisie)
            resultat.append(comparer(jour) if jour else false())
    return resultat


# Evaluated when the query runs: the statut of the day, in the list and in the exports.
STATUT = type_coerce(
    statut_agrement_sql(bindparam("aujourd_hui", callable_=aujourd_hui, type_=Date)), enum_column(StatutAgrement)
)


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .select_from(Agrement)
        .join(TerrainDeStage, TerrainDeStage.id == Agrement.terrain_id)
        .outerjoin(Etablissement, Etablissement.id == TerrainDeStage.etablissement_id)
        .join(Specialite, Specialite.code == Agrement.specialite_code)
        .join(Ars, Ars.code == Agrement.ars_code)
        .outerjoin(Subdivision, Subdivision.code == Agrement.subdivision_code)
    )


_AFFICHAGE = _avec_libelles(
    Agrement.id,
    Agrement.reference,
    Agrement.terrain_id,
    TerrainDeStage.numero,
    TerrainDeStage.nom,
    TITULAIRE.label("titulaire"),
    Specialite.nom.label("specialite"),
    Agrement.type,
    Agrement.decision,
    Agrement.date_debut,
    Agrement.date_fin,
    Agrement.a_reexaminer,
    STATUT.label("statut"),
    Ars.nom.label("ars"),
    Subdivision.nom.label("subdivision"),
)

_EXPORT: dict[str, Any] = {
    "Référence": Agrement.reference,
    "Numéro de terrain": TerrainDeStage.numero,
    "Nom de terrain de stage": TerrainDeStage.nom,
    "Établissement, praticien ou organisme": TITULAIRE,
    "Numéro FINESS ET": Etablissement.numero_finess,
    "Spécialité": Specialite.nom,
    "Type": Agrement.type,
    "Décision": Agrement.decision,
    "Statut": STATUT,
    "Début": Agrement.date_debut,
    "Fin": Agrement.date_fin,
    "À réexaminer": Agrement.a_reexaminer,
    "ARS": Ars.nom,
    "Subdivision": Subdivision.nom,
    "Département": Agrement.departement_code,
    "Bassin de vie": BassinDeVie.nom,
    "Numéro de terrain de l’agrément": Agrement.numero_terrain,
}

RECHERCHE = Recherche(
    modele=Agrement,
    conditions=conditions,
    tris={
        "reference": Agrement.reference,
        "terrain": Agrement.numero_terrain,
        "specialite": Agrement.specialite_code,
        "date_debut": Agrement.date_debut,
        "date_fin": Agrement.date_fin,
        "ars": Agrement.ars_code,
    },
    affichage=_AFFICHAGE,
    export=_avec_libelles(*_EXPORT.values()).outerjoin(BassinDeVie, BassinDeVie.code == Agrement.bassin_de_vie_code),
    entetes=tuple(_EXPORT),
)
