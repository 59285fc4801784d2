"""« Rechercher un établissement », its cards, « Créer » by FINESS number and conventions UFR (manual §1.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy.orm import Session, joinedload

from app.errors import OperationRefused
from app.operations import conventions, creation
from app.recherches.etablissements import RECHERCHE, CriteresEtablissement
from models.commune import Commune
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from views.base import RegistreInterface, reporter
from views.criteres import Choix
from views.forms import BlocSecondaireForm, NumeroEtablissementForm
from views.identite import current_actor
from views.recherche import OUI_NON
from views.registre_finess import RegistreFinessView

ETATS = (("avec", "Avec terrain de stage actif"), ("sans", "Sans terrain de stage actif"))


class EtablissementView(RegistreFinessView):
    datamodel = RegistreInterface(Etablissement, "ET")
    route_base = "/etablissements"
    class_permission_name = "Etablissement"
    method_permission_name: ClassVar[dict[str, str]] = {
        **RegistreFinessView.method_permission_name,
        "creer": "creer",
        "ajouter_convention": "modifier",
        "retirer_convention": "modifier",
    }
    list_title = "Rechercher un établissement"
    show_title = "Établissement"
    list_columns = show_columns = ["numero_finess", "raison_sociale", "statut"]
    search_columns = order_columns = ["numero_finess", "raison_sociale"]
    edit_columns = ["finess_errone"]
    list_template = "etablissements/recherche.html"
    show_template = "etablissements/fiche.html"

    recherche = RECHERCHE
    criteres = CriteresEtablissement
    nom_export = "etablissements"
    nom_objet = ("établissement", "établissements")
    codes_des_lots = frozenset({"ET.signaler"})
    relations = (
        joinedload(Etablissement.ars),
        joinedload(Etablissement.categorie),
        joinedload(Etablissement.entite_juridique)
        .load_only(EntiteJuridique.numero_finess, EntiteJuridique.raison_sociale, EntiteJuridique.statut)
        .joinedload(EntiteJuridique.chu),
    )

    def choix(self, session: Session) -> dict[str, Choix]:
        return {**super().choix(session), "etat": ETATS, "chu": OUI_NON}

    def libelles_criteres(self) -> Mapping[str, str]:
        return {**super().libelles_criteres(), "etat": "État de l’établissement"}

    def fiche(self, objet: Etablissement) -> dict[str, Any]:
        """The conventions are shown for a CHU only; those of a former CHU stay in the database (S57, R7)."""
        session = self.datamodel.session()
        refus = conventions.refus(current_actor(), objet)
        return {
            **super().fiche(objet),
            "conventions": conventions.lire(session, objet) if objet.est_chu else [],
            "paires": [(un.id, str(un)) for un in conventions.paires_offertes(session, objet)] if not refus else [],
            "refus_convention": refus,
        }

    @expose("/creer", methods=["GET", "POST"])
    @has_access
    def creer(self) -> ResponseReturnValue:
        """First the number, then the card pre-filled from the registry, then « Créer » (S47–S52)."""
        question = NumeroEtablissementForm(request.args)
        if "numero_finess" not in request.args or not question.validate():
            return self._question(question)
        cible = creation.candidat(self.datamodel.session(), question.numero_finess.data)
        if raisons := creation.refus(current_actor(), cible):
            reporter(question, OperationRefused(*raisons))
            return self._question(question, cible)
        form = BlocSecondaireForm(obj=cible.etablissement)
        if request.method == "POST" and form.validate():
            try:
                with self.datamodel.operation("creer") as uow:
                    etablissement = creation.creer_etablissement(uow, cible.numero_finess, form.bloc())
            except OperationRefused as refuse:
                reporter(form, refuse)
                return self._creation(form, cible, self.communes_a_choisir(form))
            else:
                flash(f"{etablissement} est actif dans l’application, avec son entité juridique.", "succes")
                return redirect(url_for("EtablissementView.show", pk=etablissement.id))
        return self._creation(form, cible)

    @expose("/<pk>/conventions", methods=["POST"])
    @has_access
    def ajouter_convention(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        self.exiger_portee(objet)
        paire = request.form.get("ufr_formation", 0, type=int)
        with self.datamodel.operation("convention") as uow:
            convention = conventions.ajouter(uow, objet.id, paire)
        flash(f"Convention ajoutée : {convention}.", "succes")
        return redirect(url_for("EtablissementView.show", pk=pk, _anchor="conventions"))

    @expose("/<pk>/conventions/<int:convention_id>/retirer", methods=["POST"])
    @has_access
    def retirer_convention(self, pk: str, convention_id: int) -> ResponseReturnValue:
        objet = self.objet(pk)
        self.exiger_portee(objet)
        with self.datamodel.operation("convention") as uow:
            conventions.retirer(uow, objet.id, convention_id)
        flash("Convention retirée.", "succes")
        return redirect(url_for("EtablissementView.show", pk=pk, _anchor="conventions"))

    def _question(self, form: NumeroEtablissementForm, cible: creation.Candidat | None = None) -> ResponseReturnValue:
        page = self.render_template(
            "etablissements/creer_numero.html", title="Créer un établissement", vue=self, form=form, cible=cible
        )
        return page, 422 if form.errors else 200

    def _creation(
        self, form: BlocSecondaireForm, cible: creation.Candidat, communes: Sequence[Commune] = ()
    ) -> ResponseReturnValue:
        page = self.render_template(
            "etablissements/creer.html",
            title=f"Créer l’établissement {cible.numero_finess}",
            vue=self,
            form=form,
            cible=cible,
            communes=communes,
        )
        return page, 422 if form.errors else 200
