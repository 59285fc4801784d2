"""« Agréments »: search, card with the geographic history, and forms of national administrators (§1.8, §1.11, N7)."""

from typing import Any, ClassVar

from sqlalchemy.orm import Session, joinedload, selectinload
from wtforms import Form

from app.calendrier import aujourd_hui
from app.operations import agrements
from app.operations.agrements import SaisieAgrement
from app.recherches.agrements import RECHERCHE, SEMESTRE_EN_COURS, SEMESTRE_PROCHAIN, CriteresAgrement
from app.recherches.sur_terrain import ARS, SPECIALITES, SUBDIVISIONS
from app.unit_of_work import UnitOfWork
from models.agrement import Agrement, AgrementHistorique, DecisionAgrement, StatutAgrement, TypeAgrement
from models.commune import BassinDeVie
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Departement
from views.base import RegistreInterface
from views.criteres import Choix
from views.donnees_nationales import SPECIALITE_DES, DonneesNationalesView, champ_terrain, saisies
from views.recherche import OUI_NON

ECHEANCES = (
    (SEMESTRE_EN_COURS, "D’ici la fin du semestre en cours"),
    (SEMESTRE_PROCHAIN, "Au prochain semestre"),
)


class AgrementView(DonneesNationalesView):
    datamodel = RegistreInterface(Agrement, "AGR")
    route_base = "/agrements"
    class_permission_name = "Agrement"
    list_title, show_title = "Agréments", "Agrément"
    add_title, edit_title = "Ajouter un agrément", "Modifier un agrément"
    list_columns = show_columns = ["reference", "terrain", "specialite", "date_debut", "date_fin"]
    search_columns = order_columns = ["reference"]
    add_columns = [
        *("reference", "terrain", "specialite", "type", "decision", "date_debut", "date_fin", "a_reexaminer"),
    ]
    add_form_extra_fields = {"terrain": champ_terrain()}
    add_form_query_rel_fields = edit_form_query_rel_fields = SPECIALITE_DES
    list_template = "agrements/recherche.html"
    show_template = "agrements/fiche.html"

    recherche = RECHERCHE
    criteres = CriteresAgrement
    criteres_montres: ClassVar[frozenset[str]] = frozenset(
        {"reference", "terrain", "specialite", "ars", "statut", "echeance"}
    )
    listes = {"ars": ARS, "subdivision": SUBDIVISIONS, "specialite": SPECIALITES}
    tri_par_defaut = "date_fin"
    nom_export = "agrements"
    relations = (
        joinedload(Agrement.terrain).joinedload(TerrainDeStage.etablissement),
        joinedload(Agrement.specialite),
        joinedload(Agrement.ars),
        joinedload(Agrement.subdivision),
        selectinload(Agrement.historique).options(
            joinedload(AgrementHistorique.ars), joinedload(AgrementHistorique.subdivision)
        ),
    )

    def choix(self, session: Session) -> dict[str, Choix]:
        return {
            **super().choix(session),
            "type": [(un.name, un.value) for un in TypeAgrement],
            "decision": [(un.name, un.value) for un in DecisionAgrement],
            "statut": [(un.name, un.value) for un in StatutAgrement],
            "a_reexaminer": OUI_NON,
            "echeance": ECHEANCES,
        }

    def fiche(self, objet: Agrement) -> dict[str, Any]:
        session = self.datamodel.session()
        return {
            "statut": objet.statut_au(aujourd_hui()),
            "departement": session.get(Departement, objet.departement_code) if objet.departement_code else None,
            "bassin": session.get(BassinDeVie, objet.bassin_de_vie_code) if objet.bassin_de_vie_code else None,
        }

    def ecrire(self, uow: UnitOfWork, form: Form, objet: Agrement) -> Agrement:
        saisie = SaisieAgrement(**saisies(form))
        return agrements.creer(uow, saisie) if objet.id is None else agrements.modifier(uow, objet.id, saisie)

    def supprimer(self, objet: Agrement) -> None:
        with self.datamodel.operation("supprimer") as uow:
            agrements.supprimer(uow, objet.id)
