"""Mirror of FINESS: every EJ and ET of the last file, as the registry describes them (manual §1.2, §1.4, §1.5).

Written by the nightly synchronisation only. « Créer » copies from here; the screens compare the application with it.
"""

from datetime import date

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model
from models.coordonnees import CoordonneesPrincipales


class LigneMiroir(CoordonneesPrincipales):
    """What an EJ and an ET have in common in the registry. Widths are those of the application's tables."""

    numero: Mapped[str] = mapped_column(String(9), primary_key=True)
    raison_sociale: Mapped[str] = mapped_column(String(255))
    raison_sociale_longue: Mapped[str | None] = mapped_column(String(255))

    ouvert: Mapped[bool]
    date_fermeture: Mapped[date | None]
    absent_depuis: Mapped[date | None]  # date of the first file that no longer lists it; absent is not closed (A7)

    def __str__(self) -> str:
        return f"{self.numero} – {self.raison_sociale}"


class FinessEj(LigneMiroir, Model):
    __tablename__ = "finess_ej"

    siren: Mapped[str | None] = mapped_column(String(9))
    code_ape: Mapped[str | None] = mapped_column(String(6))
    statut_juridique_code: Mapped[str | None] = mapped_column(String(2))
    date_creation: Mapped[date | None]
    # Hash of the record's bytes: the next file's record with the same hash needs no parsing. Empty when the record
    # must be read again anyway (one of its rows was rejected, or is claimed by two EJ, or is no longer listed).
    empreinte: Mapped[bytes | None] = mapped_column(LargeBinary)


class FinessEt(LigneMiroir, Model):
    __tablename__ = "finess_et"

    # No foreign key: both tables are loaded in bulk, and the synchronisation guarantees the link.
    numero_ej: Mapped[str] = mapped_column(String(9), index=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    categorie_code: Mapped[str | None] = mapped_column(String(3))
    date_ouverture: Mapped[date | None]
