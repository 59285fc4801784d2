"""Journal: `Evenement` commits with the change it tells of; a worker derives the readable `EntreeJournal` rows, and
seals both in a chain (`SceauJournal`). The database itself refuses to write them again (SPEC N28, QUALITY A-71).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Model


class Evenement(Model):
    """One unit of work: who did what, when, and each object before and after. Also the worker's outbox.

    `changements` is a list of objects {"type", "id", "libelle", "ars", "avant", "apres"}.
    """

    __tablename__ = "evenement"
    # The last three are in the order of the screen « Journal ».
    __table_args__ = (
        Index("ix_evenement_en_attente", "id", postgresql_where=text("traite_le IS NULL")),
        Index("ix_evenement_le_id", "le", "id"),
        Index("ix_evenement_operation_le_id", "operation", "le", "id"),
        Index("ix_evenement_acteur_le_id", "acteur", "le", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    operation: Mapped[str] = mapped_column(String(40))
    acteur: Mapped[str] = mapped_column(String(128))
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
        Index("ix_entree_journal_libelle", text("normaliser(objet_libelle) gin_trgm_ops"), postgresql_using="gin"),
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


class EvenementArs(Model):
    """ARS that an event concerns: whose users may see it (M23). Derived by the worker, with the entries."""

    __tablename__ = "evenement_ars"

    ars_code: Mapped[str] = mapped_column(String(2), primary_key=True)
    evenement_id: Mapped[int] = mapped_column(ForeignKey("evenement.id"), primary_key=True, index=True)


class SceauJournal(Model):
    """Link of the chain: one event and its entries, sealed with all that came before. `rang` is the order of the chain.

    SHA-256 of the event, of its entries, and of both with the preceding seal: `app.sceaux.chaine` says of which bytes.
    """

    __tablename__ = "sceau_journal"

    rang: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    evenement_id: Mapped[int] = mapped_column(ForeignKey("evenement.id"), unique=True)
    entrees: Mapped[int]
    empreinte_evenement: Mapped[bytes] = mapped_column(LargeBinary)
    empreinte_entrees: Mapped[bytes] = mapped_column(LargeBinary)
    sceau: Mapped[bytes] = mapped_column(LargeBinary)


# Nothing is changed or taken away there, but the worker's mark on an event (the function is in the migrations).
for _table in (Evenement.__table__, EntreeJournal.__table__, SceauJournal.__table__):
    for _declencheur, _quand in (
        ("ecriture_seule", "BEFORE UPDATE OR DELETE ON {} FOR EACH ROW"),
        ("non_vidable", "BEFORE TRUNCATE ON {} FOR EACH STATEMENT"),
    ):
        _creation = f"CREATE TRIGGER {_declencheur} {_quand.format(_table)} EXECUTE FUNCTION garder_le_journal()"
        event.listen(_table, "after_create", DDL(_creation))  # type: ignore[no-untyped-call]
