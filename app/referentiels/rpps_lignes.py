"""Lines of practitioners → rows of the mirror in the text format of COPY (DATA-FORMATS §2.2, §2.3).

Fields stay the bytes of the file: checked, joined, never decoded. « | » separates the columns of a row too, as no
field holds one; an empty field is NULL. Thousands of lines are read at once; only when something is wrong with one of
them are they read one by one, to name it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from app.referentiels import rpps_colonnes as noms
from app.referentiels.rpps_blocs import PREFIXE, Bloc
from app.referentiels.rpps_motif import Lue, Motif

COLONNES_PRATICIEN = ("rpps", "nom", "prenom", "civilite", "profession_code", "savoirs_faire")
_INSEE = re.compile(rb"[0-9][0-9AB][0-9]{3}")
_FRANCE = frozenset((b"", b"99000", b"FR", b"FRA"))


class _Illisible(Exception):  # noqa: N818 - a state of the line, as in the French sentences
    """Why a line cannot be taken."""


@dataclass(frozen=True)
class Rejet:
    """A line that cannot be taken, and its block."""

    numero: int
    rpps: bytes
    prefixe: bytes
    motif: str


@dataclass(frozen=True)
class Lot:
    """What some blocks say, as COPY rows: the outcome does not depend on the order of the lines, nor on repetitions.

    `lignes` counts those of each practitioner, `par_prefixe` those of each block. Practitioners come sorted.
    """

    blocs: Sequence[Bloc]
    praticiens: list[bytes]
    colonnes_activite: Sequence[str]  # of the rows that follow, in the order of the file
    activites: list[bytes]
    lignes: Counter[bytes]
    par_prefixe: Counter[bytes]
    hors_champ: int
    rejets: list[Rejet]


class Analyse:
    """Reads lines along the columns of one file."""

    def __init__(self, colonnes: noms.Colonnes) -> None:
        self._colonnes = colonnes
        self.motif = Motif(colonnes)

    def analyser(self, blocs: Sequence[Bloc]) -> Lot:
        """Rows of the practitioners of these blocks, and what is wrong with the lines that cannot be taken."""
        nombre = sum(bloc.lignes for bloc in blocs)
        octets = b"".join(bloc.octets for bloc in blocs).replace(b"\r", b" ")
        lues, rejets = self._lire(octets, nombre), list[Rejet]()
        if lues is None:
            lues = self._trier(blocs, rejets)
        lignes = Counter(map(self.motif.rpps, lues))
        par_prefixe = Counter[bytes]()
        for rpps, combien in lignes.items():
            par_prefixe[rpps[:PREFIXE]] += combien
        return Lot(
            blocs,
            _praticiens(map(self.motif.personne, lues)),
            self.motif.colonnes_activite,
            self._activites(lues),
            lignes,
            par_prefixe,
            nombre - len(lues) - len(rejets),
            rejets,
        )

    def _activites(self, lues: Iterable[Lue]) -> list[bytes]:
        """Once each, though a line repeats them for every savoir-faire."""
        return list(dict.fromkeys(map(b"|".join, map(self.motif.activite, lues))))

    def _lire(self, octets: bytes, nombre: int) -> list[Lue] | None:
        """Lines in the field; None when one of the lines, whether in the field or not, has to be looked at."""
        separateurs = octets.count(b"|")
        attendus = (self._colonnes.nombre - 1) * nombre
        if separateurs not in (attendus, attendus + nombre):  # each line may end with one more
            return None
        lues: list[Lue] = self.motif.lire(octets)
        if len(lues) != nombre or any(map(self.motif.a_regarder, lues)):
            return None
        lues = list(filter(self.motif.rpps, lues))
        return lues if _est_du_texte(b"".join(map(b"".join, lues))) else None

    def _trier(self, blocs: Iterable[Bloc], rejets: list[Rejet]) -> list[Lue]:
        """The same, line by line: those that cannot be taken go to `rejets`."""
        lues: list[Lue] = []
        for bloc in blocs:
            for numero, ligne in enumerate(bloc.octets.removesuffix(b"\n").split(b"\n"), bloc.numero):
                champs = ligne.replace(b"\r", b" ").split(b"|")
                try:
                    if lue := self._lire_seule(champs):
                        lues.append(lue)
                except _Illisible as erreur:
                    rang = self._colonnes.rangs[noms.RPPS]
                    rpps = champs[rang] if rang < len(champs) else b""
                    rejets.append(Rejet(numero, rpps, bloc.prefixe, str(erreur)))
        return lues

    def _lire_seule(self, champs: list[bytes]) -> Lue | None:
        """One line; None out of the field."""
        nombre = self._colonnes.nombre
        if len(champs) != nombre and (len(champs) != nombre + 1 or champs[-1]):
            raise _Illisible(f"Cette ligne a {len(champs)} champs au lieu de {nombre}.")
        [lue] = self.motif.lire(b"|".join(champs) + b"\n")
        if self.motif.a_regarder(lue):
            _verifier({nom: champs[rang] for nom, rang in self._colonnes.rangs.items()})
            lue = self.motif.depuis(champs)
        if not self.motif.rpps(lue):
            return None
        if not _est_du_texte(b"".join(lue)):
            nul = b"\0" in b"".join(lue)
            raise _Illisible(
                "Cette ligne contient un caractère nul." if nul else "Cette ligne n’est pas encodée en UTF-8."
            )
        return lue


def _praticiens(lues: Iterable[Lue]) -> list[bytes]:
    """Rows of the practitioners: the least identity, every savoir-faire."""
    lignes = []
    for _, fiches in groupby(sorted(set(lues)), key=itemgetter(0)):
        premiere = next(fiches)
        savoirs = {type_ + b":" + code for *_, type_, code in (premiere, *fiches) if code}
        lignes.append(b"|".join((*premiere[:-2], b"{%b}" % b",".join(sorted(savoirs)))))
    return lignes


def _est_du_texte(octets: bytes) -> bool:
    """Whether PostgreSQL takes it."""
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return octets.find(b"\0") < 0  # five times faster than `in`


def _verifier(champs: dict[str, bytes]) -> None:
    """What the expression could not tell of a line in the field."""
    if champs[noms.CODE_INSEE] and not _INSEE.fullmatch(champs[noms.CODE_INSEE]):
        raise _Illisible("Le code commune n’est pas un code INSEE de cinq caractères.")
    code_postal = champs[noms.CODE_POSTAL]
    if len(code_postal) == 4 and champs[noms.PAYS] in _FRANCE and code_postal.isdigit():
        raise _Illisible("Le code postal n’a que quatre chiffres : son zéro de tête est perdu.")
    if not all((champs[nom] + b"0").isalnum() for nom in noms.SAVOIR_FAIRE):
        raise _Illisible("Le code de savoir-faire est illisible.")
    if not champs[noms.NOM].strip():
        raise _Illisible("Le nom d’exercice manque.")
    if len(champs[noms.RPPS]) != 11 or not champs[noms.RPPS].isdigit():
        raise _Illisible("Le numéro RPPS n’a pas onze chiffres.")
