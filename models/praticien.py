"""Mirror of RPPS: the practitioners who may receive interns, and where they practise (manual §1.2, §1.6).

Written by the nightly synchronisation only, in bulk; texts have no length limit here, the application cuts its copies.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Computed, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Profession(StrEnum):
    """Professions of the extract whose practitioners may hold a terrain, by their code (TRE_G15)."""

    MEDECIN = "10"
    PHARMACIEN = "21"
    CHIRURGIEN_DENTISTE = "40"
    SAGE_FEMME = "50"


# Nature d'exercice, by its code (TRE_R23).
NATURES_EXERCICE = {"L": "Libéral", "S": "Salarié", "B": "Bénévole", "I": "Indirect"}


# Computed by PostgreSQL, which has time for it while the file is read.
CLE_ACTIVITE = """hash_record_extended(ROW(structure, mode, secteur_code, siret, numero_finess, raison_sociale, adresse,
    complement, code_postal, ville, code_insee, telephone, telecopie, courriel, departement), 0)"""


class Praticien(Model):
    """A practitioner of the last file; who is no longer listed is no longer valid (A7)."""

    __tablename__ = "praticien"
    # Room for the rows that a night changes: updated on their page, they need no new entry in the index.
    __table_args__ = {"postgresql_with": {"fillfactor": 95}}  # noqa: RUF012 - as SQLAlchemy wants it

    rpps: Mapped[str] = mapped_column(String(11), primary_key=True)
    nom: Mapped[str] = mapped_column(Text)
    prenom: Mapped[str | None] = mapped_column(Text)
    civilite: Mapped[str | None] = mapped_column(Text)
    profession_code: Mapped[str] = mapped_column(String(2))
    # « type:code » of TRE_R04 and of its nomenclature: « S:SM04 » is a spécialité ordinale.
    savoirs_faire: Mapped[list[str]] = mapped_column(ARRAY(Text))
    absent_depuis: Mapped[date | None]  # date of the first file that no longer lists the practitioner
    # Hash of the lines: the same lines in the next file need no parsing. Empty when they must be read again anyway.
    empreinte: Mapped[bytes | None] = mapped_column(LargeBinary)

    @property
    def valide(self) -> bool:
        return self.absent_depuis is None

    def __str__(self) -> str:
        return f"{self.rpps} – {self.nom} {self.prenom or ''}".rstrip()


class ActivitePraticien(Model):
    """One way and place of practice; `cle` is a hash of all its fields, so that a row never changes."""

    __tablename__ = "activite_praticien"

    # No foreign key: both tables are loaded in bulk, and the synchronisation guarantees the link.
    rpps: Mapped[str] = mapped_column(String(11), primary_key=True)
    cle: Mapped[int] = mapped_column(
        BigInteger, Computed(CLE_ACTIVITE, persisted=True), primary_key=True, autoincrement=False
    )
    structure: Mapped[str | None] = mapped_column(Text)  # technical identifier, empty for some practices
    mode: Mapped[str | None] = mapped_column(Text)  # nature d'exercice
    secteur_code: Mapped[str | None] = mapped_column(Text)
    siret: Mapped[str | None] = mapped_column(Text)
    numero_finess: Mapped[str | None] = mapped_column(Text)
    raison_sociale: Mapped[str | None] = mapped_column(Text)
    adresse: Mapped[str | None] = mapped_column(Text)
    complement: Mapped[str | None] = mapped_column(Text)
    code_postal: Mapped[str | None] = mapped_column(Text)
    ville: Mapped[str | None] = mapped_column(Text)
    code_insee: Mapped[str | None] = mapped_column(Text)
    telephone: Mapped[str | None] = mapped_column(Text)
    telecopie: Mapped[str | None] = mapped_column(Text)
    courriel: Mapped[str | None] = mapped_column(Text)
    departement: Mapped[str | None] = mapped_column(Text)  # of its commune, or of its postal code: gives its ARS
