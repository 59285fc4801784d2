"""Possible duplicates of an « autre organisme », shown before it is created (N9; SPEC §5, C3): a warning, never a ban.

No registry tells two organismes apart: the same number anywhere, or a close name in the same ARS or the same commune.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.errors import OperationRefused, Refus
from models.etats import TypeTerrain
from models.terrain_de_stage import TerrainDeStage

RESSEMBLANCE = 0.6  # of the trigrams: « Maison de santé de Redon » and « Maison de santé Redon » are above
MONTRES, CITES = 10, 3


class DoublonsPossibles(OperationRefused):
    """The user must look at these terrains, and may then go on."""

    def __init__(self, trouves: Sequence[TerrainDeStage]) -> None:
        cites = ", ".join(
            f"{un} ({un.organisme_nom}, {un.statut.value.lower()}, {un.ars.nom})" for un in trouves[:CITES]
        )
        suite = " et d’autres" if len(trouves) > CITES else ""
        message = f"Cet organisme existe peut-être déjà : {cites}{suite}. Vérifiez, puis créez-le quand même au besoin."
        super().__init__(Refus("E-DOUBLON-POSSIBLE", message))
        self.ids = [un.id for un in trouves]


def chercher(session: Session, nouveau: TerrainDeStage) -> Sequence[TerrainDeStage]:
    """Terrains that `nouveau` looks like, the closest names first; read only."""
    ressemblance = func.similarity(TerrainDeStage.titulaire_norme, nouveau.titulaire_norme)
    trouves = (
        select(TerrainDeStage)
        .where(
            TerrainDeStage.type == TypeTerrain.AUTRE,
            TerrainDeStage.id != nouveau.id,
            or_(*_memes_numeros(nouveau), and_(_noms_proches(nouveau, ressemblance), _meme_lieu(nouveau))),
        )
        .options(joinedload(TerrainDeStage.ars))
        .order_by(ressemblance.desc(), TerrainDeStage.id)
        .limit(MONTRES)
    )
    return session.scalars(trouves).all()


def _memes_numeros(nouveau: TerrainDeStage) -> list[ColumnElement[bool]]:
    numeros = ((TerrainDeStage.siret, nouveau.siret), (TerrainDeStage.autre_numero_norme, nouveau.autre_numero_norme))
    return [colonne == valeur for colonne, valeur in numeros if valeur]


def _noms_proches(nouveau: TerrainDeStage, ressemblance: ColumnElement[float]) -> ColumnElement[bool]:
    """`%` finds its candidates in the trigram index, `similarity` keeps the close ones."""
    proche: ColumnElement[bool] = TerrainDeStage.titulaire_norme.bool_op("%")(nouveau.titulaire_norme)
    return and_(proche, ressemblance >= RESSEMBLANCE)


def _meme_lieu(nouveau: TerrainDeStage) -> ColumnElement[bool]:
    ici = TerrainDeStage.ars_code == nouveau.ars_code
    commune = nouveau.code_insee_effectif
    return or_(ici, TerrainDeStage.code_insee_effectif == commune) if commune else ici
