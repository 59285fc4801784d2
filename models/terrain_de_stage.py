"""Terrain de stage (TS): the unit, practice or laboratory where interns are posted (manual §1.1, §1.6).

One table for the three types: they share statut, number, territory, coordinates and search; a CHECK per type says
which identifier each one carries.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Horodatage, Journalise, Model, enum_column
from models.commune import Commune
from models.coordonnees import Coordonnees, contraintes_coordonnees, index_coordonnees
from models.etablissement import Etablissement
from models.etats import StatutTerrain, TypeTerrain
from models.nomenclature import Specialite
from models.territoire import Ars, Subdivision


class TypeOrganisme(StrEnum):
    HOPITAL_FRONTALIER = "Hôpital frontalier"
    ADMINISTRATION = "Administration"
    ASSOCIATION = "Association"
    LABORATOIRE = "Laboratoire"
    ENTREPRISE = "Entreprise"
    AUTRE = "Autre"


terrain_specialite_complementaire = Table(
    "terrain_specialite_complementaire",
    Model.metadata,
    Column("terrain_id", ForeignKey("terrain_de_stage.id"), primary_key=True),
    Column("specialite_code", ForeignKey("specialite.code"), primary_key=True, index=True),
)


def _index_de_la_recherche() -> tuple[Index, ...]:
    """Indexes behind the criteria of « Rechercher un terrain de stage »: names, numbers, order of the list, notices."""
    trigrammes = [
        Index(f"ix_terrain_de_stage_{un}_trgm", un, postgresql_using="gin", postgresql_ops={un: "gin_trgm_ops"})
        for un in ("nom_norme", "titulaire_norme", "responsable_norme")
    ]
    prefixes = [
        Index(f"ix_terrain_de_stage_{un}_prefixe", un, postgresql_ops={un: "text_pattern_ops"})
        for un in ("numero", "rpps", "siret", "autre_numero_norme")
    ]
    return (
        *trigrammes,
        *prefixes,
        # With what lists filter on: a far page is found in the index alone.
        Index("ix_terrain_de_stage_liste", "numero", "id", postgresql_include=["ars_code", "statut", "type"]),
        Index("ix_terrain_de_stage_nom_norme", "nom_norme", "id", postgresql_include=["ars_code", "statut", "type"]),
        # The few terrains that await somebody.
        Index(
            "ix_terrain_de_stage_notices",
            "ars_code",
            postgresql_where=text(
                "rpps_invalide_depuis IS NOT NULL OR rpps_hors_ars_depuis IS NOT NULL OR rpps_errone IS true"
            ),
        ),
    )


class TerrainDeStage(Coordonnees, Horodatage, Journalise, Model):
    __tablename__ = "terrain_de_stage"
    __table_args__ = (
        CheckConstraint("(type = 'HOSPITALIER') = (etablissement_id IS NOT NULL)", name="hospitalier_sur_un_et"),
        CheckConstraint("(type = 'PRATICIEN') = (rpps IS NOT NULL)", name="praticien_a_un_rpps"),
        CheckConstraint("(type = 'AUTRE') = (type_organisme IS NOT NULL)", name="autre_a_un_type_organisme"),
        CheckConstraint("statut <> 'TRANSFERE' OR type = 'PRATICIEN'", name="transfere_est_praticien"),
        CheckConstraint("subdivision_code IS NOT NULL OR statut = 'TRANSFERE'", name="subdivision_sauf_transfere"),
        CheckConstraint("nombre_de_postes >= 0", name="nombre_de_postes_positif"),
        CheckConstraint("left(numero, 2) = ars_code", name="numero_de_son_ars"),
        # Only a pair that the table of links knows (I9); a terrain Transféré may have no subdivision yet.
        ForeignKeyConstraint(
            ["subdivision_code", "ars_code"], ["subdivision_ars.subdivision_code", "subdivision_ars.ars_code"]
        ),
        *contraintes_coordonnees(),
        *index_coordonnees("terrain_de_stage"),
        *_index_de_la_recherche(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    numero: Mapped[str] = mapped_column(String(8), unique=True)
    type: Mapped[TypeTerrain] = mapped_column(enum_column(TypeTerrain), index=True)
    statut: Mapped[StatutTerrain] = mapped_column(enum_column(StatutTerrain), index=True)
    nom: Mapped[str] = mapped_column(String(255))
    ars_code: Mapped[str] = mapped_column(ForeignKey("ars.code"), index=True)
    subdivision_code: Mapped[str | None] = mapped_column(ForeignKey("subdivision.code"), index=True)
    specialite_code: Mapped[str | None] = mapped_column(ForeignKey("specialite.code"), index=True)
    nombre_de_postes: Mapped[int | None]
    responsable_nom: Mapped[str | None] = mapped_column(String(100))
    responsable_prenom: Mapped[str | None] = mapped_column(String(100))
    coordonnees_de_finess: Mapped[bool] = mapped_column(default=False)  # principal block copied from FINESS (A22)

    # Hospitalier
    etablissement_id: Mapped[int | None] = mapped_column(ForeignKey("etablissement.id"), index=True)
    stage_chu: Mapped[bool | None]  # for a CHU only; None: not stated

    # Praticien
    rpps: Mapped[str | None] = mapped_column(String(11), unique=True)
    praticien_nom: Mapped[str | None] = mapped_column(String(100))
    praticien_prenom: Mapped[str | None] = mapped_column(String(100))
    nature_exercice: Mapped[str | None] = mapped_column(String(60))
    nature_exercice_locale: Mapped[str | None] = mapped_column(String(60))
    specialite_exercice_code: Mapped[str | None] = mapped_column(String(20))
    rpps_structure: Mapped[str | None] = mapped_column(String(50))
    rpps_invalide_depuis: Mapped[date | None]
    rpps_hors_ars_depuis: Mapped[date | None]  # no longer practises in the ARS: a hint for a user (A10)
    rpps_errone: Mapped[bool] = mapped_column(default=False)
    rpps_errone_commentaire: Mapped[str | None] = mapped_column(Text)
    rpps_errone_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rpps_errone_par: Mapped[str | None] = mapped_column(String(128))

    # Autre organisme
    type_organisme: Mapped[TypeOrganisme | None] = mapped_column(enum_column(TypeOrganisme))
    organisme_nom: Mapped[str | None] = mapped_column(String(255))
    siret: Mapped[str | None] = mapped_column(String(14))
    autre_numero: Mapped[str | None] = mapped_column(String(50))
    autre_numero_nature: Mapped[str | None] = mapped_column(String(50))

    nom_norme: Mapped[str] = mapped_column(Text(collation="C"), Computed("normaliser(nom)", persisted=True))
    # Practitioner or organisme; the name of an établissement is found through its own index.
    titulaire_norme: Mapped[str | None] = mapped_column(
        Text(collation="C"),
        Computed(
            "normaliser(coalesce(organisme_nom, praticien_nom || coalesce(' ' || praticien_prenom, '')))",
            persisted=True,
        ),
    )
    responsable_norme: Mapped[str | None] = mapped_column(
        Text(collation="C"),
        Computed("normaliser(responsable_nom || coalesce(' ' || responsable_prenom, ''))", persisted=True),
    )
    autre_numero_norme: Mapped[str | None] = mapped_column(
        String(50), Computed("upper(replace(autre_numero, ' ', ''))", persisted=True)
    )

    version: Mapped[int] = mapped_column(default=1)

    ars: Mapped[Ars] = relationship()
    subdivision: Mapped[Subdivision | None] = relationship()
    etablissement: Mapped[Etablissement | None] = relationship(back_populates="terrains")
    specialite: Mapped[Specialite | None] = relationship()
    specialites_complementaires: Mapped[list[Specialite]] = relationship(secondary=terrain_specialite_complementaire)
    # Codes of registries, which may be newer than our tables: no foreign key, read-only relations.
    specialite_exercice: Mapped[Specialite | None] = relationship(
        primaryjoin="foreign(TerrainDeStage.specialite_exercice_code) == Specialite.code", viewonly=True
    )
    commune: Mapped[Commune | None] = relationship(
        primaryjoin="foreign(TerrainDeStage.code_insee_effectif) == Commune.code", viewonly=True
    )
    anciens_numeros: Mapped[list[AncienNumero]] = relationship(back_populates="terrain", order_by="AncienNumero.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def ars_codes(self) -> set[str]:
        return {self.ars_code}

    def __str__(self) -> str:
        return f"{self.numero} – {self.nom}"


class AncienNumero(Model):
    """A number that a terrain had before a change of ARS: never given to another, still found by search (N21)."""

    __tablename__ = "ancien_numero"
    __table_args__ = (
        Index("ix_ancien_numero_numero_prefixe", "numero", postgresql_ops={"numero": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    terrain_id: Mapped[int] = mapped_column(ForeignKey("terrain_de_stage.id"), index=True)
    numero: Mapped[str] = mapped_column(String(8), unique=True)
    jusqu_au: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    terrain: Mapped[TerrainDeStage] = relationship(back_populates="anciens_numeros")


class CompteurNumero(Model):
    """Last sequence used in an ARS for a type of terrain; locked while a number is drawn."""

    __tablename__ = "compteur_numero"

    ars_code: Mapped[str] = mapped_column(ForeignKey("ars.code"), primary_key=True)
    type: Mapped[TypeTerrain] = mapped_column(enum_column(TypeTerrain), primary_key=True)
    dernier: Mapped[int] = mapped_column(default=0)
