"""The schema of the database: brought up to date by the migrations, never by `create_all`."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from config import ROOT

MIGRATIONS = ROOT / "migrations"
LOCK = 20_261_120  # any number that nothing else locks


def configuration(connection: Connection) -> Config:
    """Alembic's configuration over a connection of ours."""
    config = Config(MIGRATIONS / "alembic.ini")
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision; processes that start together take turns."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        command.upgrade(configuration(connection), revision)
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()


def demote(engine: Engine, revision: str) -> None:
    """Bring the schema back to an earlier revision."""
    with engine.connect() as connection:
        command.downgrade(configuration(connection), revision)
