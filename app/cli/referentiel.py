"""`flask referentiel charger …`: load a registry file from the command line, as its screen does."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.sortie import afficher_json
from app.errors import FichierRefuse, OperationRefused
from app.referentiels import suivi
from app.referentiels.bassins_de_vie import charger_bassins_de_vie
from app.referentiels.rpps_synchro import synchroniser_rpps
from app.referentiels.synchro import synchroniser_finess
from app.unit_of_work import transaction
from models.traitement import EtatTraitement, Traitement, TypeTraitement

QUARANTAINE, REFUSE = 3, 4
_SORTIES = {EtatTraitement.QUARANTAINE: QUARANTAINE, EtatTraitement.REFUSE: REFUSE}
_COMPTES = {
    TypeTraitement.FINESS: ("lus", "rejetes", "ej_lues", "et_lus", "crees", "modifies", "inchanges", "fermes"),
    TypeTraitement.RPPS: (
        "lus",
        "rejetes",
        "hors_champ",
        "praticiens",
        "crees",
        "modifies",
        "inchanges",
        "absents",
        "objets_modifies",
    ),
}

referentiel = AppGroup("referentiel", help="Référentiels nationaux.")
charger = AppGroup("charger", help="Charge un fichier de référentiel.")
referentiel.add_command(charger)


@charger.command("finess")
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--simuler", is_flag=True, help="Tout calculer et ne rien changer.")
def charger_finess(fichier: Path, *, simuler: bool) -> None:
    """Applique un fichier FINESS+ (JSON, compressé ou non).

    La dernière ligne affichée est un objet JSON. Code de sortie : 0 appliqué, simulé ou déjà intégré,
    3 mis en quarantaine, 4 refusé.
    """
    _synchroniser(TypeTraitement.FINESS, synchroniser_finess, fichier, simuler=simuler)


@charger.command("rpps")
@click.argument("fichier", type=click.Path(path_type=Path))
@click.option("--simuler", is_flag=True, help="Tout calculer et ne rien changer.")
def charger_rpps(fichier: Path, *, simuler: bool) -> None:
    """Applique un extrait RPPS Personne_activite (texte, compressé ou non, ou archive zip de l’Annuaire Santé).

    La dernière ligne affichée est un objet JSON, dont les comptes sont en lignes du fichier. Code de sortie :
    0 appliqué, simulé ou déjà intégré, 3 mis en quarantaine, 4 refusé.
    """
    _synchroniser(TypeTraitement.RPPS, synchroniser_rpps, fichier, simuler=simuler)


@charger.command("bassins-de-vie")
@click.argument("fichier", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def charger_bassins(fichier: Path) -> None:
    """Charge la table INSEE des bassins de vie (CSV, compressé ou non, ou classeur XLSX de l’INSEE)."""
    try:
        with transaction() as session:
            resultat = charger_bassins_de_vie(session, fichier)
    except FichierRefuse as refus:
        click.echo(f"{refus.code} : {refus.message}", err=True)
        sys.exit(REFUSE)
    afficher_json({"etat": "applique", **asdict(resultat)})


def _synchroniser(
    type_: TypeTraitement, synchroniser: Callable[[int, Path], Traitement], fichier: Path, *, simuler: bool
) -> None:
    try:
        numero = suivi.demander(type_, fichier.name[-255:], demandeur="commande", simulation=simuler)
    except OperationRefused as refus:
        _terminer(Traitement(type=type_, etat=EtatTraitement.REFUSE, motif=str(refus)))
    _terminer(synchroniser(numero, fichier))


def _terminer(traitement: Traitement) -> None:
    comptes = {un: getattr(traitement, un) or 0 for un in _COMPTES[traitement.type]}
    resultat = {"traitement": traitement.id, "etat": traitement.etat.name.lower()}
    afficher_json({**resultat, **comptes, "motif": traitement.motif or ""})
    sys.exit(_SORTIES.get(traitement.etat, 0))
