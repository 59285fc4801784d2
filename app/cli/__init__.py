"""Commands: `flask --app run …`. One file per group; each command calls what its screen calls."""

from flask import Flask

from app.cli.demo import demo
from app.cli.etablissement import etablissement
from app.cli.importer import importer
from app.cli.init import init
from app.cli.journal import journal
from app.cli.operation import operation
from app.cli.referentiel import referentiel
from app.cli.terrain import terrain
from app.cli.utilisateur import utilisateur

COMMANDES = (demo, etablissement, importer, init, journal, operation, referentiel, terrain, utilisateur)


def enregistrer(app: Flask) -> None:
    """Give the application its commands."""
    for commande in COMMANDES:
        app.cli.add_command(commande)
