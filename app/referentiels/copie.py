"""COPY into a table, and of a small file into a temporary one, which one statement per target then compares."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from psycopg import Cursor, sql
from sqlalchemy import Column, MetaData, Table, Text
from sqlalchemy.orm import Session

_NOM = "copie"


def copier(
    session: Session, colonnes: Sequence[str], lignes: Iterable[Sequence[str | None]], *, nom: str = _NOM
) -> Table:
    """Temporary table of text columns holding `lignes`; it replaces the one of that name, ends with the transaction."""
    table = Table(
        nom,
        MetaData(),
        *(Column(colonne, Text) for colonne in colonnes),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )
    connexion = session.connection()
    table.drop(connexion, checkfirst=True)
    table.create(connexion)
    verser(session, nom, colonnes, lignes)
    return table


def verser(session: Session, table: str, colonnes: Sequence[str], lignes: Iterable[Sequence[object]]) -> None:
    """Add `lignes` to an existing table."""
    noms = sql.SQL(", ").join(map(sql.Identifier, colonnes))
    commande = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), noms)
    curseur = cast("Cursor[Any]", session.connection().connection.cursor())
    with curseur, curseur.copy(commande) as flux:
        for ligne in lignes:
            flux.write_row(ligne)


def verser_octets(session: Session, table: str, colonnes: Sequence[str], octets: bytes) -> None:
    """Add rows that are already in the text format of COPY: « | » between the columns, NULL when empty."""
    noms = sql.SQL(", ").join(map(sql.Identifier, colonnes))
    commande = sql.SQL("COPY {} ({}) FROM STDIN (DELIMITER '|', NULL '')").format(sql.Identifier(table), noms)
    curseur = cast("Cursor[Any]", session.connection().connection.cursor())
    with curseur, curseur.copy(commande) as flux:
        flux.write(octets)
