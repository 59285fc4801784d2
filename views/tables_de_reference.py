"""« Tables de référence »: generated screens of the small tables, in the care of national administrators (M26)."""

from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Query
from wtforms.validators import Regexp

from app.search import contient
from models.commune import BassinDeVie, Commune
from models.etablissement import Etablissement
from models.interne import Semestre
from models.nomenclature import CategorieFiness, Chu, Specialite, StatutJuridique
from models.registre import NUMERO_FINESS
from models.territoire import Ars, Departement, Interregion, Subdivision
from models.universite import Circonscription, ConventionUfr, Formation, Ufr, UfrFormation
from views.base import ReferentielView, RegistreInterface

LECTURE_SEULE = frozenset({"download", "add", "edit", "delete"})
CODE_SIMPLE = [Regexp(r"^[0-9A-Z_-]+$", message="Utilisez des majuscules non accentuées, des chiffres et des tirets.")]


class ArsView(ReferentielView):
    datamodel = RegistreInterface(Ars, "REF")
    route_base = "/reference/ars"
    list_title, show_title, add_title, edit_title = "ARS", "ARS", "Ajouter une ARS", "Modifier une ARS"
    list_columns = ["code", "nom", "subdivisions"]
    show_columns = ["code", "nom", "subdivisions"]
    add_columns = ["code", "nom", "subdivisions"]
    edit_columns = ["nom", "subdivisions"]
    search_columns = ["code", "nom"]
    order_columns = ["nom", "code"]
    validators_columns = {"code": CODE_SIMPLE}


class InterregionView(ReferentielView):
    datamodel = RegistreInterface(Interregion, "REF")
    route_base = "/reference/interregions"
    list_title, show_title = "Interrégions", "Interrégion"
    add_title, edit_title = "Ajouter une interrégion", "Modifier une interrégion"
    list_columns = ["code", "nom"]
    show_columns = ["code", "nom"]
    add_columns = ["code", "nom"]
    edit_columns = ["nom"]
    search_columns = ["code", "nom"]
    order_columns = ["nom", "code"]
    validators_columns = {"code": CODE_SIMPLE}


class SubdivisionView(ReferentielView):
    datamodel = RegistreInterface(Subdivision, "REF")
    route_base = "/reference/subdivisions"
    list_title, show_title = "Subdivisions", "Subdivision"
    add_title, edit_title = "Ajouter une subdivision", "Modifier une subdivision"
    list_columns = ["code", "nom", "interregion", "ars"]
    show_columns = ["code", "nom", "interregion", "ars"]
    add_columns = ["code", "nom", "interregion", "ars"]
    edit_columns = ["nom", "interregion", "ars"]
    search_columns = ["code", "nom"]
    order_columns = ["nom", "code"]
    validators_columns = {"code": CODE_SIMPLE}


class DepartementView(ReferentielView):
    datamodel = RegistreInterface(Departement, "REF")
    route_base = "/reference/departements"
    list_title, show_title = "Départements", "Département"
    add_title, edit_title = "Ajouter un département", "Modifier un département"
    list_columns = ["code", "nom", "ars"]
    show_columns = ["code", "nom", "ars"]
    add_columns = ["code", "nom", "ars"]
    edit_columns = ["nom", "ars"]
    search_columns = ["code", "nom"]
    order_columns = ["code", "nom"]
    validators_columns = {"code": CODE_SIMPLE}


class CommuneView(ReferentielView):
    datamodel = RegistreInterface(Commune, "REF")
    route_base = "/reference/communes"
    exclude_route_methods = LECTURE_SEULE
    aide = "Code officiel géographique de l’INSEE, avec les arrondissements de Paris, Lyon et Marseille."
    list_title, show_title = "Communes", "Commune"
    list_columns = ["code", "nom", "departement", "bassin_de_vie"]
    show_columns = ["code", "nom", "departement", "bassin_de_vie", "codes_postaux"]
    search_columns = ["nom_norme", "code"]
    order_columns = ["code", "nom"]


