"""Internes posted on the terrains of an établissement (manual §1.5, S61): a generated, read-only list for now."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import request
from sqlalchemy.orm import Query

from models.etablissement import Etablissement
from models.interne import Semestre, SemestreInternat
from models.terrain_de_stage import TerrainDeStage
from views.base import RegistreInterface, RegistreView

EN_COURS = "en-cours"


class SemestreInternatView(RegistreView):
    datamodel = RegistreInterface(SemestreInternat)
    route_base = "/semestres-internat"
    class_permission_name = "SemestreInternat"
    exclude_route_methods = {"download", "show", "add", "edit", "delete"}
    list_title = "Semestres d’internat"
    show_title = "Semestre d’internat"
    list_columns = show_columns = ["interne", "terrain", "semestre"]
    search_columns = ["id"]
    order_columns = ["id"]
    filtres: ClassVar[Mapping[str, str]] = {"etablissement": "Établissement", "semestre": "Semestre"}

    def requete(self, saisie: str) -> Query[Any]:
        requete = super().requete(saisie)
        if numero := request.args.get("etablissement", ""):
            des_terrains = SemestreInternat.terrain.has(
                TerrainDeStage.etablissement.has(Etablissement.numero_finess == numero[:9])
            )
            requete = requete.filter(des_terrains)
        if request.args.get("semestre") == EN_COURS:
            courant = self._semestre_en_cours()
            requete = requete.filter(SemestreInternat.semestre_id == courant)
        return requete

    def _semestre_en_cours(self) -> int | None:
        """The semester whose dates contain today, else the next one (A41)."""
        aujourd_hui = datetime.now(UTC).date()
        en_cours_ou_suivant = self.datamodel.session.query(Semestre.id).filter(Semestre.date_fin >= aujourd_hui)
        ligne = en_cours_ou_suivant.order_by(Semestre.date_debut).first()
        return ligne.id if ligne else None
