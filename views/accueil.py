"""Home page: what awaits the user in the ARS de travail, and the state of the last synchronisations (QUALITY B-12)."""

from flask import g, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.accueil import Attente, attentes, dernieres_synchronisations
from views.base import PageView

ECRANS = {
    "etablissements": "EtablissementView.list",
    "entites_juridiques": "EntiteJuridiqueView.list",
    "terrains": "TerrainDeStageView.list",
    "transferts": "TransfertPraticienView.list",
    "agrements": "AgrementView.list",
}


class AccueilView(PageView):
    route_base = ""
    default_view = "index"

    @expose("/")
    @has_access
    @permission_name("consulter")
    def index(self) -> ResponseReturnValue:
        session = self.appbuilder.session()
        return self.render_template(
            "accueil.html",
            title="Accueil",
            attentes=[(attente, _adresse(attente)) for attente in attentes(session, g.identite.ars_code)],
            synchronisations=dernieres_synchronisations(session),
        )


def _adresse(attente: Attente) -> str:
    return url_for(ECRANS[attente.ecran], **attente.criteres)
