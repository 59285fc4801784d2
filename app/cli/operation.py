"""`flask operation …`: the operations that move terrains, as their screens do them (manual §1.7 to §1.10; N1, N2)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.cli.acteur import acteur
from app.cli.sortie import afficher_json, refuser
from app.cli.terrain import OPTIONS_COMMUNES, options, terrain_de
from app.errors import OperationRefused
from app.operations import annulation, fusion, territoire, transfert_praticien
from app.operations.creation_terrain import etablissement_choisi
from app.operations.deplacement import Plan
from app.operations.fusion import Demande
from app.operations.saisie_terrain import BLOC_VIDE, saisie_de
from app.scope import Actor
from app.unit_of_work import UnitOfWork, transaction, unit_of_work
from models.terrain_de_stage import TerrainDeStage

operation = AppGroup("operation", help="Opérations exceptionnelles.")
_APERCU = click.option("--apercu", is_flag=True, help="Montrer ce qui serait fait, et ne rien changer.")
_Fait = fusion.Apercu | territoire.Apercu


@operation.command("fusion")
@click.argument("origine")
@click.argument("destination")
@click.option("--subdivision", help="Subdivision que prennent les terrains qui changent d’ARS.")
@_APERCU
@options(*OPTIONS_COMMUNES)
def fusionner(origine: str, destination: str, *, apercu: bool, subdivision: str | None, **choix: Any) -> None:
    """Rattache tous les terrains de l’établissement ORIGINE à l’établissement DESTINATION."""
    _deplacer("ET.fusionner", origine, destination, None, subdivision, choix, apercu=apercu)


@operation.command("transfert-unites")
@click.argument("origine")
@click.argument("destination")
@click.argument("terrains", nargs=-1, required=True)
@click.option("--subdivision", help="Subdivision que prennent les terrains qui changent d’ARS.")
@_APERCU
@options(*OPTIONS_COMMUNES)
def transferer_unites(
    origine: str, destination: str, terrains: Sequence[str], *, apercu: bool, subdivision: str | None, **choix: Any
) -> None:
    """Rattache les TERRAINS de l’établissement ORIGINE à l’établissement DESTINATION."""
    _deplacer("TS.transferer_unite", origine, destination, terrains, subdivision, choix, apercu=apercu)


@operation.command("changer-ars")
@click.argument("terrain")
@click.argument("code")
@_APERCU
@options(*OPTIONS_COMMUNES)
def changer_ars(terrain: str, code: str, *, apercu: bool, **choix: Any) -> None:
    """Donne le TERRAIN à l’ARS CODE, liée à sa subdivision."""
    _changer("TS.changer_ars", terrain, code, territoire.apercu_ars, territoire.changer_ars, choix, apercu=apercu)


@operation.command("changer-subdivision")
@click.argument("terrain")
@click.argument("code")
@_APERCU
@options(*OPTIONS_COMMUNES)
def changer_subdivision(terrain: str, code: str, *, apercu: bool, **choix: Any) -> None:
    """Donne au TERRAIN la subdivision CODE de son ARS."""
    voir, faire = territoire.apercu_subdivision, territoire.changer_subdivision
    _changer("TS.changer_subdivision", terrain, code, voir, faire, choix, apercu=apercu)


@operation.command("transferer-praticien")
@click.argument("terrain")
@click.argument("code")
@_APERCU
@options(*OPTIONS_COMMUNES)
def transferer_praticien(terrain: str, code: str, *, apercu: bool, **choix: Any) -> None:
    """Transfère le TERRAIN d’un praticien à l’ARS CODE, d’une autre subdivision."""
    voir, faire = transfert_praticien.apercu, transfert_praticien.transferer
    _changer("TS.transferer_praticien", terrain, code, voir, faire, choix, apercu=apercu)


@operation.command("completer")
@click.argument("terrain")
@click.option("--nom", help="Nom du terrain ; à défaut, celui qu’il a.")
@click.option("--subdivision", help="Subdivision ; inutile quand l’ARS n’en a qu’une.")
@click.option("--garder-secondaire", is_flag=True, help="Garder le bloc secondaire de son ancienne ARS.")
@options(*OPTIONS_COMMUNES)
def completer(terrain: str, nom: str | None, subdivision: str | None, *, garder_secondaire: bool, **choix: Any) -> None:
    """Complète un TERRAIN transféré : il devient actif dans l’ARS qui le reçoit."""

    def faire(uow: UnitOfWork) -> dict[str, Any]:
        connu = uow.session.get_one(TerrainDeStage, terrain_de(uow.session, terrain))
        actuelle = saisie_de(connu)
        bloc = actuelle.bloc if garder_secondaire else BLOC_VIDE  # emptied unless it is confirmed (A29)
        saisie = replace(actuelle, nom=nom or connu.nom, bloc=bloc)
        complet = transfert_praticien.completer(uow, connu.id, saisie, subdivision)
        return {"numero": complet.numero, "statut": complet.statut.value, "subdivision": complet.subdivision_code}

    _executer("TS.completer", faire, choix)


@operation.command("annuler")
@click.argument("evenement", type=int)
@options(*OPTIONS_COMMUNES)
def annuler(evenement: int, **choix: Any) -> None:
    """Annule l’opération EVENEMENT du journal."""

    def faire(uow: UnitOfWork) -> dict[str, Any]:
        annule = annulation.annuler(uow, evenement)
        return {"annule": annule.id, "operation": annule.operation, "objets": len(annule.changements)}

    _executer("JOU.annuler", faire, choix)


def _deplacer(
    code: str,
    origine: str,
    destination: str,
    terrains: Sequence[str] | None,
    subdivision: str | None,
    choix: dict[str, Any],
    *,
    apercu: bool,
) -> None:
    def demande(session: Session) -> Demande:
        ids = None if terrains is None else tuple(terrain_de(session, un) for un in terrains)
        depart, arrivee = etablissement_choisi(session, origine), etablissement_choisi(session, destination)
        return Demande(depart.id, arrivee.id, ids, subdivision)

    if apercu:
        _voir(lambda session, actor: fusion.apercu(session, actor, demande(session)), choix)
    else:
        _executer(code, lambda uow: _resume(fusion.executer(uow, demande(uow.session))), choix)


def _changer(
    code: str,
    terrain: str,
    cible: str,
    voir: Callable[[Session, Actor, int, str], _Fait],
    faire: Callable[[UnitOfWork, int, str], _Fait],
    choix: dict[str, Any],
    *,
    apercu: bool,
) -> None:
    if apercu:
        _voir(lambda session, actor: voir(session, actor, terrain_de(session, terrain), cible), choix)
    else:
        _executer(code, lambda uow: _resume(faire(uow, terrain_de(uow.session, terrain), cible)), choix)


def _voir(voir: Callable[[Session, Actor], _Fait], choix: dict[str, Any]) -> None:
    """Show the plan; a plan that would be refused is refused here too."""
    try:
        with transaction() as session:
            fait = voir(session, acteur(session, choix["ars"], choix["login"]))
            if fait.refus:
                raise OperationRefused(*fait.refus)
            resultat = {"apercu": True, **_resume(fait)}
    except OperationRefused as erreur:
        refuser(erreur)
    afficher_json(resultat)


def _executer(code: str, faire: Callable[[UnitOfWork], dict[str, Any]], choix: dict[str, Any]) -> None:
    try:
        with transaction() as session:
            actor = acteur(session, choix["ars"], choix["login"])
        with unit_of_work(actor, code, source="commande") as uow:
            resultat = faire(uow)
        evenement = uow.evenement_id
    except OperationRefused as erreur:
        refuser(erreur)
    afficher_json({**resultat, "evenement": evenement})


def _resume(fait: _Fait) -> dict[str, Any]:
    plan: Plan = fait.plan
    return {
        "terrains": [{"terrain": un.libelle.partition(" ")[0], **_en_texte(un.apres)} for un in plan.terrains],
        "agrements": len(plan.agrements),
        "etablissements_supprimes": [un.libelle for un in plan.etablissements],
        "entites_supprimees": [un.libelle for un in plan.entites],
        "avertissements": list(plan.avertissements),
        "sceau": plan.sceau,
        **plan.bilan,
    }


def _en_texte(valeurs: dict[str, Any]) -> dict[str, Any]:
    return {champ: getattr(valeur, "value", valeur) for champ, valeur in valeurs.items()}
