"""Rows of one sheet of an XLSX workbook, streamed: enough for INSEE's tables, without a dependency for it."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, iterparse

from app.errors import FichierRefuse

_PRINCIPAL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LETTRES = re.compile(r"[A-Z]+")


def lignes_feuille(chemin: Path, feuille: str) -> Iterator[list[str]]:
    """Cells of each row as text, at their column; rows and cells left out by the writer are empty."""
    with zipfile.ZipFile(chemin) as classeur:
        textes = _textes_partages(classeur)
        with classeur.open(_chemin_feuille(classeur, feuille)) as flux:
            for ligne in _elements(flux, "row"):
                yield _cellules(ligne, textes)


def _cellules(ligne: Element, textes: list[str]) -> list[str]:
    valeurs: list[str] = []
    for cellule in ligne.iter(f"{_PRINCIPAL}c"):
        lettres = _LETTRES.match(cellule.get("r", ""))
        position = _position(lettres[0]) if lettres else len(valeurs)
        valeurs.extend([""] * (position - len(valeurs)))
        valeurs.append(_texte(cellule, textes))
    return valeurs


def _texte(cellule: Element, textes: list[str]) -> str:
    if cellule.get("t") == "inlineStr":
        return "".join(texte.text or "" for texte in cellule.iter(f"{_PRINCIPAL}t"))
    valeur = cellule.findtext(f"{_PRINCIPAL}v") or ""
    return textes[int(valeur)] if cellule.get("t") == "s" else valeur


def _position(lettres: str) -> int:
    """Column number from 0: A → 0, Z → 25, AA → 26."""
    rang = 0
    for lettre in lettres:
        rang = rang * 26 + ord(lettre) - ord("A") + 1
    return rang - 1


def _textes_partages(classeur: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in classeur.namelist():
        return []
    with classeur.open("xl/sharedStrings.xml") as flux:
        return ["".join(texte.text or "" for texte in un.iter(f"{_PRINCIPAL}t")) for un in _elements(flux, "si")]


def _chemin_feuille(classeur: zipfile.ZipFile, feuille: str) -> str:
    with classeur.open("xl/workbook.xml") as flux:
        relations = {une.get("name"): une.get(_RELATION) for une in _elements(flux, "sheet")}
    if feuille not in relations:
        raise FichierRefuse("E-FEUILLE", f"Le classeur n’a pas de feuille « {feuille} ».")
    with classeur.open("xl/_rels/workbook.xml.rels") as flux:
        cibles = {lien.get("Id"): lien.get("Target", "") for _, lien in iterparse(flux)}
    cible = cibles[relations[feuille]]
    return cible.removeprefix("/") if cible.startswith("/") else f"xl/{cible}"


def _elements(flux: IO[bytes], nom: str) -> Iterator[Element]:
    """Elements of that name, each one emptied once used: memory does not follow the size of the sheet."""
    for _, element in iterparse(flux):
        if element.tag == f"{_PRINCIPAL}{nom}":
            yield element
            element.clear()
