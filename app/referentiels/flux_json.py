"""Elements of one huge array held by the root object of a JSON document, in flat memory (DATA-FORMATS §8.4).

Each element is hashed, and parsed only when its hash is not already known. In an indented document an element ends at
the first line made of its indentation and `}`, since a raw newline cannot occur inside a JSON string: two searches of
bytes find its bounds. Any other layout goes through a slower scan of its brackets.
"""

import re
from collections.abc import Container, Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from app.errors import FichierRefuse
from app.referentiels.tampon import Tampon, invalide

_BOM = b"\xef\xbb\xbf"


class Element(NamedTuple):
    """One element of the array; parsed only when its hash was not already known."""

    empreinte: bytes
    connu: bool
    valeur: Any = None


class FluxJson:
    """Iterates over the elements of `tableau`; `entete` fills with the scalars of the root as they are met.

    A hash covers the bytes of the element but those that match `insignifiant`. `version` salts it: change it when
    elements are to be understood differently, and none is known any more.
    """

    def __init__(
        self,
        morceaux: Iterable[bytes],
        tableau: str,
        *,
        connues: Container[bytes] = (),
        insignifiant: re.Pattern[bytes] | None = None,
        version: bytes = b"",
    ) -> None:
        self.entete: dict[str, Any] = {}
        self.tableau_present = False
        self._tampon = Tampon(morceaux)
        self._tableau = tableau
        self._connues = connues
        self._insignifiant = insignifiant
        self._version = version

    def __iter__(self) -> Iterator[Element]:
        tampon = self._tampon
        self._entrer()
        fin = tampon.prendre(b"}") if tampon.suivant() == b"}" else b""
        while fin != b"}":
            cle = self._scalaire()
            tampon.prendre(b":")
            if cle == self._tableau:
                self.tableau_present = True
                yield from self._elements()
            else:
                self._autre(str(cle))
            fin = tampon.prendre(b",", b"}")
        if tampon.suivant():
            raise FichierRefuse("E-FICHIER-FORMAT", "Des données inattendues suivent la fin du document JSON.")

    def _entrer(self) -> None:
        """Go into the root object, past a byte order mark; anything else than an object is named and refused."""
        if self._tampon.apercu(len(_BOM)) == _BOM:
            self._tampon.consommer(len(_BOM))
        premier = self._tampon.suivant()
        if not premier:
            raise FichierRefuse("E-FICHIER-VIDE", "Le fichier est vide.")
        if premier == b"<":
            raise FichierRefuse(
                "E-FICHIER-HTML", "Ce fichier est une page HTML ou un document XML, pas un document JSON."
            )
        if premier != b"{":
            raise FichierRefuse("E-FICHIER-FORMAT", "Ce fichier n’est pas un document JSON.")
        self._tampon.prendre(b"{")

    def _elements(self) -> Iterator[Element]:
        for _ in self._arrets():
            yield self._element()

    def _arrets(self) -> Iterator[None]:
        """Stop before each element of the array that starts here; the caller consumes it."""
        tampon = self._tampon
        tampon.prendre(b"[")
        fin = tampon.prendre(b"]") if tampon.suivant() == b"]" else b""
        while fin != b"]":
            yield
            fin = tampon.prendre(b",", b"]")

    def _element(self) -> Element:
        retrait = self._retrait()
        if retrait is not None and (fin := self._tampon.fin_indentee(retrait)) is not None:
            element = self._lire(fin)
            if element is not None:
                return element
        element = self._lire(self._tampon.fin_valeur())
        if element is None:
            raise invalide()
        return element

    def _retrait(self) -> bytes | None:
        """Indentation of the object that starts here, if it is laid out over several lines."""
        self._tampon.suivant()
        if b"\n" not in self._tampon.blancs or not self._tampon.apercu(3).startswith((b"{\n", b"{\r\n")):
            return None
        return self._tampon.blancs.rpartition(b"\n")[2]

    def _lire(self, fin: int) -> Element | None:
        """The element that stops at `fin`, now consumed; None when these bytes are not one JSON value."""
        octets = self._tampon.lire(fin)
        signifiants = self._insignifiant.sub(b"", octets) if self._insignifiant else octets
        empreinte = blake2b(signifiants, digest_size=16, person=self._version).digest()
        if empreinte in self._connues:
            self._tampon.consommer(fin)
            return Element(empreinte, connu=True)
        try:
            valeur = orjson.loads(octets)
        except orjson.JSONDecodeError:
            return None
        self._tampon.consommer(fin)
        return Element(empreinte, connu=False, valeur=valeur)

    def _autre(self, cle: str) -> None:
        """Keep a scalar of the root, skip its other arrays and objects."""
        tampon = self._tampon
        premier = tampon.suivant()
        if premier == b"[":
            for _ in self._arrets():
                tampon.consommer(tampon.fin_valeur())
        elif premier == b"{":
            tampon.consommer(tampon.fin_valeur())
        else:
            self.entete[cle] = self._scalaire()

    def _scalaire(self) -> Any:
        """The scalar that comes next, parsed and consumed."""
        fin = self._tampon.fin_valeur()
        try:
            valeur = orjson.loads(self._tampon.lire(fin))
        except orjson.JSONDecodeError as erreur:
            raise invalide() from erreur
        self._tampon.consommer(fin)
        return valeur
