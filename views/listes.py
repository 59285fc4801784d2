"""Lists: which page is asked for, in which order, and the links that keep the criteria (SPEC S27).

Query string of every list: `page`, `taille`, `tri`, `sens`, then the criteria of the screen. Whatever is typed there is
brought back to something valid: an unknown column or a page that is not a number never fails.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

TAILLE = 25
TAILLE_MAX = 200
PAGE_MAX = 100_000


@dataclass(frozen=True)
class Demande:
    """The page that is asked for; `tri` is one of the columns that the screen lists."""

    page: int
    taille: int
    tri: str
    sens: str

    @property
    def descendant(self) -> bool:
        return self.sens == "desc"

    @property
    def decalage(self) -> int:
        return (self.page - 1) * self.taille


@dataclass(frozen=True)
class Liste:
    """One page of a result, as the templates show it."""

    lignes: Sequence[Any]
    total: int
    demande: Demande

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.demande.taille))

    @property
    def premiere(self) -> int:
        return self.demande.decalage + 1 if self.lignes else 0

    @property
    def derniere(self) -> int:
        return self.demande.decalage + len(self.lignes)

    @property
    def pages_proches(self) -> list[int | None]:
        """Page numbers to offer; None stands for a gap."""
        page, pages = self.demande.page, self.pages
        proches = sorted({1, *range(max(1, page - 2), min(pages, page + 2) + 1), pages})
        resultat: list[int | None] = []
        for numero in proches:
            if resultat and numero - (resultat[-1] or 0) > 1:
                resultat.append(None)
            resultat.append(numero)
        return resultat


def lire_demande(args: MultiDict[str, str], tris: Collection[str], tri: str, sens: str = "asc") -> Demande:
    """The page asked for by a query string; `tri` and `sens` are the order of the screen when none is asked."""
    demande_tri = args.get("tri", "")
    if demande_tri in tris:
        tri, sens = demande_tri, "desc" if args.get("sens") == "desc" else "asc"
    taille = _entier(args.get("taille"), TAILLE)
    return Demande(
        page=min(max(1, _entier(args.get("page"), 1)), PAGE_MAX),
        taille=min(max(1, taille), TAILLE_MAX),
        tri=tri,
        sens=sens,
    )


def lister(demande: Demande, compter: Callable[[], int], lire: Callable[[Demande], Sequence[Any]]) -> Liste:
    """Count, then read; a page past the end becomes the last one."""
    total = compter()
    derniere = max(1, -(-total // demande.taille))
    if demande.page > derniere:
        demande = Demande(derniere, demande.taille, demande.tri, demande.sens)
    return Liste(lire(demande) if total else (), total, demande)


def lien_liste(**remplacements: str | int | None) -> str:
    """The present list with some parameters changed; None removes one, repeated criteria are kept."""
    paires = [(cle, valeur) for cle, valeur in request.args.items(multi=True) if cle not in remplacements]
    paires += [(cle, str(valeur)) for cle, valeur in remplacements.items() if valeur is not None]
    chemin = iri_to_uri(request.script_root + request.path)
    return f"{chemin}?{urlencode(paires)}" if paires else chemin


def lien_tri(colonne: str, demande: Demande) -> str:
    """Sort by this column, or the other way round if it is the present order."""
    sens = "desc" if demande.tri == colonne and demande.sens == "asc" else "asc"
    return lien_liste(tri=colonne, sens=sens, page=None)


def _entier(texte: str | None, defaut: int) -> int:
    if texte is None or not texte.isascii() or not texte.isdigit() or len(texte) > 9:
        return defaut
    return int(texte)
