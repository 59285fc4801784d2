"""What the screens of fusion and transfer read of the établissements and terrains that they show (manual §1.7)."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session, joinedload

from app.operations.lot import est_parmi
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Subdivision

_TERRAIN: Any = (
    select(
        TerrainDeStage.id,
        TerrainDeStage.numero,
        TerrainDeStage.nom,
        TerrainDeStage.statut,
        TerrainDeStage.ars_code,
        TerrainDeStage.stage_chu,
        Ars.nom.label("ars"),
        Subdivision.nom.label("subdivision"),
    )
    .join(Ars, Ars.code == TerrainDeStage.ars_code)
    .outerjoin(Subdivision, Subdivision.code == TerrainDeStage.subdivision_code)
)


def etablissements(session: Session, ids: Iterable[int]) -> dict[int, Etablissement]:
    """Établissements by id, with what a card and a refusal say of them."""
    choisis = select(Etablissement).where(est_parmi(Etablissement.id, ids))
    liens = (joinedload(Etablissement.ars), joinedload(Etablissement.entite_juridique).joinedload(EntiteJuridique.chu))
    return {un.id: un for un in session.scalars(choisis.options(*liens).execution_options(populate_existing=True))}


def par_numeros(session: Session, numeros: Iterable[str]) -> dict[str, int]:
    """Ids of établissements by FINESS number."""
    choisis = select(Etablissement.numero_finess, Etablissement.id).where(Etablissement.numero_finess.in_(numeros))
    return {numero: cle for numero, cle in session.execute(choisis)}


def nombres_de_terrains(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """How many terrains, of any statut, each of these établissements has; none where it has none."""
    comptes = (
        select(Etablissement.id, func.count())
        .join(TerrainDeStage, TerrainDeStage.etablissement_id == Etablissement.id)
        .where(est_parmi(Etablissement.id, ids))
    )
    return {cle: nombre for cle, nombre in session.execute(comptes.group_by(Etablissement.id))}


def terrains(session: Session, ids: Iterable[int]) -> dict[int, Row[Any]]:
    """Terrains by id, as the lists of these screens show them."""
    return {un.id: un for un in session.execute(_TERRAIN.where(est_parmi(TerrainDeStage.id, ids)))}


def terrains_de(
    session: Session, etablissement_id: int, *, decalage: int, taille: int, en_tete: Collection[int] = ()
) -> Sequence[Row[Any]]:
    """A page of the terrains of an établissement by number, those of `en_tete` before the others."""
    sur_l_et = _TERRAIN.where(TerrainDeStage.etablissement_id == etablissement_id)
    ordre = [case((est_parmi(TerrainDeStage.id, en_tete), 0), else_=1)] if en_tete else []
    page = sur_l_et.order_by(*ordre, TerrainDeStage.numero, TerrainDeStage.id).offset(decalage).limit(taille)
    lignes: Sequence[Row[Any]] = session.execute(page).all()
    return lignes


def noms_des_territoires(session: Session) -> dict[str, str]:
    """Names of ARS and subdivisions by code: neither has a code of the other."""
    paires = select(Ars.code, Ars.nom).union_all(select(Subdivision.code, Subdivision.nom))
    return {code: nom for code, nom in session.execute(paires)}


def annulation_de(session: Session, evenement_id: int) -> Evenement | None:
    """The event that undid this one, if there is one."""
    annulations = select(Evenement).where(
        Evenement.operation == "JOU.annuler",
        Evenement.id > evenement_id,
        Evenement.details["evenement"].as_integer() == evenement_id,
    )
    return session.scalar(annulations.order_by(Evenement.id.desc()).limit(1))
