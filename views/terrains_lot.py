"""« Supprimer », « Activer », « Signaler RPPS erroné », transfer: one terrain or ticked rows (§1.10, §1.12, S145)."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.actions import action
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms.validators import ValidationError

from app.errors import OperationRefused
from app.operations import activation, suppression, transferts_en_lot
from app.operations.lot import Rapport
from app.unit_of_work import UnitOfWork
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars
from views import selection
from views.forms_terrain import Liste, Obligatoire, options
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
TRANSFERT = (
    "Les terrains passent à l’ARS choisie et prennent de ses numéros. Ils restent « Transférés », en consultation "
    "seule, jusqu’à ce qu’elle les complète par « Transfert de praticien »."
)


class TransfertForm(FlaskForm):
    """The ARS that receives the practitioners of the ticked rows."""

    ars_code = Liste("ARS qui reçoit les praticiens", [Obligatoire()])

    def validate_ars_code(self, champ: Liste) -> None:
        if not champ.data:
            raise ValidationError("Choisissez l’ARS qui reçoit les praticiens.")


PAS_UN_SEUL_ET = (
    "Un transfert de service part d’un seul établissement : cochez des terrains hospitaliers du même établissement."
)


class LotTerrain(ActionsEnLot):
    """Mixed into the screen of the terrains."""

    nom_objet = ("terrain", "terrains")
    codes_des_lots = frozenset({"TS.supprimer", "TS.activer", "TS.signaler", "TS.transferer_praticien"})
    actions_multiples: ClassVar[dict[str, str]] = {
        "supprimer": "Supprimer",
        "activer": "Activer",
        "transferer": "Transférer le praticien",
        "transferer_unites": "Transférer vers…",
        "signaler": "Signaler RPPS erroné",
    }

    @action("supprimer", "Supprimer", single=False)
    def supprimer_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        return self.en_lot(self._suppression(), objets)

    @action("activer", "Activer", single=False)
    def activer_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        return self.en_lot(self._activation(), objets)

    @action("transferer", "Transférer le praticien", single=False)
    def transferer_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
        return self.en_lot(self._transfert(objets), objets)

    @action("transferer_unites", "Transférer vers…", single=False)
    def transferer_unites_en_lot(self, objets: Sequence[TerrainDeStage]) -> ResponseReturnValue:
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

    def _transfert(self, objets: Sequence[TerrainDeStage]) -> Lot:
        """One ARS is asked for all; that of a subdivision which a terrain shares is refused on its row (A33)."""
        session, form = self.datamodel.session(), TransfertForm()
        siennes = {un.ars_code for un in objets}
        toutes = session.execute(select(Ars.code, Ars.nom).order_by(Ars.nom))
        proposees = [(code, nom) for code, nom in toutes if siennes != {code}]
        form.ars_code.choices = options(("", "Choisissez une ARS"), *proposees)

        def executer(uow: UnitOfWork, ids: Sequence[int]) -> Rapport:
            return transferts_en_lot.transferer(uow, ids, form.ars_code.data)

        examiner = partial(transferts_en_lot.examiner, session, current_actor(), objets)
        return Lot(
            "transferer", "Transférer", "transferer_praticien", TRANSFERT, lambda _ids: examiner(), executer, form
        )
