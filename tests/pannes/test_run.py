"""`python run.py`, as a newcomer uses it: one command, one Ctrl-C, nothing left behind, data kept."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 60.0
Start = Callable[..., subprocess.Popen[str]]
OURS = ("ENVIRONNEMENT", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TRUSTED_HOSTS", "HOST", "DEPOT_DIR")


@pytest.fixture
def environ() -> Iterator[dict[str, str]]:
    """The environment of a newcomer: a free port and an empty data directory."""
    folder = Path(tempfile.mkdtemp(prefix="terrains-run-"))
    folder.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    yield kept | {"DATA_DIR": str(folder / "instance"), "PORT": str(port)}
    shutil.rmtree(folder)


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Start]:
    """Starts `run.py`; whatever a test leaves running is stopped."""
    started = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, *(arguments or ["run.py"])]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environ, text=True, **output))
        return started[-1]

    yield run
    for process in started:
        process.terminate()
        process.communicate(timeout=60)


def presentation(running: subprocess.Popen[str]) -> str:
    """What it says until it is ready."""
    assert running.stdout
    lines = []
    for line in running.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            return "".join(lines)
    pytest.fail("".join(lines))


def status(environ: dict[str, str], path: str) -> int:
    web = HTTPConnection("127.0.0.1", int(environ["PORT"]), timeout=10)
    try:
        web.request("GET", path)
        return web.getresponse().status
    finally:
        web.close()


def family(running: subprocess.Popen[str]) -> list[psutil.Process]:
    """Every process that it started: web, worker, clock, servers and their keepers."""
    return psutil.Process(running.pid).children(recursive=True)


def workers(running: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(running.pid).children()
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "jobs.worker" in child.cmdline()]


def test_one_command_starts_all_and_nothing_outlives_it(environ: dict[str, str], start: Start) -> None:
    first = start()
    said = presentation(first)
    assert f"http://127.0.0.1:{environ['PORT']}" in said
    assert "Comptes de démonstration" in said
    assert (status(environ, "/sante/vivant"), status(environ, "/sante/pret")) == (200, 200)
    children = family(first)

    first.kill()
    first.communicate()

    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []

    again = start()
    presentation(again)
    children = family(again)

    again.send_signal(signal.SIGINT)
    said, _ = again.communicate(timeout=60)

    assert (again.returncode, said.splitlines()[-1]) == (0, "Tout est arrêté.")
    assert [child for child in children if child.is_running()] == []


def test_a_busy_port_is_told_at_once(environ: dict[str, str], start: Start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environ["PORT"])))
        other.listen()

        refused = start()
        said, _ = refused.communicate(timeout=START_TIMEOUT)

    assert refused.returncode == 1
    assert said.startswith(f"Le port {environ['PORT']} de 127.0.0.1 n’est pas libre")


def test_two_commands_at_once_share_one_postgresql(environ: dict[str, str], start: Start) -> None:
    both = [start("-m", "flask", "--app", "run", "init") for _ in range(2)]

    assert [(one.communicate(timeout=60)[0], one.returncode) for one in both] == [("La base est à jour.\n", 0)] * 2
    assert not list(Path(environ["DATA_DIR"]).glob("postgresql/.s.PGSQL*"))


def test_a_dead_worker_is_replaced(start: Start) -> None:
    running = start()
    presentation(running)
    [worker] = workers(running)

    worker.kill()

    deadline = time.monotonic() + START_TIMEOUT
    while workers(running) in ([], [worker]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
