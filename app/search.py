"""Search rules of every screen: `*` is the only wildcard, accents and case never count (manual §1.6, S68, A23).

Columns searched by text are stored normalised (database function `normaliser`) and indexed by trigrams.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

Colonne = ColumnElement[Any] | InstrumentedAttribute[Any]


def contient(colonne: Colonne, saisie: str) -> ColumnElement[bool]:
    """Text criterion on a normalised column, which may hold several names, one a line.

    Without `*`, every word typed is somewhere in the text; with `*`, a whole name follows the pattern.
    """
    if "*" in saisie:
        return or_(*(_suit(colonne, motif) for motif in _places(saisie.strip())))
    return and_(*(_suit(colonne, f"*{mot}*") for mot in saisie.split()))


def numero(colonne: Colonne, saisie: str) -> ColumnElement[bool]:
    """Identifier criterion: spaces and case do not count; `*` as elsewhere, else the beginning of the number."""
    return _commence(colonne, "".join(saisie.split()).upper())


def reference(colonne: Colonne, saisie: str) -> ColumnElement[bool]:
    """Identifier that another system gave, in its own case and with its blanks: as typed, or typed like a number."""
    formes = dict.fromkeys((saisie.strip(), "".join(saisie.split()).upper()))
    return or_(*(_commence(colonne, une) for une in formes))


def jour_saisi(saisie: str) -> date | None:
    """A day as browsers send it (2026-11-02), or as it is written in French (02/11/2026)."""
    for format_ in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(saisie, format_).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def _commence(colonne: Colonne, propre: str) -> ColumnElement[bool]:
    if "*" in propre:
        return colonne.like(_echappe(propre), escape="\\")
    # A range rather than LIKE: it uses the pattern index whatever plan the server keeps.
    texte = cast(colonne, String)
    return and_(texte.op("~>=~", is_comparison=True)(propre), texte.op("~<~", is_comparison=True)(_suivant(propre)))


def _places(motif: str) -> list[str]:
    """The pattern as the only name, the first one, or the last one; a `*` at an end already reaches over the others."""
    suivi = [] if motif.endswith("*") else [f"{motif}\n*"]
    precede = [] if motif.startswith("*") else [f"*\n{motif}"]
    return [motif, *suivi, *precede]


def _suit(colonne: Colonne, motif: str) -> ColumnElement[bool]:
    return colonne.like(_motif(motif), escape="\\")


def _motif(saisie: str) -> ColumnElement[str]:
    """Normalised by the same function as the column, then escaped: unaccent may itself produce a `%`."""
    motif = func.normaliser(saisie)
    for caractere, remplacement in (("\\", "\\\\"), ("%", "\\%"), ("_", "\\_"), ("*", "%")):
        motif = func.replace(motif, literal(caractere), literal(remplacement))
    return motif


def _echappe(saisie: str) -> str:
    return saisie.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")


def _suivant(prefixe: str) -> str:
    """Smallest text after every text that begins with `prefixe`."""
    return prefixe[:-1] + chr(ord(prefixe[-1]) + 1)
