"""`flask init`: brings the database to what this version expects. Idempotent."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.initialisation import initialiser


@click.command("init")
@with_appcontext
def init() -> None:
    """Crée ou met à jour la base : tables, rôles, droits et tables de référence."""
    initialiser(current_app.extensions["migrate"].db.engine)
    click.echo("La base est à jour.")
