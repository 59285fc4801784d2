"""`flask journal …`: the sealed journal (SPEC N28, QUALITY A-72)."""

import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.sortie import afficher_json
from app.sceaux import racines
from app.sceaux.verification import verifier
from app.unit_of_work import transaction

ROMPUE = 6

journal = AppGroup("journal", help="Journal scellé.")


@journal.command("verifier")
def verifier_le_journal() -> None:
    """Vérifie la chaîne des sceaux et les racines quotidiennes ; code 6 au premier maillon rompu."""
    with transaction() as session:
        bilan = verifier(session, racines.lire(current_app.extensions["settings"].data_dir))
    if bilan.rupture:
        click.echo(bilan.rupture.message, err=True)
    afficher_json(asdict(bilan))
    sys.exit(ROMPUE if bilan.rupture else 0)