class BassinDeVieView(ReferentielView):
    datamodel = RegistreInterface(BassinDeVie, "REF")
    route_base = "/reference/bassins-de-vie"
    exclude_route_methods = LECTURE_SEULE
    aide = "Zonage de l’INSEE, chargé par la commande « referentiel charger bassins-de-vie »."
    list_title, show_title = "Bassins de vie", "Bassin de vie"
    list_columns = ["code", "nom"]
    show_columns = ["code", "nom"]
    search_columns = ["nom", "code"]
    order_columns = ["nom", "code"]


class CirconscriptionView(ReferentielView):
    datamodel = RegistreInterface(Circonscription, "REF")
    route_base = "/reference/circonscriptions"
    aide = "Territoire d’un couple UFR et formation : une subdivision ou une interrégion, l’une des deux seulement."
    list_title, show_title = "Circonscriptions", "Circonscription"
    add_title, edit_title = "Ajouter une circonscription", "Modifier une circonscription"
    list_columns = ["nom", "subdivision", "interregion"]
    show_columns = ["nom", "subdivision", "interregion"]
    add_columns = ["nom", "subdivision", "interregion"]
    search_columns = ["nom"]
    order_columns = ["nom"]


class UfrView(ReferentielView):
    datamodel = RegistreInterface(Ufr, "REF")
    route_base = "/reference/ufr"
    list_title, show_title, add_title, edit_title = "UFR", "UFR", "Ajouter une UFR", "Modifier une UFR"
    list_columns = ["nom", "ville", "filiere", "subdivision", "a_verifier"]
    show_columns = ["nom", "ville", "filiere", "subdivision", "a_verifier"]
    add_columns = ["nom", "ville", "filiere", "subdivision", "a_verifier"]
    search_columns = ["nom", "ville"]
    order_columns = ["nom", "ville", "filiere", "a_verifier"]


class FormationView(ReferentielView):
    datamodel = RegistreInterface(Formation, "REF")
    route_base = "/reference/formations"
    list_title, show_title = "Formations", "Formation"
    add_title, edit_title = "Ajouter une formation", "Modifier une formation"
    list_columns = ["nom", "filiere"]
    show_columns = ["nom", "filiere"]
    add_columns = ["nom", "filiere"]
    search_columns = ["nom"]
    order_columns = ["nom", "filiere"]


class UfrFormationView(ReferentielView):
    datamodel = RegistreInterface(UfrFormation, "REF")
    route_base = "/reference/ufr-formations"
    aide = "Formations données par chaque UFR, dans une circonscription : ce que les conventions UFR désignent."
    list_title, show_title = "Formations des UFR", "Formation d’une UFR"
    add_title, edit_title = "Ajouter une formation à une UFR", "Modifier une formation d’une UFR"
    list_columns = ["ufr", "formation", "circonscription"]
    show_columns = ["ufr", "formation", "circonscription"]
    add_columns = ["ufr", "formation", "circonscription"]
    search_columns = ["id"]
    order_columns = ["id"]

    def requete(self, saisie: str) -> Query[Any]:
        requete = super().requete("").join(Ufr).join(Formation)
        return requete.filter(contient(func.normaliser(Ufr.nom + " " + Formation.nom), saisie)) if saisie else requete


class ConventionUfrView(ReferentielView):
    datamodel = RegistreInterface(ConventionUfr, "REF")
    route_base = "/reference/conventions-ufr"
    exclude_route_methods = LECTURE_SEULE
    aide = "Les conventions se modifient sur la fiche de l’établissement."
    list_title, show_title = "Conventions UFR", "Convention UFR"
    list_columns = ["etablissement", "ufr_formation", "cree_le"]
    show_columns = ["etablissement", "ufr_formation", "cree_le"]
    search_columns = ["id"]
    order_columns = ["cree_le"]

    def requete(self, saisie: str) -> Query[Any]:
        requete = super().requete("").join(Etablissement)
        return requete.filter(contient(Etablissement.nom_norme, saisie)) if saisie else requete


class SpecialiteView(ReferentielView):
    datamodel = RegistreInterface(Specialite, "REF")
    route_base = "/reference/specialites"
    aide = "DES du troisième cycle, et spécialités ordinales de la nomenclature TRE_R38."
    list_title, show_title = "Spécialités", "Spécialité"
    add_title, edit_title = "Ajouter une spécialité", "Modifier une spécialité"
    list_columns = ["code", "nom", "nature", "filiere", "groupe"]
    show_columns = ["code", "nom", "nature", "filiere", "groupe"]
    add_columns = ["code", "nom", "nature", "filiere", "groupe"]
    edit_columns = ["nom", "nature", "filiere", "groupe"]
    search_columns = ["nom", "code", "groupe"]
    order_columns = ["nom", "code", "nature", "filiere", "groupe"]


