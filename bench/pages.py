"""Speed of « Rechercher un établissement » and of the card, beside pages written by hand. Run from the root:

    python -m bench.pages                              15 000 then 95 000 ET
    python -m bench.pages --et 15000 --fois 100        one size, more repetitions
    python -m bench.pages --json pages.json            the figures, for a machine

Both servers run at the same time over the same database, each under gunicorn with the workers of `run.py`, and answer
in turn over connections that stay open; figures are medians of one run. The witness is `bench/page_temoin.py`.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, text

from bench.donnees_pages import charger
from bench.serveurs import NOTRE, Compteur, Serveur, chronometrer, environnement, ouvrir_session, serveur, site
from config import Settings

CIBLE_LISTE, CIBLE_FICHE, CIBLE_SQL, CIBLE_KIO, CIBLE_OPTIONS = 3.5, 6.0, 8, 40, 200
COMPTES = ("ara", "national")
FICHES = {
    "fiche": "categorie_code = '355' AND adresse_secondaire IS NOT NULL",
    "fiche d’un CHU": "categorie_code = '101' AND finess_errone IS FALSE",
}


@dataclass(frozen=True)
class Mesure:
    """One page for one account, over `taille` objects: medians in milliseconds, and what the page costs otherwise."""

    taille: int
    cas: str
    compte: str
    temoin_ms: float
    page_ms: float
    p95_ms: float
    requetes_sql: int
    kio: float
    options: int

    @property
    def rapport(self) -> float:
        return self.page_ms / self.temoin_ms

    @property
    def cible(self) -> float:
        return CIBLE_FICHE if self.cas.startswith("fiche") else CIBLE_LISTE

    @property
    def tenue(self) -> bool:
        sobre = self.requetes_sql <= CIBLE_SQL and self.kio <= CIBLE_KIO and self.options <= CIBLE_OPTIONS
        return sobre and self.rapport <= self.cible


def cas(engine: Engine) -> dict[str, str]:
    """The pages to measure, by name; every list spans the whole country unless it says otherwise."""
    listes = {
        "liste, une ARS": {"ars": "84"},
        "liste, France": {"ars": ""},
        "nom, rare": {"ars": "", "nom": "*hâtillo*"},
        "nom, fréquent": {"ars": "", "nom": "*ospitalie*"},
        "ville accentuée": {"ars": "", "ville": "Châtillon"},
        "début de numéro": {"ars": "", "numero": "69900"},
        "tri par ville": {"ars": "", "tri": "ville", "sens": "asc"},
    }
    with engine.connect() as connexion:
        total = connexion.scalar(text("SELECT count(*) FROM etablissement")) or 0
        numeros = {
            nom: connexion.scalar(text(f"SELECT min(id) FROM etablissement WHERE ars_code = '84' AND {condition}"))
            for nom, condition in FICHES.items()
        }
    listes["page lointaine"] = {"ars": "", "page": str(min(2000, total // 25 - 100))}
    adresses = {nom: f"/etablissements/?{urlencode(args)}" for nom, args in listes.items()}
    return adresses | {nom: f"/etablissements/{numero}" for nom, numero in numeros.items()}


def mesurer(settings: Settings, temoin: str, adresses: Mapping[str, str], fois: int, taille: int) -> Iterator[Mesure]:
    """Every page for every account, beside that of the witness application."""
    compteur = Compteur(settings)
    environ = environnement(settings)
    with serveur(temoin, environ, 8801) as reference, serveur(NOTRE, environ, 8802) as notre:
        cookies = {login: ouvrir_session(notre.port, login) for login in COMPTES}
        serveurs = [reference, *(Serveur(notre.port, cookie) for cookie in cookies.values())]
        for nom, adresse in adresses.items():
            du_temoin, *durees = chronometrer(serveurs, [adresse] * len(serveurs), fois)
            for login, les_notres in zip(COMPTES, durees, strict=True):
                medianes = statistics.median(du_temoin), statistics.median(les_notres)
                p95 = statistics.quantiles(les_notres, n=20)[-1]
                yield Mesure(taille, nom, login, *medianes, p95, *compteur.page(adresse, cookies[login]))


# --- Report ---


def rapporter(mesures: Iterable[Mesure]) -> list[Mesure]:
    """Print each measure as it comes."""
    print("taille cas                   compte     témoin    page     p95  (ms)")
    faites = []
    for mesure in mesures:
        faites.append(mesure)
        print(
            f"{mesure.taille:6} {mesure.cas:21} {mesure.compte:9} {mesure.temoin_ms:7.2f} {mesure.page_ms:7.2f} "
            f"{mesure.p95_ms:7.2f}  × {mesure.rapport:5.2f} (≤ {mesure.cible}) {mesure.requetes_sql:3} SQL "
            f"{mesure.kio:5.1f} Kio {mesure.options:4} options  {'tenu' if mesure.tenue else 'MANQUÉ'}",
            flush=True,
        )
    return faites


def en_json(mesures: Iterable[Mesure]) -> str:
    lignes = [{**asdict(une), "rapport": round(une.rapport, 2), "tenue": une.tenue} for une in mesures]
    return json.dumps(lignes, ensure_ascii=False, indent=1)


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--et", type=int, nargs="+", default=[15_000, 95_000])
    analyseur.add_argument("--fois", type=int, default=60)
    analyseur.add_argument("--json", type=Path)
    choix = analyseur.parse_args()
    mesures = []
    with site() as (settings, engine):
        for nombre_et in choix.et:
            with engine.connect() as connexion:
                charger(connexion, nombre_et)
            mesures += rapporter(mesurer(settings, "bench.page_temoin:app", cas(engine), choix.fois, nombre_et))
    if choix.json:
        choix.json.write_text(en_json(mesures))
    sys.exit(0 if all(une.tenue for une in mesures) else 1)


if __name__ == "__main__":
    main()
