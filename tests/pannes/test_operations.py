"""Operations that move terrains, killed or without Redis: before or after, never between; each entry once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import unit_of_work
from app.operations import activation, suppression
from app.scope import Actor
from jobs import queue
from jobs.journal import tout_journaliser
from models.journal import EntreeJournal, Evenement
from tests import build

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = int(os.environ.get("OPERATIONS", "60"))
BRETAGNE = Actor("agent", "53")
MORT = "redis://127.0.0.1:1/0"  # nothing listens there


@pytest.fixture
def session(base_propre: Engine) -> Iterator[Session]:
    with Session(base_propre, expire_on_commit=False) as session:
        yield session


def test_killed_at_any_step_an_operation_is_done_or_not_and_the_journal_says_so(base_propre: Engine) -> None:
    """A-56, A-59, I12: SIGKILL after each statement, before the commit, after it."""
    url = base_propre.url.render_as_string(hide_password=False)
    commande = [sys.executable, "-m", "tests.pannes.tuer_operations", url]

    fait = subprocess.run(commande, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)

    assert fait.returncode == 0, fait.stderr
    issues = [json.loads(ligne) for ligne in fait.stdout.splitlines()]
    assert [(un["evenements"], un["entre_deux"]) for un in issues] == [(1, [])] * 9
    assert all(un["morts"] >= 5 for un in issues), issues


@pytest.fixture
def file(redis: Redis, redis_url: str) -> Iterator[str]:
    """The address of a Redis in service; the queues forget it afterwards."""
    yield redis_url
    queue.queue.cache_clear()


def test_without_redis_no_operation_fails_and_each_entry_comes_once_afterwards(session: Session, file: str) -> None:
    """A-59, A-60: half of the operations while it is down, then messages, sweeps and workers at once."""
    ids = [build.terrain(session).id for _ in range(6)]

    def basculer(rang: int) -> None:
        verbe, code = (suppression.supprimer, "TS.supprimer"), (activation.activer, "TS.activer")
        faire, nom = code if rang % 2 else verbe
        with unit_of_work.unit_of_work(BRETAGNE, nom) as uow:
            assert len(faire(uow, ids).faites) == len(ids)

    queue.configure(MORT)
    for rang in range(OPERATIONS):
        basculer(rang)
    assert session.scalar(select(func.count()).select_from(EntreeJournal)) == 0

    queue.configure(file)
    for rang in range(10):
        basculer(OPERATIONS + rang)
    with ThreadPoolExecutor(4) as executeur:
        for futur in [executeur.submit(tout_journaliser) for _ in range(4)]:
            futur.result(60)
    courte = queue.queue()
    SimpleWorker([courte], connection=courte.connection, serializer=JSONSerializer).work(burst=True)

    session.rollback()
    evenements = session.scalar(select(func.count()).select_from(Evenement))
    par_evenement = session.execute(
        select(EntreeJournal.evenement_id, func.count()).group_by(EntreeJournal.evenement_id)
    ).all()
    assert evenements == OPERATIONS + 10
    assert len(par_evenement) == evenements
    assert {nombre for _, nombre in par_evenement} == {len(ids)}
    assert session.scalar(select(func.count()).where(Evenement.traite_le.is_(None))) == 0
