"""« Transfert de praticien » (manual §1.10): terrains that wait for their new ARS, and what became of those sent (N16).

A number begins with its ARS and a transfer gives another one: the last former number of a terrain says which ARS let
it go, and when.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.etats import StatutTerrain, TypeTerrain
from models.journal import EntreeJournal, Evenement
from models.praticien import Praticien
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from models.territoire import Ars, Subdivision

COMPLETES_DEPUIS = timedelta(days=90)  # how long an ARS still sees the terrains it sent, once completed

_origine = aliased(Ars)
_plus_recent = aliased(AncienNumero)
_dernier = (
    select(func.max(_plus_recent.id)).where(_plus_recent.terrain_id == TerrainDeStage.id).correlate(TerrainDeStage)
)
_complete_le = (
    select(func.max(Evenement.le))
    .join(EntreeJournal, EntreeJournal.evenement_id == Evenement.id)
    .where(
        EntreeJournal.objet_type == TerrainDeStage.__name__,
        EntreeJournal.objet_id == cast(TerrainDeStage.id, String),
        Evenement.operation == "TS.completer",
        Evenement.le >= AncienNumero.jusqu_au,
    )
    .correlate(TerrainDeStage, AncienNumero)
    .scalar_subquery()
)
_AFFICHAGE = (
    select(
        TerrainDeStage.id,
        TerrainDeStage.numero,
        TerrainDeStage.nom,
        TerrainDeStage.statut,
        TerrainDeStage.ars_code,
        TerrainDeStage.rpps,
        TerrainDeStage.praticien_nom,
        TerrainDeStage.praticien_prenom,
        Ars.nom.label("ars"),
        Subdivision.nom.label("subdivision"),
        AncienNumero.numero.label("ancien_numero"),
        AncienNumero.jusqu_au.label("depuis"),
        _origine.nom.label("origine"),
        and_(Praticien.rpps.is_not(None), Praticien.absent_depuis.is_(None)).label("rpps_valide"),
    )
    .select_from(TerrainDeStage)
    .join(Ars, Ars.code == TerrainDeStage.ars_code)
    .outerjoin(Subdivision, Subdivision.code == TerrainDeStage.subdivision_code)
    .outerjoin(Praticien, Praticien.rpps == TerrainDeStage.rpps)
    .outerjoin(AncienNumero, AncienNumero.id == _dernier.scalar_subquery())
    .outerjoin(_origine, _origine.code == func.left(AncienNumero.numero, 2))
)


def nombre_recus(session: Session, ars_code: str | None) -> int:
    """How many terrains await an ARS; in the whole country without `ars_code`."""
    return session.scalar(select(func.count()).select_from(TerrainDeStage).where(*_a_completer(ars_code))) or 0


def recus(session: Session, ars_code: str | None, *, decalage: int, taille: int) -> Sequence[Any]:
    """One page of them, those that have waited longest first."""
    choisis = _AFFICHAGE.where(*_a_completer(ars_code))
    ordre = (AncienNumero.jusqu_au.asc().nulls_first(), TerrainDeStage.id)
    return session.execute(choisis.order_by(*ordre).offset(decalage).limit(taille)).all()


def envoyes(session: Session, ars_code: str) -> Sequence[Any]:
    """What an ARS sent: the terrains still awaited elsewhere, then those completed of late, with the day (N16)."""
    ligne = _AFFICHAGE.add_columns(_complete_le.label("complete_le")).where(*_partis_de(ars_code)).subquery()
    depuis = datetime.now(UTC) - COMPLETES_DEPUIS
    attendus: Select[Any] = select(ligne).where(
        or_(ligne.c.statut == StatutTerrain.TRANSFERE, ligne.c.complete_le >= depuis)
    )
    return session.execute(attendus.order_by(ligne.c.complete_le.desc().nulls_first(), ligne.c.depuis)).all()


def _a_completer(ars_code: str | None) -> list[ColumnElement[bool]]:
    attend = TerrainDeStage.statut == StatutTerrain.TRANSFERE
    return [attend, TerrainDeStage.ars_code == ars_code] if ars_code else [attend]


def _partis_de(ars_code: str) -> list[ColumnElement[bool]]:
    return [
        TerrainDeStage.type == TypeTerrain.PRATICIEN,
        TerrainDeStage.ars_code != ars_code,
        AncienNumero.numero.startswith(ars_code, autoescape=True),
    ]
