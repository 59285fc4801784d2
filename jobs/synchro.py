"""Synchronisation with a registry in the background: asked for from the screen, or every night."""

import logging
from pathlib import Path

from app.errors import OperationRefused
from app.referentiels import depots, rpps_synchro, suivi, synchro
from app.scope import SYSTEME
from app.unit_of_work import transaction
from config import load_settings
from jobs.journal import tout_journaliser
from models.traitement import Traitement, TypeTraitement

log = logging.getLogger(__name__)

REFERENTIELS = {un.type: un for un in (synchro.FINESS, rpps_synchro.RPPS)}


def synchroniser(traitement_id: int) -> None:
    """Carry out a run on the file of the deposit folder that it names. Safe to repeat: a run that is over stays so."""
    with transaction() as session:
        demande = session.get_one(Traitement, traitement_id)
        type_, source = demande.type, demande.source
    traitement = synchro.synchroniser(REFERENTIELS[type_], traitement_id, load_settings().depot / Path(source).name)
    log.info(
        "run %d (%s): %s, %d read, %d created, %d changed, %d rejected, %d objects of the application changed",
        traitement_id,
        source,
        traitement.etat.name,
        traitement.lus,
        traitement.crees,
        traitement.modifies,
        traitement.rejetes,
        traitement.objets_modifies,
    )
    tout_journaliser()


def synchroniser_nuit() -> None:
    """What cron runs: the last daily file of the deposit folder, even if it is that of the night before (A15)."""
    dernier = depots.dernier_finess(load_settings().depot)
    if dernier is None:
        log.warning("no FINESS+ daily file in the deposit folder")
        return
    try:
        synchroniser(suivi.demander(TypeTraitement.FINESS, dernier.nom, demandeur=SYSTEME))
    except OperationRefused as refus:
        log.warning("nightly run not started: %s", refus)


def reprendre() -> None:
    """What cron runs every minute: begin the runs whose message was lost, close those that nobody carries on."""
    for numero in suivi.oublies():
        synchroniser(numero)
    suivi.liberer_interrompus()
