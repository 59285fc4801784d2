"""Queues of background jobs: RQ over Redis or Valkey. Arguments travel in JSON, never in pickle.

A message is only a hint that there is work: what is to be done is in the database. So Redis may be down: the sweep of
`jobs.cron` finds the work that no message announced.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from app.operations import envois
from app.referentiels.suivi import demandee
from app.unit_of_work import committed
from jobs.envois import envoyer
from jobs.journal import journaliser
from jobs.synchro import synchroniser

log = logging.getLogger(__name__)

COURTE = "courte"  # seconds: the journal, mail
LONGUE = "longue"  # minutes: registries, exports
QUEUES = (COURTE, LONGUE)
TIMEOUTS = {COURTE: 5 * 60, LONGUE: 2 * 3600}
FAILURE_TTL = 7 * 24 * 3600
PATIENCE = 2.0  # seconds: a page must not wait for a Redis that is down

_url = ""


def configure(redis_url: str) -> None:
    """Tell where the queues are; announce from now on the events that this process commits, and the runs and the mail
    that it asks for.
    """
    global _url
    _url = redis_url
    queue.cache_clear()
    committed.connect(_announce_event)
    demandee.connect(_announce_run)
    envois.demandee.connect(_announce_mail)


@cache
def queue(name: str = COURTE) -> Queue:
    """One of the queues, over a connection that gives up quickly."""
    connection = Redis.from_url(
        _url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
    return Queue(name, connection=connection, serializer=JSONSerializer, default_timeout=TIMEOUTS[name])


def enqueue(function: Callable[..., Any], *args: Any, queue_name: str = COURTE, **kwargs: Any) -> Job | None:
    """Ask a worker to call a function; None, and a line in the log, when Redis cannot be reached."""
    try:
        return queue(queue_name).enqueue_call(
            function, args=args, kwargs=kwargs, result_ttl=TIMEOUTS[COURTE], failure_ttl=FAILURE_TTL
        )
    except RedisError as error:
        log.warning("job not announced, the sweep will find it: %s (%s)", function.__name__, error)
        return None


def _announce_event(evenement_id: int) -> None:
    enqueue(journaliser, evenement_id)


def _announce_run(traitement_id: int) -> None:
    enqueue(synchroniser, traitement_id, queue_name=LONGUE)


def _announce_mail(envoi_id: int) -> None:
    enqueue(envoyer, envoi_id)
