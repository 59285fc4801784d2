"""Queues: JSON only, and never in the way of the work that they announce (ARCHITECTURE §4, journal)."""

from collections.abc import Iterator

import pytest
from redis import Redis
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from app.referentiels import suivi
from app.scope import systeme
from app.unit_of_work import unit_of_work
from jobs import queue
from jobs.journal import journaliser
from jobs.synchro import synchroniser
from models.traitement import TypeTraitement

NOWHERE = "redis://127.0.0.1:1"


@pytest.fixture
def queues(redis: Redis, redis_url: str) -> Iterator[Redis]:
    """Queues in the Redis of the tests."""
    queue.configure(redis_url)
    yield redis
    queue.configure(redis_url)


def waiting(name: str) -> list[tuple[str, list[object]]]:
    """Functions and arguments that wait in a queue."""
    return [(job.func_name, list(job.args)) for job in queue.queue(name).jobs]


def test_jobs_travel_in_json(queues: Redis) -> None:
    job = queue.enqueue(journaliser, 12)

    assert job is not None
    assert job.serializer is JSONSerializer
    assert waiting(queue.COURTE) == [("jobs.journal.journaliser", [12])]


def test_without_redis_the_work_goes_on(queues: Redis, caplog: pytest.LogCaptureFixture) -> None:
    queue.configure(NOWHERE)

    assert queue.enqueue(journaliser, 12) is None
    assert "the sweep will find it" in caplog.text


def test_a_committed_event_is_announced(queues: Redis, session: Session) -> None:
    with unit_of_work(systeme("test"), "ARS.travail") as uow:
        uow.details = {"vers": "53"}

    [(name, [evenement_id])] = waiting(queue.COURTE)

    assert name == f"jobs.journal.{journaliser.__name__}"
    assert isinstance(evenement_id, int)


def test_a_run_that_is_asked_for_is_announced(queues: Redis, session: Session) -> None:
    numero = suivi.lancer(systeme(), TypeTraitement.FINESS, "finess.json")

    assert waiting(queue.LONGUE) == [(f"jobs.synchro.{synchroniser.__name__}", [numero])]
