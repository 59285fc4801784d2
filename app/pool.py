"""Connections to the database: one that the server has closed is replaced before use (QUALITY A-61).

The socket is looked at, without a question to the server: a ping before each request would cost three round trips.
"""

import select
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError


def surveiller(engine: Engine) -> None:
    """Check each connection as it leaves the pool."""
    event.listen(engine, "checkout", _verifier)


def _verifier(connexion: Any, _enregistrement: object, _mandataire: object) -> None:
    """An idle connection has nothing to say: if it has, it is that the server closed it."""
    if connexion.closed:
        raise DisconnectionError("connection closed")
    guetteur = select.poll()
    guetteur.register(connexion.fileno(), select.POLLIN)
    if guetteur.poll(0):
        raise DisconnectionError("connection closed by the server")
