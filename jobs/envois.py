"""Lists sent by e-mail: makes the file of the export and hands it to the mail server (S31, QUALITY A-38, A-63).

The `envoi` row is the outbox. An attempt is counted before it begins, and its outcome is committed right after the
server answered: a message leaves twice only if the worker or the database dies between the two, or if the connection
breaks after the message but before its answer. Both copies then have the same Message-ID.
"""

import logging
import time
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import exports, mail
from app.courriel_de_liste import Fichier, composer
from app.mail import Remise
from app.recherches.catalogue import RECHERCHES, de_json
from app.unit_of_work import transaction
from config import Settings, load_settings
from models.envoi import Envoi, EtatEnvoi

log = logging.getLogger(__name__)

REPRISES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))  # after each attempt that failed
TENTATIVES_MAX = 1 + len(REPRISES)
PATIENCE = 120.0  # seconds of a sweep: the next one goes on
INTERROMPU = "L’envoi s’est interrompu plusieurs fois : recommencez-le, ou prévenez l’équipe technique."


def envoyer(envoi_id: int) -> None:
    """Make one attempt, if its time has come. Safe to repeat and to run in parallel: a list that left stays so."""
    settings = load_settings()
    if not _prendre(envoi_id):
        return
    with transaction() as session:
        attente = select(Envoi).where(Envoi.id == envoi_id, Envoi.etat == EtatEnvoi.EN_ATTENTE)
        envoi = session.scalar(attente.with_for_update(skip_locked=True).execution_options(populate_existing=True))
        if envoi is None:
            return
        _noter(envoi, _remettre(session, envoi, settings))
        log.info("envoi %d: attempt %d, %s", envoi_id, envoi.tentatives, envoi.etat.name)


def reprendre() -> None:
    """What cron runs every minute: send what is due, because its message was lost or an attempt failed."""
    limite = time.monotonic() + PATIENCE
    for numero in _dus():
        if time.monotonic() > limite:
            return
        envoyer(numero)


def _dus() -> list[int]:
    dus = select(Envoi.id).where(Envoi.etat == EtatEnvoi.EN_ATTENTE, Envoi.prochaine_le <= func.clock_timestamp())
    with transaction() as session:
        return list(session.scalars(dus.order_by(Envoi.prochaine_le, Envoi.id)))


def _prendre(envoi_id: int) -> bool:
    """Count an attempt and put off the next one, so that a worker that dies here is only a failed attempt."""
    attente = select(Envoi).where(
        Envoi.id == envoi_id, Envoi.etat == EtatEnvoi.EN_ATTENTE, Envoi.prochaine_le <= func.clock_timestamp()
    )
    with transaction() as session:
        envoi = session.scalar(attente.with_for_update(skip_locked=True).execution_options(populate_existing=True))
        if envoi is None:
            return False
        if envoi.tentatives >= TENTATIVES_MAX:
            envoi.etat, envoi.derniere_erreur = EtatEnvoi.ECHEC, envoi.derniere_erreur or INTERROMPU
            return False
        envoi.tentatives += 1
        _remettre_a_plus_tard(envoi)
    return True


def _remettre_a_plus_tard(envoi: Envoi) -> None:
    envoi.prochaine_le = func.clock_timestamp() + REPRISES[min(envoi.tentatives, len(REPRISES)) - 1]


def _remettre(session: Session, envoi: Envoi, settings: Settings) -> Remise:
    messagerie = mail.messagerie(settings)
    if messagerie is None:
        return mail.reporter(envoi.restants, mail.NON_CONFIGURE)
    fichier = _fichier(session, envoi, settings.taille_max_piece_jointe)
    envoi.joint, envoi.lignes = fichier.contenu is not None, fichier.lignes
    return messagerie.remettre(composer(envoi, fichier, settings), envoi.restants)


def _fichier(session: Session, envoi: Envoi, taille_max: int) -> Fichier:
    """The same file as the export of the screen; its content is given up as soon as it is too large."""
    liste = RECHERCHES[envoi.liste]
    criteres = de_json(liste.criteres, envoi.criteres, archives=envoi.archives)
    nom = exports.nom_de_fichier(envoi.liste, criteres.ars, envoi.format)
    total = liste.recherche.total(session, criteres)
    contenu = bytearray()
    requete = liste.recherche.a_exporter(criteres, envoi.tri, descendant=envoi.descendant)
    for morceau in exports.exporter_requete(session, envoi.format, liste.recherche.entetes, requete):
        contenu += morceau
        if len(contenu) > taille_max:
            return Fichier(nom, total, None)
    return Fichier(nom, total, bytes(contenu))


def _noter(envoi: Envoi, remise: Remise) -> None:
    """Write what the server answered; whoever could still be served has the attempts that are left."""
    envoi.servis = [*envoi.servis, *remise.servis]
    envoi.refuses = {**envoi.refuses, **remise.refuses}
    envoi.derniere_erreur = next(iter({**remise.reportes, **remise.refuses}.values()), None)
    if envoi.restants and envoi.tentatives < TENTATIVES_MAX:
        _remettre_a_plus_tard(envoi)
        return
    envoi.refuses = {**envoi.refuses, **remise.reportes}
    envoi.etat = EtatEnvoi.ENVOYE if envoi.servis else EtatEnvoi.ECHEC
    if envoi.servis:
        envoi.envoye_le = func.clock_timestamp()
