"""University side: UFR, formations, their circonscription, and the conventions of a CHU with them (manual §1.5)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Horodatage, Journalise, Model, enum_column
from models.territoire import Interregion, Subdivision

if TYPE_CHECKING:
    from models.etablissement import Etablissement


class Filiere(StrEnum):
    MEDECINE = "Médecine"
    PHARMACIE = "Pharmacie"
    ODONTOLOGIE = "Odontologie"


class Circonscription(Journalise, Model):
    """Territory of a UFR and formation pair: one subdivision or one interrégion (A40)."""

    __tablename__ = "circonscription"
    __table_args__ = (
        CheckConstraint("num_nonnulls(subdivision_code, interregion_code) = 1", name="subdivision_ou_interregion"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str] = mapped_column(String(100), unique=True)
    subdivision_code: Mapped[str | None] = mapped_column(ForeignKey("subdivision.code"), unique=True)
    interregion_code: Mapped[str | None] = mapped_column(ForeignKey("interregion.code"), unique=True)

    subdivision: Mapped[Subdivision | None] = relationship()
    interregion: Mapped[Interregion | None] = relationship()

    def __str__(self) -> str:
        return self.nom


class Ufr(Journalise, Model):
    __tablename__ = "ufr"

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str] = mapped_column(String(150), unique=True)
    ville: Mapped[str] = mapped_column(String(100))
    filiere: Mapped[Filiere] = mapped_column(enum_column(Filiere))
    subdivision_code: Mapped[str] = mapped_column(ForeignKey("subdivision.code"), index=True)
    a_verifier: Mapped[bool] = mapped_column(default=True)

    subdivision: Mapped[Subdivision] = relationship()

    def __str__(self) -> str:
        return self.nom


class Formation(Journalise, Model):
    __tablename__ = "formation"

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str] = mapped_column(String(100), unique=True)
    filiere: Mapped[Filiere] = mapped_column(enum_column(Filiere))

    def __str__(self) -> str:
        return self.nom


class UfrFormation(Journalise, Model):
    """A formation given by a UFR in a circonscription: what a convention is signed for."""

    __tablename__ = "ufr_formation"
    __table_args__ = (UniqueConstraint("ufr_id", "formation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ufr_id: Mapped[int] = mapped_column(ForeignKey("ufr.id"))
    formation_id: Mapped[int] = mapped_column(ForeignKey("formation.id"), index=True)
    circonscription_id: Mapped[int] = mapped_column(ForeignKey("circonscription.id"), index=True)

    ufr: Mapped[Ufr] = relationship()
    formation: Mapped[Formation] = relationship()
    circonscription: Mapped[Circonscription] = relationship()

    def __str__(self) -> str:
        return f"{self.ufr} – {self.formation}"


class ConventionUfr(Horodatage, Journalise, Model):
    """Agreement between a CHU and a UFR and formation pair."""

    __tablename__ = "convention_ufr"
    __table_args__ = (UniqueConstraint("etablissement_id", "ufr_formation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    etablissement_id: Mapped[int] = mapped_column(ForeignKey("etablissement.id"))
    ufr_formation_id: Mapped[int] = mapped_column(ForeignKey("ufr_formation.id"), index=True)

    etablissement: Mapped[Etablissement] = relationship(back_populates="conventions")
    ufr_formation: Mapped[UfrFormation] = relationship()

    def ars_codes(self) -> set[str]:
        return self.etablissement.ars_codes()

    def __str__(self) -> str:
        return str(self.ufr_formation)
