"""Fixtures of the attacks: what the database holds, in a form that two moments can be compared by."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from models.base import Model
from tests.securite.matrice import Banc, Empreinte

# Loaded from the seeds, written by no screen, and long to read: left out of the fingerprint.
GEOGRAPHIE = {"commune", "code_postal"}


@pytest.fixture
def empreinte(connection: Connection) -> Callable[[], Empreinte]:
    """Reads a hash of the rows of each table, the journal included."""
    tables = sorted(Model.metadata.tables.keys() - GEOGRAPHIE)
    requete = text(
        " UNION ALL ".join(
            f"SELECT '{nom}', count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {nom} t"
            for nom in tables
        )
    )

    def lire() -> Empreinte:
        return {nom: somme for nom, somme in connection.execute(requete)}

    return lire


@pytest.fixture
def depot(application: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deposit folder for this test only."""
    reglages = application.extensions["settings"].model_copy(update={"depot_dir": tmp_path / "depot"})
    monkeypatch.setitem(application.extensions, "settings", reglages)
    return reglages.depot


@pytest.fixture
def banc(app, connection, session, utilisateur, empreinte, depot) -> Banc:
    """Plays the lines of the matrix of rights."""
    return Banc(app, connection, session, utilisateur, empreinte, depot)


@pytest.fixture(autouse=True)
def _une_panne_est_une_page(application, monkeypatch):
    """A failure shows as a 500 page here, as it would to a user, and not as an exception in the test."""
    monkeypatch.setitem(application.config, "PROPAGATE_EXCEPTIONS", False)
