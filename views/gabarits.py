"""What the templates may call: static files with their version, French formats, links of lists, and the menu."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, request

from app import libelles
from views.champs import controle, erreurs
from views.criteres import lien_export, lien_sans
from views.entetes import nonce
from views.identite import identite
from views.listes import lien_liste, lien_tri
from views.menu import menu_visible

PARIS = ZoneInfo("Europe/Paris")
DATE_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:.]+(\+[\d:]+)?)?")
ESPACE_FINE = "\u202f"
INSECABLE = "\u00a0"
UNITES_DE_DUREE = ((86400, "j"), (3600, "h"), (60, "min"), (1, "s"))
UNITES_DE_TAILLE = ((10**9, "Go"), (10**6, "Mo"), (10**3, "ko"))


@cache
def _version(fichier: Path) -> str:
    return sha256(fichier.read_bytes()).hexdigest()[:10]


def date_fr(valeur: date | datetime | None) -> str:
    """« 22/11/2026 », or « 22/11/2026 à 14:02 » in Paris time."""
    if valeur is None:
        return ""
    if not isinstance(valeur, datetime):
        return f"{valeur:%d/%m/%Y}"
    local = (valeur if valeur.tzinfo else valeur.replace(tzinfo=UTC)).astimezone(PARIS)
    return f"{local:%d/%m/%Y à %H:%M}"


def nombre_fr(valeur: int) -> str:
    """« 1 234 », with a narrow no-break space."""
    return f"{valeur:,}".replace(",", ESPACE_FINE)


def duree_fr(valeur: timedelta) -> str:
    """« 1 min 12 s »: the two largest units that count."""
    reste = max(0, round(valeur.total_seconds()))
    parties = []
    for secondes, unite in UNITES_DE_DUREE:
        nombre, reste = divmod(reste, secondes)
        if nombre or parties:
            parties.append((nombre, unite))
    retenues = [f"{nombre}{INSECABLE}{unite}" for nombre, unite in parties[:2] if nombre]
    return " ".join(retenues) or f"moins de 1{INSECABLE}s"


def age_fr(valeur: datetime) -> str:
    """« il y a 3 h 20 min », « il y a 2 j »."""
    age = datetime.now(UTC) - valeur
    return f"il y a {duree_fr(timedelta(days=age.days) if age.days > 0 else age)}"


def taille_fr(octets: int) -> str:
    """« 1,4 Mo »."""
    for octets_par_unite, unite in UNITES_DE_TAILLE:
        if octets >= octets_par_unite:
            return f"{octets / octets_par_unite:.1f}{INSECABLE}{unite}".replace(".", ",").replace(",0", "")
    return f"{octets}{INSECABLE}o"


def valeur_fr(valeur: object) -> object:
    """Any value of a column, as a reader expects it."""
    if valeur is None or valeur == "":
        return "–"
    if isinstance(valeur, bool):
        return "Oui" if valeur else "Non"
    if isinstance(valeur, date | datetime):
        return date_fr(valeur)
    if isinstance(valeur, list | tuple | set | frozenset):
        return ", ".join(str(un) for un in valeur) or "–"
    return valeur


def journal_fr(valeur: object) -> object:
    """A value kept by the journal, where dates are ISO text."""
    if isinstance(valeur, str) and DATE_ISO.fullmatch(valeur):
        return date_fr(datetime.fromisoformat(valeur) if "T" in valeur else date.fromisoformat(valeur))
    return valeur_fr(valeur)


def installer(app: Flask, theme_css: str) -> None:
    """Globals and filters of every template, imported ones included."""
    dossier = Path(app.static_folder or "")

    def statique(nom: str) -> str:
        return f"{request.script_root}{app.static_url_path}/{nom}?v={_version(dossier / nom)}"

    environnement = app.jinja_env
    environnement.trim_blocks = environnement.lstrip_blocks = True
    environnement.globals.update(
        statique=statique,
        nonce=nonce,
        controle=controle,
        erreurs=erreurs,
        identite=identite,
        libelles=libelles,
        lien_export=lien_export,
        lien_liste=lien_liste,
        lien_sans=lien_sans,
        lien_tri=lien_tri,
        menu_visible=menu_visible,
        theme_css=bool(theme_css),
    )
    environnement.filters.update(
        age_fr=age_fr,
        date_fr=date_fr,
        journal_fr=journal_fr,
        duree_fr=duree_fr,
        nombre_fr=nombre_fr,
        taille_fr=taille_fr,
        valeur_fr=valeur_fr,
    )
