"""Rows of the practitioners on their way to their tables, sent a few thousand at a time while the reading goes on.

On a first load the tables are those of the mirror itself: writing half a million practitioners twice would take longer
than reading them. Only practitioners whose lines may be scattered are put aside, to be merged as on any other night.
"""

from binascii import hexlify
from collections import Counter
from collections.abc import Sequence
from itertools import filterfalse
from zlib import crc32

from app.referentiels.copie import Versement
from app.referentiels.rpps_blocs import PREFIXE, Bloc
from app.referentiels.rpps_colonnes import COLONNES_ACTIVITE
from app.referentiels.rpps_lignes import COLONNES_PRATICIEN, Lot

_NUMERO = 11
_BASCULE = 2**18  # bytes: about what a socket holds, so that sending does not wait
_CASES = 2**23
_COLONNES: dict[str, Sequence[str]] = {
    "praticien": COLONNES_PRATICIEN,
    "activite_praticien": COLONNES_ACTIVITE,
    "arrivee_praticien": (*COLONNES_PRATICIEN, "lignes"),
    "arrivee_activite": COLONNES_ACTIVITE,
    "bloc_rpps": ("prefixe", "empreinte", "lignes"),
    "arrivee_bloc": ("prefixe", "empreinte", "lignes"),
}
# Who has no activity has a line with empty columns.
_FILTRES = dict.fromkeys(
    ("activite_praticien", "arrivee_activite"), f"num_nonnulls({', '.join(COLONNES_ACTIVITE[1:])}) > 0"
)


class Lots:
    """Takes what was read; the tables have it after `vider`."""

    def __init__(self, versement: Versement, *, directe: bool) -> None:
        self.directes = 0  # lines copied into the mirror
        self.finir = versement.finir
        self._versement = versement
        self._vus = Vus() if directe else None
        self._colonnes = dict(_COLONNES)
        self._attente: dict[str, list[bytes]] = {table: [] for table in _COLONNES}
        self._tailles = dict.fromkeys(_COLONNES, 0)

    def ajouter(self, lot: Lot) -> None:
        """Keep rows until they are sent."""
        self._colonnes["activite_praticien"] = self._colonnes["arrivee_activite"] = lot.colonnes_activite
        prefixes = [bloc.prefixe for bloc in lot.blocs]
        rompus = {rejet.prefixe for rejet in lot.rejets}
        if len({*prefixes}) < len(prefixes):
            rompus |= {un for un, combien in Counter(prefixes).items() if combien > 1}
        a_part = {*prefixes} if self._vus is None else rompus.union(filterfalse(self._vus.est_nouveau, prefixes))
        self._garder("bloc_rpps", [_bloc(un, lot, rompus) for un in lot.blocs if un.prefixe not in a_part])
        self._garder("arrivee_bloc", [_bloc(un, lot, rompus) for un in lot.blocs if un.prefixe in a_part])
        directs, autres = _partager(lot.praticiens, a_part)
        self._garder("praticien", directs)
        self._garder("arrivee_praticien", [b"%b|%d" % (un, lot.lignes[un[:_NUMERO]]) for un in autres])
        directs, autres = _partager(lot.activites, a_part)
        self._garder("activite_praticien", directs)
        self._garder("arrivee_activite", autres)
        self.directes += lot.lignes.total() - sum(lot.par_prefixe[un] for un in a_part)

    def envoyer(self) -> None:
        """Send what waits for the table that is open, or for another one once it is worth a COPY."""
        plus_grand = max(self._tailles, key=self._tailles.__getitem__)
        self._verser(plus_grand if self._tailles[plus_grand] >= _BASCULE else self._versement.table)

    def vider(self) -> None:
        """Send everything, and wait for it."""
        for table in _COLONNES:
            self._verser(table)
        self.finir()

    def _garder(self, table: str, lignes: list[bytes]) -> None:
        if lignes:
            octets = b"\n".join(lignes) + b"\n"
            self._attente[table].append(octets)
            self._tailles[table] += len(octets)

    def _verser(self, table: str) -> None:
        if lignes := self._attente.get(table):
            self._versement.envoyer(table, self._colonnes[table], b"".join(lignes), filtre=_FILTRES.get(table))
            lignes.clear()
            self._tailles[table] = 0


def _bloc(bloc: Bloc, lot: Lot, rompus: set[bytes]) -> bytes:
    """Row of a block. Without its hash, it is parsed again the next night: its rejected lines are still so, and lines
    of one prefix found apart cannot tell whose they are.
    """
    empreinte = b"" if bloc.prefixe in rompus else b"\\x" + hexlify(bloc.empreinte)
    return b"%b|%b|%d" % (bloc.prefixe, empreinte, lot.par_prefixe[bloc.prefixe])


def _partager(lignes: list[bytes], a_part: set[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The rows of other prefixes than these, and those of these."""
    if not a_part:
        return lignes, []
    return [un for un in lignes if un[:PREFIXE] not in a_part], [un for un in lignes if un[:PREFIXE] in a_part]


class Vus:
    """Prefixes already met, in little memory: sure of the old ones, wrong about one new prefix in a hundred."""

    def __init__(self) -> None:
        self._cases = bytearray(_CASES)

    def est_nouveau(self, prefixe: bytes) -> bool:
        case = crc32(prefixe) & (_CASES - 1)
        vu = self._cases[case]
        self._cases[case] = 1
        return not vu
