"""A text file → its lines, in flat memory: plain or gzip, UTF-8 or cp1252, any line ending; what it is not is named.

Each line is decoded on its own. A file that holds both UTF-8 and cp1252 lines is refused at its end: whoever glued
it together would otherwise get half of its accents wrong without a word.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.errors import FichierRefuse
from app.referentiels.depots import Source

LIGNE_MAX = 2**16  # bytes; a longer line is rejected
TAILLE_MAX = 2**30  # bytes, once inflated
_SANS_FIN_MAX = 2**20  # bytes without any end of line: this is no text file
_BOM = b"\xef\xbb\xbf"
# First bytes of what people send by mistake, the code of the refusal, and what to do.
_AUTRES_FORMATS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "E-FICHIER-ZIP", "est une archive zip ou un classeur Excel : enregistrez-le en CSV."),
    (b"\xd0\xcf\x11\xe0", "E-FICHIER-FORMAT", "est un classeur Excel ancien : enregistrez-le en CSV."),
    (b"%PDF", "E-FICHIER-FORMAT", "est un document PDF, pas un fichier CSV."),
    (b"\xff\xfe", "E-FICHIER-ENCODAGE", "est encodé en UTF-16 : enregistrez-le en UTF-8."),
    (b"\xfe\xff", "E-FICHIER-ENCODAGE", "est encodé en UTF-16 : enregistrez-le en UTF-8."),
    (b"<", "E-FICHIER-HTML", "est une page HTML ou un document XML, pas un fichier CSV."),
    (b"{", "E-FICHIER-FORMAT", "est un document JSON, pas un fichier CSV."),
    (b"[", "E-FICHIER-FORMAT", "est un document JSON, pas un fichier CSV."),
)


class LigneTexte(NamedTuple):
    """A line of the file, without its end; `texte` is empty when it is too long to be read."""

    numero: int
    texte: str
    terminee: bool = True
    trop_longue: bool = False


def lignes(chemin: Path) -> Iterator[LigneTexte]:
    """Every line of the file, numbered from 1; raises FichierRefuse at the latest at its end."""
    decodeur = _Decodeur()
    for numero, (octets, terminee) in enumerate(_lignes_brutes(_morceaux(chemin)), start=1):
        brute = octets.removesuffix(b"\r")
        if len(brute) > LIGNE_MAX:
            yield LigneTexte(numero, "", terminee, trop_longue=True)
        else:
            yield LigneTexte(numero, decodeur.decoder(brute, numero, terminee=terminee), terminee)
    decodeur.finir()


def _morceaux(chemin: Path) -> Iterator[bytes]:
    total, debut = 0, b""
    for morceau in Source(chemin).morceaux():
        if not total and morceau:
            debut = morceau.removeprefix(_BOM).lstrip()
            _refuser_autre_format(debut)
        total += len(morceau)
        if total > TAILLE_MAX:
            raise FichierRefuse("E-FICHIER-TAILLE", "Ce fichier dépasse 1 Gio une fois décompressé.")
        yield morceau
    if not total:
        raise FichierRefuse("E-FICHIER-VIDE", "Le fichier est vide.")


def _refuser_autre_format(debut: bytes) -> None:
    for signature, code, ce_qu_il_est in _AUTRES_FORMATS:
        if debut.startswith(signature):
            raise FichierRefuse(code, f"Ce fichier {ce_qu_il_est}")


def _lignes_brutes(morceaux: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Lines as bytes, and whether they had an end."""
    reste = b""
    for morceau in morceaux:
        *completes, reste = (reste + morceau).split(b"\n")
        if len(reste) > _SANS_FIN_MAX:
            raise FichierRefuse("E-FICHIER-FORMAT", "Ce fichier n’est pas en CSV : il n’a pas de fins de ligne.")
        for complete in completes:
            yield complete, True
    if reste:
        yield reste, False


class _Decodeur:
    """Bytes of a line → text; remembers which encodings it has met, and where."""

    def __init__(self) -> None:
        self._en_utf8 = self._en_cp1252 = 0  # number of the first line that only this encoding explains

    def decoder(self, octets: bytes, numero: int, *, terminee: bool) -> str:
        if numero == 1 and octets.startswith(_BOM):
            self._en_utf8, octets = 1, octets.removeprefix(_BOM)
        if octets.isascii():
            return octets.decode("ascii")
        try:
            texte = octets.decode("utf-8")
        except UnicodeDecodeError as erreur:
            if not terminee and erreur.reason == "unexpected end of data" and not self._en_cp1252:
                message = f"Le fichier est tronqué : sa ligne {numero} s’arrête au milieu d’un caractère."
                raise FichierRefuse("E-FICHIER-TRONQUE", message) from erreur
            return self._decoder_cp1252(octets, numero)
        self._en_utf8 = self._en_utf8 or numero
        return texte

    def _decoder_cp1252(self, octets: bytes, numero: int) -> str:
        self._en_cp1252 = self._en_cp1252 or numero
        try:
            return octets.decode("cp1252")
        except UnicodeDecodeError as erreur:
            message = f"La ligne {numero} n’est ni en UTF-8 ni en Windows-1252 : enregistrez le fichier en UTF-8."
            raise FichierRefuse("E-FICHIER-ENCODAGE", message) from erreur

    def finir(self) -> None:
        if self._en_utf8 and self._en_cp1252:
            message = (
                f"Ce fichier mêle deux encodages : UTF-8 (ligne {self._en_utf8}) et Windows-1252 (ligne"
                f" {self._en_cp1252}). Enregistrez-le en UTF-8."
            )
            raise FichierRefuse("E-FICHIER-ENCODAGE", message)
