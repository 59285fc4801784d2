"""Terrains de stage of an établissement, all statuts (manual §1.5, S62): a generated, read-only list for now."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request
from sqlalchemy.orm import Query

from models.etablissement import Etablissement
from models.terrain_de_stage import TerrainDeStage
from views.base import RegistreInterface, RegistreView


class TerrainDeStageView(RegistreView):
    datamodel = RegistreInterface(TerrainDeStage)
    route_base = "/terrains"
    class_permission_name = "TerrainDeStage"
    exclude_route_methods = {"download", "add", "edit", "delete"}
    list_title = "Terrains de stage"
    show_title = "Terrain de stage"
    list_columns = ["numero", "nom", "type", "etablissement", "ars", "subdivision", "statut"]
    show_columns = [*list_columns, "specialite", "nombre_de_postes", "responsable_nom", "responsable_prenom"]
    search_columns = ["numero", "nom"]
    order_columns = ["numero", "nom", "type", "statut"]
    filtres: ClassVar[Mapping[str, str]] = {"etablissement": "Établissement"}

    def requete(self, saisie: str) -> Query[Any]:
        requete = super().requete(saisie)
        if numero := request.args.get("etablissement", ""):
            requete = requete.filter(TerrainDeStage.etablissement.has(Etablissement.numero_finess == numero[:9]))
        return requete
