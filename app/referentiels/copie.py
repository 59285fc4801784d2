"""COPY into a table, and of a small file into a temporary one, which one statement per target then compares."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any, Self, cast

from psycopg import Copy, Cursor, sql
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


class Versement:
    """Rows sent to tables while the caller prepares the next ones: a COPY stays open until that of another table.

    Rows have « | » between their columns, and NULL where empty. No other statement may run before `finir`.
    """

    def __init__(self, session: Session) -> None:
        self._curseur = cast("Cursor[Any]", session.connection().connection.cursor())
        self._pile = ExitStack()  # closes the COPY that is open
        self._flux: Copy | None = None
        self.table = ""  # of this COPY

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *erreur: Any) -> None:
        with self._curseur:
            self._pile.__exit__(*erreur)

    def envoyer(self, table: str, colonnes: Sequence[str], octets: bytes, *, filtre: str | None = None) -> None:
        """Begin to add rows to a table, but those that do not pass `filtre`, an SQL condition on their columns."""
        if self._flux is None or table != self.table:
            self.finir()
            noms = sql.SQL(", ").join(map(sql.Identifier, colonnes))
            condition = sql.SQL(f"WHERE {filtre}" if filtre else "")
            modele = sql.SQL("COPY {} ({}) FROM STDIN (DELIMITER '|', NULL '') {}")
            commande = modele.format(sql.Identifier(table), noms, condition)
            self._flux = self._pile.enter_context(self._curseur.copy(commande))
            self.table = table
        self._flux.write(octets.replace(b"\\", b"\\\\"))

    def finir(self) -> None:
        """Wait until the server has taken everything."""
        self._pile.close()
        self._flux, self.table = None, ""
