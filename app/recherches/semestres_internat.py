"""Search of semestres d'internat: who is posted where, and when (manual §1.5 S61, §1.11 S134, A41)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import Session, aliased

from app.calendrier import aujourd_hui, en_cours_sql
from app.recherches import Recherche
from app.recherches.internes import designes
from app.recherches.sur_terrain import (
    TITULAIRE,
    CriteresSurTerrain,
    conditions_sur_terrain,
    sur_un_terrain_de_l_ars,
)
from models.etablissement import Etablissement
from models.interne import Interne, Semestre, SemestreInternat
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars

EN_COURS = "en-cours"


@dataclass(frozen=True, kw_only=True)
class CriteresSemestreInternat(CriteresSurTerrain):
    """Criteria of the screen: `semestre` is a number of the calendar or `en-cours`; the ARS is that of the terrain."""

    interne: str = ""
    semestre: str = ""


_interne = aliased(Interne)


def conditions(criteres: CriteresSemestreInternat, jour: date | None = None) -> list[ColumnElement[bool]]:
    """What the criteria mean on a day (today), on the table of semestres d'internat alone."""
    resultat = [
        *conditions_sur_terrain(SemestreInternat.terrain_id, criteres),
        *sur_un_terrain_de_l_ars(SemestreInternat.terrain_id, criteres.ars),
    ]
    if criteres.interne.strip():
        resultat.append(SemestreInternat.interne_id.in_(designes(criteres.interne)))
    if criteres.specialite:
        de_la_specialite = select(_interne.id).where(_interne.specialite_code == criteres.specialite)
        resultat.append(SemestreInternat.interne_id.in_(de_la_specialite))
    if criteres.semestre:
        resultat.append(_du_semestre(criteres.semestre, jour or aujourd_hui()))
    return resultat


def calendrier(session: Session) -> list[Semestre]:
    """Every semestre of the calendar, the last one first."""
    return list(session.scalars(select(Semestre).order_by(Semestre.date_debut.desc())))


def _du_semestre(saisie: str, jour: date) -> ColumnElement[bool]:
    if saisie == EN_COURS:
        courant = en_cours_sql(jour).with_only_columns(Semestre.id).scalar_subquery()
        return SemestreInternat.semestre_id == courant
    if saisie.isascii() and saisie.isdigit() and len(saisie) < 10:
        return SemestreInternat.semestre_id == int(saisie)
    return false()


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .select_from(SemestreInternat)
        .join(Interne, Interne.id == SemestreInternat.interne_id)
        .join(Specialite, Specialite.code == Interne.specialite_code)
        .join(Semestre, Semestre.id == SemestreInternat.semestre_id)
        .join(TerrainDeStage, TerrainDeStage.id == SemestreInternat.terrain_id)
        .outerjoin(Etablissement, Etablissement.id == TerrainDeStage.etablissement_id)
        .join(Ars, Ars.code == TerrainDeStage.ars_code)
    )


_AFFICHAGE = _avec_libelles(
    SemestreInternat.id,
    SemestreInternat.interne_id,
    SemestreInternat.terrain_id,
    Interne.identifiant,
    Interne.nom.label("nom_interne"),
    Interne.prenom,
    Specialite.nom.label("specialite"),
    Semestre.annee,
    Semestre.saison,
    TerrainDeStage.numero,
    TerrainDeStage.nom,
    TITULAIRE.label("titulaire"),
    Ars.nom.label("ars"),
)

_EXPORT: dict[str, Any] = {
    "Identifiant": Interne.identifiant,
    "Nom": Interne.nom,
    "Prénom": Interne.prenom,
    "Spécialité": Specialite.nom,
    "Saison": Semestre.saison,
    "Année": Semestre.annee,
    "Début": Semestre.date_debut,
    "Fin": Semestre.date_fin,
    "Numéro de terrain": TerrainDeStage.numero,
    "Nom de terrain de stage": TerrainDeStage.nom,
    "Établissement, praticien ou organisme": TITULAIRE,
    "Numéro FINESS ET": Etablissement.numero_finess,
    "ARS": Ars.nom,
}

RECHERCHE = Recherche(
    modele=SemestreInternat,
    conditions=conditions,
    tris={"interne": Interne.nom_norme, "semestre": Semestre.date_debut, "terrain": TerrainDeStage.numero},
    jointures={"interne": Interne, "semestre": Semestre, "terrain": TerrainDeStage},
    affichage=_AFFICHAGE,
    export=_avec_libelles(*_EXPORT.values()),
    entetes=tuple(_EXPORT),
)
