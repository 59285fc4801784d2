"""Form by which the receiving ARS completes a transferred terrain (manual §1.10, S130; A9, A29)."""

from dataclasses import fields
from typing import Any

from wtforms import BooleanField

from app.operations.coordonnees import BlocSecondaire
from app.operations.saisie_terrain import BLOC_VIDE
from models.terrain_de_stage import TerrainDeStage
from views.forms import texte
from views.forms_creation_terrain import Creation
from views.forms_terrain import Liste, Obligatoire, PraticienForm, options

VIDER, GARDER = "vider", "garder"


class CompleterForm(Creation, PraticienForm):
    """What the terrain needs in its new ARS; its old secondary block is not typed again: emptied, or confirmed."""

    nom = texte("Nom du terrain (cabinet)", 255, Obligatoire())
    secondaires = Liste(
        "Coordonnées secondaires de l’ancienne ARS",
        choices=options((VIDER, "Les vider"), (GARDER, "Les garder : elles valent aussi ici")),
        default=VIDER,
    )
    malgre_rpps = BooleanField("Compléter ce terrain bien que le numéro RPPS ne soit plus valide")

    def __init__(self, terrain: TerrainDeStage) -> None:
        super().__init__(obj=terrain)
        self.ancien_bloc = BlocSecondaire.de(terrain)
        for champ in fields(BlocSecondaire):
            del self[f"{champ.name}_secondaire"]
        if self.ancien_bloc == BLOC_VIDE:
            del self.secondaires

    def bloc(self) -> BlocSecondaire:
        """The old block, only when the user has confirmed it (A29)."""
        garde = self.secondaires is not None and self.secondaires.data == GARDER
        return self.ancien_bloc if garde else BLOC_VIDE

    def exiger_l_accord(self, *, rpps_valide: bool) -> None:
        """Without a valid RPPS the box must be ticked; with one there is no question."""
        if rpps_valide:
            del self.malgre_rpps

    def accord_donne(self) -> bool:
        """False when the box is missing, which it then says."""
        if self.malgre_rpps is None or self.malgre_rpps.data:
            return True
        self.malgre_rpps.errors = ["Cochez cette case pour compléter malgré le RPPS, ou attendez qu’il soit corrigé."]
        return False

    def apercu(self) -> dict[str, Any]:
        """Values of the old block, for the page that asks whether to keep them."""
        return {champ.name: getattr(self.ancien_bloc, champ.name) for champ in fields(BlocSecondaire)}
