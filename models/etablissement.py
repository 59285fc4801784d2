"""Établissement (ET): a hospital site known to FINESS, where interns can be posted (manual §1.5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Horodatage, Journalise, Model, enum_column
from models.commune import Commune
from models.coordonnees import Coordonnees, contraintes_coordonnees, index_coordonnees
from models.entite_juridique import EntiteJuridique
from models.etats import StatutEtablissement
from models.nomenclature import CategorieFiness
from models.registre import ObjetFiness, contraintes_registre, index_registre
from models.territoire import Ars

if TYPE_CHECKING:
    from models.terrain_de_stage import TerrainDeStage
    from models.universite import ConventionUfr

CATEGORIE_CHR = "101"  # FINESS calls CHU and CHR alike « Centre Hospitalier Régional »


class Etablissement(ObjetFiness, Coordonnees, Horodatage, Journalise, Model):
    __tablename__ = "etablissement"
    __table_args__ = (
        *contraintes_registre(),
        *contraintes_coordonnees(),
        *index_registre("etablissement"),
        *index_coordonnees("etablissement"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entite_juridique_id: Mapped[int] = mapped_column(ForeignKey("entite_juridique.id"), index=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    categorie_code: Mapped[str | None] = mapped_column(String(3), index=True)
    date_ouverture: Mapped[date | None]
    ars_code: Mapped[str | None] = mapped_column(ForeignKey("ars.code"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    statut: Mapped[StatutEtablissement] = mapped_column(enum_column(StatutEtablissement), index=True)

    ars: Mapped[Ars | None] = relationship()
    entite_juridique: Mapped[EntiteJuridique] = relationship(back_populates="etablissements")
    terrains: Mapped[list[TerrainDeStage]] = relationship(back_populates="etablissement", order_by="TerrainDeStage.id")
    conventions: Mapped[list[ConventionUfr]] = relationship(back_populates="etablissement", order_by="ConventionUfr.id")
    # The registry may use a code that our tables do not know yet: no foreign key, read-only relations.
    categorie: Mapped[CategorieFiness | None] = relationship(
        primaryjoin="foreign(Etablissement.categorie_code) == CategorieFiness.code", viewonly=True
    )
    commune: Mapped[Commune | None] = relationship(
        primaryjoin="foreign(Etablissement.code_insee_effectif) == Commune.code", viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def est_chu(self) -> bool:
        """FINESS category 101, or an EJ of the list of CHU; that list has the last word (S57)."""
        if chu := self.entite_juridique.chu:
            return chu.universitaire
        return self.categorie_code == CATEGORIE_CHR

    def ars_codes(self) -> set[str]:
        """ARS of its site according to FINESS, never of its secondary address (A17)."""
        return {self.ars_code} if self.ars_code else set()