class CategorieFinessView(ReferentielView):
    datamodel = RegistreInterface(CategorieFiness, "REF")
    route_base = "/reference/natures-etablissement"
    aide = "Catégories d’établissement de FINESS : la « nature » des établissements."
    list_title, show_title = "Natures d’établissement", "Nature d’établissement"
    add_title, edit_title = "Ajouter une nature d’établissement", "Modifier une nature d’établissement"
    list_columns = ["code", "libelle", "domaine", "agregat"]
    show_columns = ["code", "libelle", "domaine", "agregat"]
    add_columns = ["code", "libelle", "domaine", "agregat"]
    edit_columns = ["libelle", "domaine", "agregat"]
    search_columns = ["libelle", "code", "agregat"]
    order_columns = ["code", "libelle", "domaine", "agregat"]
    validators_columns = {"code": CODE_SIMPLE}


class StatutJuridiqueView(ReferentielView):
    datamodel = RegistreInterface(StatutJuridique, "REF")
    route_base = "/reference/statuts-juridiques"
    aide = "Statuts juridiques de FINESS ; leur deuxième niveau est la « nature » des entités juridiques."
    list_title, show_title = "Statuts juridiques", "Statut juridique"
    add_title, edit_title = "Ajouter un statut juridique", "Modifier un statut juridique"
    list_columns = ["code", "libelle", "nature_code", "nature"]
    show_columns = ["code", "libelle", "nature_code", "nature"]
    add_columns = ["code", "libelle", "nature_code", "nature"]
    edit_columns = ["libelle", "nature_code", "nature"]
    search_columns = ["libelle", "code", "nature"]
    order_columns = ["code", "libelle", "nature_code", "nature"]
    validators_columns = {"code": CODE_SIMPLE}


class ChuView(ReferentielView):
    datamodel = RegistreInterface(Chu, "REF")
    route_base = "/reference/chu"
    aide = "FINESS nomme les CHU et les CHR de la même façon : cette liste les distingue."
    list_title, show_title, add_title, edit_title = "CHU", "CHU", "Ajouter un CHU", "Modifier un CHU"
    list_columns = ["numero_finess_ej", "nom", "subdivision", "universitaire"]
    show_columns = ["numero_finess_ej", "nom", "subdivision", "universitaire"]
    add_columns = ["numero_finess_ej", "nom", "subdivision", "universitaire"]
    edit_columns = ["nom", "subdivision", "universitaire"]
    search_columns = ["nom", "numero_finess_ej"]
    order_columns = ["nom", "numero_finess_ej", "universitaire"]
    validators_columns = {
        "numero_finess_ej": [Regexp(f"^{NUMERO_FINESS}$", message="Un numéro FINESS compte 9 caractères.")]
    }


class SemestreView(ReferentielView):
    datamodel = RegistreInterface(Semestre, "REF")
    route_base = "/reference/semestres"
    aide = "Calendrier des semestres d’internat ; leurs dates se modifient, même à titre exceptionnel."
    list_title, show_title = "Semestres", "Semestre"
    add_title, edit_title = "Ajouter un semestre", "Modifier un semestre"
    list_columns = ["annee", "saison", "date_debut", "date_fin"]
    show_columns = ["annee", "saison", "date_debut", "date_fin"]
    add_columns = ["annee", "saison", "date_debut", "date_fin"]
    search_columns = ["annee", "saison"]
    order_columns = ["date_debut", "annee", "saison", "date_fin"]
    base_order = ("date_debut", "desc")


TABLES = (
    ArsView,
    InterregionView,
    SubdivisionView,
    DepartementView,
    CommuneView,
    BassinDeVieView,
    CirconscriptionView,
    UfrView,
    FormationView,
    UfrFormationView,
    ConventionUfrView,
    SpecialiteView,
    CategorieFinessView,
    StatutJuridiqueView,
    ChuView,
    SemestreView,
)
