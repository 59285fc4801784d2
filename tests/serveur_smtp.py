"""A real SMTP server on this machine, for the tests: keeps what it accepts, refuses what a test tells it to refuse."""

import email
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Recu:
    """A message as it arrived: its envelope, then its headers and parts."""

    expediteur: str
    destinataires: list[str]
    brut: bytes

    @property
    def message(self) -> EmailMessage:
        lu = email.message_from_bytes(self.brut, policy=policy.default)
        assert isinstance(lu, EmailMessage)
        return lu

    @property
    def texte(self) -> str:
        corps = self.message.get_body(("plain",))
        assert corps is not None
        return str(corps.get_content())

    @property
    def fichier(self) -> tuple[str, bytes]:
        """Name and content of the only attachment."""
        [piece] = self.message.iter_attachments()
        contenu = piece.get_payload(decode=True)
        assert isinstance(contenu, bytes)
        return str(piece.get_filename()), contenu


@dataclass
class Boite:
    """What the server received, and how it must answer: by address for RCPT, then to DATA."""

    port: int
    recus: list[Recu] = field(default_factory=list)
    refus: dict[str, str] = field(default_factory=dict)
    reponse: str = "250 OK"
    lenteur: float = 0.0

    async def handle_RCPT(  # noqa: N802
        self, _serveur: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refus:
            return self.refus[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _serveur: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        time.sleep(self.lenteur)
        if self.reponse.startswith("250"):
            contenu: Any = envelope.content
            self.recus.append(Recu(str(envelope.mail_from), list(envelope.rcpt_tos), contenu))
        return self.reponse


@contextmanager
def serveur_smtp() -> Iterator[Boite]:
    """The server, up for a while."""
    boite = Boite(port_libre())
    controller = Controller(boite, hostname="127.0.0.1", port=boite.port)
    controller.start()
    try:
        yield boite
    finally:
        controller.stop()


def port_libre() -> int:
    with socket.socket() as sonde:
        sonde.bind(("127.0.0.1", 0))
        port: int = sonde.getsockname()[1]
    return port
