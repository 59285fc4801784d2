"""Cells of a CSV file → the values of a column; a value that cannot be taken is refused by a French sentence."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum

Lecteur = Callable[[str], str]

_JOUR = re.compile(r"(?P<an>\d{4})-(?P<mois>\d\d)-(?P<jour>\d\d)|(?P<j>\d\d)/(?P<m>\d\d)/(?P<a>\d{4})", re.ASCII)
_ANNEES = range(1900, 2101)
_OUI_NON = {"oui": "true", "non": "false"}


class ValeurRefusee(Exception):  # noqa: N818
    """A cell that is not a value of its column; the message says why."""


def simplifier(texte: str) -> str:
    """Letters and digits alone, without accents nor case: « N° du terrain » → `ndeterrain`-like keys compare equal."""
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", sans_accent.lower())


def texte(maximum: int) -> Lecteur:
    """Free text, not longer than its column."""

    def lire(valeur: str) -> str:
        if len(valeur) > maximum:
            raise ValeurRefusee(f"« {valeur[:20]}… » dépasse {maximum} caractères.")
        return valeur

    return lire


def jour(valeur: str) -> str:
    """A date, AAAA-MM-JJ or JJ/MM/AAAA and nothing else; returned as AAAA-MM-JJ."""
    lu = _JOUR.fullmatch(valeur)
    if lu is None:
        raise ValeurRefusee(f"« {valeur[:30]} » n’est pas une date : écrivez AAAA-MM-JJ ou JJ/MM/AAAA.")
    an, mois, le = (int(lu[un] or lu[autre]) for un, autre in (("an", "a"), ("mois", "m"), ("jour", "j")))
    try:
        trouve = date(an, mois, le)
    except ValueError as erreur:
        raise ValeurRefusee(f"« {valeur} » n’est pas une date du calendrier.") from erreur
    if an not in _ANNEES:
        raise ValeurRefusee(f"« {valeur} » n’est pas une date plausible.")
    return trouve.isoformat()


def code(motif: str, nom: str, exemple: str) -> Lecteur:
    """A code of a known shape, in capitals without spaces; tells a lost leading zero, which spreadsheets eat."""
    forme = re.compile(motif, re.ASCII)

    def lire(valeur: str) -> str:
        propre = "".join(valeur.split()).upper()
        if forme.fullmatch(propre):
            return propre
        if forme.fullmatch(f"0{propre}"):
            raise ValeurRefusee(f"« {valeur} » a perdu son zéro initial : ce {nom} s’écrit « 0{propre} ».")
        raise ValeurRefusee(f"« {valeur[:30]} » n’est pas un {nom} : par exemple {exemple}.")

    return lire


def entier(minimum: int, maximum: int) -> Lecteur:
    """A whole number within bounds."""

    def lire(valeur: str) -> str:
        if not re.fullmatch(r"\d{1,9}", valeur, re.ASCII) or not minimum <= int(valeur) <= maximum:
            raise ValeurRefusee(f"« {valeur[:30]} » n’est pas un nombre entier entre {minimum} et {maximum}.")
        return str(int(valeur))

    return lire


def parmi(enum: type[StrEnum], choix: Iterable[StrEnum] | None = None) -> Lecteur:
    """A label of an enum, whatever its accents and case; returned as the name that the database stores."""
    admis = list(choix or enum)
    noms = {simplifier(forme): un.name for un in admis for forme in (un.name, un.value)}

    def lire(valeur: str) -> str:
        if (nom := noms.get(simplifier(valeur))) is None:
            raise ValeurRefusee(f"« {valeur[:30]} » ne convient pas : {', '.join(un.value for un in admis)}.")
        return nom

    return lire


def oui_non(valeur: str) -> str:
    """« Oui » or « Non »; returned as SQL's boolean."""
    if (lu := _OUI_NON.get(simplifier(valeur))) is None:
        raise ValeurRefusee(f"« {valeur[:30]} » ne convient pas : Oui ou Non.")
    return lu


NUMERO_TERRAIN = code(r"\d\d[HPA]\d{5}", "numéro de terrain", "53H00012")
CODE_ARS = code(r"\d\d", "code d’ARS", "53")
