"""Where registry files come from: the deposit folder, and the bytes of a file, plain or gzip (manual §1.2).

A file is of the registry that its name says: that of its publisher (DATA-FORMATS §1.1, §2.1), in any case. The network
deposits (data.gouv.fr, SFTP of the standard flow) will bring their files into the same folder.
"""

import hashlib
import re
import shutil
import unicodedata
import zlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from app.errors import FichierRefuse
from models.traitement import TypeTraitement

_MORCEAU = 2**20
_TAMPON_SOMME = 2**22  # a thread that asks for the interpreter waits 5 ms: it must not ask often
_NOM_MAX = 150
_GZIP = b"\x1f\x8b"
_NOMS = {
    TypeTraitement.FINESS: re.compile(r".*\.json(\.gz)?", re.I),
    TypeTraitement.RPPS: re.compile(r"ps[_-]libreacces([_-](personne[_-]activite|\d{12}).*)?\.(txt|txt\.gz|zip)", re.I),
}
_JOURNALIER = "finess-structures-journalier-"
_HORODATE = re.compile(r"(?<!\d)20\d{10}(?!\d)")
NOMS_ATTENDUS = (
    "le nom d’un fichier FINESS+ doit finir par «\u00a0.json\u00a0» ou «\u00a0.json.gz\u00a0» ;"
    " celui d’un extrait RPPS est «\u00a0PS_LibreAcces_Personne_activite_AAAAMMJJHHMM.txt\u00a0»,"
    " «\u00a0PS_LibreAcces_AAAAMMJJHHMM.zip\u00a0» ou «\u00a0ps-libreacces-personne-activite.txt\u00a0»"
    " (ou le même suivi de «\u00a0.gz\u00a0»)"
)


@dataclass(frozen=True)
class FichierDepose:
    nom: str
    type: TypeTraitement
    taille: int
    modifie_le: datetime


def fichiers(depot: Path) -> list[FichierDepose]:
    """Registry files of the deposit folder, the last one by name first: their names carry their date."""
    return [
        FichierDepose(chemin.name, type_, etat.st_size, datetime.fromtimestamp(etat.st_mtime, UTC))
        for chemin in _presents(depot)
        if (type_ := type_du_nom(chemin.name))
        for etat in [chemin.stat()]
    ]


def inconnus(depot: Path) -> list[str]:
    """Names of the other files of the folder: nothing takes them. Hidden ones are on their way, or of the system."""
    return [un.name for un in _presents(depot) if not un.name.startswith(".") and type_du_nom(un.name) is None]


def _presents(depot: Path) -> list[Path]:
    # A name that is not text could not even be shown.
    presents = (un for un in depot.iterdir() if un.name.isprintable() and un.is_file()) if depot.is_dir() else ()
    return sorted(presents, key=lambda un: un.name, reverse=True)


def type_du_nom(nom: str) -> TypeTraitement | None:
    """The registry that a name announces; None when it announces none (`NOMS_ATTENDUS` tells what to do)."""
    return next((type_ for type_, motif in _NOMS.items() if motif.fullmatch(nom)), None)


def horodate(nom: str) -> datetime | None:
    """The minute that the name of an extract carries (AAAAMMJJHHMM), as UTC."""
    trouve = _HORODATE.search(nom)
    try:
        return datetime.strptime(trouve[0], "%Y%m%d%H%M").replace(tzinfo=UTC) if trouve else None
    except ValueError:
        return None


def dernier(depot: Path, type_: TypeTraitement) -> FichierDepose | None:
    """The file of a registry that the night takes: the last by the date in its name, or by its own when it has none."""
    deposes = [un for un in fichiers(depot) if un.type is type_]
    if type_ is TypeTraitement.FINESS:
        return next((un for un in deposes if un.nom.lower().startswith(_JOURNALIER)), None)
    return max(deposes, key=lambda un: horodate(un.nom) or un.modifie_le, default=None)


def chemin_depose(depot: Path, nom: str) -> Path:
    """Path of a deposited file; a name that leads out of the folder is refused."""
    chemin = depot / nom
    if Path(nom).name != nom or type_du_nom(nom) is None:
        message = f"Le nom de ce fichier ne dit pas de quel référentiel il vient : {NOMS_ATTENDUS}."
        raise FichierRefuse("E-FICHIER-NOM", message)
    return chemin


