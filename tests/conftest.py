"""A real PostgreSQL and a real Valkey for every test, and nothing left of one test in the next.

`session`, `app`, `client` and `connexion` share one transaction, rolled back at the end of the test: what the code
under test commits goes to a savepoint. Tests that need real commits (several connections, a server of its own) take
`base_propre`: a database of their own, copied from the model. TEST_DATABASE_URL and TEST_REDIS_URL replace the embedded
servers; the role of the former must be allowed to create databases and roles.
"""

import ipaddress
import os
import re
import shutil
import socket
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, delete, make_url, select, text
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app import cli, embedded, factory, unit_of_work
from app.initialisation import initialiser
from app.roles import GESTIONNAIRE, LECTURE, NATIONAL, TECHNIQUE
from app.scope import systeme
from config import Settings
from models.interne import Semestre
from models.territoire import Ars
from models.utilisateur import Role, Utilisateur

MOT_DE_PASSE = "tortue-brouette-lampe"
EMPREINTE = generate_password_hash(MOT_DE_PASSE, method="pbkdf2:sha256:1")  # as valid as another, and quick
ROLES = {"lecture": LECTURE, "gestionnaire": GESTIONNAIRE, "national": NATIONAL, "admin": TECHNIQUE}

# --- Servers ---


@pytest.fixture(scope="session", autouse=True)
def sans_reseau() -> Iterator[None]:
    """A test reaches this machine only: anything else is a mistake of the test, or of the code."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_local(address[0]):
            raise AssertionError(f"network access to {address!r} during the tests")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_local(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """Where the servers of this run keep their data. Not `tmp_path`: root's server is `nobody`, who must get in."""
    folder = Path(tempfile.mkdtemp(prefix="terrains-tests-"))
    folder.chmod(0o755)
    yield folder
    embedded.release()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def serveur_postgresql(data_dir: Path) -> URL:
    return make_url(os.environ.get("TEST_DATABASE_URL") or embedded.use_postgresql(data_dir, durable=False))


@pytest.fixture(scope="session")
def redis_url(data_dir: Path) -> str:
    return os.environ.get("TEST_REDIS_URL") or embedded.use_valkey(data_dir, durable=False)


@contextmanager
def database(server: URL, *, template: str | None = None) -> Iterator[URL]:
    """A database for a while, empty or copied from another."""
    name = f"terrains_{uuid.uuid4().hex[:12]}"
    source = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{source}"))
    try:
        yield server.set(database=name)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def base_modele(serveur_postgresql: URL) -> Iterator[URL]:
    """The model: migrations, roles and seeds done once. Nothing stays connected to it, so that it can be copied."""
    with database(serveur_postgresql) as url:
        engine = create_engine(url, poolclass=NullPool)
        unit_of_work.configure(engine)
        initialiser(engine)
        yield url


@pytest.fixture(scope="session")
def engine(serveur_postgresql: URL, base_modele: URL) -> Iterator[Engine]:
    """The database of the tests that roll back."""
    with database(serveur_postgresql, template=base_modele.database) as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A Redis that is empty before and after."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
        client.flushdb()


# --- One transaction per test ---


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """The connection of the test, and of all the code under test; rolled back."""
    with engine.connect() as connection, connection.begin() as outer:
        unit_of_work.configure(connection)
        yield connection
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
        yield session


@pytest.fixture
def sans_calendrier(session: Session) -> None:
    """Without the semestres of the seeds: the test has a calendar of its own."""
    session.execute(delete(Semestre))
    session.commit()


# --- The web application ---


@pytest.fixture(scope="session")
def settings(data_dir: Path, redis_url: str, engine: Engine) -> Settings:
    return Settings(
        data_dir=data_dir,
        secret_key="une clé qui ne sert qu’aux tests, assez longue",
        database_url=engine.url.render_as_string(hide_password=False),
        redis_url=redis_url,
        courriel_domaines=("exemple.fr",),
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> Flask:
    """Built once: what changes from one test to the next is its database connection."""
    app = factory.create_app(settings)
    app.testing = True
    cli.enregistrer(app)
    factory.db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    return app


@pytest.fixture
def app(application: Flask, connection: Connection, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application over the transaction of the test. Forms need no CSRF token; a test of that sets it back."""
    with application.app_context():
        engines = factory.db.engines
    monkeypatch.setitem(engines, None, connection)
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", False)
    unit_of_work.configure(connection)
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def utilisateur(session: Session) -> Callable[[str], Utilisateur]:
    """Account by its login, created on demand: `gestionnaire-53-84` is a Gestionnaire ARS with two ARS."""

    def trouver(login: str) -> Utilisateur:
        found = session.scalar(select(Utilisateur).where(Utilisateur.username == login))
        return found or creer_utilisateur(session, login)

    return trouver


def creer_utilisateur(session: Session, login: str) -> Utilisateur:
    role, *codes = login.split("-")
    compte = Utilisateur(
        username=login,
        first_name="Camille",
        last_name=login,
        email=f"{login}@exemple.fr",
        active=True,
        password=EMPREINTE,
        roles=list(session.scalars(select(Role).where(Role.name == ROLES[role]))),
        ars=list(session.scalars(select(Ars).where(Ars.code.in_(codes)))),
    )
    session.info["unit_of_work"] = unit_of_work.UnitOfWork(session, systeme("test"), "TEST", "test")
    session.add(compte)
    session.flush()
    del session.info["unit_of_work"]
    return compte


@pytest.fixture
def connexion(client: FlaskClient, utilisateur: Callable[[str], Utilisateur]) -> Callable[..., FlaskClient]:
    """Logs the client in: `connexion("gestionnaire-53")`. The ARS de travail is the first of the login, or `ars`."""

    def connecter(login: str, *, ars: str | None = None) -> FlaskClient:
        compte = utilisateur(login)
        now = int(time.time())
        codes = re.findall(r"\d[\dA-B]", login)
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie.update(_user_id=str(compte.id), _fresh=True, version=compte.session_version, debut=now, vue=now)
            if ars or codes:
                cookie["ars"] = ars or codes[0]
        return client

    return connecter


# --- A database of its own ---


@pytest.fixture
def base_propre(serveur_postgresql: URL, base_modele: URL) -> Iterator[Engine]:
    """A database of its own, where commits are real; `transaction()` and `unit_of_work()` go there too."""
    with database(serveur_postgresql, template=base_modele.database) as url:
        engine = create_engine(url)
        unit_of_work.configure(engine)
        yield engine
        engine.dispose()
