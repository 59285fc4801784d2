"""What the benchmarks share: a scratch database, and for synchronisations each step run in a process of its own."""

import argparse
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    with base_jetable() as (dossier, url):
        comparer(dossier, url, choix)


def figer() -> None:
    """Leave what is loaded out of garbage collections, as gunicorn.conf.py does for the web server."""
    gc.collect()
    gc.freeze()


@contextmanager
def base_jetable() -> Iterator[tuple[Path, str]]:
    """A scratch folder, and the address of a database of its own with the tables of the application."""
    with TemporaryDirectory(prefix="bench-") as dossier:
        chemin = Path(dossier)
        chemin.chmod(0o755)  # root gives the embedded server to another account
        try:
            url = embedded.use_postgresql(chemin / "donnees")
            schema.migrate(create_engine(url))
            yield chemin, url
        finally:
            embedded.release()
