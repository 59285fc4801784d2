"""Agrément: approval of a terrain for a spécialité and a period, its geographic history, and demandes d'agrément."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ColumnElement, DateTime, ForeignKey, Index, String, and_, case, or_, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import Horodatage, Journalise, Model, enum_column
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Subdivision


class TypeAgrement(StrEnum):
    PRINCIPAL = "Principal"
    COMPLEMENTAIRE = "Complémentaire"
    FONCTIONNEL = "Fonctionnel"


class DecisionAgrement(StrEnum):
    """What the commission decided; the statut (prochain, en cours, échu) is derived from it and the dates."""

    AGREE = "Agréé"
    CONDITIONNEL = "Agréé sous conditions"
    SUSPENDU = "Suspendu"
    RETIRE = "Retiré"


class StatutAgrement(StrEnum):
    """Where an agrément stands today; never stored, since it changes with the date alone."""

    PROCHAIN = "Agréé prochainement"
    EN_COURS = "Agrément en cours"
    ECHU = "Échu"


def statut_agrement(decision: DecisionAgrement, debut: date, fin: date, jour: date) -> StatutAgrement:
    """Statut on a day of an agrément that has these dates: what `Agrement.statut_au` says of a row."""
    if decision is DecisionAgrement.RETIRE or fin < jour:
        return StatutAgrement.ECHU
    return StatutAgrement.PROCHAIN if debut > jour else StatutAgrement.EN_COURS


class EtatDemande(StrEnum):
    EN_INSTRUCTION = "En cours d’instruction"
    EN_RECOURS = "En recours"
    ACCORDEE = "Accordée"
    REFUSEE = "Refusée"
    RETIREE = "Retirée"


class Territorial:
    """Where an agrément stands: copied from its terrain, kept as it was once échu."""

    ars_code: Mapped[str] = mapped_column(ForeignKey("ars.code"), index=True)
    subdivision_code: Mapped[str | None] = mapped_column(ForeignKey("subdivision.code"), index=True)
    departement_code: Mapped[str | None] = mapped_column(String(3))
    bassin_de_vie_code: Mapped[str | None] = mapped_column(String(5))
    numero_terrain: Mapped[str] = mapped_column(String(8))

    @declared_attr
    def ars(cls) -> Mapped[Ars]:  # noqa: N805 - a class attribute of each table
        return relationship(Ars)

    @declared_attr
    def subdivision(cls) -> Mapped[Subdivision | None]:  # noqa: N805
        return relationship(Subdivision)


class Agrement(Territorial, Horodatage, Journalise, Model):
    __tablename__ = "agrement"
    __table_args__ = (
        CheckConstraint("date_debut <= date_fin", name="periode_dans_l_ordre"),
        Index("ix_agrement_terrain_id_date_fin", "terrain_id", "date_fin"),
        Index("ix_agrement_reference_prefixe", "reference", postgresql_ops={"reference": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    terrain_id: Mapped[int] = mapped_column(ForeignKey("terrain_de_stage.id"))
    specialite_code: Mapped[str] = mapped_column(ForeignKey("specialite.code"), index=True)
    type: Mapped[TypeAgrement] = mapped_column(enum_column(TypeAgrement))
    decision: Mapped[DecisionAgrement] = mapped_column(enum_column(DecisionAgrement))
    date_debut: Mapped[date]
    date_fin: Mapped[date] = mapped_column(index=True)
    a_reexaminer: Mapped[bool] = mapped_column(default=False)

    terrain: Mapped[TerrainDeStage] = relationship()
    specialite: Mapped[Specialite] = relationship()
    historique: Mapped[list[AgrementHistorique]] = relationship(
        back_populates="agrement", order_by="AgrementHistorique.id"
    )

    def statut_au(self, jour: date) -> StatutAgrement:
        """Statut on a day: a withdrawn one is échu, a suspended or conditional one follows its dates (A34)."""
        return statut_agrement(self.decision, self.date_debut, self.date_fin, jour)

    def ars_codes(self) -> set[str]:
        return {self.ars_code}

    def __str__(self) -> str:
        return self.reference


class AgrementHistorique(Territorial, Model):
    """Geographic data that an agrément had before its terrain changed territory (manual §1.8)."""

    __tablename__ = "agrement_historique"

    id: Mapped[int] = mapped_column(primary_key=True)
    agrement_id: Mapped[int] = mapped_column(ForeignKey("agrement.id"), index=True)
    jusqu_au: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    auteur: Mapped[str] = mapped_column(String(128))

    agrement: Mapped[Agrement] = relationship(back_populates="historique")


class DemandeAgrement(Horodatage, Journalise, Model):
    __tablename__ = "demande_agrement"
    __table_args__ = (
        Index(
            "ix_demande_agrement_ouverte",
            "terrain_id",
            postgresql_where=text("etat IN ('EN_INSTRUCTION', 'EN_RECOURS')"),
        ),
        Index("ix_demande_agrement_reference_prefixe", "reference", postgresql_ops={"reference": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    terrain_id: Mapped[int] = mapped_column(ForeignKey("terrain_de_stage.id"), index=True)
    specialite_code: Mapped[str] = mapped_column(ForeignKey("specialite.code"), index=True)
    etat: Mapped[EtatDemande] = mapped_column(enum_column(EtatDemande), index=True)
    deposee_le: Mapped[date]

    terrain: Mapped[TerrainDeStage] = relationship()
    specialite: Mapped[Specialite] = relationship()

    def ars_codes(self) -> set[str]:
        return self.terrain.ars_codes()

    def __str__(self) -> str:
        return self.reference


ETATS_OUVERTS = frozenset({EtatDemande.EN_INSTRUCTION, EtatDemande.EN_RECOURS})


def statut_agrement_sql(jour: date | ColumnElement[date]) -> ColumnElement[str]:
    """`Agrement.statut_au` as SQL: name of the statut; a test proves that both agree."""
    return case(
        (Agrement.decision == DecisionAgrement.RETIRE, StatutAgrement.ECHU.name),
        (Agrement.date_fin < jour, StatutAgrement.ECHU.name),
        (Agrement.date_debut > jour, StatutAgrement.PROCHAIN.name),
        else_=StatutAgrement.EN_COURS.name,
    )


def agrement_ouvert_sql(jour: date) -> ColumnElement[bool]:
    """En cours or agréé prochainement: what forbids to delete or transfer a terrain (A13), and follows it."""
    return and_(Agrement.decision != DecisionAgrement.RETIRE, Agrement.date_fin >= jour)


def agrement_au_statut_sql(statut: StatutAgrement, jour: date) -> ColumnElement[bool]:
    """`statut_agrement_sql(jour) == statut`, as a condition that an index on the dates can serve."""
    if statut is StatutAgrement.ECHU:
        return or_(Agrement.decision == DecisionAgrement.RETIRE, Agrement.date_fin < jour)
    commence = Agrement.date_debut > jour if statut is StatutAgrement.PROCHAIN else Agrement.date_debut <= jour
    return and_(agrement_ouvert_sql(jour), commence)
