"""Modification of an EJ or an ET: its secondary block and its « FINESS erroné » flag, nothing else (§1.4, §1.5).

Registry fields are not even parameters: no form can reach them. Nothing propagates to other objects (S37, S60).
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.errors import CONFLIT, OperationRefused, Refus
from app.operations import coordonnees, signalement
from app.operations.coordonnees import BlocSecondaire
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement

ObjetDuRegistre = EntiteJuridique | Etablissement


@dataclass(frozen=True)
class Saisie:
    """What a user may change of an EJ or an ET. `version` is that of the card he had before his eyes."""

    version: int
    bloc: BlocSecondaire
    finess_errone: bool = False
    commentaire: str | None = None


def refus(actor: Actor, objet: ObjetDuRegistre) -> list[Refus]:
    """Every reason why `actor` may not modify `objet`; shared by the greyed button, the form and the operation."""
    raisons = []
    if objet.statut.name == "SUPPRIME":
        raisons.append(Refus("E-STATUT", f"{objet} est supprimé : il ne se modifie plus."))
    if not actor.covers(objet):
        raisons.append(
            Refus("E-HORS-ARS", f"{objet} n’est pas dans votre ARS de travail : vous pouvez seulement le consulter.")
        )
    return raisons


def refus_saisie(session: Session, objet: ObjetDuRegistre, saisie: Saisie) -> list[Refus]:
    """Every reason to refuse what was typed: stale version, incomplete triplet, commune unknown or ambiguous."""
    if saisie.version != objet.version:
        return [CONFLIT]
    return coordonnees.refus_bloc(session, saisie.bloc, BlocSecondaire.de(objet))


def modifier(uow: UnitOfWork, modele: type[ObjetDuRegistre], objet_id: int, saisie: Saisie) -> ObjetDuRegistre:
    """Write what the user typed on one EJ or ET, under lock."""
    [objet] = uow.lock(modele, objet_id)
    if raisons := refus(uow.actor, objet) or refus_saisie(uow.session, objet, saisie):
        raise OperationRefused(*raisons)
    lieu = coordonnees.localiser(uow.session, saisie.bloc, BlocSecondaire.de(objet))
    coordonnees.appliquer(objet, saisie.bloc, lieu.code_insee)
    signalement.signaler(objet, uow.actor.login, errone=saisie.finess_errone, commentaire=saisie.commentaire)
    return objet
