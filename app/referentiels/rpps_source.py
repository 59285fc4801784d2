"""The bytes of an RPPS extract: the text file, gzip or not, or inside the zip of the publisher (DATA-FORMATS §2.1).

A zip is inflated in the stream, never on disk, and within limits: what it declares is checked before, and the
standard library stops at what it declares.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from app.errors import FichierRefuse
from app.referentiels.depots import Source, horodate

MEMBRES_MAX = 4
RATIO_MAX = 200
TAILLE_MAX = 4 * 2**30
MEMBRE = re.compile(r"PS_LibreAcces_Personne_activite_(\d{12})\.txt")
_MORCEAU = 2**20


class SourceRpps(Source):
    """A deposited extract."""

    def _contenu(self) -> Iterator[bytes]:
        total = 0
        for morceau in self._du_zip() if _est_un_zip(self.chemin) else super()._contenu():
            total += len(morceau)
            if total > TAILLE_MAX:
                raise FichierRefuse("E-FICHIER-TAILLE", "Ce fichier dépasse 4 Gio une fois décompressé.")
            yield morceau

    def genere_le(self) -> datetime:
        """When the extract was made: the time in its name, or in its member's, else that of the file (as UTC)."""
        nom = _membre(self.chemin).filename if _est_un_zip(self.chemin) else self.chemin.name
        return horodate(nom) or datetime.fromtimestamp(self.chemin.stat().st_mtime, UTC)

    def _du_zip(self) -> Iterator[bytes]:
        membre = _membre(self.chemin)
        try:
            with self.chemin.open("rb") as fichier, zipfile.ZipFile(fichier) as archive, archive.open(membre) as flux:
                while morceau := flux.read(_MORCEAU):
                    self.octets_lus = fichier.tell()
                    yield morceau
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as erreur:
            raise _endommage() from erreur
        self.octets_lus = self.taille


def _est_un_zip(chemin: Path) -> bool:
    with chemin.open("rb") as fichier:
        return fichier.read(4) == b"PK\x03\x04"


def _membre(chemin: Path) -> zipfile.ZipInfo:
    """The extract in the zip; refuses one that could fill the memory or the disk, or holds something else (A-35)."""
    try:
        with zipfile.ZipFile(chemin) as archive:
            membres = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as erreur:
        raise _endommage() from erreur
    if len(membres) > MEMBRES_MAX:
        raise FichierRefuse("E-FICHIER-ZIP", f"L’archive contient plus de {MEMBRES_MAX} fichiers.")
    if sum(un.file_size for un in membres) > TAILLE_MAX:
        raise FichierRefuse("E-FICHIER-TAILLE", "Ce fichier dépasse 4 Gio une fois décompressé.")
    if any(un.file_size > RATIO_MAX * max(un.compress_size, 1) for un in membres):
        raise FichierRefuse("E-FICHIER-ZIP", "L’archive est comprimée à l’excès : ce n’est pas celle de l’Annuaire.")
    extraits = [un for un in membres if MEMBRE.fullmatch(un.filename)]
    if len(extraits) != 1:
        message = "L’archive doit contenir un fichier « PS_LibreAcces_Personne_activite_AAAAMMJJHHMM.txt », et un seul."
        raise FichierRefuse("E-FICHIER-ZIP", message)
    return extraits[0]


def _endommage() -> FichierRefuse:
    return FichierRefuse("E-FICHIER-ZIP", "L’archive zip est endommagée ou tronquée.")
