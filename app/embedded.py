"""Embedded PostgreSQL and Valkey: what makes `make run`, the commands and the tests work with nothing installed.

A server belongs to a data directory and serves any number of processes, over a Unix socket that only its owner can
reach. Each process that uses it holds a shared lock; a keeper process (`app.keeper`) starts the server, and stops it
once nobody holds the lock any more. The kernel releases the locks of a process that is killed: nothing is left behind.

Locks of server `s`, in the data directory: `s.users` shared by its users, `s.start` held while one of them starts it,
`s.server` inherited by the server itself, so that its successor knows when the last of its processes is gone.
"""

import atexit
import fcntl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql

from app.keeper import DATABASE, ROLE, VALKEY_SOCKET, lock_file, locked, socket_dir
from config import ROOT

POLL = 0.05
START_TIMEOUT = 120.0
STOP_TIMEOUT = 15.0

_held: dict[Path, IO[bytes]] = {}
_keepers: dict[Path, subprocess.Popen[bytes]] = {}


class ServeurIndisponible(SystemExit):
    """An embedded server cannot be used; uncaught, the sentence is printed and the exit code is 1."""


def postgresql_url(data_dir: Path) -> str:
    """Address of the PostgreSQL of a data directory, whether it is up or not."""
    return f"postgresql+psycopg://{ROLE}@/{DATABASE}?host={quote(str(socket_dir(data_dir / 'postgresql')))}"


def valkey_url(data_dir: Path) -> str:
    """Address of the Valkey of a data directory, whether it is up or not."""
    return f"unix://{quote(str(socket_dir(data_dir / 'valkey') / VALKEY_SOCKET))}"


def use_postgresql(data_dir: Path, *, durable: bool = True) -> str:
    """Address of the PostgreSQL of a data directory, up from now until this process ends at least."""
    _use(data_dir / "postgresql", lambda: _postgresql_answers(data_dir), durable=durable)
    return postgresql_url(data_dir)


def use_valkey(data_dir: Path, *, durable: bool = True) -> str:
    """Address of the Valkey of a data directory, up from now until this process ends at least."""
    _use(data_dir / "valkey", lambda: _valkey_answers(data_dir), durable=durable)
    return valkey_url(data_dir)


@atexit.register
def release() -> None:
    """Give up the servers in use; wait for the end of those that nobody else uses."""
    while _held:
        data, users = _held.popitem()
        with users:
            last = locked(users, fcntl.LOCK_EX)
        if last:
            _wait_for_the_end(data)


def _use(data: Path, answers: Callable[[], bool], *, durable: bool) -> None:
    if data in _held:
        return
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        users, starting = lock_file(data, "users"), lock_file(data, "start")
    except PermissionError as erreur:
        raise ServeurIndisponible(f"Le dossier de données {data.parent} n’est pas accessible en écriture.") from erreur
    fcntl.flock(users, fcntl.LOCK_SH)  # waits for a keeper that is stopping the server
    _held[data] = users
    with starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not answers():
            with TemporaryFile() as complaints:
                _start(data, answers, complaints, durable=durable)


def _start(data: Path, answers: Callable[[], bool], complaints: IO[bytes], *, durable: bool) -> None:
    command = [sys.executable, "-m", "app.keeper", data.name, str(data.parent), *([] if durable else ["--jetable"])]
    keeper = _keepers[data] = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        start_new_session=True,  # Ctrl-C is for us: the server stops last
    )
    deadline = time.monotonic() + START_TIMEOUT
    while not answers():
        if keeper.poll() is not None:
            raise ServeurIndisponible(_reason(data, complaints))
        if time.monotonic() > deadline:
            raise ServeurIndisponible(
                f"Le serveur {data.name} embarqué ne répond pas : voir {data.with_suffix('.log')}."
            )
        time.sleep(POLL)


def _reason(data: Path, complaints: IO[bytes]) -> str:
    complaints.seek(0)
    log = data.with_suffix(".log")
    return complaints.read().decode().strip() or f"Le serveur {data.name} embarqué n’a pas démarré : voir {log}."


def _wait_for_the_end(data: Path) -> None:
    deadline = time.monotonic() + STOP_TIMEOUT
    with lock_file(data, "server") as server:
        while not locked(server, fcntl.LOCK_SH) and time.monotonic() < deadline:
            time.sleep(POLL)
    if keeper := _keepers.pop(data, None):
        keeper.wait(STOP_TIMEOUT)


def _postgresql_answers(data_dir: Path) -> bool:
    """Whether PostgreSQL is up; its database is created the first time it is."""
    host = str(socket_dir(data_dir / "postgresql"))
    with (
        suppress(psycopg.OperationalError),
        psycopg.connect(host=host, user=ROLE, dbname="postgres", autocommit=True) as c,
    ):
        if not c.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            c.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return True
    return False


def _valkey_answers(data_dir: Path) -> bool:
    with suppress(redis.ConnectionError), redis.Redis.from_url(valkey_url(data_dir)) as client:
        return bool(client.ping())
    return False
