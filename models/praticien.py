"""Mirror of RPPS: the practitioners who may receive interns, and where they practise (manual §1.2, §1.6).

Written by the nightly synchronisation only, in bulk; texts have no length limit here, the application cuts its copies.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Computed, Identity, LargeBinary, String, Text
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


# Computed by PostgreSQL, which has time for it while the file is read. Missing parts leave no separator behind.
_ADRESSE = """substr(coalesce(' ' || numero_voie, '') || coalesce(' ' || indice_voie, '')
    || coalesce(' ' || type_voie, '') || coalesce(' ' || voie, ''), 2)"""
_COMPLEMENT = """substr(coalesce(', ' || destinataire, '') || coalesce(', ' || point_geographique, '')
    || coalesce(', ' || mention, ''), 3)"""
_VILLE = "coalesce(commune, regexp_replace(cedex, '[0-9]{5} +(?=.)', ''))"
# Of the commune, or of the postal code for want of it; none abroad.
_DEPARTEMENT = """CASE
    WHEN left(code_insee, 2) IN ('97', '98') THEN left(code_insee, 3)
    WHEN code_insee IS NOT NULL THEN left(code_insee, 2)
    WHEN (code_postal ~ '^[0-9]{5}$') IS NOT TRUE THEN NULL
    WHEN left(code_postal, 2) IN ('97', '98') THEN left(code_postal, 3)
    WHEN left(code_postal, 2) <> '20' THEN left(code_postal, 2)
    WHEN substr(code_postal, 3, 1) IN ('0', '1') THEN '2A'
    ELSE '2B' END"""
_CLE = """hash_record_extended(ROW(structure, mode, secteur_code, siret, numero_finess, raison, enseigne, numero_voie,
    indice_voie, type_voie, voie, destinataire, point_geographique, mention, cedex, code_postal, code_insee, commune,
    telephone, telecopie, courriel), 0)"""


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
    cle: Mapped[int] = mapped_column(BigInteger, Computed(_CLE, persisted=True), primary_key=True, autoincrement=False)
    structure: Mapped[str | None] = mapped_column(Text)  # technical identifier, empty for some practices
    mode: Mapped[str | None] = mapped_column(Text)  # nature d'exercice
    secteur_code: Mapped[str | None] = mapped_column(Text)
    siret: Mapped[str | None] = mapped_column(Text)
    numero_finess: Mapped[str | None] = mapped_column(Text)
    raison: Mapped[str | None] = mapped_column(Text)
    enseigne: Mapped[str | None] = mapped_column(Text)
    numero_voie: Mapped[str | None] = mapped_column(Text)
    indice_voie: Mapped[str | None] = mapped_column(Text)
    type_voie: Mapped[str | None] = mapped_column(Text)
    voie: Mapped[str | None] = mapped_column(Text)
    destinataire: Mapped[str | None] = mapped_column(Text)
    point_geographique: Mapped[str | None] = mapped_column(Text)
    mention: Mapped[str | None] = mapped_column(Text)
    cedex: Mapped[str | None] = mapped_column(Text)
    code_postal: Mapped[str | None] = mapped_column(Text)
    code_insee: Mapped[str | None] = mapped_column(Text)
    commune: Mapped[str | None] = mapped_column(Text)
    telephone: Mapped[str | None] = mapped_column(Text)
    telecopie: Mapped[str | None] = mapped_column(Text)
    courriel: Mapped[str | None] = mapped_column(Text)
    # What the application reads, put together from the fields of the file.
    raison_sociale: Mapped[str | None] = mapped_column(Text, Computed("coalesce(raison, enseigne)", persisted=True))
    adresse: Mapped[str | None] = mapped_column(Text, Computed(f"nullif({_ADRESSE}, '')", persisted=True))
    complement: Mapped[str | None] = mapped_column(Text, Computed(f"nullif({_COMPLEMENT}, '')", persisted=True))
    ville: Mapped[str | None] = mapped_column(Text, Computed(_VILLE, persisted=True))
    departement: Mapped[str | None] = mapped_column(Text, Computed(_DEPARTEMENT, persisted=True))  # gives its ARS


class BlocRpps(Model):
    """Lines of the last file that follow each other, of persons whose numbers begin alike: if they come back, byte
    for byte, they need no parsing.

    Not written to the WAL: after a crash the table is empty, and the next night reads every line.
    """

    __tablename__ = "bloc_rpps"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - as SQLAlchemy wants it

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    prefixe: Mapped[str | None] = mapped_column(Text)  # of the numbers; none when they are too short to have one
    empreinte: Mapped[bytes | None] = mapped_column(LargeBinary)  # none when the lines must be read again anyway
    lignes: Mapped[int]  # in the field
