"""Envoi: a list that a user sends by e-mail, from the request to the answer of the mail server; an outbox (S31)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, enum_column


class EtatEnvoi(StrEnum):
    EN_ATTENTE = "En attente"
    ENVOYE = "Envoyé"
    ECHEC = "Échec"


class Envoi(Model):
    """Who sends which list to whom. The file is made when it leaves: `criteres` are all the fields of the criteria but
    `archives`, `tri` and `descendant` the order of the screen, `lien` the address of the same export on the site.

    `jeton` comes from the form, so that sending it twice makes one envoi; it is also in the Message-ID.
    """

    __tablename__ = "envoi"
    __table_args__ = (
        Index("ix_envoi_en_attente", "prochaine_le", postgresql_where=text("etat = 'EN_ATTENTE'")),
        Index("ix_envoi_demandeur", "demandeur", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    jeton: Mapped[str] = mapped_column(String(36), unique=True)
    demandeur: Mapped[str] = mapped_column(String(128))
    demandeur_nom: Mapped[str] = mapped_column(String(130))
    demandeur_courriel: Mapped[str] = mapped_column(String(254))
    demande_le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    liste: Mapped[str] = mapped_column(String(40))  # key of app.recherches.catalogue
    criteres: Mapped[dict[str, Any]] = mapped_column(JSONB)
    archives: Mapped[bool]  # a right of the user when he asked
    criteres_affiches: Mapped[list[list[str]]] = mapped_column(JSONB)  # label and value, in the words of the screen
    tri: Mapped[str] = mapped_column(String(40))
    descendant: Mapped[bool]
    format: Mapped[str] = mapped_column(String(4))
    lien: Mapped[str] = mapped_column(Text)
    lignes: Mapped[int]
    destinataires: Mapped[list[str]] = mapped_column(JSONB)
    message: Mapped[str | None] = mapped_column(Text)

    etat: Mapped[EtatEnvoi] = mapped_column(enum_column(EtatEnvoi), default=EtatEnvoi.EN_ATTENTE)
    tentatives: Mapped[int] = mapped_column(default=0)
    prochaine_le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    derniere_erreur: Mapped[str | None] = mapped_column(Text)
    servis: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    refuses: Mapped[dict[str, str]] = mapped_column(
        JSONB, server_default="{}"
    )  # address → why it will not be tried again
    joint: Mapped[bool | None]  # whether the file was attached; else the mail held the link
    envoye_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def restants(self) -> list[str]:
        """Recipients whose fate is not known yet."""
        return [un for un in self.destinataires if un not in self.servis and un not in self.refuses]
