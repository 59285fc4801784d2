"""Reader of CSV files: one object per line, columns found by their names, every line counted (QUALITY A-36).

A line that cannot be taken is rejected by itself with its number and a reason; only a file that is not what it claims
to be is refused. A quoted field ends on its line: an unclosed quote costs one line, never those that follow.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.errors import FichierRefuse
from app.imports import octets
from app.imports.octets import LigneTexte
from app.imports.valeurs import Lecteur, ValeurRefusee, simplifier

_SEPARATEURS = (";", ",", "\t")
_CONTROLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ufffd]")
_FORMULE = ("'=", "'+", "'-", "'@")  # how our own exports neutralise what a spreadsheet would compute
_CLE_MAX = 60


@dataclass(frozen=True)
class Colonne:
    """A column of the layout. `exigee`: the header must have it; `remplie`: so must every line."""

    nom: str
    lire: Lecteur
    exigee: bool = True
    remplie: bool = True


class LigneLue(NamedTuple):
    """A line of the file: its values in the order of the layout, or the reason why it is rejected."""

    numero: int
    cle: str
    motif: str | None
    brut: str
    valeurs: tuple[str | None, ...]


class Lecture:
    """One reading of a file: iterate over its lines, the rest is known at the end.

    `cle` names the columns that tell an object from another. `lus` counts the lines that hold something.
    """

    def __init__(self, chemin: Path, colonnes: Sequence[Colonne], cle: Sequence[str]) -> None:
        self.lus = 0
        self.avertissements: list[str] = []
        self._colonnes = tuple(colonnes)
        self._lignes = octets.lignes(chemin)
        self.separateur, self.entete = _entete(next(self._lignes), self._colonnes)
        noms = [simplifier(nom) for nom in self.entete]
        self.ignorees = _ignorees(self.entete, noms, self._colonnes)
        self._rangs = [noms.index(nom) if (nom := simplifier(un.nom)) in noms else None for un in self._colonnes]
        self._rangs_cle = [rang for un, rang in zip(self._colonnes, self._rangs, strict=True) if un.nom in cle]
        self._places_cle = [place for place, un in enumerate(self._colonnes) if un.nom in cle]

    def __iter__(self) -> Iterator[LigneLue]:
        for ligne in self._lignes:
            if not ligne.trop_longue and not ligne.texte.strip(f"{self.separateur} \t\xa0"):
                continue  # nothing on it: spreadsheets leave such lines at the end
            self.lus += 1
            if not ligne.terminee:
                message = f"La dernière ligne ({ligne.numero}) n’a pas de fin : vérifiez que le fichier est entier."
                self.avertissements.append(message)
            yield self._lue(ligne)
        if not self.lus:
            self.avertissements.append("Ce fichier n’a aucune ligne sous son en-tête.")

    def champs(self, brut: str) -> list[str]:
        """Fields of a line under the header, as they are; the whole line in the first when it does not fit."""
        try:
            champs = next(csv.reader([brut], delimiter=self.separateur, strict=True), [])
        except csv.Error:
            champs = []
        return champs if len(champs) == len(self.entete) else [brut, *[""] * (len(self.entete) - 1)]

    def _lue(self, ligne: LigneTexte) -> LigneLue:
        rejet = (None,) * len(self._colonnes)
        try:
            champs = self._decouper(ligne)
        except ValeurRefusee as refus:
            return LigneLue(ligne.numero, "", str(refus), _inerte(ligne.texte), rejet)
        try:
            valeurs = tuple(self._valeurs(champs))
        except ValeurRefusee as refus:
            lue = " / ".join(champs[rang].strip() for rang in self._rangs_cle if rang is not None)
            return LigneLue(ligne.numero, lue[:_CLE_MAX], str(refus), ligne.texte, rejet)
        cle = " / ".join(valeurs[place] or "" for place in self._places_cle)
        return LigneLue(ligne.numero, cle, None, ligne.texte, valeurs)

    def _decouper(self, ligne: LigneTexte) -> list[str]:
        texte = ligne.texte
        if ligne.trop_longue:
            raise ValeurRefusee(f"Cette ligne dépasse {octets.LIGNE_MAX // 1024} Kio.")
        if interdit := _CONTROLE.search(texte):
            raise ValeurRefusee(f"Cette ligne contient un caractère illisible (code {ord(interdit[0])}).")
        if '"' not in texte:
            champs = texte.split(self.separateur)
        elif texte.count('"') % 2:
            raise ValeurRefusee("Un guillemet n’est pas fermé sur cette ligne.")
        else:
            try:
                champs = next(csv.reader([texte], delimiter=self.separateur, strict=True))
            except csv.Error as erreur:
                raise ValeurRefusee("Les guillemets de cette ligne sont mal placés.") from erreur
        if len(champs) != len(self.entete):
            raise ValeurRefusee(f"Cette ligne a {len(champs)} champs au lieu de {len(self.entete)}.")
        return champs

    def _valeurs(self, champs: list[str]) -> Iterator[str | None]:
        for colonne, rang in zip(self._colonnes, self._rangs, strict=True):
            brut = champs[rang].strip() if rang is not None else ""
            if not brut:
                if colonne.remplie:
                    raise ValeurRefusee(f"La colonne « {colonne.nom} » est vide.")
                yield None
                continue
            try:
                yield colonne.lire(brut[1:] if brut.startswith(_FORMULE) else brut)
            except ValeurRefusee as refus:
                raise ValeurRefusee(f"{colonne.nom} : {refus}") from refus


def _entete(ligne: LigneTexte, colonnes: Sequence[Colonne]) -> tuple[str, list[str]]:
    """Separator and names of the header: the separator that shows the most columns of the layout."""
    if _CONTROLE.search(ligne.texte.replace("\t", " ")) or ligne.trop_longue:
        raise FichierRefuse("E-FICHIER-FORMAT", "Ce fichier n’est pas en CSV : sa première ligne est illisible.")
    cherchees = {simplifier(un.nom): un for un in colonnes}
    trouves: list[tuple[int, str, list[str]]] = []
    for separateur in _SEPARATEURS:
        try:
            noms = [nom.strip() for nom in next(csv.reader([ligne.texte], delimiter=separateur, strict=True), [])]
        except csv.Error:
            continue
        trouves.append((len(cherchees.keys() & {simplifier(nom) for nom in noms}), separateur, noms))
    _, separateur, noms = max(trouves, key=lambda un: un[0], default=(0, ";", []))
    simples = [simplifier(nom) for nom in noms]
    manquantes = [un.nom for cle, un in cherchees.items() if un.exigee and cle not in simples]
    if manquantes:
        liste = ", ".join(f"« {nom} »" for nom in manquantes)
        raise FichierRefuse("E-FICHIER-COLONNES", f"Il manque à ce fichier {_accord(manquantes)} {liste}.")
    if doubles := [un.nom for cle, un in cherchees.items() if simples.count(cle) > 1]:
        raise FichierRefuse("E-FICHIER-COLONNES", f"La colonne « {doubles[0]} » figure deux fois dans ce fichier.")
    return separateur, noms


def _accord(noms: Sequence[str]) -> str:
    return "la colonne" if len(noms) == 1 else "les colonnes"


def _ignorees(entete: Sequence[str], noms: Sequence[str], colonnes: Sequence[Colonne]) -> list[str]:
    connues = {simplifier(un.nom) for un in colonnes}
    return [brut or "(sans nom)" for brut, nom in zip(entete, noms, strict=True) if nom not in connues]


def _inerte(texte: str) -> str:
    """The line as it can be stored and shown: a NUL would stop the database."""
    return texte.replace("\0", "\ufffd")
