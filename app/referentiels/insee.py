"""INSEE's table of communes and bassins de vie: CSV (gzip or not) or INSEE's own workbook, read row by row.

Columns are found by name, so the vintage of the table does not matter: CODGEO, then BV2022 and LIBBV2022, or the
names of another year. In the workbook they are on the sixth row of the sheet « Composition_communale ».
"""

import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from xml.etree.ElementTree import ParseError

from app.errors import FichierRefuse
from app.referentiels.xlsx import lignes_feuille

FEUILLE = "Composition_communale"
SANS_BASSIN = "ZZZZZ"
_ENTETES_CHERCHES = 20
# What the readers of text, gzip, zip and XML raise on a file that is not what its name says, or not whole.
_ILLISIBLE = (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, ParseError)
_COLONNES = {"commune": re.compile(r"CODGEO"), "code": re.compile(r"BV\d{4}"), "nom": re.compile(r"LIBBV\d{4}")}


@dataclass(frozen=True)
class BassinDeCommune:
    """One row of the table: a commune and its bassin de vie."""

    commune: str
    code: str
    nom: str


def lire_bassins(chemin: Path) -> Iterator[BassinDeCommune]:
    """Rows of the file that give a bassin; refused when a column is missing."""
    try:
        lignes = _lignes(chemin)
        commune, code, nom = _colonnes(lignes)
        for ligne in lignes:
            if len(ligne) > max(commune, code, nom) and ligne[code] and ligne[code] != SANS_BASSIN:
                yield BassinDeCommune(ligne[commune].upper(), ligne[code].upper(), ligne[nom])
    except _ILLISIBLE as erreur:
        raise FichierRefuse("E-FICHIER-ILLISIBLE", f"Le fichier {chemin.name} est illisible ou tronqué.") from erreur


def _lignes(chemin: Path) -> Iterator[list[str]]:
    if chemin.suffix == ".xlsx":
        yield from lignes_feuille(chemin, FEUILLE)
        return
    ouvrir = gzip.open if chemin.suffix == ".gz" else open
    with ouvrir(chemin, "rb") as brut, TextIOWrapper(brut, encoding="utf-8-sig", newline="") as flux:
        premiere = flux.readline()
        flux.seek(0)
        yield from csv.reader(flux, delimiter=";" if premiere.count(";") > premiere.count(",") else ",")


def _colonnes(lignes: Iterator[list[str]]) -> list[int]:
    """Positions of the commune, of the code and of the name of its bassin, in the first row that has them all."""
    for _, ligne in zip(range(_ENTETES_CHERCHES), lignes, strict=False):
        positions = [
            next((rang for rang, titre in enumerate(ligne) if motif.fullmatch(titre.strip().upper())), None)
            for motif in _COLONNES.values()
        ]
        if all(position is not None for position in positions):
            return [position for position in positions if position is not None]
    raise FichierRefuse(
        "E-COLONNES", "Les colonnes CODGEO, BV2022 et LIBBV2022 (ou celles d’un autre millésime) sont introuvables."
    )
