"""Security of the screens: the Flask-AppBuilder shell reduced to what is used, and the rule « no page without login ».

Everything is refused by default: `exiger_une_session` opens only PAGES_PUBLIQUES to an anonymous visitor.
"""

from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, BaseView
from flask_appbuilder.menu import Menu
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import LoginManager

from models.utilisateur import Utilisateur
from views.connexion import ConnexionView
from views.identite import Identite, charger, identite
from views.listes import lien_liste

PAGES_PUBLIQUES = frozenset({"static", "theme", "ConnexionView.login", "SanteView.vivant", "SanteView.pret"})
SANS_ARS = frozenset({"ArsDeTravailView.choisir", "ConnexionView.logout", "MonCompteView.compte"})


class Gestionnaire(SecurityManager):
    """Accounts, roles and permissions of Flask-AppBuilder, without its screens, its JWT and its REST API."""

    user_model = Utilisateur

    def create_jwt_manager(self, app: Flask) -> None:
        return None

    def create_limiter(self, app: Flask) -> None:
        return None

    def create_login_manager(self, app: Flask) -> LoginManager:
        gestionnaire = LoginManager(app, add_context_processor=False)
        gestionnaire.user_loader(self.load_user)
        return gestionnaire

    def register_views(self) -> None:
        self.auth_view = self.appbuilder.add_view_no_menu(ConnexionView)

    def load_user(self, pk: str) -> Identite | None:
        compte = charger(self.session, int(pk))
        if compte is None:
            session.clear()
        return compte

    def has_access(self, permission_name: str, view_name: str) -> bool:
        compte = identite()
        return compte is not None and f"{permission_name} {view_name}" in compte.permissions

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False


class Coquille(AppBuilder):
    """Flask-AppBuilder without its own pages: language switch, `/back`, menu and OpenAPI routes, static files."""

    def __init__(self, app: Flask, session: Any, *, menu: Menu, indexview: type[BaseView]) -> None:
        super().__init__(app, session, menu=menu, indexview=indexview, security_manager_class=Gestionnaire)

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.sm.register_views()

    def _add_global_static(self) -> None:
        return None

    def add_limits(self, baseview: Any) -> None:
        return None


def exiger_une_session() -> ResponseReturnValue | None:
    """Before each request: send the visitor to the login page, or to the choice of an ARS, unless the page is open."""
    if request.endpoint in PAGES_PUBLIQUES:
        return None
    g.identite = compte = identite()
    if request.endpoint is None:  # an unknown address: its error page keeps the menu of a user
        return None
    if compte is None:
        suite = lien_liste() if request.method == "GET" else None
        return redirect(url_for("ConnexionView.login", next=None if suite == "/" else suite))
    if compte.doit_choisir_son_ars and request.endpoint not in SANS_ARS:
        return redirect(url_for("ArsDeTravailView.choisir", next=lien_liste()))
    return None


def installer(app: Flask) -> None:
    app.before_request(exiger_une_session)
