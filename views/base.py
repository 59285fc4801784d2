"""Base classes of every generated screen: Flask-AppBuilder's generator, with its holes closed (docs/architecture.md).

A write runs in a unit of work (journaled, committed there only), reaches only objects that the ARS de travail covers,
and turns database refusals into French sentences on the right field. Nothing is kept in the view between requests.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, ModelView, expose, has_access
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import String, asc, cast, desc, func, inspect, or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Query, joinedload, selectinload
from wtforms import Form

from app.errors import OperationRefused, Refus
from app.libelles import CHAMPS
from app.search import contient
from app.unit_of_work import UnitOfWork, unit_of_work
from models.base import Model
from views.champs import Convertisseur
from views.contraintes import refus_de_la_base
from views.gardes import DROITS, Gardes
from views.identite import current_actor
from views.listes import Demande, Liste, lire_demande, lister


class RegistreInterface(SQLAInterface):
    """Access to one model: every write of a generated screen is one journaled unit of work.

    `domaine` begins the codes of its operations in the journal: « ET » gives « ET.modifier ».
    """

    def __init__(self, obj: type[Model], domaine: str = "") -> None:
        super().__init__(obj)
        self.domaine = domaine or obj.__name__

    @contextmanager
    def operation(self, verbe: str) -> Iterator[UnitOfWork]:
        """Unit of work of the current actor on the session of the request, journaled as « domaine.verbe »."""
        with unit_of_work(current_actor(), f"{self.domaine}.{verbe}", session=self.session()) as uow:
            yield uow

    def add(self, item: Model, commit: bool = True) -> None:
        with self.operation("creer") as uow:
            uow.session.add(item)

    def edit(self, item: Model, commit: bool = True) -> None:
        with self.operation("modifier") as uow:
            uow.session.merge(item)

    def delete(self, item: Model, commit: bool = True) -> None:
        with self.operation("supprimer") as uow:
            cle = inspect(item).identity
            if uow.session.get(type(item), cle, with_for_update=True, populate_existing=True) is None:
                raise OperationRefused(Refus("E-INTROUVABLE", "Cette fiche vient d’être supprimée."))
            uow.session.delete(item)

    def is_unique(self, col_name: str) -> bool:
        """Uniqueness is the database's business: its refusal comes back on the field, in French."""
        return False


class PageView(BaseView):
    """A screen that is not generated from one model; its routes are protected by `@has_access`."""

    class_permission_name = "Espace"


