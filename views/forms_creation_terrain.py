"""Forms of « Créer » a terrain de stage: the question of each type, then its fields (manual §1.6, S71–S80)."""

from uuid import uuid4

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import DataRequired, Length

from views.forms import sans_blancs
from views.forms_terrain import Choix, HospitalierForm, Liste, Obligatoire, OrganismeForm, PraticienForm, options


class NumeroForm(FlaskForm):
    """The number of a registry, put in the URL: nothing is written."""

    class Meta:
        csrf = False


class ChoixEtablissementForm(NumeroForm):
    etablissement = StringField(
        "Numéro FINESS de l’établissement",
        [
            DataRequired("Choisissez un établissement, ou saisissez son numéro FINESS."),
            Length(max=30, message="Un numéro FINESS a 9 caractères."),
        ],
        filters=[sans_blancs],
    )


class ChoixPraticienForm(NumeroForm):
    rpps = StringField(
        "Numéro RPPS du praticien",
        [DataRequired("Saisissez un numéro RPPS."), Length(max=30, message="Un numéro RPPS a 11 chiffres.")],
        filters=[sans_blancs],
    )


class Creation(FlaskForm):
    """Mixed into the form of a type to create one: where it lies, and a token that works once (A-54)."""

    jeton = HiddenField(default=lambda: str(uuid4()))
    subdivision_code = Liste("Subdivision", [Obligatoire()])

    def situer(self, subdivisions: Choix, proposee: str | None) -> None:
        """Offer the subdivisions of the ARS; no question when there is only one (S75)."""
        if len(subdivisions) == 1:
            del self.subdivision_code
            return
        self.subdivision_code.choices = options(("", "Choisissez la subdivision"), *subdivisions)
        if not self.is_submitted():
            self.subdivision_code.data = proposee

    def subdivision(self) -> str | None:
        return (self.subdivision_code.data or None) if self.subdivision_code else None


class CreerHospitalierForm(Creation, HospitalierForm):
    """« Créer » a terrain hospitalier."""


class CreerPraticienForm(Creation, PraticienForm):
    """« Créer » a terrain praticien; `activite` is the practice whose address and name are taken."""

    activite = Liste("Lieu d’exercice")

    def proposer(self, lieux: Choix) -> None:
        """Offer the practices of the practitioner in the ARS."""
        self.activite.choices = options(("", "Le premier"), *lieux)

    def activite_cle(self) -> int | None:
        choisie = self.activite.data or ""
        return int(choisie) if choisie.removeprefix("-").isdigit() else None


class CreerOrganismeForm(Creation, OrganismeForm):
    """« Créer » an « autre organisme »."""

    malgre_doublons = BooleanField()
