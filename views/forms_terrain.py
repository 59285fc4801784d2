"""Forms of a terrain de stage: what its type lets a user type, at its creation and afterwards (manual §1.6)."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from app.operations.coordonnees import BlocPrincipal
from app.operations.modification_terrain import ModificationTerrain
from app.operations.saisie_terrain import SaisieTerrain
from models.etats import TypeTerrain
from models.praticien import NATURES_EXERCICE
from models.terrain_de_stage import TerrainDeStage, TypeOrganisme
from views.champs import HORS_LISTE
from views.forms import COURRIEL, TELEPHONE, BlocSecondaireForm, sans_blancs, texte, version_envoyee

Choix = Sequence[tuple[str, str]]
OUI_NON_OU_RIEN = (("", "Non précisé"), ("oui", "Oui"), ("non", "Non"))


def options(*choix: tuple[str, str]) -> list[SelectChoice]:
    """Pairs of value and label, as WTForms wants them."""
    return [SelectChoice(value=valeur, label=libelle) for valeur, libelle in choix]


class Obligatoire:
    """Marks a field with a star. The operation names all that is missing at once, with its own words."""

    field_flags = {"required": True}

    def __call__(self, form: object, field: object) -> None:
        return None


def _code(valeur: Any) -> str:
    """Key of an object of a table, or the key itself."""
    return str(getattr(valeur, "code", valeur))


def _oui_ou_non(valeur: Any) -> str:
    return {True: "oui", False: "non"}.get(valeur, str(valeur))


def _type_organisme(valeur: Any) -> str:
    return valeur.name if isinstance(valeur, TypeOrganisme) else str(valeur)


class Liste(SelectField):
    """A choice that may be none: an absent one is the empty one, which every list of these forms offers."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, invalid_choice_message=HORS_LISTE, **options)

    def process_data(self, value: Any) -> None:
        self.data = "" if value is None else self.coerce(value)


class Nombre(IntegerField):
    """A whole number that may stay empty; what was typed is shown again."""

    def process_formdata(self, valuelist: list[str]) -> None:
        saisie = "".join(valuelist[0].split()) if valuelist else ""
        self.data = int(saisie) if saisie.isascii() and saisie.isdigit() and len(saisie) < 10 else None
        if saisie and self.data is None:
            raise ValueError("Indiquez un nombre entier, ou laissez vide.")


class TerrainForm(BlocSecondaireForm):
    """What the three types have in common."""

    nom = texte("Nom du terrain de stage", 255, Obligatoire())
    specialite_code = Liste("Spécialité", coerce=_code)
    specialites_complementaires = SelectMultipleField(
        "Spécialités complémentaires", coerce=_code, invalid_choice_message=HORS_LISTE
    )
    nombre_de_postes = Nombre("Nombre de postes", [Optional()])
    responsable_nom = texte("Nom du responsable", 100)
    responsable_prenom = texte("Prénom du responsable", 100)

    def preparer(self, specialites: Choix) -> None:
        """Offer the spécialités of the nomenclature."""
        self.specialite_code.choices = options(("", "Aucune"), *specialites)
        self.specialites_complementaires.choices = options(*specialites)

    def saisie(self) -> SaisieTerrain:
        """What was typed, for the operations."""
        return SaisieTerrain(**self._champs())

    def _champs(self) -> dict[str, Any]:
        return {
            "nom": self.nom.data,
            "specialite_code": self.specialite_code.data or None,
            "specialites_complementaires": tuple(self.specialites_complementaires.data or ()),
            "nombre_de_postes": self.nombre_de_postes.data,
            "responsable_nom": self.responsable_nom.data,
            "responsable_prenom": self.responsable_prenom.data,
            "bloc": self.bloc(),
        }


class HospitalierForm(TerrainForm):
    nom = texte("Nom du service ou de l’unité", 255, Obligatoire())
    stage_chu = Liste("Stage CHU", choices=options(*OUI_NON_OU_RIEN), coerce=_oui_ou_non)

    def sans_chu(self) -> None:
        """The établissement is no CHU: the question is not asked (S84)."""
        del self.stage_chu

    def _champs(self) -> dict[str, Any]:
        choisi = self.stage_chu.data if self.stage_chu else None
        return {**super()._champs(), "stage_chu": {"oui": True, "non": False}.get(choisi)}


