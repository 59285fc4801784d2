"""A stale save (QUALITY A-53): what the user typed beside what another one has stored meanwhile."""

from typing import Any

from wtforms import Field, Form, SelectField, SelectMultipleField


def comparer(form: Form, objet: Any) -> list[tuple[str, Any, Any]]:
    """Label, typed value and stored value of each field where the two differ, as a reader expects them."""
    champs = [champ for champ in form if champ.name != "version" and hasattr(objet, champ.name)]
    valeurs = [
        (_intitule(champ), _lisible(champ, champ.data), _lisible(champ, getattr(objet, champ.name))) for champ in champs
    ]
    return [ligne for ligne in valeurs if ligne[1] != ligne[2]]


def _intitule(champ: Field) -> str:
    """The label alone would not say which of two addresses it is of."""
    libelle = str(champ.label.text)
    return f"{libelle} (coordonnées secondaires)" if champ.name.endswith("_secondaire") else libelle


def _lisible(champ: Field, valeur: Any) -> Any:
    """Labels of a choice rather than its codes."""
    if not isinstance(champ, SelectField):
        return valeur
    libelles = {choisi: libelle for choisi, libelle, *_ in champ.iter_choices()}
    if isinstance(champ, SelectMultipleField):
        return sorted(libelles.get(champ.coerce(une), str(une)) for une in valeur or ())
    code = "" if valeur is None else champ.coerce(valeur)
    return libelles.get(code, valeur) if code else None
