"""Entité juridique (EJ): the legal entity of FINESS that owns établissements (manual §1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Horodatage, Journalise, Model, enum_column
from models.commune import Commune
from models.coordonnees import Coordonnees, contraintes_coordonnees, index_coordonnees
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.nomenclature import Chu, StatutJuridique
from models.registre import ObjetFiness, contraintes_registre, index_registre
from models.territoire import Ars

if TYPE_CHECKING:
    from models.etablissement import Etablissement


class EntiteJuridique(ObjetFiness, Coordonnees, Horodatage, Journalise, Model):
    __tablename__ = "entite_juridique"
    __table_args__ = (
        *contraintes_registre(),
        *contraintes_coordonnees(),
        *index_registre("entite_juridique"),
        *index_coordonnees("entite_juridique"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    siren: Mapped[str | None] = mapped_column(String(9))
    statut_juridique_code: Mapped[str | None] = mapped_column(String(2), index=True)
    ars_code: Mapped[str | None] = mapped_column(ForeignKey("ars.code"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    statut: Mapped[StatutEntiteJuridique] = mapped_column(enum_column(StatutEntiteJuridique), index=True)

    ars: Mapped[Ars | None] = relationship()
    etablissements: Mapped[list[Etablissement]] = relationship(
        back_populates="entite_juridique", order_by="Etablissement.id"
    )
    # The registry may use a code that our tables do not know yet: no foreign key, read-only relations.
    statut_juridique: Mapped[StatutJuridique | None] = relationship(
        primaryjoin="foreign(EntiteJuridique.statut_juridique_code) == StatutJuridique.code", viewonly=True
    )
    chu: Mapped[Chu | None] = relationship(
        primaryjoin="foreign(EntiteJuridique.numero_finess) == Chu.numero_finess_ej", viewonly=True
    )
    commune: Mapped[Commune | None] = relationship(
        primaryjoin="foreign(EntiteJuridique.code_insee_effectif) == Commune.code", viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    def ars_codes(self) -> set[str]:
        """ARS of its address, and of each of its établissements that is not Supprimé (A38)."""
        vivants = (et for et in self.etablissements if et.statut is not StatutEtablissement.SUPPRIME)
        return {code for code in (self.ars_code, *(et.ars_code for et in vivants)) if code}
