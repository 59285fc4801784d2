"""`flask referentiel charger …`: load a registry file from the command line, as its screen does."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, NoReturn

import click
from flask.cli import AppGroup

from app import exports
from app.cli.sortie import afficher_json
from app.errors import FichierRefuse, OperationRefused
from app.referentiels import chargement, suivi
from app.referentiels.bassins_de_vie import charger_bassins_de_vie
from app.referentiels.codes_postaux import charger_codes_postaux
from app.referentiels.communes import charger_communes
from app.referentiels.mouvements_communes import charger_mouvements
from app.referentiels.rpps_synchro import synchroniser_rpps
from app.referentiels.synchro import synchroniser_finess
from app.unit_of_work import transaction
from models.traitement import EtatTraitement, Traitement, TypeTraitement

QUARANTAINE, REFUSE = 3, 4
MONTRES = 100
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


def _commande_insee(nom: str, charger_fichier: chargement.Chargeur, aide: str) -> None:
    """One command per published file: same options, same JSON line, same exit codes."""

    @charger.command(nom, help=f"{aide}\n\n{_AIDE_INSEE}")
    @click.argument("fichier", type=click.Path(path_type=Path))
    @click.option("--simuler", is_flag=True, help="Tout calculer et ne rien changer.")
    @click.option("--rejets", type=click.File("wb", lazy=False), help="Fichier CSV où écrire les lignes rejetées.")
    def commande(fichier: Path, *, simuler: bool, rejets: IO[bytes] | None) -> None:
        try:
            with transaction() as session:
                resultat = chargement.executer(session, charger_fichier, fichier, simulation=simuler)
        except FichierRefuse as refus:
            _refuser_fichier(refus)
        if rejets is not None:
            _ecrire_rejets(rejets, resultat)
        _afficher_resultat(resultat, simuler=simuler)


_AIDE_INSEE = (
    "La dernière ligne affichée est un objet JSON, dont les comptes sont en lignes du fichier."
    " Code de sortie : 0 appliqué ou simulé, 4 refusé."
)
_commande_insee(
    "communes", charger_communes, "Applique le code officiel géographique de l’INSEE (v_commune_AAAA.csv, gzip ou non)."
)
_commande_insee(
    "codes-postaux", charger_codes_postaux, "Applique les codes postaux de La Poste (019HexaSmal.csv, gzip ou non)."
)
_commande_insee(
    "mouvements-communes",
    charger_mouvements,
    "Applique les fusions et changements de code de communes de l’INSEE (v_mvt_commune_AAAA.csv, gzip ou non).",
)


@charger.command("bassins-de-vie")
@click.argument("fichier", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def charger_bassins(fichier: Path) -> None:
    """Charge la table INSEE des bassins de vie (CSV, compressé ou non, ou classeur XLSX de l’INSEE)."""
    try:
        with transaction() as session:
            resultat = charger_bassins_de_vie(session, fichier)
    except FichierRefuse as refus:
        _refuser_fichier(refus)
    afficher_json({"etat": "applique", **asdict(resultat)})


def _refuser_fichier(refus: FichierRefuse) -> NoReturn:
    click.echo(f"{refus.code} : {refus.message}", err=True)
    afficher_json({"etat": "refuse", "code": refus.code, "motif": refus.message})
    sys.exit(REFUSE)


def _afficher_resultat(resultat: chargement.Resultat, *, simuler: bool) -> None:
    """The counts, then the first rejects and what a person must look at: the whole of a bad file would be too long."""
    comptes = asdict(resultat)
    rejets, a_verifier = comptes.pop("rejets"), comptes.pop("a_verifier")
    listes = {"rejets": rejets[:MONTRES], "a_verifier": a_verifier[:MONTRES], "a_verifier_total": len(a_verifier)}
    afficher_json({"etat": "simule" if simuler else "applique", **comptes, **listes, "motif": ""})


def _ecrire_rejets(fichier: IO[bytes], resultat: chargement.Resultat) -> None:
    lignes = ((un.ligne, un.valeur, un.motif) for un in resultat.rejets)
    fichier.writelines(exports.exporter(exports.CSV, ("Ligne du fichier", "Valeur lue", "Motif"), lignes))


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
