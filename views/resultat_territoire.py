"""What a change of territory did, read from its event, and its undo (SPEC N2, M22, M23)."""

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access

from app import libelles
from app.errors import OperationRefused
from app.operations import annulation
from app.unit_of_work import unit_of_work
from models.agrement import Agrement
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from views.identite import current_actor
from views.territoire import MONTRES, noms_des_territoires

OPERATIONS = frozenset({"TS.changer_ars", "TS.changer_subdivision", "TS.transferer_praticien"})


class ResultatTerritoire:
    """Mixed into the screen of the terrains."""

    @expose("/operations/<int:evenement_id>")
    @has_access
    def resultat(self, evenement_id: int) -> ResponseReturnValue:
        """Before → after, as the journal has it: the page can be reloaded and sent to a colleague."""
        evenement = self._operation(evenement_id)
        session, actor = self.datamodel.session(), current_actor()
        noms = noms_des_territoires(session)
        terrains = [un for un in evenement.changements if un["type"] == TerrainDeStage.__name__]
        return self.render_template(
            "territoire/resultat.html",
            title=f"{libelles.operation(evenement.operation)}, opération n° {evenement.id}",
            vue=self,
            evenement=evenement,
            terrains=[(un, _avant_apres(noms, un)) for un in terrains],
            agrements=[un for un in evenement.changements if un["type"] == Agrement.__name__],
            refus=annulation.refus(session, actor, evenement) if self.peut("annuler") else [],
        )

    @expose("/operations/<int:evenement_id>/annuler", methods=["GET", "POST"])
    @has_access
    def annuler(self, evenement_id: int) -> ResponseReturnValue:
        """Asks first; then gives back what the operation changed, or says why not."""
        evenement = self._operation(evenement_id)
        refus = annulation.refus(self.datamodel.session(), current_actor(), evenement)
        if request.method == "POST" and not refus:
            try:
                with unit_of_work(current_actor(), "JOU.annuler", session=self.datamodel.session()) as uow:
                    annulation.annuler(uow, evenement.id)
            except OperationRefused as refuse:
                refus = list(refuse.refus)
            else:
                flash("Opération annulée : tout ce qu’elle avait changé est revenu comme avant.", "succes")
                return redirect(self._apres_annulation(evenement))
        page = self.render_template(
            "territoire/annulation.html",
            title=f"Annuler l’opération n° {evenement.id}",
            vue=self,
            evenement=evenement,
            refus=refus,
        )
        return page, 409 if request.method == "POST" else 200

    def _operation(self, evenement_id: int) -> Evenement:
        """An operation of these screens, made in the ARS de travail or on its objects; that of others stays closed."""
        evenement = self.datamodel.session.get(Evenement, evenement_id)
        if evenement is None or evenement.operation not in OPERATIONS:
            abort(404)
        actor = current_actor()
        touchees = {code for un in evenement.changements for code in un["ars"]}
        if not (actor.national or actor.ars_code in {evenement.ars_travail_code, *touchees}):
            abort(403)
        return evenement

    def _apres_annulation(self, evenement: Evenement) -> str:
        terrains = [un["id"] for un in evenement.changements if un["type"] == TerrainDeStage.__name__]
        if len(terrains) == 1:
            return url_for(f"{self.endpoint}.show", pk=terrains[0])
        return url_for(f"{self.endpoint}.resultat", evenement_id=evenement.id)


def _avant_apres(noms: Mapping[str, Mapping[str, str]], changement: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    avant, apres = changement["avant"], changement["apres"]
    return [
        (libelles.champ(champ), *(noms.get(champ, {}).get(un[champ], un[champ]) for un in (avant, apres)))
        for champ in MONTRES
        if champ in apres
    ]
