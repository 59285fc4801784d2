"""`flask etablissement creer`: what « Créer » does on the screen (manual §1.5)."""

import click
from flask.cli import AppGroup

from app.cli.acteur import acteur
from app.cli.sortie import afficher_json, refuser
from app.errors import OperationRefused
from app.operations.creation import creer_etablissement
from app.unit_of_work import transaction, unit_of_work

etablissement = AppGroup("etablissement", help="Établissements de l’application.")


@etablissement.command("creer")
@click.argument("numero_finess")
@click.option("--ars", required=True, help="Code de l’ARS de travail, ou « national ».")
@click.option("--login", help="Agir au nom de ce compte, avec ses droits.")
def creer(numero_finess: str, ars: str, login: str | None) -> None:
    """Crée ou réactive un établissement depuis FINESS ; affiche l’établissement en JSON."""
    try:
        with transaction() as session:
            actor = acteur(session, ars, login)
        with unit_of_work(actor, "ET.creer", source="commande") as uow:
            cree = creer_etablissement(uow, numero_finess)
            uow.session.flush()
            resultat = {
                "id": cree.id,
                "numero_finess": cree.numero_finess,
                "raison_sociale": cree.raison_sociale,
                "statut": cree.statut.value,
                "ars": cree.ars_code,
                "departement": cree.departement_effectif,
                "entite_juridique": cree.entite_juridique.numero_finess,
            }
    except OperationRefused as erreur:
        refuser(erreur)
    afficher_json(resultat)
