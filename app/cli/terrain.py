"""`flask terrain …`: what « Créer », « Activer » and « Supprimer » do on the screen (manual §1.6, §1.12)."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.acteur import acteur
from app.cli.sortie import REFUSEE, afficher_json, refuser
from app.errors import OperationRefused, Refus
from app.operations import activation, creation_terrain, suppression
from app.operations.lot import Rapport
from app.operations.saisie_terrain import SaisieTerrain
from app.unit_of_work import UnitOfWork, transaction, unit_of_work
from models.terrain_de_stage import AncienNumero, TerrainDeStage, TypeOrganisme

terrain = AppGroup("terrain", help="Terrains de stage.")
creer = AppGroup("creer", help="Crée un terrain de stage du type donné.")
terrain.add_command(creer)

_Commande = Callable[..., Any]
OPTIONS_COMMUNES = (
    click.option("--ars", required=True, help="Code de l’ARS de travail, ou « national »."),
    click.option("--login", help="Agir au nom de ce compte, avec ses droits."),
)
_OPTIONS_CREATION = (
    click.option("--subdivision", help="Code de la subdivision ; inutile quand l’ARS n’en a qu’une."),
    click.option("--specialite", help="Code de la spécialité principale."),
    click.option("--postes", type=int, help="Nombre de postes."),
)


def options(*options: Callable[[_Commande], _Commande]) -> Callable[[_Commande], _Commande]:
    def appliquer(commande: _Commande) -> _Commande:
        for option in reversed(options):
            commande = option(commande)
        return commande

    return appliquer


@creer.command("hospitalier")
@click.option("--et", "numero_et", required=True, help="Numéro FINESS de l’établissement.")
@click.option("--service", required=True, help="Nom du service ou de l’unité.")
@options(*_OPTIONS_CREATION, *OPTIONS_COMMUNES)
def creer_hospitalier(numero_et: str, service: str, subdivision: str | None, **choix: Any) -> None:
    """Crée un terrain hospitalier sur un établissement actif ; affiche le terrain en JSON."""

    def creation(uow: UnitOfWork) -> TerrainDeStage:
        etablissement = creation_terrain.etablissement_choisi(uow.session, numero_et)
        return creation_terrain.creer_hospitalier(uow, etablissement.id, _saisie(choix, nom=service), subdivision)

    _creer(creation, choix)


@creer.command("praticien")
@click.option("--rpps", required=True, help="Numéro RPPS du praticien.")
@click.option("--nom", help="Nom du cabinet ; à défaut, celui du RPPS.")
@click.option("--activite", type=int, help="Clé du lieu d’exercice choisi ; à défaut, le premier proposé.")
@options(*_OPTIONS_CREATION, *OPTIONS_COMMUNES)
def creer_praticien(rpps: str, nom: str | None, activite: int | None, subdivision: str | None, **choix: Any) -> None:
    """Crée le terrain d’un praticien depuis le RPPS ; affiche le terrain en JSON."""
    saisie = _saisie(choix, nom=nom)
    _creer(lambda uow: creation_terrain.creer_praticien(uow, rpps, saisie, subdivision, activite), choix)


@creer.command("organisme")
@click.option("--type", "type_", required=True, help="Type de l’organisme, par exemple HOPITAL_FRONTALIER.")
@click.option("--nom", required=True, help="Nom de l’organisme.")
@click.option("--service", help="Nom du service dans l’organisme ; à défaut, celui de l’organisme.")
@click.option("--siret", help="SIRET de l’organisme.")
@click.option("--numero", help="Autre numéro d’identification.")
@click.option("--nature-numero", help="Nature de cet autre numéro.")
@options(*_OPTIONS_CREATION, *OPTIONS_COMMUNES)
def creer_organisme(type_: str, nom: str, subdivision: str | None, **choix: Any) -> None:
    """Crée un terrain « Autre organisme » ; affiche le terrain en JSON."""

    def creation(uow: UnitOfWork) -> TerrainDeStage:
        saisie = _saisie(
            choix,
            nom=choix["service"],
            organisme_nom=nom,
            type_organisme=_type_organisme(type_),
            siret=choix["siret"],
            autre_numero=choix["numero"],
            autre_numero_nature=choix["nature_numero"],
        )
        return creation_terrain.creer_organisme(uow, saisie, subdivision)

    _creer(creation, choix)


@terrain.command("activer")
@click.argument("numeros", nargs=-1, required=True)
@options(*OPTIONS_COMMUNES)
def activer(numeros: Sequence[str], **choix: Any) -> None:
    """Active des terrains inactifs ; affiche un compte rendu en JSON, un terrain refusé n’empêche pas les autres."""
    _en_lot("TS.activer", activation.activer, numeros, choix)


@terrain.command("supprimer")
@click.argument("numeros", nargs=-1, required=True)
@options(*OPTIONS_COMMUNES)
def supprimer(numeros: Sequence[str], **choix: Any) -> None:
    """Rend inactifs des terrains ; affiche un compte rendu en JSON, un terrain refusé n’empêche pas les autres."""
    _en_lot("TS.supprimer", suppression.supprimer, numeros, choix)


def _creer(creation: Callable[[UnitOfWork], TerrainDeStage], choix: dict[str, Any]) -> None:
    try:
        with transaction() as session:
            actor = acteur(session, choix["ars"], choix["login"])
        with unit_of_work(actor, "TS.creer", source="commande") as uow:
            resultat = _en_json(creation(uow))
    except OperationRefused as erreur:
        refuser(erreur)
    afficher_json(resultat)


def _en_lot(
    operation: str,
    verbe: Callable[[UnitOfWork, Sequence[int]], Rapport],
    numeros: Sequence[str],
    choix: dict[str, Any],
) -> None:
    try:
        with transaction() as session:
            actor = acteur(session, choix["ars"], choix["login"])
            ids = [terrain_de(session, numero) for numero in numeros]
        with unit_of_work(actor, operation, source="commande") as uow:
            rapport = verbe(uow, ids)
    except OperationRefused as erreur:
        refuser(erreur)
    for ligne in rapport.refusees:
        for refus in ligne.refus:
            click.echo(f"{ligne.libelle} : {refus.code} : {refus.message}", err=True)
    afficher_json(
        {
            "faits": [ligne.libelle.partition(" ")[0] for ligne in rapport.faites],
            "refus": [
                {"terrain": ligne.libelle.partition(" ")[0], "code": refus.code, "message": refus.message}
                for ligne in rapport.refusees
                for refus in ligne.refus
            ],
        }
    )
    sys.exit(REFUSEE if rapport.refusees else 0)


def _saisie(choix: dict[str, Any], **champs: Any) -> SaisieTerrain:
    return SaisieTerrain(specialite_code=choix["specialite"], nombre_de_postes=choix["postes"], **champs)


def terrain_de(session: Session, numero: str) -> int:
    """Id of a terrain by its number, or by one it had before (N21)."""
    propre = "".join(numero.split()).upper()
    ancien = select(AncienNumero.terrain_id).where(AncienNumero.numero == propre)
    trouve = session.scalar(select(TerrainDeStage.id).where(TerrainDeStage.numero == propre)) or session.scalar(ancien)
    if trouve is None:
        raise OperationRefused(Refus("E-INTROUVABLE", f"Aucun terrain de stage n’a le numéro {propre}."))
    return trouve


def _type_organisme(saisie: str) -> TypeOrganisme:
    """By its name or its French label, whatever the case."""
    for un in TypeOrganisme:
        if saisie.lower() in (un.name.lower(), un.value.lower()):
            return un
    possibles = ", ".join(un.name for un in TypeOrganisme)
    raise OperationRefused(Refus("E-TYPE-ORGANISME", f"Le type « {saisie} » n’existe pas : {possibles}."))


def _en_json(cree: TerrainDeStage) -> dict[str, Any]:
    return {
        "id": cree.id,
        "numero": cree.numero,
        "type": cree.type.value,
        "nom": cree.nom,
        "statut": cree.statut.value,
        "ars": cree.ars_code,
        "subdivision": cree.subdivision_code,
        "departement": cree.departement_effectif,
        "rpps": cree.rpps,
    }
