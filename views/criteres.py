"""Criteria of the search screens: read from the URL, shown as a form, as chips and in the journal (S27, S43, B-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from app.recherches import CriteresDeRecherche
from views.listes import lien_liste

LONGUEUR_MAX = 100

C = TypeVar("C", bound=CriteresDeRecherche)
Choix = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Puce:
    """A criterion in use, and what to take away from the URL to drop it."""

    libelle: str
    valeur: str
    parametre: str


def lire_criteres(modele: type[C], args: MultiDict[str, str], *, archives: bool) -> C:
    """Criteria of a query string; whatever is not a criterion of the screen is ignored."""
    valeurs: dict[str, Any] = {"archives": archives}
    for champ in fields(modele):
        if champ.name == "archives" or champ.name not in args:
            continue
        if isinstance(champ.default, tuple):
            valeurs[champ.name] = tuple(propre(un) for un in args.getlist(champ.name))
        else:
            valeurs[champ.name] = propre(args[champ.name])
    return modele(**valeurs)


def propre(saisie: str) -> str:
    """One line of text as typed, without the control characters that no database takes."""
    return "".join(c for c in saisie if c.isprintable()).strip()[:LONGUEUR_MAX]


def puces(criteres: CriteresDeRecherche, libelles: Mapping[str, str], choix: Mapping[str, Choix]) -> list[Puce]:
    """The criteria in use, in words."""
    resultat = []
    for nom, valeur in criteres.remplis().items():
        noms = dict(choix.get(nom, ()))
        valeurs = valeur if isinstance(valeur, tuple) else (valeur,)
        mots = (noms.get(une, une).removeprefix("ARS ") for une in valeurs)
        resultat.append(Puce(libelles[nom], ", ".join(mots), nom))
    return resultat


def lien_sans(parametre: str) -> str:
    """The present search without one criterion; `ars` stays, empty, or the screen would open on the ARS de travail."""
    return lien_liste(
        **{"page": None, "ars": request.args.get("ars", ""), parametre: None if parametre != "ars" else ""}
    )


def lien_export(format_: str) -> str:
    """The export of the present search, in its order."""
    return f"{request.path}export.{format_}?{urlencode(list(request.args.items(multi=True)))}"
