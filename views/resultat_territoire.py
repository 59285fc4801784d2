"""What a change of territory did, read from its event (SPEC N2, M23); its undo is that of the journal."""

from collections.abc import Mapping
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access

from app import journal, libelles
from app.operations import annulation
from app.recherches import fusions
from models.agrement import Agrement
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from views.identite import current_actor
from views.territoire import MONTRES

OPERATIONS = frozenset({"TS.changer_ars", "TS.changer_subdivision", "TS.transferer_praticien"})


class ResultatTerritoire:
    """Mixed into the screen of the terrains."""

    @expose("/operations/<int:evenement_id>")
    @has_access
    def resultat(self, evenement_id: int) -> ResponseReturnValue:
        """Before → after, as the journal has it: the page can be reloaded and sent to a colleague."""
        evenement = self._operation(evenement_id)
        session, actor = self.datamodel.session(), current_actor()
        noms = fusions.noms_des_territoires(session)
        terrains = [un for un in evenement.changements if un["type"] == TerrainDeStage.__name__]
        return self.render_template(
            "territoire/resultat.html",
            title=f"{libelles.operation(evenement.operation)}, opération n° {evenement.id}",
            vue=self,
            evenement=evenement,
            terrains=[(un, _avant_apres(noms, un)) for un in terrains],
            agrements=[un for un in evenement.changements if un["type"] == Agrement.__name__],
            peut_annuler=actor.ecriture,
            refus=annulation.refus(session, actor, evenement),
        )

    def _operation(self, evenement_id: int) -> Evenement:
        """An operation of these screens, made in the ARS de travail or on its objects; that of others stays closed."""
        evenement = self.datamodel.session.get(Evenement, evenement_id)
        if evenement is None or evenement.operation not in OPERATIONS:
            abort(404)
        if not journal.visible(current_actor(), evenement):
            abort(403)
        return evenement


def _avant_apres(noms: Mapping[str, str], changement: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    avant, apres = changement["avant"], changement["apres"]
    return [
        (libelles.champ(champ), *(noms.get(un[champ], un[champ]) for un in (avant, apres)))
        for champ in MONTRES
        if champ in apres
    ]
