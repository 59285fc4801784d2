"""The deposit folder, and the administrator who uses it."""

from pathlib import Path

import pytest
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from jobs import queue
from tests.views.salle import Salle


@pytest.fixture
def depot(application, tmp_path, monkeypatch) -> Path:
    dossier = tmp_path / "depot"
    monkeypatch.setenv("DATA_DIR", str(tmp_path))  # the worker reads the environment
    reglages = application.extensions["settings"].model_copy(update={"depot_dir": dossier})
    monkeypatch.setitem(application.extensions, "settings", reglages)
    dossier.mkdir()
    return dossier


@pytest.fixture
def salle(connexion, session, depot, redis, redis_url) -> Salle:
    queue.configure(redis_url)

    def travailler() -> None:
        SimpleWorker(list(queue.QUEUES), connection=redis, serializer=JSONSerializer).work(burst=True)
        session.expire_all()

    return Salle(connexion("national"), depot, travailler)
