"""Hashes of the last file, in a quarter of the memory of a set: half a million of them must fit in a nightly job."""

from collections.abc import Iterator

TAILLE = 12  # bytes
_BITS = 12  # by which hashes are shared out: about a hundred in each slot of a national file


class Empreintes:
    """Hashes by their first bits: each slot holds some, end to end."""

    def __init__(self, octets: bytes = b"") -> None:
        self._cases = [bytearray() for _ in range(2**_BITS)]
        for debut in range(0, len(octets), TAILLE):
            empreinte = octets[debut : debut + TAILLE]
            self._case(empreinte).extend(empreinte)

    def retirer(self, empreinte: bytes) -> bool:
        """Take a hash away; says whether it was there."""
        case = self._case(empreinte)
        position = case.find(empreinte)
        while position > 0 and position % TAILLE:  # found across two hashes
            position = case.find(empreinte, position + 1)
        if position < 0:
            return False
        del case[position : position + TAILLE]
        return True

    def _case(self, empreinte: bytes) -> bytearray:
        return self._cases[(empreinte[0] << 8 | empreinte[1]) >> (16 - _BITS)]

    def __iter__(self) -> Iterator[bytes]:
        for case in self._cases:
            for debut in range(0, len(case), TAILLE):
                yield bytes(case[debut : debut + TAILLE])
