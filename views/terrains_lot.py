"""« Supprimer », « Activer », « Signaler RPPS erroné », on one terrain or on ticked rows (§1.12, S137–S140, S145)."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.actions import action

from app.errors import OperationRefused
from app.operations import activation, suppression
from models.terrain_de_stage import TerrainDeStage
from views import selection
from views.identite import current_actor
from views.lot import ActionsEnLot, Lot
from views.signalement import lot_de_signalement

SUPPRESSION = (
    "Le terrain devient inactif : plus rien ne s’y rattache, mais il reste consultable avec son numéro, ses agréments "
    "échus et ses semestres passés. « Activer » le rétablit."
)
ACTIVATION = (
    "Le terrain redevient actif, et ses coordonnées principales sont reprises de son établissement ou du RPPS ; celles "
    "que votre ARS a saisies sont gardées."
)

PAS_UN_SEUL_ET = (
    "Un transfert de service part d’un seul établissement : cochez des terrains hospitaliers du même établissement."
)


class LotTerrain(ActionsEnLot):
    """Mixed into the screen of the terrains."""

    nom_objet = ("terrain", "terrains")
    codes_des_lots = frozenset({"TS.supprimer", "TS.activer", "TS.signaler"})
    actions_multiples: ClassVar[dict[str, str]] = {
        "supprimer": "Supprimer",
        "activer": "Activer",
        "transferer": "Transférer vers…",
        "signaler": "Signaler RPPS erroné",
    }

    @action("supprimer", "Supprimer", single=False)
    def supprimer_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        return self.en_lot(self._suppression(), objets)

    @action("activer", "Activer", single=False)
    def activer_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        return self.en_lot(self._activation(), objets)

    @action("transferer", "Transférer vers…", single=False)
    def transferer_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        """The transfer of units, from its third step: its origin and its terrains are the ticked rows (§1.7)."""
        origines = {un.etablissement_id for un in objets}
        if len(origines) == 1 and None not in origines:
            choix = selection.en_texte(un.id for un in objets)
            [origine_id] = origines
            return redirect(url_for("TransfertUnitesView.destination", origine_id=origine_id, terrains=choix))
        flash(
            PAS_UN_SEUL_ET if objets else "Cochez au moins une ligne de la liste, puis choisissez l’action.", "erreur"
        )
        return redirect(self._avec_criteres(url_for(f"{self.endpoint}.list")))

    @action("signaler", "Signaler RPPS erroné", single=False)
    def signaler_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        return self.en_lot(lot_de_signalement(TerrainDeStage, objets), objets)

    @expose("/<pk>/supprimer", methods=["GET", "POST"])
    @has_access
    def delete(self, pk: str) -> ResponseReturnValue:
        """From the row of the search screen, never from the card (S137)."""
        return self._un_seul(self._suppression(), self.objet(pk), "list")

    @expose("/<pk>/activer", methods=["GET", "POST"])
    @has_access
    def activer(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        self.exiger_portee(objet)
        return self._un_seul(self._activation(), objet, "show", pk=pk)

    def _un_seul(self, lot: Lot, objet: Any, suite: str, **adresse: str) -> ResponseReturnValue:
        """Confirmation page with what blocks, then the operation on this terrain alone."""
        libelle = str(objet)
        refuse = False
        if request.method == "POST":
            try:
                with self.datamodel.operation(lot.code) as uow:
                    lot.executer(uow, [objet.id]).exiger()
            except OperationRefused:
                refuse = True
            else:
                flash(f"{lot.libelle} : {libelle}, c’est fait.", "succes")
                return redirect(url_for(f"{self.endpoint}.{suite}", **adresse))
        retour = url_for(f"{self.endpoint}.show", pk=objet.id)
        return self.apercu(lot, [objet.id], lot.examiner([objet.id]), retour=retour, refuse=refuse)

    def _suppression(self) -> Lot:
        examiner = partial(suppression.examiner, self.datamodel.session(), current_actor())
        return Lot("supprimer", "Supprimer", "supprimer", SUPPRESSION, examiner, suppression.supprimer, danger=True)

    def _activation(self) -> Lot:
        examiner = partial(activation.examiner, self.datamodel.session(), current_actor())
        return Lot("activer", "Activer", "activer", ACTIVATION, examiner, activation.activer)
