"""After a fusion or a transfer: what the origin and the destination have now (S100, S101, S107; B-08).

Everything is read from the event of the operation, so the page can be reloaded, printed and sent to a colleague.
Its undo is that of the journal.
"""

from dataclasses import dataclass
from typing import Any

from flask import abort
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy.orm import Session
from werkzeug.utils import cached_property

from app.operations import annulation
from app.recherches import fusions
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.journal import Evenement
from views.identite import current_actor
from views.listes import Liste

EVENEMENT = "<int(max=9223372036854775807):evenement_id>"
RESTANTS_MONTRES = 50
SUPPRIMES = {StatutEtablissement.SUPPRIME.value, StatutEntiteJuridique.SUPPRIME.value}


@dataclass(frozen=True)
class Fait:
    """What an event tells of the operation."""

    session: Session
    evenement: Evenement

    @cached_property
    def deplaces(self) -> list[int]:
        """Ids of the terrains that moved."""
        return [int(un["id"]) for un in self.evenement.changements if un["type"] == "TerrainDeStage"]

    @cached_property
    def supprimes(self) -> dict[str, str]:
        """What was deleted with the fusion, by type: its label."""
        return {
            un["type"]: un["libelle"]
            for un in self.evenement.changements
            if un["type"] in ("Etablissement", "EntiteJuridique") and un["apres"].get("statut") in SUPPRIMES
        }

    @cached_property
    def etablissements(self) -> tuple[Etablissement, Etablissement]:
        """Origin and destination, as they are now."""
        details = self.evenement.details or {}
        numeros = [details[nom].partition(" ")[0] for nom in ("origine", "destination")]
        ids = fusions.par_numeros(self.session, numeros)
        fiches = fusions.etablissements(self.session, ids.values())
        origine, destination = (fiches[ids[un]] for un in numeros)
        return origine, destination


class Resultat:
    """Mixed into the screen of an operation; its `code` says which events are its own."""

    code: Any
    titre: Any

    @expose(f"/resultats/{EVENEMENT}")
    @has_access
    @permission_name("consulter")
    def resultat(self, evenement_id: int) -> ResponseReturnValue:
        """Both lists, the moved terrains first and marked (S100, S107)."""
        fait = self._fait(evenement_id)
        vue: Any = self
        origine, destination = fait.etablissements
        nombres = fusions.nombres_de_terrains(vue.session(), [origine.id, destination.id])
        arrivee: Liste = vue.pages(
            nombres.get(destination.id, 0),
            lambda page: fusions.terrains_de(
                vue.session(), destination.id, decalage=page.decalage, taille=page.taille, en_tete=fait.deplaces
            ),
        )
        reste = fusions.terrains_de(vue.session(), origine.id, decalage=0, taille=RESTANTS_MONTRES)
        page: str = vue.render_template(
            "operations/resultat.html",
            title=f"{self.titre} : résultat",
            vue=self,
            etape="resultat",
            fait=fait,
            evenement=fait.evenement,
            origine=origine,
            destination=destination,
            nombres=nombres,
            liste=arrivee,
            reste=reste,
            deplaces=frozenset(fait.deplaces),
            annulation=fusions.annulation_de(vue.session(), evenement_id),
            refus=annulation.refus(vue.session(), current_actor(), fait.evenement),
        )
        return page

    def _fait(self, evenement_id: int) -> Fait:
        """An event of this screen; that of another ARS stays closed, as its history is (M23)."""
        vue: Any = self
        evenement = vue.session().get(Evenement, evenement_id)
        actor = current_actor()
        if evenement is None or evenement.operation != self.code:
            abort(404)
        if not (actor.national or evenement.ars_travail_code == actor.ars_code):
            abort(403)
        return Fait(vue.session(), evenement)
