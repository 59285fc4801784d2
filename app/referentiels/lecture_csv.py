"""Rows of a published CSV file (INSEE, La Poste), whatever was done to it on the way (DATA-FORMATS §4, QUALITY A-36).

Each line is parsed alone: a quote left open cannot swallow the lines that follow, and a reject has its line number.
What says that the whole file is wrong refuses it; what is wrong with a line rejects that line.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import FichierRefuse
from app.referentiels.depots import Source

TAILLE_MAX = 64 * 2**20
_BOM = "\ufeff"
# A text of UTF-8 read as cp1252, or one that lost its letters on the way.
_MAL_CONVERTI = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|\ufffd")


@dataclass(frozen=True)
class Rejet:
    """A line that could not be taken: where it is, what it says, and why."""

    ligne: int
    valeur: str
    motif: str


@dataclass(frozen=True)
class Ligne:
    """A line of the file: its number, and its values by the names that the reader was asked for."""

    numero: int
    valeurs: Mapping[str, str]

    def __getitem__(self, nom: str) -> str:
        return self.valeurs[nom]


class LectureCsv:
    """The lines of a file that have the columns of its header; `colonnes`: name → its normalised spellings."""

    def __init__(self, chemin: Path, colonnes: Mapping[str, tuple[str, ...]]) -> None:
        self._lignes = _texte(_octets(chemin)).split("\n")
        entete = self._lignes[0]
        self._separateur = ";" if entete.count(";") > entete.count(",") else ","
        titres = [nom_de_colonne(titre) for titre in self._champs(entete) or ()]
        self._rangs = {nom: _rang(titres, nom, noms) for nom, noms in colonnes.items()}
        self._largeur = len(titres)
        self.lus = 0
        self.rejets: list[Rejet] = []

    def __iter__(self) -> Iterator[Ligne]:
        derniere = len(self._lignes)
        for numero, brute in enumerate(self._lignes[1:], start=2):
            if not brute.strip():
                continue
            self.lus += 1
            champs = self._champs(brute)
            if champs is not None and len(champs) == self._largeur:
                yield Ligne(numero, {nom: champs[rang].strip() for nom, rang in self._rangs.items()})
            elif numero == derniere:
                raise FichierRefuse(
                    "E-FICHIER-TRONQUE", "La dernière ligne de ce fichier est incomplète : il est tronqué."
                )
            else:
                self._rejeter_mal_formee(numero, brute, champs)
        if self.lus == 0:
            raise FichierRefuse("E-FICHIER-SANS-LIGNE", "Ce fichier n’a qu’une ligne d’en-tête.")

    def rejeter(self, ligne: Ligne, valeur: str, motif: str) -> None:
        self.rejets.append(Rejet(ligne.numero, valeur, motif))

    def _rejeter_mal_formee(self, numero: int, brute: str, champs: list[str] | None) -> None:
        guillemet = "Un guillemet n’est pas fermé, ou n’est pas à sa place."
        motif = guillemet if champs is None else f"La ligne a {len(champs)} colonnes au lieu de {self._largeur}."
        self.rejets.append(Rejet(numero, brute[:60].strip(), motif))

    def _champs(self, ligne: str) -> list[str] | None:
        try:
            return next(csv.reader([ligne.removesuffix("\r")], delimiter=self._separateur, strict=True), [])
        except csv.Error:
            return None


def nom_de_colonne(titre: str) -> str:
    """Title of a column without accents, case, spaces and punctuation: « #Code_commune_INSEE » → `codecommuneinsee`."""
    sans_accent = unicodedata.normalize("NFKD", titre).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", sans_accent.lower())


def _rang(titres: list[str], nom: str, noms: tuple[str, ...]) -> int:
    trouves = [rang for rang, titre in enumerate(titres) if titre in noms]
    if not trouves:
        message = f"Ce fichier n’est pas celui qui est attendu : il n’a pas de colonne « {nom} »."
        raise FichierRefuse("E-FICHIER-COLONNES", message)
    if len(trouves) > 1:
        raise FichierRefuse("E-FICHIER-COLONNES", f"La colonne « {nom} » figure deux fois dans ce fichier.")
    return trouves[0]


def _octets(chemin: Path) -> bytes:
    octets = bytearray()
    for morceau in Source(chemin).morceaux():
        octets += morceau
        if len(octets) > TAILLE_MAX:
            raise FichierRefuse("E-FICHIER-TAILLE", "Ce fichier dépasse 64 Mio : ce n’est pas celui qui est attendu.")
    if not octets:
        raise FichierRefuse("E-FICHIER-VIDE", "Le fichier est vide.")
    if 0 in octets:
        message = "Ce fichier contient des caractères nuls : il est endommagé, ou n’est pas un fichier CSV."
        raise FichierRefuse("E-FICHIER-ENCODAGE", message)
    return bytes(octets)


def _texte(octets: bytes) -> str:
    """UTF-8, or the cp1252 of La Poste; never a mixture of both, which would spoil names silently."""
    texte = _decode(octets).removeprefix(_BOM)
    if texte.lstrip().startswith("<"):
        raise FichierRefuse("E-FICHIER-HTML", "Ce fichier est une page HTML ou un document XML, pas un fichier CSV.")
    if _MAL_CONVERTI.search(texte):
        raise FichierRefuse("E-FICHIER-ENCODAGE", "Les lettres accentuées de ce fichier ont été abîmées.")
    return texte


def _decode(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as erreur:
        if erreur.reason == "unexpected end of data":
            raise FichierRefuse("E-FICHIER-TRONQUE", "Ce fichier est tronqué au milieu d’un caractère.") from erreur
    try:
        return octets.decode("cp1252")
    except UnicodeDecodeError as erreur:
        message = "Ce fichier n’est encodé ni en UTF-8, ni en Windows-1252."
        raise FichierRefuse("E-FICHIER-ENCODAGE", message) from erreur
