"""Internes, the calendar of semestres, and who is posted where (manual §1.5, §1.11)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql import func, literal_column

from models.base import Journalise, Model, enum_column
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Subdivision


class Saison(StrEnum):
    HIVER = "Hiver"
    ETE = "Été"


class Semestre(Journalise, Model):
    """A semester of the calendar; its dates are data, exceptional ones included (N26)."""

    __tablename__ = "semestre"
    __table_args__ = (
        CheckConstraint("date_debut < date_fin", name="dates_dans_l_ordre"),
        UniqueConstraint("annee", "saison"),
        ExcludeConstraint(
            (
                func.daterange(
                    literal_column("date_debut"), literal_column("date_fin"), literal_column("'[]'"), type_=DATERANGE
                ),
                "&&",
            ),
            name="ex_semestre_sans_chevauchement",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    annee: Mapped[int]
    saison: Mapped[Saison] = mapped_column(enum_column(Saison))
    date_debut: Mapped[date]
    date_fin: Mapped[date]

    def __str__(self) -> str:
        return f"{self.saison.value} {self.annee}"


class Interne(Journalise, Model):
    __tablename__ = "interne"
    __table_args__ = (
        Index(
            "ix_interne_nom_norme", "nom_norme", postgresql_using="gin", postgresql_ops={"nom_norme": "gin_trgm_ops"}
        ),
        Index("ix_interne_identifiant_prefixe", "identifiant", postgresql_ops={"identifiant": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identifiant: Mapped[str] = mapped_column(String(30), unique=True)
    nom: Mapped[str] = mapped_column(String(100), index=True)
    prenom: Mapped[str] = mapped_column(String(100))
    subdivision_code: Mapped[str] = mapped_column(ForeignKey("subdivision.code"), index=True)
    specialite_code: Mapped[str] = mapped_column(ForeignKey("specialite.code"), index=True)
    nom_norme: Mapped[str] = mapped_column(
        Text(collation="C"), Computed("normaliser(nom || ' ' || prenom)", persisted=True)
    )

    subdivision: Mapped[Subdivision] = relationship()
    specialite: Mapped[Specialite] = relationship()

    def __str__(self) -> str:
        return f"{self.nom} {self.prenom}"


class SemestreInternat(Journalise, Model):
    """One intern on one terrain for one semester."""

    __tablename__ = "semestre_internat"
    __table_args__ = (UniqueConstraint("interne_id", "semestre_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    interne_id: Mapped[int] = mapped_column(ForeignKey("interne.id"))
    semestre_id: Mapped[int] = mapped_column(ForeignKey("semestre.id"), index=True)
    terrain_id: Mapped[int] = mapped_column(ForeignKey("terrain_de_stage.id"), index=True)

    interne: Mapped[Interne] = relationship()
    semestre: Mapped[Semestre] = relationship()
    terrain: Mapped[TerrainDeStage] = relationship()

    def __str__(self) -> str:
        return f"{self.interne} – {self.semestre}"
