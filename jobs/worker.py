"""Worker: `python -m jobs.worker [QUEUE…]` runs the jobs of the queues, each in a process of its own."""

import logging
import os
import signal
import sys

from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import NullPool, create_engine

import models
from app import unit_of_work
from app.process import die_with_parent
from config import ConfigurationRefusee, Settings, load_settings
from jobs import queue

MAINTENANCE_INTERVAL = 60  # seconds after which the job of a worker that was killed is taken up again

assert models.__all__  # loaded once, before the first job


class TiedWorker(Worker):
    """Worker whose current job never outlives it: the job of a killed worker is taken up again from the beginning."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        die_with_parent(self.pid or os.getppid(), signal.SIGKILL)
        super().main_work_horse(job, queue)


def prepare() -> Settings:
    """Give this process its log, its database and its queues, without the web application."""
    settings = load_settings()
    if not settings.database_url or not settings.redis_url:
        raise ConfigurationRefusee(["DATABASE_URL et REDIS_URL sont nécessaires : « make run » les donne lui-même."])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("rq").setLevel(logging.WARNING)
    # No pool: each job has a process, which leaves nothing open behind it.
    unit_of_work.configure(create_engine(settings.database_url, poolclass=NullPool))
    queue.configure(settings.redis_url)
    return settings


def main(*names: str) -> None:
    settings = prepare()
    worker = TiedWorker(
        list(names or queue.QUEUES),
        connection=Redis.from_url(settings.redis_url),
        serializer=JSONSerializer,
        maintenance_interval=MAINTENANCE_INTERVAL,
    )
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(*sys.argv[1:])
