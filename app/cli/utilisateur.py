"""`flask utilisateur creer`: accounts from the command line (SPEC M27)."""

import sys

import click
from flask.cli import AppGroup
from werkzeug.security import generate_password_hash

from app.cli.sortie import refuser
from app.errors import OperationRefused
from app.operations.comptes import NouveauCompte, creer
from app.scope import systeme
from app.unit_of_work import unit_of_work

utilisateur = AppGroup("utilisateur", help="Comptes des utilisateurs.")


class CodesArs(click.Command):
    """Lets `--ars` take several codes in a row: `--ars 53 84` means `--ars 53 --ars 84`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        repeated: list[str] = []
        codes = False
        for arg in args:
            if codes and not arg.startswith("-"):
                repeated += ["--ars", arg]
            elif arg != "--ars":
                repeated.append(arg)
            codes = arg == "--ars" or (codes and not arg.startswith("-"))
        return super().parse_args(ctx, repeated)


@utilisateur.command("creer", cls=CodesArs)
@click.argument("login")
@click.option("--role", required=True, help="Lecture, Gestionnaire ARS, Administrateur national ou Admin.")
@click.option("--ars", "ars_codes", multiple=True, help="Code d’ARS ; plusieurs codes peuvent se suivre.")
@click.option("--prenom", default="", help="Prénom.")
@click.option("--nom", default="", help="Nom ; à défaut, l’identifiant.")
@click.option("--courriel", default="", help="Courriel ; à défaut, une adresse locale.")
@click.option("--mot-de-passe-stdin", is_flag=True, help="Lit le mot de passe sur l’entrée standard.")
def creer_compte(
    login: str, role: str, ars_codes: tuple[str, ...], prenom: str, nom: str, courriel: str, mot_de_passe_stdin: bool
) -> None:
    """Crée un compte ; le mot de passe compte au moins 14 caractères."""
    mot_de_passe = _mot_de_passe(depuis_stdin=mot_de_passe_stdin)
    compte = NouveauCompte(login, role, ars_codes, prenom, nom or login, courriel or f"{login}@localhost")
    try:
        with unit_of_work(systeme("commande"), "UTI.creer", source="commande") as uow:
            creer(uow, compte, mot_de_passe, generate_password_hash(mot_de_passe))
    except OperationRefused as erreur:
        refuser(erreur)
    click.echo(f"Compte « {login} » créé.")


def _mot_de_passe(*, depuis_stdin: bool) -> str:
    if depuis_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    saisi: str = click.prompt("Mot de passe", hide_input=True, confirmation_prompt="Une seconde fois")
    return saisi
