"""Rows that every FINESS reader yields, whatever the layout of its file: the columns of the mirror, and the rejects."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class LigneEj(NamedTuple):
    """An entité juridique, in the columns of the mirror."""

    numero: str
    raison_sociale: str
    raison_sociale_longue: str | None
    siren: str | None
    code_ape: str | None
    statut_juridique_code: str | None
    date_creation: date | None
    ouvert: bool
    date_fermeture: date | None
    date_maj: datetime | None
    adresse: str | None
    complement: str | None
    code_postal: str | None
    ville: str | None
    code_insee: str | None
    telephone: str | None
    telecopie: str | None
    courriel: str | None
    empreinte: bytes | None
    position: str


class LigneEt(NamedTuple):
    """An établissement, in the columns of the mirror."""

    numero: str
    numero_ej: str
    raison_sociale: str
    raison_sociale_longue: str | None
    siret: str | None
    categorie_code: str | None
    date_ouverture: date | None
    ouvert: bool
    date_fermeture: date | None
    date_maj: datetime | None
    adresse: str | None
    complement: str | None
    code_postal: str | None
    ville: str | None
    code_insee: str | None
    telephone: str | None
    telecopie: str | None
    courriel: str | None
    position: str


class LigneRejetee(NamedTuple):
    """A row of the file that cannot be taken, and the French sentence that says why."""

    position: str
    objet: str
    numero: str | None
    motif: str


class Enregistrement(NamedTuple):
    """One `pmej` of the file: an EJ and its ET. `connu` ones are those of the last file, byte for byte."""

    empreinte: bytes
    connu: bool
    ej: LigneEj | None = None
    ets: list[LigneEt] = []  # noqa: RUF012 - never written: each record brings its own
    rejets: list[LigneRejetee] = []  # noqa: RUF012


@dataclass(frozen=True)
class Entete:
    """What a file says of itself."""

    version_schema: str
    genere_le: datetime
