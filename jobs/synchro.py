"""Synchronisation with a registry in the background: asked for from the screen, or every night."""

import logging
from contextlib import ExitStack
from pathlib import Path

from app.errors import OperationRefused
from app.referentiels import depots, rpps_synchro, suivi, synchro
from app.scope import SYSTEME
from app.unit_of_work import transaction
from config import load_settings
from jobs.journal import tout_journaliser
from models.traitement import Traitement, TypeTraitement

log = logging.getLogger(__name__)

REFERENTIELS = {un.type: un for un in (synchro.FINESS, rpps_synchro.RPPS)}  # in the order of the night


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
    """What cron runs: FINESS, then RPPS; the failure of one is told when the other is done (SPEC S6)."""
    with ExitStack() as nuit:
        for type_ in reversed(REFERENTIELS):  # a stack calls the last one first
            nuit.callback(_synchroniser_le_dernier, type_)


def _synchroniser_le_dernier(type_: TypeTraitement) -> None:
    """The last file of a registry in the deposit folder, even if it is that of the night before (A15)."""
    dernier = depots.dernier(load_settings().depot, type_)
    if dernier is None:
        # Nothing works without FINESS; RPPS may come less often, or never.
        gravite = logging.WARNING if type_ is TypeTraitement.FINESS else logging.INFO
        log.log(gravite, "no %s file in the deposit folder", type_.name)
        return
    try:
        synchroniser(suivi.demander(type_, dernier.nom, demandeur=SYSTEME))
    except OperationRefused as refus:
        log.warning("nightly run of %s not started: %s", type_.name, refus)


def reprendre() -> None:
    """What cron runs every minute: begin the runs whose message was lost, close those that nobody carries on."""
    for numero in suivi.oublies():
        synchroniser(numero)
    suivi.liberer_interrompus()