def deposer(depot: Path, nom: str, contenu: IO[bytes], *, taille_max: int) -> FichierDepose:
    """Put a file in the deposit folder, whole or not at all, under a plain name; never in the place of another."""
    chemin = chemin_depose(depot, _nom_simple(nom))
    type_ = type_du_nom(chemin.name)
    assert type_ is not None  # else refused just above
    brouillon = depot / f".{chemin.name}.{uuid4().hex}"
    try:
        depot.mkdir(parents=True, exist_ok=True)
        with brouillon.open("xb") as sortie:
            shutil.copyfileobj(contenu, sortie, _MORCEAU)
        if brouillon.stat().st_size > taille_max:
            raise FichierRefuse("E-FICHIER-TAILLE", f"« {chemin.name} » dépasse la taille permise.")
        chemin.touch(exist_ok=False)  # takes the name: a renaming alone would replace another file
        brouillon.replace(chemin)
    except FileExistsError as erreur:
        message = f"« {chemin.name} » est déjà dans le dossier de dépôt : donnez un autre nom à votre fichier."
        raise FichierRefuse("E-FICHIER-EXISTE", message) from erreur
    except OSError as erreur:
        message = "Le dossier de dépôt ne peut pas recevoir ce fichier : prévenez l’équipe technique."
        raise FichierRefuse("E-DEPOT", message) from erreur
    finally:
        brouillon.unlink(missing_ok=True)
    return FichierDepose(chemin.name, type_, chemin.stat().st_size, datetime.now(UTC))


def _nom_simple(nom: str) -> str:
    """Name of a file as a browser sends it, without its folders, accents, spaces and leading dots."""
    dernier = re.split(r"[/\\]", nom)[-1].lower()
    sans_accent = unicodedata.normalize("NFKD", dernier).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9._-]+", "-", sans_accent)[-_NOM_MAX:].lstrip(".-")


class Source:
    """The bytes of a file, inflated on the fly when it is gzip; knows its checksum and how far it has been read."""

    def __init__(self, chemin: Path) -> None:
        self.chemin = chemin
        self.octets_lus = 0
        self._somme = Future[str]()
        try:
            self.taille = chemin.stat().st_size
        except OSError as erreur:
            raise _illisible(chemin) from erreur

    def somme(self) -> str:
        """SHA-256 of the file as deposited."""
        somme, tampon = hashlib.sha256(), memoryview(bytearray(_TAMPON_SOMME))
        try:
            with self.chemin.open("rb", buffering=0) as fichier:
                while lus := fichier.readinto(tampon):
                    somme.update(tampon[:lus])
        except OSError as erreur:
            raise _illisible(self.chemin) from erreur
        return somme.hexdigest()

    def somme_lue(self) -> str:
        """The same, computed while `morceaux` was read."""
        return self._somme.result()

    def morceaux(self) -> Iterator[bytes]:
        """Content of the file from its beginning. Its checksum is computed meanwhile: hashlib needs no interpreter."""
        self.octets_lus = 0
        self._somme = ThreadPoolExecutor(1).submit(self.somme)
        yield from self._contenu()

    def _contenu(self) -> Iterator[bytes]:
        bruts = self._bruts()
        premier = next(bruts, b"")
        yield from _decompresser(premier, bruts) if premier.startswith(_GZIP) else _enchainer(premier, bruts)

    def _bruts(self) -> Iterator[bytes]:
        try:
            with self.chemin.open("rb") as fichier:
                while morceau := fichier.read(_MORCEAU):
                    self.octets_lus += len(morceau)
                    yield morceau
        except OSError as erreur:
            raise _illisible(self.chemin) from erreur


def _enchainer(premier: bytes, suite: Iterator[bytes]) -> Iterator[bytes]:
    yield premier
    yield from suite


def _decompresser(premier: bytes, suite: Iterator[bytes]) -> Iterator[bytes]:
    """Inflate gzip members one after the other; the CRC of each is checked by zlib."""
    flux = zlib.decompressobj(wbits=31)
    try:
        for brut in _enchainer(premier, suite):
            reste = brut
            while reste:
                if flux.eof:
                    flux = zlib.decompressobj(wbits=31)
                # Bounded output: a small file may inflate a thousand times.
                yield flux.decompress(reste, _MORCEAU)
                reste = flux.unconsumed_tail or flux.unused_data
    except zlib.error as erreur:
        raise FichierRefuse("E-FICHIER-GZIP", "Le fichier compressé (gzip) est endommagé.") from erreur
    if not flux.eof:
        raise FichierRefuse("E-FICHIER-TRONQUE", "Le fichier compressé (gzip) est tronqué.")


def _illisible(chemin: Path) -> FichierRefuse:
    return FichierRefuse("E-FICHIER-ABSENT", f"Le fichier « {chemin.name} » n’existe pas ou ne peut pas être lu.")
