"""Outgoing mail: one message to one SMTP server, and what the server said of each recipient (S31, QUALITY A-38, A-63).

Without `SMTP_HOST`, development drops its messages in the folder `courriels` of DATA_DIR, and production sends none.
"""

import logging
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from pathlib import Path
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from typing import Protocol

from config import Settings

log = logging.getLogger(__name__)

POLITIQUE = policy.SMTP.clone(cte_type="7bit")  # a relay may not take eight bits
DELAI = 20.0  # seconds that the server has for each answer
DEFINITIF = 500  # from this code on, trying again is useless (RFC 5321 §4.2.1)
PORTS = {"starttls": 587, "tls": 465, "aucune": 25}

INJOIGNABLE = "Le serveur de messagerie ne répond pas."
INTERROMPU = "Le serveur de messagerie a interrompu l’échange."
NON_CONFIGURE = "L’envoi par courriel n’est pas configuré sur ce site : demandez-le à l’équipe technique."


@dataclass(frozen=True)
class Remise:
    """The fate of each recipient: served, refused for good, or to be tried again; with the reason of each."""

    servis: Sequence[str] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)
    reportes: Mapping[str, str] = field(default_factory=dict)


class Messagerie(Protocol):
    """Where messages go."""

    def remettre(self, message: EmailMessage, destinataires: Sequence[str]) -> Remise:
        """Hand the message over once, for these recipients whatever its headers say; never fails."""


@dataclass(frozen=True)
class ServeurSmtp:
    """An SMTP server; `securite` says how the connection is encrypted."""

    host: str
    port: int
    securite: str
    expediteur: str
    user: str = ""
    password: str = field(default="", repr=False)

    def remettre(self, message: EmailMessage, destinataires: Sequence[str]) -> Remise:
        try:
            smtp = self._ouvrir()
        except (OSError, SMTPException) as erreur:
            log.warning("mail server %s:%d: %s", self.host, self.port, erreur)
            return reporter(destinataires, INJOIGNABLE)
        try:
            return self._transmettre(smtp, message, destinataires)
        finally:
            _fermer(smtp)

    def _ouvrir(self) -> SMTP:
        contexte = ssl.create_default_context()
        if self.securite == "tls":
            smtp: SMTP = SMTP_SSL(self.host, self.port, timeout=DELAI, context=contexte)
        else:
            smtp = SMTP(self.host, self.port, timeout=DELAI)
        try:
            if self.securite == "starttls":
                smtp.starttls(context=contexte)
            if self.user:
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _transmettre(self, smtp: SMTP, message: EmailMessage, destinataires: Sequence[str]) -> Remise:
        try:
            refus = smtp.sendmail(self.expediteur, list(destinataires), message.as_bytes(policy=POLITIQUE))
        except SMTPRecipientsRefused as erreur:
            return _trier(destinataires, erreur.recipients, acceptes=False)
        except (SMTPSenderRefused, SMTPDataError) as erreur:
            reponse = (erreur.smtp_code, _octets(erreur.smtp_error))
            return _trier(destinataires, dict.fromkeys(destinataires, reponse), acceptes=False)
        except (OSError, SMTPException) as erreur:
            log.warning("mail server %s:%d: %s", self.host, self.port, erreur)
            return reporter(destinataires, INTERROMPU)
        return _trier(destinataires, refus, acceptes=True)


@dataclass(frozen=True)
class Dossier:
    """A folder that stands for the mail server in development: one file « .eml » for each message."""

    chemin: Path

    def remettre(self, message: EmailMessage, destinataires: Sequence[str]) -> Remise:
        self.chemin.mkdir(parents=True, exist_ok=True)
        nom = str(message["Message-ID"]).strip("<>").partition("@")[0]
        self.chemin.joinpath(f"{nom}.eml").write_bytes(message.as_bytes(policy=POLITIQUE))
        return Remise(servis=destinataires)


def messagerie(settings: Settings) -> Messagerie | None:
    """Where this installation sends its mail; None when it cannot."""
    if settings.production and not (settings.smtp_host and settings.courriel_expediteur):
        return None
    if not settings.smtp_host:
        return Dossier(dossier(settings))
    return ServeurSmtp(
        host=settings.smtp_host,
        port=settings.smtp_port or PORTS[settings.smtp_securite],
        securite=settings.smtp_securite,
        expediteur=settings.expediteur,
        user=settings.smtp_user,
        password=settings.smtp_password,
    )


def dossier(settings: Settings) -> Path:
    """Where development drops its messages."""
    return settings.data_dir / "courriels"


def raison_sans_courriel(settings: Settings) -> str:
    """Why nothing can be sent from here; empty when it can."""
    return "" if messagerie(settings) else NON_CONFIGURE


def reporter(destinataires: Sequence[str], raison: str) -> Remise:
    """Nobody was served; all are to be tried again."""
    return Remise(reportes=dict.fromkeys(destinataires, raison))


def _trier(destinataires: Sequence[str], refus: Mapping[str, tuple[int, bytes]], *, acceptes: bool) -> Remise:
    """The fate of each recipient; those without a refusal were served, if the server took the message at all."""
    for adresse, (code, reponse) in refus.items():
        log.warning("mail refused for %s: %d %s", adresse, code, reponse.decode("ascii", "replace"))
    raisons = {adresse: f"Refusé par le serveur de messagerie (code {code})." for adresse, (code, _) in refus.items()}
    definitifs = {adresse for adresse, (code, _) in refus.items() if code >= DEFINITIF}
    sans_reponse = [un for un in destinataires if un not in refus]
    return Remise(
        servis=sans_reponse if acceptes else (),
        refuses={adresse: raison for adresse, raison in raisons.items() if adresse in definitifs},
        reportes={
            **dict.fromkeys(() if acceptes else sans_reponse, INTERROMPU),
            **{adresse: raison for adresse, raison in raisons.items() if adresse not in definitifs},
        },
    )


def _octets(reponse: bytes | str) -> bytes:
    return reponse if isinstance(reponse, bytes) else reponse.encode("ascii", "replace")


def _fermer(smtp: SMTP) -> None:
    """Say goodbye. What the server answers no longer matters: the message is accepted, or not, by now."""
    with suppress(OSError, SMTPException):
        smtp.quit()
    smtp.close()
