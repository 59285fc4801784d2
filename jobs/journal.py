"""Readable journal: from the events that operations commit to the entries that users read, sealed (S143, N28)."""

import logging
from datetime import UTC, datetime

from sqlalchemy import select

from app.journal import ars_concernees, entrees
from app.sceaux import racines
from app.sceaux.chaine import attendre_son_tour, sceller
from app.unit_of_work import transaction
from config import load_settings
from models.journal import Evenement, EvenementArs

log = logging.getLogger(__name__)

LOT = 500


def journaliser(evenement_id: int | None = None) -> int:
    """Write and seal the entries of one pending event, or of the oldest pending ones; return how many events.

    Entries, ARS, mark and seal are one transaction: an event is handled and sealed, or neither. Safe to run twice or in
    parallel: whoever adds to the chain has it alone. Cron runs it every minute, so an event whose message was lost
    (Redis down, worker killed) is only late.
    """
    attente = select(Evenement).where(Evenement.traite_le.is_(None)).order_by(Evenement.id).limit(LOT)
    if evenement_id is not None:
        attente = attente.where(Evenement.id == evenement_id)
    with transaction() as session:
        attendre_son_tour(session)
        evenements = session.scalars(attente.with_for_update()).all()
        for evenement in evenements:
            session.add_all(entrees(evenement))
            session.add_all(
                EvenementArs(ars_code=code, evenement_id=evenement.id) for code in ars_concernees(evenement)
            )
            evenement.traite_le = datetime.now(UTC)
        sceller(session, [evenement.id for evenement in evenements])
    if evenements:
        log.info("journal: %d event(s) handled", len(evenements))
    return len(evenements)


def tout_journaliser() -> int:
    """Empty the outbox, batch after batch: what cron runs every minute."""
    total = 0
    while traites := journaliser():
        total += traites
    return total


def ecrire_la_racine() -> None:
    """Write the root of the day, once; cron asks every hour, so that a clock that slept makes up for it."""
    with transaction() as session:
        chemin = racines.ecrire(session, load_settings().data_dir, datetime.now(UTC).date())
    if chemin:
        log.info("journal: root of the day in %s", chemin.name)
