"""Forms typed by hand: secondary coordinates, « FINESS erroné », creation of an établissement (§1.4, §1.5)."""

from dataclasses import fields
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.operations.coordonnees import BlocSecondaire
from app.operations.modification import Saisie

TELEPHONE = Regexp(r"^[0-9+(). -]*$", message="Un numéro se compose de chiffres, d’espaces, de points ou d’un « + ».")
COURRIEL = Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="Écrivez une adresse complète, par exemple nom@chu.fr.")


def sans_blancs(saisie: str | None) -> str | None:
    """Text as typed, without outer blanks or control characters; nothing when nothing is left (S36)."""
    propre = "".join(c for c in saisie or "" if c.isprintable() or c == "\n").strip()
    return propre or None


def texte(libelle: str, longueur: int, *validateurs: Any, **options: Any) -> StringField:
    """A line of text that may stay empty, no longer than its column."""
    limite = Length(max=longueur, message=f"{longueur} caractères au plus.")
    return StringField(libelle, [Optional(), limite, *validateurs], filters=[sans_blancs], **options)


def version_envoyee(champ: HiddenField) -> int:
    """Version of the card that the user had before his eyes; absent or not a number, it is a stale one."""
    [version] = (champ.raw_data or [""])[:1]  # as sent: `data` falls back on the version in the database
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1


class BlocSecondaireForm(FlaskForm):
    """The secondary block of an EJ, an ET or a terrain."""

    adresse_secondaire = texte("Adresse", 255)
    complement_secondaire = texte("Complément d’adresse", 255)
    code_postal_secondaire = texte("Code postal", 10)
    ville_secondaire = texte("Ville", 100)
    code_insee_secondaire = texte("Code commune INSEE", 5)
    telephone_secondaire = texte("Téléphone", 30, TELEPHONE)
    telecopie_secondaire = texte("Télécopie", 30, TELEPHONE)
    courriel_secondaire = texte("Courriel", 254, COURRIEL)

    def bloc(self) -> BlocSecondaire:
        """What was typed, for the operations."""
        return BlocSecondaire(**{champ.name: self[f"{champ.name}_secondaire"].data for champ in fields(BlocSecondaire)})


class ModificationForm(BlocSecondaireForm):
    """The modification card of an EJ or an ET."""

    version = HiddenField()
    finess_errone = BooleanField("FINESS erroné : les données du registre sont à corriger")
    finess_errone_commentaire = TextAreaField(
        "Commentaire pour le correspondant FINESS",
        [Optional(), Length(max=2000, message="2 000 caractères au plus.")],
        filters=[sans_blancs],
    )

    def saisie(self) -> Saisie:
        """What was typed, for the operation."""
        return Saisie(
            version=version_envoyee(self.version),
            bloc=self.bloc(),
            finess_errone=self.finess_errone.data,
            commentaire=self.finess_errone_commentaire.data,
        )


class NumeroEtablissementForm(FlaskForm):
    """First step of « Créer »: the FINESS number."""

    class Meta:
        csrf = False  # a question put in the URL: nothing is written

    numero_finess = StringField(
        "Numéro FINESS de l’établissement",
        [DataRequired("Saisissez un numéro FINESS."), Length(max=30, message="Un numéro FINESS a 9 caractères.")],
        filters=[sans_blancs],
    )
