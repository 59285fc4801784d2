"""Bytes of an RPPS extract → blocks of lines that the last file did not have (DATA-FORMATS §2.1).

A block is made of consecutive lines of persons whose numbers begin alike: about ten persons, as the last two digits
are left out. It depends on nothing around it, so that a block without change is known by its hash, and needs no
parsing. Of a night, one block in thirty changes.
"""

import re
from collections.abc import Iterator
from hashlib import sha1
from typing import NamedTuple

from app.errors import FichierRefuse
from app.referentiels import rpps_colonnes as noms
from app.referentiels.empreintes import TAILLE, Empreintes

PREFIXE = 9  # characters
_TRANCHE = 2**18  # bytes that stay in the cache of the processor
_LIGNE_MAX = 2**16
_BLOC_MAX = 2**20


class Bloc(NamedTuple):
    """Lines that have to be parsed; `reconnues` is the number of lines before them that have not."""

    prefixe: bytes
    empreinte: bytes
    reconnues: int
    octets: bytes


class Blocs:
    """One reading of an extract: iterate over the blocks to parse, a few hundred lines at a time.

    `reconnues` counts the lines of the others. At the end, `connues` keeps the hashes that the file no longer holds.
    """

    def __init__(self, morceaux: Iterator[bytes], connues: Empreintes) -> None:
        self.connues = connues
        self.reconnues = 0
        self._lignes = _lignes(morceaux)
        entete, _, self._premieres = next(self._lignes, b"").partition(b"\n")
        self.colonnes = noms.lire(entete)
        self._motif = _motif(self.colonnes.rangs[noms.RPPS])

    def __iter__(self) -> Iterator[list[Bloc]]:
        attente, taille = list[Bloc](), 0
        for trouve in self._decouper():
            octets = trouve[0]
            empreinte = sha1(octets, usedforsecurity=False).digest()[:TAILLE]
            if self.connues.retirer(empreinte):  # met again, the same lines would be a repetition
                self.reconnues += octets.count(b"\n")
                continue
            attente.append(Bloc(trouve[1] or b"", empreinte, self.reconnues, octets))
            taille += len(octets)
            if taille >= _TRANCHE:
                yield attente
                attente, taille = [], 0
        if attente:
            yield attente

    def _decouper(self) -> Iterator[re.Match[bytes]]:
        """Blocks; the last one of a slice may go on in the next slice, unless it is too long already."""
        octets = self._premieres
        for suite in self._lignes:
            trouves = [*self._motif.finditer(octets)]
            reste = trouves.pop()[0] if trouves and len(trouves[-1][0]) < _BLOC_MAX else b""
            yield from trouves
            octets = reste + suite
        yield from self._motif.finditer(octets)


def _motif(rang: int) -> re.Pattern[bytes]:
    """A block, whose first group is what its numbers have in common; or a line without a number."""
    avant = rb"[^|\n]*+\|" * rang
    return re.compile(rb"%b([0-9A-Z]{%d})[^\n]*+\n(?:%b\1[^\n]*+\n)*+|[^\n]*+\n" % (avant, PREFIXE, avant))


def _lignes(morceaux: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines of the file, a few hundred at a time, with their ends; the last one may lack its own."""
    reste = b""
    for morceau in morceaux:
        for debut in range(0, len(morceau), _TRANCHE):
            octets = reste + morceau[debut : debut + _TRANCHE]
            if octets.find(b"\r") >= 0:  # one byte is found five times faster than two
                octets = octets.replace(b"\r\n", b"\n")
            fin = octets.rfind(b"\n") + 1
            reste = octets[fin:]
            if len(reste) > _LIGNE_MAX:
                raise FichierRefuse("E-FICHIER-FORMAT", "Une ligne de ce fichier dépasse la taille admise.")
            if fin:
                yield octets[:fin]
    if reste:
        yield reste.removesuffix(b"\r") + b"\n"
