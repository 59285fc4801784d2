"""« Rechercher un terrain de stage » (manual §1.6), and its accesses to internes and agréments (§1.11)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from app.recherches.coordonnees import TERRITOIRES
from app.recherches.terrains import LISTES, RECHERCHE, CriteresTerrain
from models.etats import StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage
from views.base import RegistreInterface
from views.criteres import Choix
from views.historique import Historique
from views.identite import current_actor
from views.recherche import RechercheView
from views.resultat_territoire import ResultatTerritoire
from views.terrains_creation import CreationTerrain
from views.terrains_fiche import FicheTerrain
from views.terrains_lot import LotTerrain
from views.territoire import TerritoireDuTerrain

NOTICES = (("invalide", "Invalide"), ("hors_ars", "N’exerce plus dans l’ARS"), ("errone", "Signalé erroné"))
CRITERES = {
    "numero": "Numéro FINESS, RPPS, SIRET ou autre",
    "nom": "Nom (établissement, praticien, autre)",
    "etablissement": "Numéro FINESS ET",
    "rpps": "RPPS",
}
HORS_ARS = "Hors de votre ARS de travail : consultation seulement."
TRANSFERE = "Terrain transféré : consultation seulement, jusqu’à ce que son transfert soit complété."
# Why a row may not be modified, deleted or activated in its statut (S70).
PAR_STATUT: Mapping[StatutTerrain, Mapping[str, str]] = {
    StatutTerrain.ACTIF: {"activer": "Déjà actif."},
    StatutTerrain.INACTIF: dict.fromkeys(("modifier", "supprimer"), "Terrain inactif : activez-le d’abord."),
    StatutTerrain.TRANSFERE: dict.fromkeys(("modifier", "supprimer", "activer"), TRANSFERE),
}
ACTIONS = {"modifier": "edit", "supprimer": "delete", "activer": "activer"}  # action of a row → method of the screen
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
    "transferer_en_lot": "transferer",
    "signaler_en_lot": "signaler",
    "changer_ars": "changer_territoire",
    "changer_subdivision": "changer_territoire",
    "transferer": "transferer",
    "transferer_unites_en_lot": "transferer",
    "resultat": "consulter",
}


class TerrainDeStageView(
    CreationTerrain, FicheTerrain, TerritoireDuTerrain, ResultatTerritoire, LotTerrain, Historique, RechercheView
):
    datamodel = RegistreInterface(TerrainDeStage, "TS")
    route_base = "/terrains"
    class_permission_name = "TerrainDeStage"
    method_permission_name: ClassVar[dict[str, str]] = {
        **RechercheView.method_permission_name,
        **DROITS_DU_TERRAIN,
    }
    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "action"}
    list_title = "Rechercher un terrain de stage"
    show_title = "Terrain de stage"
    list_columns = ["numero", "nom", "type", "etablissement", "ars", "subdivision", "statut"]
    show_columns = [*list_columns, "specialite", "nombre_de_postes", "responsable_nom", "responsable_prenom"]
    search_columns = order_columns = ["numero", "nom"]
    edit_columns = ["nom"]
    list_template = "terrains_de_stage/recherche.html"

    recherche = RECHERCHE
    criteres = CriteresTerrain
    criteres_montres: ClassVar[frozenset[str]] = frozenset(
        {"nom", "nom_terrain", "ville", "numero", "ars", "statut", "type"}
    )
    listes = {**TERRITOIRES, **LISTES}
    tri_par_defaut = "numero"
    nom_export = "terrains"

    def choix(self, session: Session) -> dict[str, Choix]:
        return {
            **super().choix(session),
            "type": [(un.name, un.value) for un in TypeTerrain],
            "statut": [(un.name, un.value) for un in StatutTerrain],
            "rpps": NOTICES,
        }

    def libelles_criteres(self) -> Mapping[str, str]:
        return {**super().libelles_criteres(), **CRITERES}

    def actions_de_ligne(self) -> dict[str, str]:
        """Actions of the rows that this user has the right to do, with their labels."""
        return {action: action.capitalize() for action, methode in ACTIONS.items() if self.offre(methode)}

    def se_choisit(self, raisons: Mapping[str, str]) -> bool:
        """Whether a row may be ticked: something is possible on it."""
        return raisons.keys() < ACTIONS.keys()

    def grisees(self, actions: Mapping[str, str], raisons: Mapping[str, str]) -> list[tuple[str, str]]:
        """Labels of the actions that are not possible, by reason: each is said once (N18)."""
        groupes: dict[str, list[str]] = {}
        for action, libelle in actions.items():
            if action in raisons:
                groupes.setdefault(raisons[action], []).append(libelle)
        return [(" ".join(libelles), raison) for raison, libelles in groupes.items()]

    def raisons(self, lignes: Sequence[Any]) -> dict[int, dict[str, str]]:
        """Why each action is not possible on each row; an action without reason is possible (S70, N18)."""
        actor = current_actor()
        return {
            ligne.id: PAR_STATUT[ligne.statut]
            if actor.covers_ars({ligne.ars_code})
            else dict.fromkeys(ACTIONS, HORS_ARS)
            for ligne in lignes
        }
