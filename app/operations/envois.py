"""« Envoyer par courriel »: registers the sending of a list, which a worker carries out (S31, S45, A39, A43)."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from blinker import Signal
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import adresses, exports
from app.errors import OperationRefused, Refus
from app.recherches import CriteresDeRecherche
from app.recherches.catalogue import RECHERCHES, en_json
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.envoi import Envoi, EtatEnvoi
from models.utilisateur import Utilisateur

demandee = Signal("The sending of a list was asked for and committed; sent with its number.")

DESTINATAIRES_MAX = 10
MESSAGE_MAX = 1000
PAR_HEURE = 30  # envois of one account: a mistake or a thief floods nobody
REFUS_MONTRES = 3


@dataclass(frozen=True)
class Expediteur:
    """Who sends, as his account says."""

    nom: str
    courriel: str


@dataclass(frozen=True, kw_only=True)
class Demande:
    """What a user asks for, on a list of app.recherches.catalogue that he has before his eyes."""

    liste: str
    criteres: CriteresDeRecherche
    criteres_affiches: tuple[tuple[str, str], ...]
    tri: str
    descendant: bool
    format_: str
    lien: str  # address of the same export on the site, without its host
    destinataires: tuple[str, ...]
    message: str | None = None
    jeton: str = ""


def expediteur(session: Session, login: str) -> Expediteur:
    """Name and address of an account."""
    nom = (Utilisateur.first_name + " " + Utilisateur.last_name).label("nom")
    ligne = session.execute(select(nom, Utilisateur.email).where(Utilisateur.username == login)).one_or_none()
    return Expediteur(ligne.nom, ligne.email) if ligne else Expediteur(login, "")


def refus(session: Session, actor: Actor, demande: Demande, domaines: tuple[str, ...]) -> list[Refus]:
    """Every reason not to send this list; `domaines` are those that everybody may write to."""
    courriel = expediteur(session, actor.login).courriel
    if not actor.ecriture:
        return [Refus("E-DROIT", "Votre rôle permet d’exporter une liste, pas de l’envoyer par courriel.")]
    if not adresses.valable(courriel):
        message = "L’adresse de courriel de votre compte n’est pas valable : faites-la corriger par un administrateur."
        return [Refus("E-EXPEDITEUR", message)]
    raisons = _refus_destinataires(demande, courriel, domaines)
    if demande.format_ not in exports.TYPES_MIME:
        raisons.append(Refus("E-FORMAT", "Choisissez le format CSV ou XLSX.", "format_"))
    if len(demande.message or "") > MESSAGE_MAX:
        raisons.append(Refus("E-MESSAGE", f"Le message compte {MESSAGE_MAX} caractères au plus.", "message"))
    if _recents(session, actor.login) >= PAR_HEURE:
        message = f"Vous avez demandé {PAR_HEURE} envois depuis une heure : attendez un peu avant le suivant."
        raisons.append(Refus("E-ENVOIS-NOMBREUX", message))
    return raisons


def envoyer(uow: UnitOfWork, demande: Demande, domaines: tuple[str, ...]) -> int:
    """Put the list in the queue, journaled, and return its number; the same form sent twice gives the same number.

    The caller sends `demandee` after the commit; if it does not, the sweep of the clock finds the envoi.
    """
    uow.serialiser(f"envoi {uow.actor.login}")
    if raisons := refus(uow.session, uow.actor, demande, domaines):
        raise OperationRefused(*raisons)
    lignes = RECHERCHES[demande.liste].recherche.total(uow.session, demande.criteres)
    if not lignes:
        message = "Cette liste est vide : il n’y a rien à envoyer. Revenez à la recherche et élargissez les critères."
        raise OperationRefused(Refus("E-VIDE", message))
    numero = _inscrire(uow, demande, lignes)
    if numero is None:
        return _deja_inscrit(uow, demande.jeton)
    uow.details = {
        "envoi": numero,
        "destinataires": list(demande.destinataires),
        "lignes": lignes,
        "format": demande.format_,
        **demande.criteres.remplis(),
    }
    return numero


def nouveau_jeton() -> str:
    """One-use token of a form (QUALITY A-54)."""
    return str(uuid.uuid4())


def _inscrire(uow: UnitOfWork, demande: Demande, lignes: int) -> int | None:
    """Number of the new envoi; None when this form was already sent."""
    auteur = expediteur(uow.session, uow.actor.login)
    inscription = insert(Envoi).values(
        jeton=_jeton_valable(demande.jeton),
        demandeur=uow.actor.login,
        demandeur_nom=auteur.nom,
        demandeur_courriel=auteur.courriel,
        liste=demande.liste,
        criteres=en_json(demande.criteres),
        archives=demande.criteres.archives,
        criteres_affiches=[list(un) for un in demande.criteres_affiches],
        tri=demande.tri,
        descendant=demande.descendant,
        format=demande.format_,
        lien=demande.lien,
        lignes=lignes,
        destinataires=list(demande.destinataires),
        message=demande.message,
        etat=EtatEnvoi.EN_ATTENTE,
        tentatives=0,
    )
    return uow.session.scalar(inscription.on_conflict_do_nothing(index_elements=["jeton"]).returning(Envoi.id))


def _deja_inscrit(uow: UnitOfWork, jeton: str) -> int:
    """Number of the envoi that this form made; the form of somebody else is none of theirs."""
    memes = select(Envoi.id).where(Envoi.jeton == jeton, Envoi.demandeur == uow.actor.login)
    numero = uow.session.scalar(memes)
    if numero is None:
        raise OperationRefused(Refus("E-JETON", "Ce formulaire n’est plus valable : rouvrez-le depuis la recherche."))
    return numero


def _jeton_valable(jeton: str) -> str:
    """The token in its one written form, since it ends in a header; another one when it is not of ours."""
    try:
        return jeton if str(uuid.UUID(jeton)) == jeton else nouveau_jeton()
    except ValueError:
        return nouveau_jeton()


def _refus_destinataires(demande: Demande, propre: str, domaines: tuple[str, ...]) -> list[Refus]:
    if not demande.destinataires:
        return [Refus("E-DESTINATAIRE", "Indiquez au moins une adresse de courriel.", "destinataires")]
    if len(demande.destinataires) > DESTINATAIRES_MAX:
        message = f"{DESTINATAIRES_MAX} destinataires au plus : envoyez la liste en plusieurs fois."
        return [Refus("E-DESTINATAIRE", message, "destinataires")]
    phrases = [adresses.refus_adresse(un, propre, domaines) for un in demande.destinataires]
    raisons = [Refus("E-DESTINATAIRE", phrase, "destinataires") for phrase in phrases if phrase]
    return raisons[:REFUS_MONTRES]


def _recents(session: Session, login: str) -> int:
    depuis = func.now() - timedelta(hours=1)
    compte = select(func.count()).select_from(Envoi).where(Envoi.demandeur == login, Envoi.demande_le > depuis)
    return session.scalar(compte) or 0