class PraticienForm(TerrainForm):
    nom = texte("Nom du terrain (cabinet)", 255)
    nature_exercice_locale = Liste("Nature d’exercice", coerce=_code)

    def preparer(self, specialites: Choix) -> None:
        super().preparer(specialites)
        actuelle = self.nature_exercice_locale.object_data
        natures = dict.fromkeys([*NATURES_EXERCICE.values(), *([actuelle] if actuelle else [])])
        self.nature_exercice_locale.choices = options(("", "Celle du RPPS"), *((une, une) for une in natures))

    def _champs(self) -> dict[str, Any]:
        return {**super()._champs(), "nature_exercice_locale": self.nature_exercice_locale.data or None}


class OrganismeForm(TerrainForm):
    type_organisme = Liste(
        "Type d’organisme",
        [Obligatoire()],
        choices=options(("", "Choisissez le type"), *((un.name, un.value) for un in TypeOrganisme)),
        coerce=_type_organisme,
    )
    organisme_nom = texte("Nom de l’organisme", 255, Obligatoire())
    nom = texte("Service ou terrain dans l’organisme", 255)
    siret = texte("SIRET", 30)
    autre_numero = texte("Autre numéro", 50)
    autre_numero_nature = texte("Nature du numéro", 50)
    adresse = texte("Adresse", 255)
    complement = texte("Complément d’adresse", 255)
    code_postal = texte("Code postal", 10)
    ville = texte("Ville", 100)
    code_insee = texte("Code commune INSEE", 5)
    telephone = texte("Téléphone", 30, TELEPHONE)
    telecopie = texte("Télécopie", 30, TELEPHONE)
    courriel = texte("Courriel", 254, COURRIEL)

    def principal(self) -> BlocPrincipal:
        """The principal block, which no registry owns here (A21)."""
        return BlocPrincipal(**{champ.name: self[champ.name].data for champ in fields(BlocPrincipal)})

    def _champs(self) -> dict[str, Any]:
        type_ = TypeOrganisme.__members__.get(self.type_organisme.data or "")
        propres = ("organisme_nom", "siret", "autre_numero", "autre_numero_nature")
        return {
            **super()._champs(),
            **{nom: self[nom].data for nom in propres},
            "type_organisme": type_,
            "principal": self.principal(),
        }


class Modification(FlaskForm):
    """Mixed into the form of a type to modify one."""

    version = HiddenField()

    def demande(self) -> ModificationTerrain:
        """What was typed, for the operation."""
        return ModificationTerrain(version=version_envoyee(self.version), saisie=self.saisie())


class ModifierHospitalierForm(Modification, HospitalierForm):
    """The card of a terrain hospitalier."""


class ModifierPraticienForm(Modification, PraticienForm):
    """The card of a terrain praticien."""

    nom = texte("Nom du terrain (cabinet)", 255, Obligatoire())
    rpps_errone = BooleanField("RPPS erroné : les données du registre sont à corriger")
    rpps_errone_commentaire = TextAreaField(
        "Commentaire pour le correspondant RPPS",
        [Optional(), Length(max=2000, message="2 000 caractères au plus.")],
        filters=[sans_blancs],
    )

    def _champs(self) -> dict[str, Any]:
        return {
            **super()._champs(),
            "rpps_errone": self.rpps_errone.data,
            "rpps_errone_commentaire": self.rpps_errone_commentaire.data,
        }


class ModifierOrganismeForm(Modification, OrganismeForm):
    """The card of an « autre organisme »."""

    nom = texte("Service ou terrain dans l’organisme", 255, Obligatoire())


_MODIFICATIONS: dict[TypeTerrain, type[Any]] = {
    TypeTerrain.HOSPITALIER: ModifierHospitalierForm,
    TypeTerrain.PRATICIEN: ModifierPraticienForm,
    TypeTerrain.AUTRE: ModifierOrganismeForm,
}


def formulaire_de_modification(terrain: TerrainDeStage) -> Any:
    """The form of the type of this terrain, filled from it or from what was sent."""
    form = _MODIFICATIONS[terrain.type](obj=terrain)
    if terrain.etablissement is not None and not terrain.etablissement.est_chu:
        form.sans_chu()
    return form
