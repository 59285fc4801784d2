"""What commands have in common: exit codes, and how a refusal is told."""

import json
import sys
from typing import Any, NoReturn

import click

from app.errors import OperationRefused

REFUSEE = 5


def refuser(erreur: OperationRefused) -> NoReturn:
    """Print each reason, code first, then the same as JSON on the last line, and exit."""
    for refus in erreur.refus:
        click.echo(f"{refus.code} : {refus.message}", err=True)
    afficher_json({"refus": [{"code": refus.code, "message": refus.message} for refus in erreur.refus]})
    sys.exit(REFUSEE)


def afficher_json(objet: dict[str, Any]) -> None:
    """The result of a command, for other programs: one line on the standard output, the last one."""
    click.echo(json.dumps(objet, ensure_ascii=False, default=str))
