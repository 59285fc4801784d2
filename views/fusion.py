"""« Fusion d’établissements »: every terrain of one moves to another (manual §1.7, S91, S93, S96–S102)."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.operations.fusion import Demande
from app.recherches import fusions
from models.etats import StatutEtablissement
from views.operations_exceptionnelles import DESTINATION, ORIGINE, PAR_PAGE, DeplacementView
from views.resultat_operation import Resultat


class FusionView(Resultat, DeplacementView):
    route_base = "/operations/fusion"
    titre = "Fusion d’établissements"
    etapes = ("origine", "destination", "apercu", "resultat")
    code, code_refus = "ET.fusionner", "ET.fusion_refusee"
    verbe, nouveau = "Fusionner", "Nouvelle fusion"
    statuts_d_origine = (StatutEtablissement.INACTIF.name,)

    @expose("/")
    @has_access
    @permission_name("fusionner")
    def origine(self) -> ResponseReturnValue:
        return self.choisir_l_origine()

    @expose(f"/{ORIGINE}")
    @has_access
    @permission_name("fusionner")
    def destination(self, origine_id: int) -> ResponseReturnValue:
        """The terrains that will move, and where to."""
        origine = self.etablissement(origine_id)
        nombre = fusions.nombres_de_terrains(self.session(), [origine.id]).get(origine.id, 0)
        terrains = fusions.terrains_de(self.session(), origine.id, decalage=0, taille=PAR_PAGE)
        return self.choisir_la_destination(
            origine, nombre, terrains=terrains, refus_origine=self.refus_de_l_origine(origine, nombre)
        )

    @expose(f"/{ORIGINE}/{DESTINATION}", methods=["GET", "POST"])
    @has_access
    @permission_name("fusionner")
    def apercu(self, origine_id: int, destination_id: int) -> ResponseReturnValue:
        agir = self.faire if request.method == "POST" else self.montrer
        return agir(origine_id, destination_id)

    def demande(self, origine_id: int, destination_id: int, subdivision: str | None) -> Demande:
        return Demande(origine_id, destination_id, subdivision_code=subdivision)

    def suite(self, etape: str, **valeurs: Any) -> str:
        return url_for(f"{self.endpoint}.{etape}", **valeurs)
