"""RPPS extract (Personne_activite) → practitioners, streamed as bytes (DATA-FORMATS §2, SPEC R12).

A line is in the field when its profession may hold a terrain and its holder is a civilian (students and military
excluded). Blocks of lines that the last file had are not parsed.
"""

from collections.abc import Iterator

from app.errors import FichierSuspect
from app.referentiels.empreintes import Empreintes
from app.referentiels.lignes import LigneRejetee
from app.referentiels.rpps_blocs import Blocs
from app.referentiels.rpps_lignes import Analyse, Lot, Rejet

OBJET = "PRATICIEN"
_REJETS_MAX = 100_000


class LectureRpps:
    """One reading of an extract: iterate over what changed, the rest is known at the end.

    Of the lines that were read, `reconnues` are in blocks that did not change, the other counts are of those that did.
    """

    def __init__(self, morceaux: Iterator[bytes], connues: Empreintes) -> None:
        self.lus = self.reconnues = self.hors_champ = self.rejetes = 0
        self.rejets: list[LigneRejetee] = []  # those already met; the reader of these takes them away
        self._blocs = Blocs(morceaux, connues)
        self.colonnes = self._blocs.colonnes

    def __iter__(self) -> Iterator[Lot]:
        analyse = Analyse(self.colonnes)
        for blocs in self._blocs:
            lot = analyse.analyser(blocs)
            self.hors_champ += lot.hors_champ
            for rejet in lot.rejets:
                self._rejeter(rejet)
            yield lot
        self.reconnues = self._blocs.reconnues
        self.lus = self.reconnues + analyse.lus

    def _rejeter(self, rejet: Rejet) -> None:
        lu = rejet.rpps[:60].decode(errors="replace").replace("\0", "\ufffd")
        self.rejetes += 1
        if self.rejetes > _REJETS_MAX:
            message = f"Plus de {_REJETS_MAX} lignes sont illisibles : ce fichier est sans doute endommagé."
            raise FichierSuspect("E-FREIN-REJETS", message)
        self.rejets.append(LigneRejetee(str(rejet.numero), OBJET, lu or None, rejet.motif))
