"""Refusals of the database in words: which field, and what to do (the user never sees SQL)."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper

from app.errors import Refus
from views.champs import OBLIGATOIRE

DOUBLON = "Cette valeur est déjà utilisée par une autre fiche : saisissez-en une autre."
UTILISE = "Suppression impossible : d’autres fiches utilisent celle-ci. Modifiez-les ou supprimez-les d’abord."
ABSENT = "La fiche choisie n’existe plus : choisissez-en une autre."
DATES = "La fin doit être après le début : corrigez l’une des deux dates."
CHEVAUCHEMENT = "Ces dates en chevauchent d’autres, déjà enregistrées : corrigez-les, ou l’autre fiche d’abord."
INCOHERENT = "Cette saisie n’est pas cohérente : vérifiez les valeurs de ce champ."
# What a named constraint says, where its kind alone would not: code, sentence, field.
PHRASES = {
    "ex_semestre_sans_chevauchement": Refus("E-CHEVAUCHEMENT", CHEVAUCHEMENT, "date_debut"),
    "ck_semestre_dates_dans_l_ordre": Refus("E-DATES", DATES, "date_fin"),
}


def refus_de_la_base(erreur: IntegrityError, modele: type[Any]) -> Refus:
    """Sentence for an IntegrityError, by its kind, on the field that its constraint names."""
    diagnostic = getattr(erreur.orig, "diag", None)
    contrainte = getattr(diagnostic, "constraint_name", None) or ""
    if contrainte in PHRASES:
        return PHRASES[contrainte]
    etat = getattr(diagnostic, "sqlstate", None)
    if etat == "23505":
        return Refus("E-DOUBLON", DOUBLON, _champ(modele, contrainte))
    if etat == "23502":
        return Refus("E-OBLIGATOIRE", OBLIGATOIRE, getattr(diagnostic, "column_name", None))
    if etat == "23503":
        ailleurs = getattr(diagnostic, "table_name", None) != modele.__tablename__
        return Refus("E-UTILISE", UTILISE) if ailleurs else Refus("E-ABSENT", ABSENT, _champ(modele, contrainte))
    return Refus("E-INCOHERENT", INCOHERENT)


def _champ(modele: type[Any], contrainte: str) -> str | None:
    """Field of a unique or foreign key constraint, from the columns it covers."""
    table = modele.__table__
    if contrainte == table.primary_key.name:
        return str(next(iter(table.primary_key.columns)).key)
    for une in table.constraints:
        if une.name == contrainte:
            colonne = next(iter(une.columns))
            return _relation(modele.__mapper__, colonne) or str(colonne.key)
    return None


def _relation(mapper: Mapper[Any], colonne: Any) -> str | None:
    """Forms show the relation, not its key column."""
    return next((lien.key for lien in mapper.relationships if colonne in lien.local_columns and not lien.uselist), None)
