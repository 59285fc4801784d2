"""Rows of the practitioners on their way to their tables, sent a few thousand at a time while the reading goes on.

On a first load the tables are those of the mirror itself: writing half a million practitioners twice would take longer
than reading them. Only a practitioner whose lines may be scattered is put aside, to be merged as on any other night.
"""

from zlib import crc32

from app.referentiels.copie import Versement
from app.referentiels.rpps import Groupe
from app.referentiels.rpps_lignes import COLONNES_ACTIVITE, COLONNES_PRATICIEN

_BASCULE = 2**18  # bytes: about what a socket holds, so that sending does not wait
_CASES = 2**23
_COLONNES = {
    "praticien": COLONNES_PRATICIEN,
    "activite_praticien": COLONNES_ACTIVITE,
    "arrivee_praticien": (*COLONNES_PRATICIEN, "lignes"),
    "arrivee_activite": COLONNES_ACTIVITE,
}


class Lots:
    """Takes groups; the tables have them after `vider`."""

    def __init__(self, versement: Versement, *, directe: bool) -> None:
        self.directes = 0  # lines copied into the mirror
        self.finir = versement.finir
        self._versement = versement
        self._vus = Vus() if directe else None
        self._attente: dict[str, list[bytes]] = {table: [] for table in _COLONNES}

    def ajouter(self, groupe: Groupe) -> None:
        """Keep the rows of a group until they are sent."""
        if self._vus and self._vus.est_nouveau(groupe.rpps) and groupe.intact:
            self.directes += groupe.lignes
            self._attente["praticien"].append(groupe.praticien + b"\n")
            self._attente["activite_praticien"] += groupe.activites
        elif groupe.lignes:
            self._attente["arrivee_praticien"].append(b"%b|%d\n" % (groupe.praticien, groupe.lignes))
            self._attente["arrivee_activite"] += groupe.activites

    def envoyer(self) -> None:
        """Send what waits for the table that is open, or for another one once it is worth a COPY."""
        tailles = {table: sum(map(len, lignes)) for table, lignes in self._attente.items()}
        plus_grand = max(tailles, key=tailles.__getitem__)
        self._verser(plus_grand if tailles[plus_grand] >= _BASCULE else self._versement.table)

    def vider(self) -> None:
        """Send everything, and wait for it."""
        for table in _COLONNES:
            self._verser(table)
        self.finir()

    def _verser(self, table: str) -> None:
        if lignes := self._attente.get(table):
            self._versement.envoyer(table, _COLONNES[table], b"".join(lignes))
            lignes.clear()


class Vus:
    """Numbers already met, in little memory: sure of the old ones, wrong about one new number in twenty."""

    def __init__(self) -> None:
        self._cases = bytearray(_CASES)

    def est_nouveau(self, numero: bytes) -> bool:
        case = crc32(numero) & (_CASES - 1)
        vu = self._cases[case]
        self._cases[case] = 1
        return not vu
