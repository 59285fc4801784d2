"""Terrains de stage of an établissement, all statuts (manual §1.5, S62): a generated, read-only list for now."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request
from sqlalchemy.orm import Query

from models.etablissement import Etablissement
from models.terrain_de_stage import TerrainDeStage
from views.base import DROITS, RegistreInterface, RegistreView
from views.historique import Historique
from views.terrains_creation import CreationTerrain
from views.terrains_fiche import FicheTerrain
from views.terrains_lot import LotTerrain

# Methods of the cards and of « Créer » → right of app.roles.
DROITS_DU_TERRAIN = {
    "historique": "consulter",
    "rapport": "consulter",
    "exporter_rapport": "exporter",
    "creer": "creer",
    "creer_hospitalier": "creer",
    "creer_praticien": "creer",
    "creer_organisme": "creer",
    "reprendre": "modifier",
    "activer": "activer",
    "supprimer_en_lot": "supprimer",
    "activer_en_lot": "activer",
    "signaler_en_lot": "signaler",
}


class TerrainDeStageView(CreationTerrain, FicheTerrain, LotTerrain, Historique, RegistreView):
    datamodel = RegistreInterface(TerrainDeStage, "TS")
    route_base = "/terrains"
    class_permission_name = "TerrainDeStage"
    method_permission_name: ClassVar[dict[str, str]] = {**DROITS, **DROITS_DU_TERRAIN}
    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "action"}
    list_title = "Terrains de stage"
    show_title = "Terrain de stage"
    list_columns = ["numero", "nom", "type", "etablissement", "ars", "subdivision", "statut"]
    show_columns = [*list_columns, "specialite", "nombre_de_postes", "responsable_nom", "responsable_prenom"]
    edit_columns = ["nom"]
    search_columns = ["numero", "nom"]
    order_columns = ["numero", "nom", "type", "statut"]
    filtres: ClassVar[Mapping[str, str]] = {"etablissement": "Établissement"}

    def requete(self, saisie: str) -> Query[Any]:
        requete = super().requete(saisie)
        if numero := request.args.get("etablissement", ""):
            requete = requete.filter(TerrainDeStage.etablissement.has(Etablissement.numero_finess == numero[:9]))
        return requete
