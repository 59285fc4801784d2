"""Daily roots: where the chain was each day, in files outside the database: a chain rewritten whole is seen (A-72)."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.journal import SceauJournal


@dataclass(frozen=True)
class Racine:
    """The last seal of the chain when the root was written; `sceau` in hexadecimal."""

    jour: str
    rang: int
    evenement: int
    sceau: str


def dossier(data_dir: Path) -> Path:
    return data_dir / "journal"


def ecrire(session: Session, data_dir: Path, jour: date) -> Path | None:
    """Write the root of the day unless it is there already, or nothing is sealed yet; return its file."""
    chemin = dossier(data_dir) / f"racine-{jour.isoformat()}.json"
    dernier = session.scalar(select(SceauJournal).order_by(SceauJournal.rang.desc()).limit(1))
    if chemin.exists() or dernier is None:
        return None
    racine = Racine(jour.isoformat(), dernier.rang, dernier.evenement_id, dernier.sceau.hex())
    chemin.parent.mkdir(parents=True, exist_ok=True)
    brouillon = chemin.with_suffix(f".{os.getpid()}")
    with brouillon.open("w", encoding="utf-8") as fichier:
        json.dump(asdict(racine), fichier)
        fichier.flush()
        os.fsync(fichier.fileno())
    brouillon.chmod(0o444)
    brouillon.replace(chemin)
    return chemin


def lire(data_dir: Path) -> list[tuple[Path, Racine | None]]:
    """Every root, oldest first; None for a file that is not one any more."""
    return [(chemin, _lire(chemin)) for chemin in sorted(dossier(data_dir).glob("racine-*.json"))]


def _lire(chemin: Path) -> Racine | None:
    try:
        racine = Racine(**json.loads(chemin.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None
    return racine if chemin.name == f"racine-{racine.jour}.json" else None
