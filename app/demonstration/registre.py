"""Registry of the demonstration: some hundred établissements in 75 towns, over every ARS, and its next day."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from app.demonstration.finess_fichier import ecrire_fichier
from app.demonstration.finess_synthetique import EjSynthetique, Ville, lendemain, registre, territoires
from app.referentiels.graines import lire_graine

BASSINS = "bassins_de_vie_demonstration"
# Older than any real file one may load after it: the synchronisation refuses to go back in time.
PREMIER_JOUR = date(2026, 1, 5)
_NOMBRE_EJ, _NOMBRE_ET, _TAUX = 144, 460, 0.05


def entites() -> list[EjSynthetique]:
    """The entités juridiques of the first day, with their établissements; always the same."""
    return list(registre(territoires_du_registre(), nombre_ej=_NOMBRE_EJ, nombre_et=_NOMBRE_ET))


def territoires_du_registre() -> list[list[Ville]]:
    """The towns of the demonstration, by ARS."""
    return territoires({ligne["CODGEO"] for ligne in lire_graine(BASSINS)})


def ecrire_fichiers(depot: Path) -> tuple[Path, Path]:
    """The files of two days, in the deposit folder; the second one is left for the user to launch."""
    depot.mkdir(parents=True, exist_ok=True)
    premier, second = entites(), lendemain(entites(), PREMIER_JOUR + timedelta(days=1), taux=_TAUX)
    chemins = []
    for le, contenu in ((PREMIER_JOUR, premier), (PREMIER_JOUR + timedelta(days=1), second)):
        chemin = depot / f"finess-structures-journalier-{le:%Y%m%d}.json.gz"
        ecrire_fichier(chemin, contenu, genere_le=datetime.combine(le, time(4), tzinfo=UTC))
        chemins.append(chemin)
    return chemins[0], chemins[1]