class RegistreView(Gardes, ModelView):
    """List, card, creation, modification and deletion of one model. Every column of every screen is named.

    `method_permission_name` maps the methods to the rights of app.roles; a subclass with other methods extends DROITS.
    """

    method_permission_name: ClassVar[Mapping[str, str]] = DROITS
    exclude_route_methods: ClassVar[set[str]] = {"download"}
    list_template = "registre/liste.html"
    show_template = "registre/fiche.html"
    add_template = edit_template = "registre/formulaire.html"
    delete_template = "registre/suppression.html"
    aide = ""
    filtres: ClassVar[Mapping[str, str]] = {}  # criteria that a link of another screen may set: parameter → label

    def __init__(self, **kwargs: Any) -> None:
        for attribut in ("list_columns", "show_columns", "search_columns", "order_columns", "list_title", "show_title"):
            if not getattr(self, attribut):
                raise TypeError(f"{type(self).__name__} must name its {attribut}")
        # Copies: Flask-AppBuilder completes these in place, and they would be shared by every application.
        self.label_columns = {**CHAMPS, **(self.label_columns or {})}
        self.validators_columns = {cle: [*liste] for cle, liste in (self.validators_columns or {}).items()}
        self.add_columns = self.add_columns or self.edit_columns or self.show_columns
        self.edit_columns = self.edit_columns or self.add_columns
        self.method_permission_name = dict(self.method_permission_name)
        if not any(hasattr(getattr(type(self), nom, None), "_action") for nom in dir(type(self))):
            self.exclude_route_methods = {*self.exclude_route_methods, "action", "action_post"}
        super().__init__(**kwargs)

    def _init_forms(self) -> None:
        """Only the forms of the screens that exist; no search form: lists have one text criterion, or their own."""
        convertisseur = Convertisseur(self.datamodel)
        self.add_form = self.add_form or convertisseur.create_form(
            self.label_columns,
            self.add_columns,
            self.description_columns,
            self.validators_columns,
            self.add_form_extra_fields,
            self.add_form_query_rel_fields,
        )
        self.edit_form = self.edit_form or convertisseur.create_form(
            self.label_columns,
            self.edit_columns,
            self.description_columns,
            self.validators_columns,
            self.edit_form_extra_fields,
            self.edit_form_query_rel_fields,
        )

    # -- list ----------------------------------------------------------------------------------------------------

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        tri, sens = self.base_order or (self.order_columns[0], "asc")
        demande = lire_demande(request.args, self.order_columns, tri, sens)
        saisie = request.args.get("q", "").strip()[:100]
        requete = self.requete(saisie)
        liste = lister(demande, lambda: self._compter(requete), lambda page: self._lire(requete, page))
        return self.render_template(
            self.list_template, title=self.list_title, vue=self, liste=liste, lignes=self._lignes(liste), q=saisie
        )

    def requete(self, saisie: str) -> Query[Any]:
        """Rows of the list: those of `base_filters` that match what was typed."""
        requete = self._base_filters.apply_all(self.datamodel.session.query(self.datamodel.obj))
        if saisie:
            requete = requete.filter(or_(*(contient(self._texte(nom), saisie) for nom in self.search_columns)))
        return requete

    def _texte(self, nom: str) -> Any:
        colonne = getattr(self.datamodel.obj, nom)
        return colonne if nom.endswith("_norme") else func.normaliser(cast(colonne, String))

    def _compter(self, requete: Query[Any]) -> int:
        return requete.with_entities(func.count(self.datamodel.get_pk())).scalar() or 0

    def _lire(self, requete: Query[Any], demande: Demande) -> Sequence[Any]:
        direction = desc if demande.sens == "desc" else asc
        colonne = getattr(self.datamodel.obj, demande.tri)
        return (
            requete.options(*self._relations())
            .order_by(direction(colonne), direction(self.datamodel.get_pk()))
            .offset(demande.decalage)
            .limit(demande.taille)
            .all()
        )

    def _relations(self) -> Sequence[Any]:
        """Relations shown in the list, read with it."""
        options = []
        for nom in self.list_columns:
            if self.datamodel.is_relation(nom):
                charger = joinedload if self.datamodel.is_relation_many_to_one(nom) else selectinload
                options.append(charger(getattr(self.datamodel.obj, nom)))
        return options

    def _lignes(self, liste: Liste) -> Sequence[tuple[Any, Sequence[Any]]]:
        """Key and values of each row."""
        return [
            (self.datamodel.get_pk_value(objet), [getattr(objet, nom) for nom in self.list_columns])
            for objet in liste.lignes
        ]

    # -- card ----------------------------------------------------------------------------------------------------

    @expose("/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        valeurs = [(self.label_columns[nom], getattr(objet, nom)) for nom in self.show_columns]
        return self.render_template(
            self.show_template, title=self.show_title, vue=self, objet=objet, pk=pk, valeurs=valeurs
        )

    # -- writes --------------------------------------------------------------------------------------------------

    @expose("/nouveau", methods=["GET", "POST"])
    @has_access
    def add(self) -> ResponseReturnValue:
        form = self.add_form.refresh()
        soumis = request.method == "POST" and form.validate()
        if soumis and (objet := self._enregistrer("creer", form, self.datamodel.obj())):
            flash(f"Création enregistrée : {objet}.", "succes")
            return redirect(self._adresse("show", objet))
        return self._formulaire(form, self.add_title, retour=url_for(f"{self.endpoint}.list"))

    @expose("/<pk>/modifier", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        form = self.edit_form.refresh() if request.method == "POST" else self.formulaire_de(objet)
        if request.method == "POST" and form.validate() and self._enregistrer("modifier", form, objet):
            flash(f"Modification enregistrée : {objet}.", "succes")
            return redirect(self._adresse("show", objet))
        return self._formulaire(form, self.edit_title, retour=self._adresse("show", objet))

    @expose("/<pk>/supprimer", methods=["GET", "POST"])
    @has_access
    def delete(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        libelle = str(objet)
        if request.method == "GET":
            return self.render_template(self.delete_template, title=f"Supprimer « {libelle} »", vue=self, pk=pk)
        try:
            self.supprimer(objet)
        except IntegrityError as erreur:
            flash(refus_de_la_base(erreur, self.datamodel.obj).message, "erreur")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        flash(f"Suppression enregistrée : {libelle}.", "succes")
        return redirect(url_for(f"{self.endpoint}.list"))

    def formulaire_de(self, objet: Any) -> Form:
        """The form of modification as it opens on an object."""
        return self.edit_form.refresh(obj=objet)

    def ecrire(self, uow: UnitOfWork, form: Form, objet: Any) -> Any:
        """Write a valid form on an object, new or not, and return what was written; a subclass calls its operation."""
        self.remplir(form, objet)
        uow.session.add(objet)
        return objet

    def supprimer(self, objet: Any) -> None:
        """Delete an object; a subclass calls its operation."""
        self.datamodel.delete(objet)

    def remplir(self, form: Form, objet: Any) -> None:
        """Copy the form into the object, blank texts as NULL; a subclass adds what it derives."""
        for champ in form:
            if type(champ.data) is str:  # not a member of an enum, which is a text too
                champ.data = champ.data.strip() or None
        form.populate_obj(objet)

    def _enregistrer(self, verbe: str, form: Form, objet: Any) -> Any:
        """Write inside a unit of work; a refusal goes back to the form, nothing typed is lost, and nothing returned."""
        try:
            with self.datamodel.operation(verbe) as uow:
                ecrit = self.ecrire(uow, form, objet)
        except OperationRefused as refuse:
            reporter(form, refuse)
        except IntegrityError as erreur:
            reporter(form, OperationRefused(refus_de_la_base(erreur, self.datamodel.obj)))
        else:
            return ecrit
        return None

    def _formulaire(self, form: Form, titre: str, *, retour: str) -> ResponseReturnValue:
        page = self.render_template(self.edit_template, title=titre, vue=self, form=form, retour=retour)
        return page, 422 if request.method == "POST" else 200

    def _adresse(self, methode: str, objet: Any) -> str:
        return url_for(f"{self.endpoint}.{methode}", pk=self.datamodel.get_pk_value(objet))

    # -- actions -------------------------------------------------------------------------------------------------

    @expose("/<pk>/action/<name>", methods=["POST"])
    def action(self, name: str, pk: str) -> ResponseReturnValue:
        return self.actions[name].func(self.objet(pk))

    @expose("/action", methods=["POST"])
    def action_post(self) -> ResponseReturnValue:
        return self.actions[request.form["action"]].func(self.objets(request.form.getlist("rowid")))


class ReferentielView(RegistreView):
    """A small reference table, in the care of national administrators (M26)."""

    class_permission_name = "Referentiel"


def reporter(form: Form, refuse: OperationRefused) -> None:
    """Put each refusal on its field, or at the top of the form when it concerns none of them; `codes` keeps which."""
    form.codes = refuse.codes
    for refus in refuse.refus:
        if refus.champ and refus.champ in form:
            champ = form[refus.champ]
            champ.errors = [*champ.errors, refus.message]
        else:
            form.form_errors = [*form.form_errors, refus.message]
