"""`python run.py` starts everything the application needs, and stops it all at Ctrl-C.

Embedded PostgreSQL and Valkey unless DATABASE_URL and REDIS_URL are set; the database brought up to date; demonstration
data on the first start; then the web server, a worker and the clock. No child outlives this process, even killed.

`create_app` is what `flask --app run …` uses: commands find the embedded PostgreSQL up, or start it for themselves.
"""

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from flask import Flask
from sqlalchemy import create_engine
from werkzeug.security import generate_password_hash

from app import cli, demonstration, embedded, factory, unit_of_work
from app.initialisation import initialiser
from app.supervision import Child, watch
from config import Settings, load_settings
from jobs.journal import tout_journaliser

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WEB_TIMEOUT = 5.0


class Arret(BaseException):
    """Ctrl-C, or another signal that asks to stop."""


def create_app() -> Flask:
    """The application for commands, over the embedded PostgreSQL if no other is configured."""
    settings = _with_servers(load_settings(), embedded.valkey_url)  # few commands need Valkey up
    application = factory.create_app(settings)
    cli.enregistrer(application)
    return application


def main() -> None:
    """Start everything, watch over it, stop everything."""
    begun = time.monotonic()
    logging.basicConfig(format="%(message)s")
    _on_signals(_stop)
    settings = load_settings()
    _refuse_a_busy_port(settings)
    try:
        settings = _with_servers(settings, embedded.use_valkey)
        _prepare(settings)
        watch(_children(settings), _environ(settings), _announcer(settings, begun))
    except Arret:
        print("\nArrêt demandé.", flush=True)
    finally:
        _on_signals(signal.SIG_IGN)
        embedded.release()
    print("Tout est arrêté.", flush=True)


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Arret


def _refuse_a_busy_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            sys.exit(
                f"Le port {settings.port} de {settings.host} n’est pas libre : arrêtez le programme qui l’occupe, "
                f"ou choisissez un autre port (« PORT={settings.port + 1} make run »)."
            )


def _with_servers(settings: Settings, valkey: Callable[[Path], str]) -> Settings:
    """The settings, with the addresses of the embedded servers where none was given; `valkey` gives that of Valkey."""
    urls = {
        "database_url": settings.database_url or embedded.use_postgresql(settings.data_dir),
        "redis_url": settings.redis_url or valkey(settings.data_dir),
    }
    return settings.model_copy(update=urls)


def _prepare(settings: Settings) -> None:
    """Bring the database up to date; the first time, in development, with demonstration data."""
    engine = create_engine(settings.database_url)
    unit_of_work.configure(engine)
    initialiser(engine)
    if not settings.production:
        demonstration.charger_une_fois(settings.depot, generate_password_hash)
        tout_journaliser()
    engine.dispose()


def _children(settings: Settings) -> list[Child]:
    python = sys.executable
    web = [python, "-m", "gunicorn", "app.factory:create_app()", f"--bind={_address(settings.host)}:{settings.port}"]
    web += ["--worker-class=gthread", f"--workers={settings.web_workers}", f"--threads={settings.web_threads}"]
    web += ["--preload", "--no-control-socket", "--log-level=warning", "--graceful-timeout=5"]
    return [
        Child("web", web, signal.SIGTERM, vital=True),
        Child("worker", [python, "-m", "jobs.worker"], signal.SIGKILL),
        Child("cron", [python, "-m", "jobs.cron"], signal.SIGKILL),
    ]


def _environ(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "DATA_DIR": str(settings.data_dir),
    }


def _address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _announcer(settings: Settings, begun: float) -> Callable[[], None]:
    """What to do at each turn: once the web server answers, print its address and the demonstration accounts."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    announced = False

    def announce() -> None:
        nonlocal announced
        if announced or not _answers(host, settings.port):
            return
        announced = True
        url = f"http://{_address(host)}:{settings.port}"
        lines = ["", f"Terrains de stage est prêt, en {time.monotonic() - begun:.1f} s : {url}", ""]
        if not settings.production:
            lines += [*demonstration.presentation(), ""]
        print("\n".join([*lines, "Ctrl-C arrête tout."]), flush=True)

    return announce


def _answers(host: str, port: int) -> bool:
    with closing(HTTPConnection(host, port, timeout=WEB_TIMEOUT)) as web, suppress(OSError, HTTPException):
        web.request("GET", "/sante/vivant")
        return bool(web.getresponse().status)
    return False


if __name__ == "__main__":
    main()
