"""What the searches around a terrain share: agréments, demandes and semestres d'internat (manual §1.5, §1.11).

Conditions name the terrains through aliases: a search may join the terrain of its rows as well, to sort or to show it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from app.recherches import PLAN_SELON_LA_SAISIE, CriteresDeRecherche
from app.recherches.coordonnees import effectif
from app.recherches.registre import CHOIX_PROPOSES
from app.search import Colonne, contient, numero
from models.etablissement import Etablissement
from models.nomenclature import DES, Specialite
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from models.territoire import Ars, Subdivision

# What the closed criteria offer; the same name may be that of a DES of medicine and of one of pharmacy.
ARS: Select[str, str] = select(Ars.code, Ars.nom)
SUBDIVISIONS: Select[str, str] = select(Subdivision.code, Subdivision.nom)
SPECIALITES: Select[str, str] = select(
    Specialite.code, func.concat_ws(" – ", Specialite.nom, func.nullif(Specialite.filiere, "Médecine"))
).where(Specialite.nature == DES)

_terrain, _et = aliased(TerrainDeStage), aliased(Etablissement)

# Who holds a terrain, in a query that joins its établissement.
TITULAIRE: ColumnElement[Any] = func.coalesce(
    Etablissement.raison_sociale,
    TerrainDeStage.organisme_nom,
    func.concat_ws(" ", TerrainDeStage.praticien_nom, TerrainDeStage.praticien_prenom),
)


@dataclass(frozen=True, kw_only=True)
class CriteresSurTerrain(CriteresDeRecherche):
    """On which terrain, by its number of today or an older one (N21), or on those of which établissement."""

    terrain: str = ""
    etablissement: str = ""
    specialite: str = ""


def conditions_sur_terrain(terrain_id: Colonne, criteres: CriteresSurTerrain) -> list[ColumnElement[bool]]:
    """Conditions on the column that designates the terrain of a row."""
    resultat: list[ColumnElement[bool]] = []
    if criteres.terrain.strip():
        resultat.append(terrain_id.in_(_de_numero(criteres.terrain)))
    if criteres.etablissement.strip():
        etablissements = select(_et.id).where(numero(_et.numero_finess, criteres.etablissement))
        resultat.append(terrain_id.in_(select(_terrain.id).where(_terrain.etablissement_id.in_(etablissements))))
    return resultat


def sur_un_terrain_de_l_ars(terrain_id: Colonne, ars_code: str) -> list[ColumnElement[bool]]:
    """For what has no ARS of its own: that of its terrain."""
    return [terrain_id.in_(select(_terrain.id).where(_terrain.ars_code == ars_code))] if ars_code else []


def coches(colonne: Any, noms: tuple[str, ...]) -> list[ColumnElement[bool]]:
    """A checkbox group on an enum: the values ticked, those that do not exist left out; none = all."""
    choisis = [un for un in colonne.type.enum_class if un.name in noms]
    return [colonne.in_(choisis)] if choisis else []


def choisir_terrains(session: Session, saisie: str) -> list[Row[str, str, str, str | None]]:
    """First terrains by number, name or who holds them: number, name, holder, town. One more than is shown."""
    session.execute(PLAN_SELON_LA_SAISIE)
    requete = (
        select(TerrainDeStage.numero, TerrainDeStage.nom, TITULAIRE, effectif(TerrainDeStage, "ville"))
        .outerjoin(Etablissement, Etablissement.id == TerrainDeStage.etablissement_id)
        .order_by(TerrainDeStage.numero)
        .limit(CHOIX_PROPOSES + 1)
    )
    if saisie.strip():
        par_numero = saisie.strip()[:2].isdigit()
        requete = requete.where(TerrainDeStage.id.in_(_de_numero(saisie) if par_numero else _de_nom(saisie)))
    return list(session.execute(requete))


def _de_numero(saisie: str) -> Any:
    """Its number, or one that it had before a change of ARS: each by its own index."""
    return union_all(
        select(_terrain.id).where(numero(_terrain.numero, saisie)),
        select(AncienNumero.terrain_id).where(numero(AncienNumero.numero, saisie)),
    )


def _de_nom(saisie: str) -> Any:
    etablissements = select(_et.id).where(contient(_et.nom_norme, saisie))
    return union_all(
        select(_terrain.id).where(
            or_(*(contient(un, saisie) for un in (_terrain.nom_norme, _terrain.titulaire_norme)))
        ),
        select(_terrain.id).where(_terrain.etablissement_id.in_(etablissements)),
    )
