"""Guards of a generated screen: what the address designates, whether the user may write it, and what to offer him.

They come before the framework's own code, which fills an object from the form before it asks any question.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from flask import abort, request
from flask_appbuilder.hooks import before_request

from models.base import Journalise
from views.identite import current_actor, identite

# Method of a generated screen → right of app.roles.
DROITS = {
    "list": "consulter",
    "show": "consulter",
    "add": "creer",
    "edit": "modifier",
    "delete": "supprimer",
}


class Gardes:
    """Mixed into every screen of one model."""

    relations: ClassVar[tuple[Any, ...]] = ()  # read with the object: what its card and its scope need

    def objet(self, pk: str) -> Any:
        """The object of this address, or a 404 page: unknown, or not a key at all."""
        return self.datamodel.get(self.cle(pk), self._base_filters) or abort(404)

    def objets(self, pks: Iterable[str]) -> list[Any]:
        """The objects of a selection, in one query, or a 404 page as soon as one of them does not exist."""
        cles = {self.cle(pk) for pk in pks}
        requete = self._base_filters.apply_all(self.datamodel.session.query(self.datamodel.obj))
        colonne = self.datamodel.get_pk()
        trouves = requete.filter(colonne.in_(cles)).options(*self.relations).order_by(colonne).all() if cles else []
        return trouves if len(trouves) == len(cles) else abort(404)

    def cle(self, pk: str) -> Any:
        """The key of an address, in the type of its column."""
        if self.datamodel.get_pk().type.python_type is not int:
            return pk
        if not (pk.isascii() and pk.isdigit() and len(pk) < 10):
            abort(404)
        return int(pk)

    @before_request(only=["edit", "delete", "action", "action_post"])
    def garder_la_portee(self) -> None:
        """A foreign object and a missing one get the same answer, before anything changes."""
        methode = str(request.endpoint).rpartition(".")[2]
        if methode in ("action", "action_post"):
            self._garder_action()
        elif not self.appbuilder.sm.has_access(
            f"can_{self.get_method_permission(methode)}", self.class_permission_name
        ):
            return
        for objet in self._objets_demandes():
            self.exiger_portee(objet)

    def exiger_portee(self, objet: Any) -> None:
        """404 unless the actor may write this object: the same page as for an object that does not exist."""
        if isinstance(objet, Journalise) and not current_actor().covers(objet):
            abort(404)

    def _garder_action(self) -> None:
        nom = (request.view_args or {}).get("name") or request.form.get("action", "")
        if nom not in self.actions:
            abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(nom), self.class_permission_name):
            abort(403)

    def _objets_demandes(self) -> Sequence[Any]:
        pk = (request.view_args or {}).get("pk")
        return [self.objet(pk)] if pk is not None else self.objets(request.form.getlist("rowid"))

    def peut(self, droit: str) -> bool:
        """For the templates: may the user do this here?"""
        compte = identite()
        return compte is not None and compte.peut(self.class_permission_name, droit)

    def offre(self, methode: str) -> bool:
        """Whether this screen has the method, and the user the right to it."""
        existe = methode not in self.exclude_route_methods and hasattr(self, methode)
        return existe and self.peut(self.get_method_permission(methode))
