"""What the screens of national data share: agréments, demandes, internes and their semestres.

Every ARS consults them, their administrators write them. A form carries the digest of the card it was opened on: a
stale save is refused, with both versions side by side (A-53).
"""

from typing import Any, ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import FilterEqual
from wtforms import Form, HiddenField

from app.errors import CONFLIT
from app.operations.donnees_nationales import version_de
from models.nomenclature import DES
from views.champs import ChampFiche
from views.historique import Historique
from views.identite import current_actor
from views.recherche import RechercheView

SPECIALITE_DES = {"specialite": [["nature", FilterEqual, DES]]}


def champ_terrain() -> Any:
    """The terrain of a form, among thousands: by its number."""
    return ChampFiche("Terrain de stage", "numero", "SelectionView.terrains", "un terrain de stage")


def saisies(form: Form) -> dict[str, Any]:
    """What was typed, by field, for the operations."""
    return {champ.name: champ.data for champ in form if champ.type != "CSRFTokenField"}


class DonneesNationalesView(Historique, RechercheView):
    """Search, card and forms of one kind of national data; a subclass names its criteria and its operations."""

    method_permission_name: ClassVar[dict[str, str]] = {
        **RechercheView.method_permission_name,
        "historique": "consulter",
    }
    exclude_route_methods: ClassVar[set[str]] = {"download"}
    edit_template = add_template = "donnees_nationales/formulaire.html"

    relations: ClassVar[tuple[Any, ...]] = ()  # read with the object, in one query

    def __init__(self, **kwargs: Any) -> None:
        self.edit_columns = [*self.add_columns, "version"]
        self.edit_form_extra_fields = {**(self.add_form_extra_fields or {}), "version": HiddenField()}
        super().__init__(**kwargs)

    @expose("/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        return self.render_template(
            self.show_template,
            title=str(objet),
            vue=self,
            objet=objet,
            onglet="fiche",
            actor=current_actor(),
            **self.fiche(objet),
        )

    def fiche(self, objet: Any) -> dict[str, Any]:
        """What the card shows besides the object."""
        return {}

    def objet(self, pk: str) -> Any:
        objet = self.datamodel.session.get(self.datamodel.obj, self.cle(pk), options=self.relations)
        return objet or abort(404)

    def formulaire_de(self, objet: Any) -> Form:
        form = super().formulaire_de(objet)
        form.version.data = version_de(objet)
        return form

    def _formulaire(self, form: Form, titre: str, *, retour: str) -> ResponseReturnValue:
        """The form as typed; after a conflict, what is stored beside it, and its digest for the next save."""
        enregistre = None
        if CONFLIT.code in getattr(form, "codes", ()):
            enregistre = self.objet(request.view_args["pk"])
            form.version.data = version_de(enregistre)
        page = self.render_template(
            self.edit_template, title=titre, vue=self, form=form, retour=retour, enregistre=enregistre
        )
        return page, 409 if enregistre else 422 if request.method == "POST" else 200
