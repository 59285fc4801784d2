"""Child processes of `run.py`: started together, revived when they may be, stopped together."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from app.process import die_with_parent
from config import ROOT

log = logging.getLogger(__name__)

POLL = 0.1
BACKOFF_MAX = 30.0
STEADY = 60.0  # seconds after which a child that dies is not failing again and again
STOP_STEPS = ((signal.SIGTERM, 5.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0))  # signal, patience in seconds


@dataclass
class Child:
    """A process under our care; one that is not `vital` is restarted when it dies, later and later."""

    nom: str
    command: Sequence[str]
    death_signal: signal.Signals  # what it receives when we die
    vital: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    failures: int = field(default=0, init=False)
    changed_at: float = field(default=0.0, init=False)

    def start(self, environ: Mapping[str, str]) -> None:
        # In a session of its own: a Ctrl-C in the terminal reaches this process only, which stops them in order.
        self.changed_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=environ,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid(), self.death_signal),
        )


def watch(children: Sequence[Child], environ: Mapping[str, str], each_turn: Callable[[], None]) -> None:
    """Run the children until a vital one dies, or until an exception, which a signal may raise, says to stop."""
    try:
        for child in children:
            child.start(environ)
        while True:
            for child in children:
                _revive(child, environ)
            each_turn()
            time.sleep(POLL)
    finally:
        _stop(children)


def _revive(child: Child, environ: Mapping[str, str]) -> None:
    if child.process is not None:
        if child.process.poll() is not None:
            _mourn(child, child.process.returncode)
    elif time.monotonic() >= child.changed_at + _delay(child):
        child.start(environ)


def _mourn(child: Child, code: int) -> None:
    """Give up when a vital child is dead; otherwise note when to restart it."""
    if child.vital:
        sys.exit(f"Le processus « {child.nom} » s’est arrêté (code {code}) : tout s’arrête.")
    lasted = time.monotonic() - child.changed_at
    child.failures = 0 if lasted > STEADY else child.failures + 1
    child.process, child.changed_at = None, time.monotonic()
    log.warning(
        "Le processus « %s » s’est arrêté (code %d) : nouvel essai dans %.0f s.", child.nom, code, _delay(child)
    )


def _delay(child: Child) -> float:
    return min(BACKOFF_MAX, 2.0**child.failures)


def _stop(children: Sequence[Child]) -> None:
    """Ask the children to end, ask again, then insist."""
    processes = [child.process for child in children if child.process is not None]
    for number, patience in STOP_STEPS:
        alive = [process for process in processes if process.poll() is None]
        for process in alive:
            process.send_signal(number)
        deadline = time.monotonic() + patience
        while any(process.poll() is None for process in alive) and time.monotonic() < deadline:
            time.sleep(POLL)
