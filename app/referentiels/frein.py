"""Safety brake: what a file must satisfy before anything of it is applied (SPEC N3, DATA-FORMATS §8).

Here, what refuses a file outright. The thresholds that put a suspicious file in quarantine take their place beside.
"""

from app.errors import FichierRefuse
from app.referentiels.ecarts import Bilan
from app.referentiels.lignes import Entete
from models.traitement import Traitement


def refuser_plus_ancien(entete: Entete, dernier: Traitement | None) -> None:
    """Never go back in time: a file older than the last one applied would undo what that one brought."""
    if dernier is None or dernier.donnees_du is None or entete.genere_le >= dernier.donnees_du:
        return
    message = (
        f"Ce fichier date du {entete.genere_le:%d/%m/%Y à %H:%M} : il est plus ancien que le dernier fichier appliqué,"
        f" du {dernier.donnees_du:%d/%m/%Y à %H:%M} (heures UTC)."
    )
    raise FichierRefuse("E-FICHIER-ANCIEN", message)


def refuser_inexploitable(bilan: Bilan) -> None:
    """A file without a single usable row would mark the whole country as absent."""
    if bilan.lus == 0:
        raise FichierRefuse("E-FICHIER-SANS-LIGNE", "Ce fichier FINESS+ ne contient aucune entité juridique.")
    if bilan.lus == bilan.rejetes:
        raise FichierRefuse("E-FICHIER-SANS-LIGNE", "Aucune ligne de ce fichier FINESS+ n’est exploitable.")
