"""Hashes of the last file, in a quarter of the memory of a set: half a million of them must fit in a nightly job."""

from collections import defaultdict
from collections.abc import Iterator

TAILLE = 12  # bytes
_TETE = 2
_RESTE = TAILLE - _TETE


class Empreintes:
    """Hashes by their two first bytes: each slot holds, end to end, what follows them."""

    def __init__(self, octets: bytes = b"") -> None:
        self._cases: defaultdict[bytes, bytearray] = defaultdict(bytearray)
        for debut in range(0, len(octets), TAILLE):
            self._cases[octets[debut : debut + _TETE]] += octets[debut + _TETE : debut + TAILLE]

    def retirer(self, empreinte: bytes) -> bool:
        """Take a hash away; says whether it was there."""
        case = self._cases.get(empreinte[:_TETE])
        if case is None:
            return False
        reste = empreinte[_TETE:]
        position = case.find(reste)
        while position > 0 and position % _RESTE:  # found across two hashes
            position = case.find(reste, position + 1)
        if position < 0:
            return False
        del case[position : position + _RESTE]
        return True

    def __iter__(self) -> Iterator[bytes]:
        for tete, case in self._cases.items():
            for debut in range(0, len(case), _RESTE):
                yield tete + bytes(case[debut : debut + _RESTE])
