"""Django's stock admin over our tables: what many a team would have started with. Its figures go beside ours.

Lists, filters and search box are those of a `ModelAdmin`; its models are unmanaged views of the tables, its own tables
live beside. Run alone, this module names the package to install.
"""

import os
import re
import subprocess
import sys
import tomllib
from contextlib import closing
from http.client import HTTPConnection
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from config import ROOT

PRESENT = find_spec("django") is not None
APPLICATION = "bench.admin_django:application()"
LOGIN = "bench"
# Cases of ours that its search box or its pages can answer too.
QUESTIONS = (
    "liste, France",
    "*dupont*",
    "numéro FINESS",
    "numéro RPPS",
    "numéro SIRET",
    "ville effective",
    "page 2 000",
)


def adresse(la_notre: str) -> str:
    """The same question to the admin: what we type in a criterion goes to its search box; pages are the same."""
    criteres = parse_qs(urlsplit(la_notre).query)
    saisies = [criteres[cle][0].strip("*") for cle in ("nom", "numero", "ville") if cle in criteres]
    question = {"q": saisies[0]} if saisies else {"p": criteres.get("page", ["1"])[0]}
    return f"/admin/bench/terraindestage/?{urlencode(question)}"


def preparer(environ: dict[str, str]) -> None:
    """Its tables and its account, in the database of the bench."""
    subprocess.run([sys.executable, "-m", "bench.admin_django", "--preparer"], env=environ, check=True)


def ouvrir_session(port: int) -> str:
    """The cookies of the account."""
    with closing(HTTPConnection("127.0.0.1", port)) as web:
        web.request("GET", "/admin/login/")
        reponse = web.getresponse()
        jeton = str(reponse.getheader("Set-Cookie")).partition(";")[0]
        [cache] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', reponse.read().decode())
        corps = urlencode({"csrfmiddlewaretoken": cache, "username": LOGIN, "password": LOGIN, "next": "/admin/"})
        entetes = {"Cookie": jeton, "Content-Type": "application/x-www-form-urlencoded"}
        web.request("POST", "/admin/login/", corps, entetes)
        recus = web.getresponse().headers.get_all("Set-Cookie") or []
        return "; ".join(un.partition(";")[0] for un in recus)


def _configurer() -> None:
    """Settings of a project as `startproject` writes it, on our database."""
    import django
    from django.conf import settings
    from sqlalchemy import make_url

    url = make_url(os.environ["DATABASE_URL"])
    hote = url.query.get("host", url.host)
    base = {"NAME": url.database, "USER": url.username, "PASSWORD": url.password, "HOST": hote, "PORT": url.port}
    settings.configure(
        SECRET_KEY=os.environ["SECRET_KEY"],
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["127.0.0.1"],
        STATIC_URL="static/",
        LANGUAGE_CODE="fr",
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, **base}},
        INSTALLED_APPS=[
            *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"),
            *("django.contrib.sessions", "django.contrib.messages", "bench"),
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
    )
    django.setup()


def _modeles() -> Any:
    """The models that the list shows; nothing of them is created."""
    from django.db import models

    def table(nom: str, /, **champs: Any) -> Any:
        meta = type("Meta", (), {"app_label": "bench", "managed": False, "db_table": nom})
        classe = "".join(mot.capitalize() for mot in nom.split("_"))
        return type(classe, (models.Model,), {"__module__": __name__, "Meta": meta, **champs})

    def texte(**options: Any) -> Any:
        return models.CharField(max_length=255, **options)

    def lien(vers: Any, colonne: str) -> Any:
        return models.ForeignKey(vers, models.DO_NOTHING, null=True, db_column=colonne)

    def code() -> Any:
        return texte(primary_key=True)

    ars = table("ars", code=code(), nom=texte())
    subdivision = table("subdivision", code=code(), nom=texte())
    etablissement = table("etablissement", numero_finess=texte(), raison_sociale=texte())
    textes = ("numero", "nom", "type", "statut", "rpps", "siret", "praticien_nom", "organisme_nom", "responsable_nom")
    return table(
        "terrain_de_stage",
        **{nom: texte(null=True) for nom in (*textes, "ville", "ville_secondaire")},
        ars=lien(ars, "ars_code"),
        subdivision=lien(subdivision, "subdivision_code"),
        etablissement=lien(etablissement, "etablissement_id"),
    )


def application() -> Any:
    """The WSGI application."""
    _configurer()
    from django.contrib import admin
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    class TerrainAdmin(admin.ModelAdmin):
        list_display = ("numero", "nom", "type", "ville", "ars", "subdivision", "etablissement", "statut")
        list_filter = ("type", "statut", "ars")
        list_select_related = ("ars", "subdivision", "etablissement")
        list_per_page = 25
        ordering = ("numero",)
        search_fields = (
            *("etablissement__raison_sociale", "praticien_nom", "organisme_nom", "responsable_nom"),
            *("numero", "rpps", "siret", "etablissement__numero_finess", "ville", "ville_secondaire"),
        )

    admin.site.register(_modeles(), TerrainAdmin)
    globals()["urlpatterns"] = [path("admin/", admin.site.urls)]
    return get_wsgi_application()


def main() -> None:
    if "--preparer" not in sys.argv:
        print(*tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["bench"])
        return
    application()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if not User.objects.filter(username=LOGIN).exists():
        User.objects.create_superuser(LOGIN, "bench@exemple.fr", LOGIN)


if __name__ == "__main__":
    main()
