"""Readable journal: from the events that operations commit to the entries that users read (S143, S147)."""

import logging
from datetime import UTC, datetime

from sqlalchemy import select

from app.journal import entrees
from app.unit_of_work import transaction
from models.journal import Evenement

log = logging.getLogger(__name__)

LOT = 500


def journaliser(evenement_id: int | None = None) -> int:
    """Write the entries of one pending event, or of the oldest pending ones; return how many events.

    Safe to run twice or in parallel: handled events are skipped, events being handled are left to the worker that
    holds them. Cron runs it every minute, so an event whose message was lost (Redis down, worker killed) is only late.
    """
    attente = select(Evenement).where(Evenement.traite_le.is_(None)).order_by(Evenement.id).limit(LOT)
    if evenement_id is not None:
        attente = attente.where(Evenement.id == evenement_id)
    with transaction() as session:
        evenements = session.scalars(attente.with_for_update(skip_locked=True)).all()
        for evenement in evenements:
            session.add_all(entrees(evenement))
            evenement.traite_le = datetime.now(UTC)
    if evenements:
        log.info("journal: %d event(s) handled", len(evenements))
    return len(evenements)


def tout_journaliser() -> int:
    """Empty the outbox, batch after batch: what cron runs every minute."""
    total = 0
    while traites := journaliser():
        total += traites
    return total
