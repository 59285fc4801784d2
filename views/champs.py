"""Fields of the generated forms: plain HTML controls, whatever widget Flask-AppBuilder chose, and errors in French."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from flask_appbuilder.forms import GeneralModelConverter
from markupsafe import Markup
from wtforms import BooleanField, Field, SelectField, StringField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import html_params


def _liste(champ: Field, **attributs: Any) -> Markup:
    """Flask-AppBuilder's choices are in a form that WTForms is about to drop: drawn here."""
    attributs = {"id": champ.id, "name": champ.name, **attributs}
    options = [
        Markup("<option value='{}'{}>{}</option>").format(valeur, Markup(" selected") if choisi else "", libelle)
        for valeur, libelle, choisi, *_ in champ.iter_choices()
    ]
    if champ.data is None and not champ.allow_blank:  # never a first choice that nobody made
        options.insert(0, Markup("<option value='' selected>Choisissez dans la liste</option>"))
    return Markup(f"<select {html_params(**attributs)}>{''.join(options)}</select>")


_WIDGETS: dict[str, Any] = {
    "StringField": widgets.TextInput(),
    "EmailField": widgets.EmailInput(),
    "PasswordField": widgets.PasswordInput(),
    "TextAreaField": widgets.TextArea(),
    "IntegerField": widgets.NumberInput(),
    "DecimalField": widgets.NumberInput(step="any"),
    "BooleanField": widgets.CheckboxInput(),
    "DateField": widgets.DateInput(),
    "DateTimeField": widgets.DateTimeLocalInput(),
    "SelectField": widgets.Select(),
    "ChampEnum": widgets.Select(),
    "QuerySelectField": _liste,
    "FileField": widgets.FileInput(),
}
HORS_LISTE = "Choisissez une valeur de la liste."
OBLIGATOIRE = "Ce champ est obligatoire."
# Messages that WTForms and Flask-AppBuilder do not translate, or not as we say it.
_MESSAGES = {
    "Not a valid choice": HORS_LISTE,
    "Not a valid choice.": HORS_LISTE,
    "This field is required.": OBLIGATOIRE,
    "Ce champ est requis.": OBLIGATOIRE,
}


class ChampEnum(SelectField):
    """Choice among the French labels of an enum. Flask-AppBuilder's own fails on an unknown value."""

    def __init__(self, enum: type[Enum], label: str, validators: Sequence[Any], **options: Any) -> None:
        def membre(valeur: Any) -> Enum:
            if isinstance(valeur, enum):
                return valeur
            if valeur not in enum.__members__:
                raise ValueError(valeur)
            return enum[valeur]

        choix = [SelectChoice(value=un.name, label=str(un.value)) for un in enum]
        super().__init__(label, validators, coerce=membre, choices=choix, invalid_value_message=HORS_LISTE, **options)


class ChampFiche(StringField):
    """An object among thousands, chosen by what identifies it: typed, or picked in the dialog of `selection`.

    `cle` is the attribute that identifies the object, `selection` the endpoint of the picker, `objet` its name.
    """

    def __init__(self, label: str, cle: str, selection: str, objet: str, **options: Any) -> None:
        super().__init__(label, [InputRequired(OBLIGATOIRE)], **options)
        self.cle, self.selection, self.objet = cle, selection, objet

    def process_data(self, value: Any) -> None:
        self.data = getattr(value, self.cle) if value is not None else ""


class Convertisseur(GeneralModelConverter):
    """Model columns to form fields, as Flask-AppBuilder does, but for enums, booleans, and the order of the fields."""

    def create_form(self, label_columns: Any = None, inc_columns: Any = None, *args: Any, **options: Any) -> Any:
        """Fields in the order of the columns: WTForms has them in that of their creation, those of a screen first."""
        formulaire = super().create_form(label_columns, inc_columns, *args, **options)
        for rang, nom in enumerate(inc_columns):
            getattr(formulaire, nom).creation_counter = rang
        return formulaire

    def _convert_simple(
        self, col_name: str, label: str, description: str, lst_validators: list[Any], form_props: dict[str, Any]
    ) -> dict[str, Any]:
        if self.datamodel.is_boolean(col_name):  # a box left empty is an answer
            defaut = self.datamodel.get_col_default(col_name)
            form_props[col_name] = BooleanField(label, lst_validators, description=description, default=defaut)
            return form_props
        if not self.datamodel.is_enum(col_name):
            return super()._convert_simple(col_name, label, description, lst_validators, form_props)
        presence = Optional() if self.datamodel.is_nullable(col_name) else InputRequired(OBLIGATOIRE)
        enum = self.datamodel.list_columns[col_name].type.enum_class
        form_props[col_name] = ChampEnum(enum, label, [*lst_validators, presence], description=description)
        return form_props


def controle(champ: Field, **attributs: Any) -> Markup:
    """The bare control of a field, linked to its hint and its error."""
    decrits = [f"{champ.id}-aide"] if champ.description else []
    if champ.errors:
        decrits.append(f"{champ.id}-erreur")
        attributs["aria_invalid"] = "true"
    if decrits:
        attributs["aria_describedby"] = " ".join(decrits)
    dessin = _WIDGETS.get(champ.type)
    return Markup(dessin(champ, **attributs) if dessin else champ(**attributs))


def erreurs(champ: Field) -> list[str]:
    """Sentences to show under a field."""
    return [_MESSAGES.get(str(erreur), str(erreur)) for erreur in champ.errors]
