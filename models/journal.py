"""Journal: `Evenement` commits with the change it tells of; a worker derives the readable `EntreeJournal` rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Model


class Evenement(Model):
    """One unit of work: who did what, when, and each object before and after. Also the worker's outbox.

    `changements` is a list of objects {"type", "id", "libelle", "ars", "avant", "apres"}.
    """

    __tablename__ = "evenement"
    __table_args__ = (Index("ix_evenement_en_attente", "id", postgresql_where=text("traite_le IS NULL")),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)
    operation: Mapped[str] = mapped_column(String(40), index=True)
    acteur: Mapped[str] = mapped_column(String(128), index=True)
    ars_travail_code: Mapped[str | None] = mapped_column(ForeignKey("ars.code"), index=True)
    source: Mapped[str] = mapped_column(String(20))
    requete_id: Mapped[str | None] = mapped_column(String(36))
    traitement_id: Mapped[int | None] = mapped_column(ForeignKey("traitement.id"), index=True)
    changements: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    traite_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class EntreeJournal(Model):
    """A readable line of the journal: one object touched by one event, exactly once."""

    __tablename__ = "entree_journal"
    __table_args__ = (
        UniqueConstraint("evenement_id", "rang"),
        Index("ix_entree_journal_objet", "objet_type", "objet_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    evenement_id: Mapped[int] = mapped_column(ForeignKey("evenement.id"))
    rang: Mapped[int]
    objet_type: Mapped[str | None] = mapped_column(String(40))
    objet_id: Mapped[str | None] = mapped_column(String(40))
    objet_libelle: Mapped[str | None] = mapped_column(String(300))
    ars_code: Mapped[str | None] = mapped_column(String(2), index=True)
    phrase: Mapped[str] = mapped_column(Text)
    avant: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    apres: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    evenement: Mapped[Evenement] = relationship()
