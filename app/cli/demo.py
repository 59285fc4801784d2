"""`flask demo`: demonstration data, in development only (N19)."""

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from werkzeug.security import generate_password_hash

from app import demonstration
from app.cli.sortie import REFUSEE, refuser
from app.errors import OperationRefused
from app.initialisation import initialiser
from config import Settings


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Charge les données et les comptes de démonstration ; ne complète que ce qui manque."""
    settings: Settings = current_app.extensions["settings"]
    if settings.production:
        click.echo("E-PRODUCTION : la démonstration ne se charge pas en production.", err=True)
        sys.exit(REFUSEE)
    initialiser(current_app.extensions["migrate"].db.engine)
    try:
        bilan = demonstration.charger(settings.depot, generate_password_hash)
    except OperationRefused as erreur:
        refuser(erreur)
    click.echo(f"{bilan.etablissements} établissements, {bilan.terrains} terrains et {bilan.comptes} comptes ajoutés.")
    click.echo(f"Le fichier du lendemain, {bilan.second_fichier}, attend dans le dossier de dépôt.")
    click.echo("\n".join(demonstration.presentation()))
