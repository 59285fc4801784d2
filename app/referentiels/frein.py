"""Safety brake: what a file must satisfy before anything of it is applied (SPEC N3, DATA-FORMATS §8).

A file that says nothing is refused; one that says too much at once to be believed goes to quarantine.
"""

from typing import Protocol

from app.errors import FichierRefuse, FichierSuspect
from app.referentiels.lignes import Entete
from models.traitement import Traitement

PERTE_PART, PERTE_MIN = 0.02, 5  # lines fewer than in the last file, and lines rejected
ABSENCES_PART, ABSENCES_MIN = 0.005, 50  # practitioners no longer listed


class Bilan(Protocol):
    """What the brake looks at, of any registry."""

    @property
    def lus(self) -> int: ...
    @property
    def rejetes(self) -> int: ...
    def comptes(self) -> dict[str, int]: ...


class BilanPraticiens(Bilan, Protocol):
    @property
    def hors_champ(self) -> int: ...
    @property
    def praticiens(self) -> int: ...
    @property
    def absents(self) -> int: ...


def refuser_plus_ancien(entete: Entete, dernier: Traitement | None) -> None:
    """Never go back in time: a file older than the last one applied would undo what that one brought."""
    if dernier is None or dernier.donnees_du is None or entete.genere_le >= dernier.donnees_du:
        return
    message = (
        f"Ce fichier date du {entete.genere_le:%d/%m/%Y à %H:%M} : il est plus ancien que le dernier fichier appliqué,"
        f" du {dernier.donnees_du:%d/%m/%Y à %H:%M} (heures UTC)."
    )
    raise FichierRefuse("E-FICHIER-ANCIEN", message)


def refuser_finess_inexploitable(bilan: Bilan, _dernier: Traitement | None) -> None:
    """A file without a single usable row would mark the whole country as absent."""
    if bilan.lus == 0:
        raise FichierRefuse("E-FICHIER-SANS-LIGNE", "Ce fichier FINESS+ ne contient aucune entité juridique.")
    if bilan.lus == bilan.rejetes:
        raise FichierRefuse("E-FICHIER-SANS-LIGNE", "Aucune ligne de ce fichier FINESS+ n’est exploitable.")


def freiner_rpps(bilan: BilanPraticiens, dernier: Traitement | None) -> None:
    """Absence takes the validity of a practitioner away: the file must be whole (A7, A-41)."""
    if bilan.lus == bilan.rejetes + bilan.hors_champ:
        message = "Ce fichier RPPS ne contient aucun praticien exploitable des professions suivies."
        raise FichierRefuse("E-FICHIER-SANS-LIGNE", message)
    perdues = dernier.lus - bilan.lus if dernier else 0
    if perdues > max(PERTE_MIN, PERTE_PART * (bilan.lus + perdues)):
        message = f"Ce fichier a {perdues} lignes de moins que le dernier appliqué : il est sans doute incomplet."
        raise FichierSuspect("E-FREIN-VOLUME", message)
    if bilan.rejetes > max(PERTE_MIN, PERTE_PART * bilan.lus):
        message = f"{bilan.rejetes} lignes sur {bilan.lus} sont illisibles : ce fichier est sans doute endommagé."
        raise FichierSuspect("E-FREIN-REJETS", message)
    if bilan.absents > max(ABSENCES_MIN, ABSENCES_PART * (bilan.praticiens + bilan.absents)):
        message = f"{bilan.absents} praticiens disparaîtraient d’un coup : ce fichier est sans doute incomplet."
        raise FichierSuspect("E-FREIN-ABSENCES", message)
