"""Territory: ARS, subdivisions and their links, interrégions, départements (DATA-FORMATS §5)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Journalise, Model


class Ars(Journalise, Model):
    """Agence régionale de santé; its code is the INSEE code of its region."""

    __tablename__ = "ars"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100), unique=True)

    subdivisions: Mapped[list[Subdivision]] = relationship(secondary="subdivision_ars", back_populates="ars")

    def __str__(self) -> str:
        return self.nom


class Interregion(Journalise, Model):
    __tablename__ = "interregion"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100), unique=True)

    def __str__(self) -> str:
        return self.nom


class Subdivision(Journalise, Model):
    """Territory of the third cycle of medical studies; several ARS may share one."""

    __tablename__ = "subdivision"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100), unique=True)
    interregion_code: Mapped[str] = mapped_column(ForeignKey("interregion.code"), index=True)

    interregion: Mapped[Interregion] = relationship()
    ars: Mapped[list[Ars]] = relationship(secondary="subdivision_ars", back_populates="subdivisions")

    def __str__(self) -> str:
        return self.nom


class SubdivisionArs(Model):
    __tablename__ = "subdivision_ars"

    subdivision_code: Mapped[str] = mapped_column(ForeignKey("subdivision.code"), primary_key=True)
    ars_code: Mapped[str] = mapped_column(ForeignKey("ars.code"), primary_key=True, index=True)


class Perimetre(Model):
    """What the decree gives to a subdivision: a whole département, all but some towns, or some towns only."""

    __tablename__ = "perimetre"

    subdivision_code: Mapped[str] = mapped_column(ForeignKey("subdivision.code"), primary_key=True)
    departement_code: Mapped[str] = mapped_column(ForeignKey("departement.code"), primary_key=True, index=True)
    mode: Mapped[str] = mapped_column(String(20))
    communes: Mapped[str | None] = mapped_column(String(500))


class Departement(Journalise, Model):
    """Département or overseas collectivity; without ARS for those that have none (975, 986…)."""

    __tablename__ = "departement"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    nom: Mapped[str] = mapped_column(String(100))
    ars_code: Mapped[str | None] = mapped_column(ForeignKey("ars.code"), index=True)

    ars: Mapped[Ars | None] = relationship()

    def __str__(self) -> str:
        return f"{self.code} – {self.nom}"
