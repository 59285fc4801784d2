"""Window on a stream of JSON bytes: moves forward token by token, and asks for more bytes when it reaches its edge."""

import re
from collections.abc import Iterable

from app.errors import FichierRefuse

ELEMENT_MAX = 64 * 2**20  # bytes; the largest record known is below 10 MiB

_BLANCS = re.compile(rb"[ \t\r\n]*+")
_CHAINE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAIRE = re.compile(rb"[-+.\w]++")
_HORS_CROCHETS = rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+'
_CROCHET = re.compile(_HORS_CROCHETS + rb"([\[\]{}])", re.DOTALL)
_OUVRANTS = (b"{", b"[")


def tronque() -> FichierRefuse:
    return FichierRefuse("E-FICHIER-TRONQUE", "Le fichier est tronqué : le document JSON s’arrête avant sa fin.")


def invalide() -> FichierRefuse:
    return FichierRefuse("E-FICHIER-FORMAT", "Le contenu du fichier n’est pas un document JSON valide.")


class Tampon:
    """Bytes not yet consumed; `blancs` is what separated the next token from the previous one."""

    def __init__(self, morceaux: Iterable[bytes]) -> None:
        self.blancs = b""
        self._morceaux = iter(morceaux)
        self._octets = b""
        self._position = 0

    def apercu(self, taille: int) -> bytes:
        """The next `taille` bytes, without consuming them; fewer at the end of the stream."""
        while len(self._octets) - self._position < taille and self._remplir():
            pass
        return self._octets[self._position : self._position + taille]

    def suivant(self) -> bytes:
        """First byte of the next token, not consumed; empty at the end of the stream."""
        fin = self._etendre(_BLANCS)
        if fin > self._position:
            self.blancs = self._octets[self._position : fin]
            self._position = fin
        return self._octets[fin : fin + 1]

    def prendre(self, *attendus: bytes) -> bytes:
        """Consume one of the `attendus` bytes, which must come next."""
        octet = self.suivant()
        if octet not in attendus:
            raise invalide() if octet else tronque()
        self.consommer(self._position + 1)
        return octet

    def lire(self, fin: int) -> bytes:
        """The bytes up to `fin`, an end that one of the searches below has just found; not consumed."""
        return self._octets[self._position : fin]

    def consommer(self, fin: int) -> None:
        self._position = fin
        self.blancs = b""

    def fin_indentee(self, retrait: bytes) -> int | None:
        """End of the object that starts here, when its closing brace is alone on a line with the same indentation."""
        motif = b"\n" + retrait + b"}"
        deja_vus = 0
        while (trouve := self._octets.find(motif, self._position + deja_vus)) < 0:
            deja_vus = max(0, len(self._octets) - self._position - len(motif))
            if not self._remplir():
                return None
        return trouve + len(motif)

    def fin_valeur(self) -> int:
        """End of the JSON value that starts here, whatever its layout."""
        premier = self.suivant()
        if premier in _OUVRANTS:
            return self._fin_bloc()
        fin = self._fin_chaine() if premier == b'"' else self._etendre(_SCALAIRE)
        if fin == self._position:
            raise invalide() if premier else tronque()
        return fin

    def _fin_chaine(self) -> int:
        while (chaine := _CHAINE.match(self._octets, self._position)) is None:
            if not self._remplir():
                raise tronque()
        return chaine.end()

    def _fin_bloc(self) -> int:
        profondeur, parcourus = 0, 0  # counted from the position, which moves when the window is filled
        while True:
            crochet = _CROCHET.match(self._octets, self._position + parcourus)
            if crochet is None:
                if not self._remplir():
                    raise tronque()
                continue
            parcourus = crochet.end() - self._position
            profondeur += 1 if crochet[1] in _OUVRANTS else -1
            if profondeur == 0:
                return crochet.end()

    def _etendre(self, motif: re.Pattern[bytes]) -> int:
        """End of what `motif` matches here, past the edge of the window if need be."""
        while True:
            trouve = motif.match(self._octets, self._position)
            fin = trouve.end() if trouve else self._position
            if fin < len(self._octets) or not self._remplir():
                return fin

    def _remplir(self) -> bool:
        """Drop what is consumed, add the next chunk; False at the end of the stream."""
        morceau = next(self._morceaux, b"")
        if not morceau:
            return False
        if len(self._octets) - self._position > ELEMENT_MAX:
            raise FichierRefuse("E-FICHIER-FORMAT", "Un enregistrement du fichier dépasse la taille admise.")
        self._octets = self._octets[self._position :] + morceau
        self._position = 0
        return True
