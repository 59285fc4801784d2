"""Lines of practitioners → rows of the mirror in the text format of COPY (DATA-FORMATS §2.2, §2.3).

Fields stay the bytes of the file: checked, joined, never decoded. « | » separates the columns of a row too, as no
field holds one; an empty field is NULL. Thousands of lines are read at once; only when something is wrong with one of
them are they read one by one, to name it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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

    Of lines that were taken, `lignes` counts those of each practitioner, `par_prefixe` those of each block.
    """

    blocs: Sequence[Bloc]
    praticiens: list[bytes]
    activites: list[bytes]
    colonnes_activite: Sequence[str]  # in the order of the file
    lignes: Counter[bytes]
    par_prefixe: dict[bytes, int]
    hors_champ: int
    rejets: list[Rejet]


class Analyse:
    """Reads lines along the columns of one file."""

    def __init__(self, colonnes: noms.Colonnes) -> None:
        self.lus = 0  # lines
        self._colonnes = colonnes
        self._motif = Motif(colonnes)

    def analyser(self, blocs: Sequence[Bloc]) -> Lot:
        """Rows of the practitioners of these blocks, and what is wrong with the lines that cannot be taken."""
        octets = b"".join([bloc.octets for bloc in blocs]).replace(b"\r", b" ")
        lues: list[Lue] = self._motif.lire(octets)
        lot = self._rediger(blocs, lues, []) if self._est_saine(octets, lues) else None
        if lot is None or not _est_du_texte(b"".join((*lot.praticiens, *lot.activites))):
            rejets: list[Rejet] = []
            lues = self._trier(blocs, rejets)
            lot = self._rediger(blocs, lues, rejets)
        self.lus += len(lues)
        return lot

    def _rediger(self, blocs: Sequence[Bloc], lues: Sequence[Lue], rejets: list[Rejet]) -> Lot:
        du_champ = list(filter(self._motif.rpps, lues))
        lignes = Counter(map(self._motif.rpps, du_champ))
        par_prefixe = dict.fromkeys((bloc.prefixe for bloc in blocs), 0)
        for rpps, combien in lignes.items():
            par_prefixe[rpps[:PREFIXE]] += combien
        return Lot(
            blocs=blocs,
            praticiens=_praticiens(map(self._motif.personne, du_champ)),
            # Once each, though a line repeats them for every savoir-faire.
            activites=list(dict.fromkeys(map(b"|".join, map(self._motif.activite, du_champ)))),
            colonnes_activite=self._motif.colonnes_activite,
            lignes=lignes,
            par_prefixe=par_prefixe,
            hors_champ=len(lues) - len(du_champ) - len(rejets),
            rejets=rejets,
        )

    def _est_saine(self, octets: bytes, lues: Sequence[Lue]) -> bool:
        """Whether no line, in the field or not, has to be looked at."""
        attendus = (self._colonnes.nombre - 1) * len(lues)
        if octets.count(b"|") not in (attendus, attendus + len(lues)):  # each line may end with one more
            return False
        return not any(map(self._motif.a_regarder, lues))

    def _trier(self, blocs: Iterable[Bloc], rejets: list[Rejet]) -> list[Lue]:
        """The same, line by line; empty for those that cannot be taken, which go to `rejets`."""
        lues: list[Lue] = []
        for bloc in blocs:
            for ligne in bloc.octets.removesuffix(b"\n").split(b"\n"):
                champs = ligne.replace(b"\r", b" ").split(b"|")
                try:
                    lues.append(self._lire_seule(champs))
                except _Illisible as erreur:
                    rang = self._colonnes.rangs[noms.RPPS]
                    rpps = champs[rang] if rang < len(champs) else b""
                    rejets.append(Rejet(bloc.reconnues + self.lus + len(lues) + 2, rpps, bloc.prefixe, str(erreur)))
                    lues.append(self._motif.rien)
        return lues

    def _lire_seule(self, champs: list[bytes]) -> Lue:
        """One line."""
        nombre = self._colonnes.nombre
        if len(champs) != nombre and (len(champs) != nombre + 1 or champs[-1]):
            raise _Illisible(f"Cette ligne a {len(champs)} champs au lieu de {nombre}.")
        lue: Lue
        [lue] = self._motif.lire(b"|".join(champs) + b"\n")
        if self._motif.a_regarder(lue):
            _verifier({nom: champs[rang] for nom, rang in self._colonnes.rangs.items()})
            lue = self._motif.depuis(champs)
        if not _est_du_texte(b"".join(lue)):
            nul = b"\0" in b"".join(lue)
            raise _Illisible(
                "Cette ligne contient un caractère nul." if nul else "Cette ligne n’est pas encodée en UTF-8."
            )
        return lue


def _praticiens(fiches: Iterable[Lue]) -> list[bytes]:
    """Rows of the practitioners: the least identity, every savoir-faire."""
    praticiens: dict[bytes, tuple[Lue, list[bytes]]] = {}
    for fiche in sorted(set(fiches)):
        rpps, type_, code = fiche[0], fiche[-2], fiche[-1]
        _, savoirs = praticiens.setdefault(rpps, (fiche[:-2], []))
        if code:
            savoirs.append(type_ + b":" + code)
    return [b"|".join((*identite, b"{%b}" % b",".join(sorted({*un})))) for identite, un in praticiens.values()]


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
