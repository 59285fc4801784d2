"""Traitement: one background run on a registry file, with its outcome, counts, progress, rejects and changes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Model, enum_column


class TypeTraitement(StrEnum):
    FINESS = "Synchronisation FINESS"
    RPPS = "Synchronisation RPPS"


class EtatTraitement(StrEnum):
    EN_ATTENTE = "En attente"
    EN_COURS = "En cours"
    APPLIQUE = "Appliqué"
    SIMULE = "Simulé"
    DEJA_INTEGRE = "Déjà intégré"
    QUARANTAINE = "En quarantaine"
    REFUSE = "Refusé"
    ECHEC = "Échec"

    @property
    def est_final(self) -> bool:
        return self not in (EtatTraitement.EN_ATTENTE, EtatTraitement.EN_COURS)


class ObjetFinessTraite(StrEnum):
    EJ = "Entité juridique"
    ET = "Établissement"
    PRATICIEN = "Praticien"


class NatureChangement(StrEnum):
    """What happened to a row of the mirror; of several, the first of this list names the change."""

    CREE = "Nouveau"
    FERME = "Fermé"
    ROUVERT = "Ré-ouvert"
    RATTACHE = "Rattaché à une autre entité juridique"
    ABSENT = "Absent du fichier"
    REVENU = "De nouveau présent"
    MODIFIE = "Modifié"


class Traitement(Model):
    """A run; while it lasts, `etape`, `octets_lus` and `battement_le` tell how far it is."""

    __tablename__ = "traitement"
    __table_args__ = (
        Index(
            "uq_traitement_un_seul_a_la_fois",
            "type",
            unique=True,
            postgresql_where=text("etat IN ('EN_ATTENTE', 'EN_COURS')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[TypeTraitement] = mapped_column(enum_column(TypeTraitement))
    etat: Mapped[EtatTraitement] = mapped_column(enum_column(EtatTraitement), index=True)
    motif: Mapped[str | None] = mapped_column(Text)
    motif_code: Mapped[str | None] = mapped_column(String(40))
    demandeur: Mapped[str] = mapped_column(String(128))
    simulation: Mapped[bool] = mapped_column(default=False)

    source: Mapped[str] = mapped_column(String(255))
    somme_controle: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the file as deposited
    version_schema: Mapped[str | None] = mapped_column(String(20))
    donnees_du: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    etape: Mapped[str | None] = mapped_column(String(60))
    octets_lus: Mapped[int] = mapped_column(BigInteger, default=0)
    octets_total: Mapped[int] = mapped_column(BigInteger, default=0)
    demande_le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)
    debut_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    battement_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fin_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    memoire_max: Mapped[int | None] = mapped_column(BigInteger)  # bytes

    # Rows of the file: lus = crees + modifies + inchanges + rejetes + hors_champ; fermes is part of modifies.
    lus: Mapped[int] = mapped_column(default=0)
    ej_lues: Mapped[int] = mapped_column(default=0)
    et_lus: Mapped[int] = mapped_column(default=0)
    praticiens: Mapped[int] = mapped_column(default=0)
    crees: Mapped[int] = mapped_column(default=0)
    modifies: Mapped[int] = mapped_column(default=0)
    inchanges: Mapped[int] = mapped_column(default=0)
    rejetes: Mapped[int] = mapped_column(default=0)
    hors_champ: Mapped[int] = mapped_column(default=0)  # RPPS: professions that hold no terrain
    fermes: Mapped[int] = mapped_column(default=0)
    absents: Mapped[int] = mapped_column(default=0)
    # Objects of the application (EJ, ET, terrains) that the run changed: as many events in the journal.
    objets_modifies: Mapped[int] = mapped_column(default=0)

    rejets: Mapped[list[TraitementRejet]] = relationship(order_by="TraitementRejet.id", passive_deletes=True)
    changements: Mapped[list[TraitementChangement]] = relationship(
        order_by="TraitementChangement.id", passive_deletes=True
    )

    @property
    def progression(self) -> int:
        """Part of the file already read, in percent."""
        return min(100, self.octets_lus * 100 // self.octets_total) if self.octets_total else 0

    def __str__(self) -> str:
        return f"{self.type} n° {self.id} – {self.source}"


class TraitementRejet(Model):
    """A row of the file that could not be taken: where it is, its number if readable, and why. Storage is capped."""

    __tablename__ = "traitement_rejet"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    traitement_id: Mapped[int] = mapped_column(ForeignKey("traitement.id", ondelete="CASCADE"), index=True)
    # FINESS: « 12 » = 12th EJ of the file, « 12.3 » = its third ET. RPPS: number of the line.
    position: Mapped[str] = mapped_column(String(20))
    objet: Mapped[ObjetFinessTraite] = mapped_column(enum_column(ObjetFinessTraite))
    numero: Mapped[str | None] = mapped_column(String(60))
    motif: Mapped[str] = mapped_column(Text)


class TraitementChangement(Model):
    """A row of the mirror that the run creates or changes, with the fields that differ."""

    __tablename__ = "traitement_changement"
    __table_args__ = (Index("ix_traitement_changement_liste", "traitement_id", "nature", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    traitement_id: Mapped[int] = mapped_column(ForeignKey("traitement.id", ondelete="CASCADE"))
    objet: Mapped[ObjetFinessTraite] = mapped_column(enum_column(ObjetFinessTraite))
    nature: Mapped[NatureChangement] = mapped_column(enum_column(NatureChangement))
    numero: Mapped[str] = mapped_column(String(11), index=True)
    libelle: Mapped[str] = mapped_column(String(255))
    avant: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    apres: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
