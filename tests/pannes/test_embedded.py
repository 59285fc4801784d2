"""The embedded servers survive what can happen to those who use them, and never outlive the last one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys
from pathlib import Path
import psycopg
from app import embedded
from app.keeper import socket_dir

data_dir = Path(sys.argv[1])
embedded.use_postgresql(data_dir)
host = str(socket_dir(data_dir / "postgresql"))
base = psycopg.connect(host=host, user="terrains", dbname="terrains", autocommit=True)
base.execute("SELECT pg_advisory_lock(1)")
base.execute("CREATE TABLE IF NOT EXISTS passage (pid integer)")
base.execute("INSERT INTO passage VALUES (pg_backend_pid())")
count = base.execute("SELECT count(*) FROM passage").fetchone()[0]
base.execute("SELECT pg_advisory_unlock(1)")
print(count, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="terrains-pannes-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def use(data_dir: Path) -> subprocess.Popen[str]:
    """A process that uses the PostgreSQL of a data directory until its standard input is closed."""
    command = [sys.executable, "-c", USER, str(data_dir)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def passages(user: subprocess.Popen[str]) -> int:
    """How many users the database has seen, once this one is in."""
    assert user.stdout
    return int(user.stdout.readline())


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=30)
    assert user.returncode == 0


def processes(data_dir: Path) -> list[psutil.Process]:
    """Processes that serve a data directory: the keeper and the server."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(data_dir) in word for word in process.info["cmdline"] or [])
        and "-c" not in process.info["cmdline"][1:2]
    ]


def wait_until_gone(data_dir: Path) -> None:
    deadline = time.monotonic() + 15
    while processes(data_dir):
        assert time.monotonic() < deadline, processes(data_dir)
        time.sleep(0.05)


def test_data_are_kept_and_nothing_is_left_running(data_dir: Path) -> None:
    for expected in (1, 2):
        user = use(data_dir)
        assert passages(user) == expected
        leave(user)
        assert processes(data_dir) == []


def test_the_server_lasts_as_long_as_its_last_user(data_dir: Path) -> None:
    first, second = use(data_dir), use(data_dir)
    assert sorted([passages(first), passages(second)]) == [1, 2]

    leave(first)
    third = use(data_dir)

    assert passages(third) == 3
    leave(second)
    leave(third)
    assert processes(data_dir) == []


def test_a_killed_user_leaves_nothing_behind(data_dir: Path) -> None:
    user = use(data_dir)
    passages(user)

    user.kill()
    user.communicate()

    wait_until_gone(data_dir)


def test_after_a_killed_keeper_the_server_comes_back_with_its_data(data_dir: Path) -> None:
    user = use(data_dir)
    passages(user)
    [keeper] = [process for process in processes(data_dir) if "app.keeper" in process.info["cmdline"]]

    keeper.kill()
    other = use(data_dir)

    assert passages(other) == 2
    leave(user)
    leave(other)


def test_after_a_killed_server_the_next_user_finds_the_data(data_dir: Path) -> None:
    user = use(data_dir)
    passages(user)
    pid = int((data_dir / "postgresql" / "cluster" / "postmaster.pid").read_text().splitlines()[0])

    os.kill(pid, signal.SIGKILL)
    other = use(data_dir)

    assert passages(other) == 2
    leave(user)
    leave(other)
