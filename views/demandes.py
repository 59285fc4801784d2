"""« Demandes d'agrément »: search, card, and forms of national administrators (§1.11, A13)."""

from typing import ClassVar

from sqlalchemy.orm import Session, joinedload
from wtforms import Form

from app.operations import demandes
from app.operations.demandes import SaisieDemande
from app.recherches.demandes import RECHERCHE, CriteresDemande
from app.recherches.sur_terrain import ARS, SPECIALITES
from app.unit_of_work import UnitOfWork
from models.agrement import DemandeAgrement, EtatDemande
from models.terrain_de_stage import TerrainDeStage
from views.base import RegistreInterface
from views.criteres import Choix
from views.donnees_nationales import SPECIALITE_DES, DonneesNationalesView, champ_terrain, saisies


class DemandeAgrementView(DonneesNationalesView):
    datamodel = RegistreInterface(DemandeAgrement, "DEM")
    route_base = "/demandes"
    class_permission_name = "DemandeAgrement"
    list_title, show_title = "Demandes d’agrément", "Demande d’agrément"
    add_title, edit_title = "Ajouter une demande", "Modifier une demande d’agrément"
    list_columns = show_columns = ["reference", "terrain", "specialite", "etat", "deposee_le"]
    search_columns = order_columns = ["reference"]
    add_columns = ["reference", "terrain", "specialite", "etat", "deposee_le"]
    add_form_extra_fields = {"terrain": champ_terrain()}
    add_form_query_rel_fields = edit_form_query_rel_fields = SPECIALITE_DES
    list_template = "demandes/recherche.html"
    show_template = "demandes/fiche.html"

    recherche = RECHERCHE
    criteres = CriteresDemande
    criteres_montres: ClassVar[frozenset[str]] = frozenset(CriteresDemande.__dataclass_fields__)
    listes = {"ars": ARS, "specialite": SPECIALITES}
    tri_par_defaut = "reference"
    nom_export = "demandes"
    relations = (
        joinedload(DemandeAgrement.terrain).options(
            joinedload(TerrainDeStage.etablissement), joinedload(TerrainDeStage.ars)
        ),
        joinedload(DemandeAgrement.specialite),
    )

    def choix(self, session: Session) -> dict[str, Choix]:
        return {**super().choix(session), "etat": [(un.name, un.value) for un in EtatDemande]}

    def ecrire(self, uow: UnitOfWork, form: Form, objet: DemandeAgrement) -> DemandeAgrement:
        saisie = SaisieDemande(**saisies(form))
        return demandes.creer(uow, saisie) if objet.id is None else demandes.modifier(uow, objet.id, saisie)
