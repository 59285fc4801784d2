"""The web application: the only module that knows every other one. Nothing is opened or queried before a request."""

from flask import Flask, Response
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import pool, schema, unit_of_work
from config import ROOT, Settings, load_settings
from jobs import queue
from models.base import Model
from views import ars_de_travail, enregistrer, entetes, erreurs, gabarits, securite, synchronisations, theme
from views.accueil import AccueilView
from views.debit import Debit
from views.menu import menu_du_manuel

TAILLE_MAX_ENVOI = 1024**2  # of a request; views.synchronisations allows more, to whom may deposit a file

db = SQLAlchemy(model_class=Model)
migrate = Migrate(directory=str(schema.MIGRATIONS))
csrf = CSRFProtect()


def create_app(settings: Settings | None = None) -> Flask:
    """A complete application; `settings` come from the environment unless given."""
    settings = settings or load_settings()
    app = Flask("app", root_path=str(ROOT / "app"))
    app.config.from_mapping(_configuration(settings))
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *[settings.proxies] * 3)  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    app.extensions["debit_connexion"] = Debit(settings.redis_url)
    db.init_app(app)
    app.after_request(_finir_lecture)
    migrate.init_app(app, db)
    entetes.installer(app, production=settings.production)
    synchronisations.installer(app)  # before anything reads the form
    erreurs.installer(app)  # before anything else reads it
    csrf.init_app(app)  # before AppBuilder, so that a request without token stops there
    with app.app_context():
        pool.surveiller(db.engine)
        unit_of_work.configure(db.engine)
        queue.configure(settings.redis_url)
        enregistrer(securite.Coquille(app, db.session, menu=menu_du_manuel(), indexview=AccueilView))
    app.extensions["babel"].locale_selector = None  # French only: no language in the session
    securite.installer(app)
    ars_de_travail.installer(app)
    gabarits.installer(app, settings.theme_css)
    theme.installer(app, settings.theme_css)
    return app


def _finir_lecture(reponse: Response) -> Response:
    """Once the page is made; what failed is left to the rollback of Flask-SQLAlchemy."""
    if reponse.status_code < 500 and db.session.registry.has():
        unit_of_work.finir_lecture(db.session())
    return reponse


def _configuration(settings: Settings) -> dict[str, object]:
    production = settings.production
    return {
        "SECRET_KEY": settings.secret_key,
        "TRUSTED_HOSTS": list(settings.trusted_hosts) or None,
        "MAX_CONTENT_LENGTH": TAILLE_MAX_ENVOI,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SESSION_COOKIE_NAME": "__Host-session" if production else "session",
        "SESSION_COOKIE_SECURE": production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SEND_FILE_MAX_AGE_DEFAULT": 365 * 24 * 3600,
        "WTF_CSRF_TIME_LIMIT": None,  # a form left open stays valid as long as the session
        "WTF_CSRF_SSL_STRICT": production,
        "BABEL_DEFAULT_LOCALE": "fr",
        "LANGUAGES": {"fr": {"flag": "fr", "name": "Français"}},
        "APP_NAME": "Terrains de stage",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
    }
