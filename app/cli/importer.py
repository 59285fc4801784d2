"""`flask importer …`: CSV files of the national system (docs/imports.md)."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from app.cli.acteur import NATIONALE, acteur
from app.cli.sortie import afficher_json, refuser
from app.errors import FichierRefuse, OperationRefused
from app.imports.importation import OBJETS, REFUSE, Bilan
from app.imports.importation import importer as importer_fichier
from app.imports.moteur import Comptes
from app.imports.objet import Objet
from app.imports.reprise import reprendre
from app.scope import Actor
from app.unit_of_work import transaction

FICHIER_REFUSE = 4
_FICHIER = click.Path(path_type=Path)
_LOGIN = click.option("--login", help="Agir au nom de ce compte, qui doit être national.")
_SIMULER = click.option("--simuler", is_flag=True, help="Tout calculer et ne rien écrire.")
_LIBELLES = {
    "agrements": "les agréments",
    "demandes": "les demandes d’agrément",
    "internes": "les internes",
    "semestres": "les semestres d’internat",
}

importer = AppGroup("importer", help="Fichiers CSV du système national et de l’ancienne application.")


def _commande(objet: Objet) -> None:
    """Give the group the command of one kind of objects."""
    aide = (
        f"Importe {_LIBELLES[objet.nom]} d’un fichier CSV ; recommencer ne change rien.\n\n"
        "La dernière ligne affichée est un objet JSON. Code de sortie : 0 appliqué ou simulé, 4 fichier refusé,"
        " 5 compte refusé."
    )

    @importer.command(objet.nom, help=aide)
    @click.argument("fichier", type=_FICHIER)
    @_SIMULER
    @click.option("--strict", is_flag=True, help="Ne rien écrire si une seule ligne est rejetée.")
    @click.option("--rejets", type=_FICHIER, help="Fichier CSV où écrire les lignes rejetées.")
    @_LOGIN
    def commande(fichier: Path, login: str | None, rejets: Path | None, *, simuler: bool, strict: bool) -> None:
        try:
            bilan = importer_fichier(
                acteur_national(login), objet, fichier, simuler=simuler, strict=strict, fichier_rejets=rejets
            )
        except FichierRefuse as refus:
            refuser_fichier(refus)
        except OperationRefused as refus:
            refuser(refus)
        afficher_json(en_json(bilan))
        if bilan.etat == REFUSE:
            sys.exit(FICHIER_REFUSE)


for _objet in OBJETS.values():
    _commande(_objet)


@importer.command("reprise")
@click.option("--ej", type=_FICHIER, help="Entités juridiques.")
@click.option("--et", type=_FICHIER, help="Établissements.")
@click.option("--ts", type=_FICHIER, help="Terrains de stage.")
@_SIMULER
@click.option("--rejets", type=_FICHIER, help="Dossier où écrire les lignes rejetées de chaque fichier.")
@_LOGIN
def reprise(
    ej: Path | None, et: Path | None, ts: Path | None, rejets: Path | None, login: str | None, *, simuler: bool
) -> None:
    """Reprend les entités juridiques, établissements et terrains de l’ancienne application, dans cet ordre.

    La dernière ligne affichée est un objet JSON. Code de sortie : 0 appliqué ou simulé, 4 fichier refusé,
    5 compte refusé.
    """
    donnes = {nom: chemin for nom, chemin in (("ej", ej), ("et", et), ("ts", ts)) if chemin is not None}
    if not donnes:
        raise click.UsageError("Indiquez au moins un fichier : --ej, --et ou --ts.")
    try:
        bilan = reprendre(acteur_national(login), donnes, simuler=simuler, dossier_rejets=rejets)
    except FichierRefuse as refus:
        refuser_fichier(refus)
    except OperationRefused as refus:
        refuser(refus)
    afficher_json(
        {
            "etat": bilan.etat,
            **asdict(bilan.total),
            **{nom: en_json(un) for nom, un in bilan.fichiers.items()},
            "objets_revus": bilan.objets_revus,
        }
    )


def acteur_national(login: str | None) -> Actor:
    """Who imports: the command itself, or an account with its rights."""
    with transaction() as session:
        return acteur(session, NATIONALE, login)


def en_json(bilan: Bilan) -> dict[str, Any]:
    """The outcome, for other programs."""
    suite = {un: getattr(bilan, un) for un in ("colonnes_ignorees", "avertissements", "motif")}
    rejets = [{"ligne": un.ligne, "motif": un.motif} for un in bilan.rejets]
    return {"etat": bilan.etat, **asdict(bilan.comptes), "rejets": rejets, **suite}


def refuser_fichier(refus: FichierRefuse) -> NoReturn:
    """The refusal of a file: code and sentence, then the same JSON as an outcome, and exit."""
    click.echo(f"{refus.code} : {refus.message}", err=True)
    rien = Bilan(REFUSE, Comptes(0, 0, 0, 0, 0), (), (), (), refus.message)
    afficher_json({**en_json(rien), "code": refus.code})
    sys.exit(FICHIER_REFUSE)
