"""Speed of « Rechercher un terrain de stage » and of its card, beside pages written by hand and Django's stock admin:

    python -m bench.pages_terrains                      60 000 terrains over 15 000 ET
    python -m bench.pages_terrains --terrains 6000      reduced
    python -m bench.pages_terrains --json pages.json    the figures, for a machine

The witness is `bench/page_temoin_terrains.py`. Django is not a dependency of the project: to measure it too, install
the group `bench` of pyproject.toml in a folder of its own, and name that folder in PYTHONPATH,

    python -m pip install --target /tmp/django "$(python -m bench.admin_django)"
    PYTHONPATH=/tmp/django python -m bench.pages_terrains
"""

import argparse
import statistics
import sys
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, text

from bench import admin_django
from bench.donnees_terrains import charger_terrains
from bench.pages import COMPTES, en_json, mesurer, rapporter
from bench.serveurs import NOTRE, Serveur, chronometrer, environnement, ouvrir_session, serveur, site
from config import Settings

CIBLE_LISTE_DJANGO, CIBLE_DJANGO = 2.0, 7.0


def cas(engine: Engine) -> dict[str, str]:
    """The pages to measure, by name; every list spans the whole country unless it says otherwise."""
    listes = {
        "liste, une ARS": {"ars": "84"},
        "liste, France": {"ars": ""},
        "*dupont*": {"ars": "", "nom": "*dupont*"},
        "nom fréquent, accents": {"ars": "", "nom": "*etienn*"},
        **{nom: {"ars": "", "numero": debut} for nom, debut in _debuts_de_numeros(engine).items()},
        "ville effective": {"ars": "", "ville": "Châtillon"},
        "page 2 000": {"ars": "", "page": "2000"},
    }
    with engine.connect() as connexion:
        total = connexion.scalar(text("SELECT count(*) FROM terrain_de_stage")) or 0
        fiche = connexion.scalar(
            text("SELECT min(id) FROM terrain_de_stage WHERE ars_code = '84' AND adresse_secondaire IS NOT NULL")
        )
    listes["page 2 000"]["page"] = str(min(2000, total // 25))
    return {nom: f"/terrains/?{urlencode(args)}" for nom, args in listes.items()} | {"fiche": f"/terrains/{fiche}"}


def _debuts_de_numeros(engine: Engine) -> dict[str, str]:
    """A beginning of number of each kind, which finds a few terrains."""
    numeros = {
        "numéro FINESS": "SELECT left(max(numero_finess), 6) FROM etablissement e"
        " WHERE EXISTS (SELECT FROM terrain_de_stage t WHERE t.etablissement_id = e.id)",
        "numéro RPPS": "SELECT left(max(rpps), 7) FROM terrain_de_stage",
        "numéro SIRET": "SELECT left(max(siret), 4) FROM terrain_de_stage",
    }
    with engine.connect() as connexion:
        return {nom: str(connexion.scalar(text(requete))) for nom, requete in numeros.items()}


def comparer_a_django(settings: Settings, adresses: dict[str, str], fois: int) -> bool:
    """Print how many times faster we are on the same questions; whether the targets are met."""
    if not admin_django.PRESENT:
        print("Django n’est pas installé : comparaison laissée de côté (voir l’aide de ce banc).")
        return True
    environ = environnement(settings)
    admin_django.preparer(environ)
    tenues = []
    with serveur(admin_django.APPLICATION, environ, 8803) as django, serveur(NOTRE, environ, 8802) as notre:
        autre = Serveur(django.port, admin_django.ouvrir_session(django.port))
        nous = Serveur(notre.port, ouvrir_session(notre.port, COMPTES[-1]))
        for nom in admin_django.QUESTIONS:
            questions = (admin_django.adresse(adresses[nom]), adresses[nom])
            lui, a_nous = chronometrer((autre, nous), questions, fois)
            rapport = statistics.median(lui) / statistics.median(a_nous)
            cible = CIBLE_LISTE_DJANGO if nom.startswith("liste") else CIBLE_DJANGO
            tenues.append(rapport >= cible)
            print(
                f"{nom:21} Django {statistics.median(lui):8.2f}  page {statistics.median(a_nous):7.2f} (ms)  "
                f"{rapport:6.1f} fois plus vite (≥ {cible:.0f})  {'tenu' if tenues[-1] else 'MANQUÉ'}",
                flush=True,
            )
    return all(tenues)


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--et", type=int, default=15_000)
    analyseur.add_argument("--terrains", type=int, default=60_000)
    analyseur.add_argument("--fois", type=int, default=60)
    analyseur.add_argument("--json", type=Path)
    choix = analyseur.parse_args()
    with site() as (settings, engine):
        charger_terrains(engine, choix.et, choix.terrains)
        adresses = cas(engine)
        temoin = "bench.page_temoin_terrains:app"
        mesures = rapporter(mesurer(settings, temoin, adresses, choix.fois, choix.terrains))
        devant = comparer_a_django(settings, adresses, choix.fois // 2)
    if choix.json:
        choix.json.write_text(en_json(mesures))
    sys.exit(0 if devant and all(une.tenue for une in mesures) else 1)


if __name__ == "__main__":
    main()
