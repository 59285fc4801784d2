"""Nomenclatures of the national registries: spécialités, FINESS categories, legal statuses, list of CHU."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Journalise, Model
from models.territoire import Subdivision

DES = "DES"  # nature of the spécialités that internes prepare


class Specialite(Journalise, Model):
    """A DES of the third cycle, or a speciality of the order (TRE_R38): `nature` says which."""

    __tablename__ = "specialite"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    nom: Mapped[str] = mapped_column(String(150))
    nature: Mapped[str] = mapped_column(String(10), index=True)
    filiere: Mapped[str | None] = mapped_column(String(30))
    groupe: Mapped[str | None] = mapped_column(String(60))

    def __str__(self) -> str:
        return self.nom


class CategorieFiness(Journalise, Model):
    """Category of an établissement: its « nature » on the screens."""

    __tablename__ = "categorie_finess"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    libelle: Mapped[str] = mapped_column(String(150))
    domaine: Mapped[str | None] = mapped_column(String(10))
    agregat: Mapped[str | None] = mapped_column(String(150))

    def __str__(self) -> str:
        return self.libelle


class StatutJuridique(Journalise, Model):
    """Legal status of an entité juridique; its second level is the « nature » on the screens."""

    __tablename__ = "statut_juridique"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    libelle: Mapped[str] = mapped_column(String(150))
    nature_code: Mapped[str] = mapped_column(String(4), index=True)
    nature: Mapped[str] = mapped_column(String(100))

    def __str__(self) -> str:
        return self.libelle


class Chu(Journalise, Model):
    """An entité juridique known as a CHU; `universitaire` is false for those FINESS only calls CHR."""

    __tablename__ = "chu"

    numero_finess_ej: Mapped[str] = mapped_column(String(9), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100))
    subdivision_code: Mapped[str] = mapped_column(ForeignKey("subdivision.code"), index=True)
    universitaire: Mapped[bool] = mapped_column(default=True)

    subdivision: Mapped[Subdivision] = relationship()

    def __str__(self) -> str:
        return self.nom
