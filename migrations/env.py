"""How Alembic reaches the database: over the connection that `app.schema` gives it, or that of the application."""

from collections.abc import Iterable
from typing import Any

from alembic import context
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection, text

import models
from models.base import Model

LOCK_TIMEOUT = "5s"  # a migration waits for nobody longer than a page may take

assert models.__all__  # importing the package declares the tables


def numbered(
    _context: MigrationContext, _revision: str | Iterable[str | None] | Iterable[str], directives: list[MigrationScript]
) -> None:
    """Give revisions their number: 0001, 0002…"""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    for directive in directives:
        directive.rev_id = f"{int(head or 0) + 1:04d}"


def migrate(connection: Connection) -> None:
    options: dict[str, Any] = {
        "target_metadata": Model.metadata,
        "compare_server_default": True,
        "transaction_per_migration": True,
        "process_revision_directives": numbered,
    }
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    context.configure(connection=connection, **options)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text("RESET lock_timeout"))
    connection.commit()


if connection := context.config.attributes.get("connection"):
    migrate(connection)
else:
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        migrate(connection)
