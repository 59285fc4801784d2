"""« Transfert de praticien » (manual §1.10): what awaits an ARS, its completion, what it sent (S129–S133)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access

from app.errors import OperationRefused
from app.geographie import subdivision_proposee
from app.operations import bloc_principal, soumission, transfert_praticien
from app.recherches import transferts
from models.coordonnees import CHAMPS_COORDONNEES
from models.praticien import Praticien
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars
from views.base import RegistreInterface, RegistreView, reporter
from views.forms_transfert import CompleterForm
from views.identite import current_actor
from views.listes import Demande, lire_demande, lister
from views.saisie_terrain import coordonnees_reprises, specialites, subdivisions
from views.terrains_fiche import FicheTerrain

LONGTEMPS = 30  # days after which a transfer has waited too long


class TransfertPraticienView(RegistreView):
    datamodel = RegistreInterface(TerrainDeStage, "TS")
    route_base = "/transferts-de-praticien"
    class_permission_name = "TransfertPraticien"
    method_permission_name: ClassVar[dict[str, str]] = {"list": "consulter", "edit": "completer"}
    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "show", "delete", "action"}
    list_title, show_title = "Transfert de praticien", "Terrain transféré"
    list_columns = show_columns = search_columns = order_columns = ["numero"]
    edit_columns: ClassVar[list[str]] = ["nom"]
    list_template = "territoire/transferts.html"
    relations = (*FicheTerrain.relations, *FicheTerrain.details)

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        """What was sent to the ARS de travail, then what it sent; the whole country for a national administrator."""
        session, actor = self.datamodel.session(), current_actor()
        ars_code = request.args.get("ars") if actor.national else actor.ars_code or "aucune"

        def lire(demande: Demande) -> Sequence[Any]:
            return transferts.recus(session, ars_code, decalage=demande.decalage, taille=demande.taille)

        return self.render_template(
            self.list_template,
            title=self.list_title,
            vue=self,
            liste=lister(lire_demande(request.args, (), ""), lambda: transferts.nombre_recus(session, ars_code), lire),
            envoyes=transferts.envoyes(session, ars_code) if ars_code else (),
            ars=session.get(Ars, ars_code) if ars_code else None,
            actor=actor,
            maintenant=datetime.now(UTC),
            longtemps=LONGTEMPS,
        )

    @expose("/<pk>/completer", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        """« Compléter »: the terrain becomes Actif in its new ARS (S130–S133)."""
        objet, session = self.objet(pk), self.datamodel.session()
        raisons = transfert_praticien.refus_completion(session, current_actor(), objet)
        if raisons and request.method == "GET":  # a refused form is shown again: nothing typed is lost
            raise OperationRefused(*raisons)
        form = CompleterForm(objet)
        contexte = self._preparer(form, objet)
        if request.method == "POST" and form.validate() and form.accord_donne() and self._completer(form, objet):
            return redirect(url_for("TerrainDeStageView.show", pk=objet.id))
        page = self.render_template(
            "territoire/completer.html", title=f"Compléter {objet}", vue=self, objet=objet, form=form, **contexte
        )
        return page, 422 if form.errors else 200

    def _preparer(self, form: CompleterForm, objet: TerrainDeStage) -> dict[str, Any]:
        """Lists of the form, and the block that RPPS gives in this ARS."""
        session, praticien, repris = self.datamodel.session(), *self._relire(objet)
        gardees = [objet.specialite_code, *(une.code for une in objet.specialites_complementaires)]
        form.preparer(specialites(session, gardees))
        offertes = subdivisions(session, objet.ars_code)
        commune = repris.get("code_insee", objet.code_insee)
        proposee = subdivision_proposee(session, commune, objet.ars_code) if commune else None
        form.situer(offertes, objet.subdivision_code or proposee)
        form.exiger_l_accord(rpps_valide=praticien is not None and praticien.valide)
        avant = {champ: getattr(objet, champ) for champ in CHAMPS_COORDONNEES}
        couples = zip(coordonnees_reprises(avant), coordonnees_reprises(avant | repris), strict=True)
        return {
            "lignes": [(libelle, une, autre) for (libelle, une), (_, autre) in couples],
            "repris": bool(repris),
            "subdivisions": offertes,
            "proposee": proposee,
            "ancien_bloc": coordonnees_reprises(form.apercu()) if form.secondaires else (),
        }

    def _relire(self, objet: TerrainDeStage) -> tuple[Praticien | None, dict[str, Any]]:
        """The practitioner of RPPS, and the columns that the completion copies from his practice in this ARS (S131)."""
        session = self.datamodel.session()
        praticien = session.get(Praticien, objet.rpps)
        lieux = bloc_principal.activites_dans(session, objet.rpps, objet.ars_code) if praticien else []
        if not lieux:
            return praticien, {}
        return praticien, bloc_principal.du_praticien(session, praticien, lieux[0], objet.specialite_exercice_code)

    def _completer(self, form: CompleterForm, objet: TerrainDeStage) -> bool:
        """Once, whatever the number of times that the form is sent (A-54); a refusal goes back to the form."""
        try:
            with self.datamodel.operation("completer") as uow:
                if soumission.deja_faite(uow, form.jeton.data) is None:
                    transfert_praticien.completer(uow, objet.id, form.saisie(), form.subdivision())
                    soumission.retenir(uow, form.jeton.data, objet.id)
        except OperationRefused as refuse:
            reporter(form, refuse)
            return False
        flash(f"Transfert complété : {objet} est actif dans l’{objet.ars}.", "succes")
        return True
