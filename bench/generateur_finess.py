"""Write a synthetic FINESS+ daily file of national size. Run from the root of the project:

    python -m bench.generateur_finess finess-1.json.gz                     50 000 EJ, 105 000 ET
    python -m bench.generateur_finess finess-2.json.gz --jour 2            the next day, 0.3 % changed
    python -m bench.generateur_finess petit.json --ej 400 --et 1000 --indentation 1

Same arguments, same bytes.
"""

import argparse
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from app.demonstration.finess_fichier import ecrire_fichier
from app.demonstration.finess_synthetique import lendemain, registre, territoires

PREMIER_JOUR = datetime(2026, 11, 20, tzinfo=UTC).date()


def generer(
    chemin: Path,
    *,
    ej: int = 50_000,
    et: int = 105_000,
    jour: int = 1,
    graine: int = 2026,
    taux: float = 0.003,
    indentation: int = 2,
) -> tuple[int, int]:
    """Write the file of day `jour`; return how many EJ and ET it has."""
    entites = registre(territoires(), nombre_ej=ej, nombre_et=et, graine=graine)
    le = PREMIER_JOUR
    for _ in range(jour - 1):
        le += timedelta(days=1)
        entites = lendemain(entites, le, taux=taux)
    genere_le = datetime.combine(le, time(4), tzinfo=UTC)
    return ecrire_fichier(chemin, entites, genere_le=genere_le, indentation=indentation)


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("chemin", type=Path)
    analyseur.add_argument("--ej", type=int, default=50_000)
    analyseur.add_argument("--et", type=int, default=105_000)
    analyseur.add_argument("--jour", type=int, default=1)
    analyseur.add_argument("--graine", type=int, default=2026)
    analyseur.add_argument("--taux", type=float, default=0.003)
    analyseur.add_argument("--indentation", type=int, default=2)
    choix = vars(analyseur.parse_args())
    nombre_ej, nombre_et = generer(**choix)
    print(f"{choix['chemin']}: {nombre_ej} EJ, {nombre_et} ET, {choix['chemin'].stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
