"""Communes, their postal codes and bassins de vie (INSEE)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Computed, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Journalise, Model
from models.territoire import Departement


class BassinDeVie(Journalise, Model):
    __tablename__ = "bassin_de_vie"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100))

    def __str__(self) -> str:
        return self.nom


class Commune(Journalise, Model):
    """A commune of the official code, or an arrondissement of Paris, Lyon, Marseille (then with its mother commune)."""

    __tablename__ = "commune"
    __table_args__ = (
        Index(
            "ix_commune_nom_norme",
            "nom_norme",
            postgresql_using="gin",
            postgresql_ops={"nom_norme": "gin_trgm_ops"},
        ),
    )

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100))
    nom_norme: Mapped[str] = mapped_column(String(150), Computed("normaliser(nom)", persisted=True))
    # Town names as app.geographie compares them: « St-Étienne » and « Saint Etienne » are both `saint etienne`.
    nom_postal: Mapped[str] = mapped_column(String(100), index=True)
    departement_code: Mapped[str] = mapped_column(ForeignKey("departement.code"), index=True)
    bassin_de_vie_code: Mapped[str | None] = mapped_column(ForeignKey("bassin_de_vie.code"), index=True)
    commune_mere_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))
    # No longer in the official code, and not known to be replaced: kept for what still names it, not to be chosen.
    absente_depuis: Mapped[date | None]

    departement: Mapped[Departement] = relationship()
    bassin_de_vie: Mapped[BassinDeVie | None] = relationship()
    codes_postaux: Mapped[list[CodePostal]] = relationship(back_populates="commune")

    def __str__(self) -> str:
        return f"{self.nom} ({self.code})"


class CodePostal(Model):
    __tablename__ = "code_postal"

    code_postal: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = mapped_column(ForeignKey("commune.code"), primary_key=True, index=True)

    commune: Mapped[Commune] = relationship(back_populates="codes_postaux")

    def __str__(self) -> str:
        return self.code_postal


class AliasCommune(Model):
    """An abolished INSEE code still found in the registries, and the code that replaces it."""

    __tablename__ = "alias_commune"

    ancien_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = mapped_column(ForeignKey("commune.code"), index=True)
