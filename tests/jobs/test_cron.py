"""The clock: what is due is announced, in JSON, and a night that was slept through is made up for."""

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy.orm import Session

from jobs import queue
from jobs.cron import JsonScheduler, night_was_missed
from jobs.journal import tout_journaliser
from models.traitement import EtatTraitement, Traitement, TypeTraitement


def test_what_is_due_is_announced_once(redis: Redis, redis_url: str) -> None:
    queue.configure(redis_url)
    clock = JsonScheduler(redis)
    clock.register(tout_journaliser, queue.COURTE, interval=60)

    clock.enqueue_jobs()
    clock.enqueue_jobs()

    assert [job.func_name for job in queue.queue(queue.COURTE).jobs] == ["jobs.journal.tout_journaliser"]


@pytest.mark.parametrize("type_", TypeTraitement)
@pytest.mark.parametrize(
    ("etat", "age", "missed"),
    [
        (EtatTraitement.APPLIQUE, timedelta(hours=3), False),
        (EtatTraitement.APPLIQUE, timedelta(hours=30), True),
        (EtatTraitement.DEJA_INTEGRE, timedelta(hours=3), False),
        (EtatTraitement.REFUSE, timedelta(hours=30), False),
    ],
)
def test_a_missed_night_is_noticed(
    session: Session, type_: TypeTraitement, etat: EtatTraitement, age: timedelta, missed: bool
) -> None:
    """S6: for either registry, even if the other had its night."""
    autre = next(un for un in TypeTraitement if un is not type_)
    for un, issue, duree in ((type_, etat, age), (autre, EtatTraitement.APPLIQUE, timedelta(hours=1))):
        fin = datetime.now(UTC) - duree
        session.add(Traitement(type=un, etat=issue, demandeur="nuit", source="un fichier", fin_le=fin))
    session.flush()

    assert night_was_missed() is missed
