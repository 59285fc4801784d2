"""What the screens of a change of territory ask of a terrain: where it may go, and what stands on it (N1, A46)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.calendrier import aujourd_hui
from models.agrement import ETATS_OUVERTS, Agrement, DemandeAgrement, agrement_ouvert_sql
from models.terrain_de_stage import TerrainDeStage
from models.territoire import SubdivisionArs


def a_le_choix(session: Session, terrain: TerrainDeStage) -> tuple[bool, bool]:
    """Whether its subdivision has another ARS, and its ARS several subdivisions (S111, S118): in one statement."""
    ars, subdivision = SubdivisionArs.ars_code, SubdivisionArs.subdivision_code
    autre_ars = exists().where(subdivision == terrain.subdivision_code, ars != terrain.ars_code)
    plusieurs = select(func.count() > 1).where(ars == terrain.ars_code).scalar_subquery()
    une, autre = session.execute(select(autre_ars, plusieurs)).one()
    return une, autre


@dataclass(frozen=True)
class SurLeTerrain:
    """Its open agréments and open demandes, and how many agréments are échus."""

    agrements: Sequence[Agrement]
    demandes: Sequence[DemandeAgrement]
    echus: int


def sur_le_terrain(session: Session, terrain_id: int) -> SurLeTerrain:
    """Read in three statements, whatever their number."""
    ouvert = agrement_ouvert_sql(aujourd_hui())
    du_terrain = Agrement.terrain_id == terrain_id
    agrements = select(Agrement).where(du_terrain, ouvert).options(joinedload(Agrement.specialite))
    demandes = select(DemandeAgrement).where(
        DemandeAgrement.terrain_id == terrain_id, DemandeAgrement.etat.in_(ETATS_OUVERTS)
    )
    return SurLeTerrain(
        session.scalars(agrements.order_by(Agrement.id)).all(),
        session.scalars(demandes.order_by(DemandeAgrement.id)).all(),
        session.scalar(select(func.count()).select_from(Agrement).where(du_terrain, ~ouvert)) or 0,
    )
