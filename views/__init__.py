"""Screens: one file per menu entry. `enregistrer` registers every view, in the order of the manual's menu."""

from flask_appbuilder import AppBuilder

from views.agrements import AgrementView
from views.ars_de_travail import ArsDeTravailView
from views.demandes import DemandeAgrementView
from views.entites_juridiques import EntiteJuridiqueView
from views.envois import EnvoisView
from views.etablissements import EtablissementView
from views.fusion import FusionView
from views.internes import InterneView
from views.journal import JournalView
from views.menu import AGREMENTS_ET_INTERNES, GESTION_TERRAIN, OPERATIONS_EXCEPTIONNELLES
from views.mon_compte import MonCompteView
from views.pickers import SelectionView
from views.sante import SanteView
from views.semestres_internat import SemestreInternatView
from views.synchronisations import SynchronisationView
from views.tables_de_reference import TABLES
from views.terrains_de_stage import TerrainDeStageView
from views.transfert_unites import TransfertUnitesView
from views.transferts_praticien import TransfertPraticienView
from views.utilisateurs import RoleView, UtilisateurView


def enregistrer(coquille: AppBuilder) -> None:
    """Register the screens and their menu entries; the rights decide which entries a user sees."""
    coquille.add_view_no_menu(SanteView)
    coquille.add_view_no_menu(ArsDeTravailView)
    coquille.add_view_no_menu(MonCompteView)
    coquille.add_view_no_menu(EnvoisView)
    coquille.add_view_no_menu(SelectionView)
    for recherche in (EntiteJuridiqueView, EtablissementView, TerrainDeStageView):
        coquille.add_view(recherche, recherche.list_title, category=GESTION_TERRAIN)
    for operation in (FusionView, TransfertUnitesView):
        coquille.add_view(operation, operation.titre, category=OPERATIONS_EXCEPTIONNELLES)
    coquille.add_view(TransfertPraticienView, TransfertPraticienView.list_title, category=OPERATIONS_EXCEPTIONNELLES)
    for recherche in (AgrementView, DemandeAgrementView, InterneView, SemestreInternatView):
        coquille.add_view(recherche, recherche.list_title, category=AGREMENTS_ET_INTERNES)
    coquille.add_view(SynchronisationView, "Synchronisations", category="Référentiels")
    for table in TABLES:
        coquille.add_view(table, table.list_title, category="Tables de référence")
    coquille.add_view(UtilisateurView, "Utilisateurs", category="Administration")
    coquille.add_view(RoleView, "Rôles", category="Administration")
    coquille.add_view(JournalView, JournalView.list_title, category="Administration")
