"""What the benchmarks of synchronisations share: a scratch database, and each step run in a process of its own."""

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine

from app import embedded, schema


def mener(
    analyseur: argparse.ArgumentParser,
    executer: Callable[[str, Path, str], None],
    comparer: Callable[[Path, str, argparse.Namespace], None],
) -> None:
    """Run one step when this process was started for it (`--etape`), else the whole comparison."""
    analyseur.add_argument("--fois", type=int, default=3)
    for interne in ("--etape", "--fichier", "--url"):
        analyseur.add_argument(interne, help=argparse.SUPPRESS)
    choix = analyseur.parse_args()
    if choix.etape:
        executer(choix.etape, Path(choix.fichier), choix.url)
        return
    with TemporaryDirectory(prefix="bench-") as dossier:
        chemin = Path(dossier)
        chemin.chmod(0o755)  # root gives the embedded server to another account
        url = embedded.use_postgresql(chemin / "donnees")
        schema.migrate(create_engine(url))
        comparer(chemin, url, choix)
        embedded.release()
