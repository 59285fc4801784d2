"""« Signaler FINESS erroné » and « Signaler RPPS erroné » on ticked rows, with one comment for all (S38, S88, S145)."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from app.operations import signalement
from app.operations.lot import Rapport
from app.operations.signalement import Signalable, Signalement
from app.unit_of_work import UnitOfWork
from models.terrain_de_stage import TerrainDeStage
from views.forms import sans_blancs
from views.identite import current_actor
from views.lot import Lot

EFFET = (
    "Les lignes sont signalées au correspondant régional {registre}, avec votre nom, la date et ce commentaire ; leurs "
    "données ne changent pas."
)


class SignalementForm(FlaskForm):
    """What the correspondent of the registry is told."""

    commentaire = TextAreaField(
        "Commentaire pour le correspondant",
        [Optional(), Length(max=2000, message="2 000 caractères au plus.")],
        filters=[sans_blancs],
    )


def lot_de_signalement(modele: type[Signalable], objets: Sequence[Any]) -> Lot:
    """The action that flags these objects; a comment is asked before."""
    registre = "RPPS" if modele is TerrainDeStage else "FINESS"
    form = SignalementForm()

    def examiner(_ids: Sequence[int]) -> Rapport:
        return signalement.examiner(current_actor(), objets)

    def executer(uow: UnitOfWork, ids: Sequence[int]) -> Rapport:
        demande = Signalement(errone=True, commentaire=form.commentaire.data)
        return signalement.signaler_en_lot(uow, modele, ids, demande)

    return Lot("signaler", "Signaler", "signaler", EFFET.format(registre=registre), examiner, executer, form)
