"""Foundations of the schema: the one metadata shared with Flask-AppBuilder, and the pieces every table is made of."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Enum, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """What Flask-AppBuilder's untyped base is for the type checker."""
else:
    from flask_appbuilder.models.sqla import Model

# Set before any table is declared: constraint names are what migrations and error messages rely on.
Model.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def enum_column(enum: type[StrEnum]) -> Enum:
    """Column type of a French-labelled enum: stored by name in a short text, guarded by a CHECK."""
    return Enum(enum, native_enum=False, length=30, create_constraint=True, name=enum.__name__.lower())


class Horodatage:
    """When the row was created and last changed (UTC)."""

    cree_le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    modifie_le: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class Journalise:
    """A business object: the unit of work refuses to write it outside an operation, and journals each change."""

    def ars_codes(self) -> set[str]:
        """Codes of the ARS whose users may write this object; empty = national administrators only."""
        return set()


__all__ = ["Horodatage", "Journalise", "Model", "enum_column"]
