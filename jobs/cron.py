"""Clock: `python -m jobs.cron` announces the jobs that have their hour. One of these runs per installation.

Hours are UTC. A night that the clock slept through is made up for when it starts again.
"""

import os
import time
from datetime import UTC, datetime, timedelta

from redis import Redis
from rq.cron import CronJob, CronScheduler
from sqlalchemy import func, select

from app.unit_of_work import transaction
from jobs import envois, synchro
from jobs.journal import ecrire_la_racine, tout_journaliser
from jobs.queue import COURTE, LONGUE, enqueue
from jobs.worker import prepare
from models.traitement import EtatTraitement, Traitement

EVERY_MINUTE = 60
EVERY_HOUR = 60 * EVERY_MINUTE
ONE_NIGHT = timedelta(hours=24)


class JsonScheduler(CronScheduler):
    """RQ's scheduler, announcing through our queues: its own would write in pickle."""

    def enqueue_jobs(self) -> list[CronJob]:
        due = [job for job in self._cron_jobs if job.should_run()]
        for job in due:
            if job.func:
                enqueue(job.func, queue_name=job.queue_name)
            job.set_enqueue_time(datetime.now(UTC))
        return due


def night_was_missed() -> bool:
    """Whether, for a registry, the last synchronisation that succeeded is too old for last night to have had one."""
    done = (EtatTraitement.APPLIQUE, EtatTraitement.DEJA_INTEGRE)
    last = select(func.max(Traitement.fin_le)).where(Traitement.etat.in_(done)).group_by(Traitement.type)
    with transaction() as session:
        return any(ended and datetime.now(UTC) - ended > ONE_NIGHT for ended in session.scalars(last))


def main() -> None:
    os.environ["TZ"] = "UTC"  # RQ reads cron expressions in local time
    time.tzset()
    settings = prepare()
    scheduler = JsonScheduler(Redis.from_url(settings.redis_url))
    hour = settings.heure_synchro
    scheduler.register(synchro.synchroniser_nuit, LONGUE, cron=f"{hour.minute} {hour.hour} * * *")
    scheduler.register(tout_journaliser, COURTE, interval=EVERY_MINUTE)
    scheduler.register(ecrire_la_racine, COURTE, interval=EVERY_HOUR)
    scheduler.register(synchro.reprendre, LONGUE, interval=EVERY_MINUTE)
    scheduler.register(envois.reprendre, COURTE, interval=EVERY_MINUTE)
    if night_was_missed():
        enqueue(synchro.synchroniser_nuit, queue_name=LONGUE)
    scheduler.start()


if __name__ == "__main__":
    main()
