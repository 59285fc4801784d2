"""Files of INSEE and La Poste for the tests: whole ones, made from the seeds, with what a test changes in them."""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from app.geographie import code_departement
from app.referentiels.chargement import Resultat, executer
from app.referentiels.codes_postaux import charger_codes_postaux
from app.referentiels.communes import charger_communes
from app.referentiels.graines import lire_graine
from app.referentiels.mouvements_communes import charger_mouvements

ENTETE_COG = ("TYPECOM", "COM", "REG", "DEP", "CTCD", "ARR", "TNCC", "NCC", "NCCENR", "LIBELLE", "CAN", "COMPARENT")
_ETAT = ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")
ENTETE_MVT = ("MOD", "DATE_EFF", *(f"{un}_AV" for un in _ETAT), *(f"{un}_AP" for un in _ETAT))
ENTETE_POSTE = ("#Code_commune_INSEE", "Nom_de_la_commune", "Code_postal", "Libellé_d_acheminement", "Ligne_5")
CHARGEURS = {"communes": charger_communes, "codes": charger_codes_postaux, "mouvements": charger_mouvements}

Lignes = list[list[str]]


def commune(code: str, nom: str = "Exemple", type_: str = "COM", mere: str = "") -> list[str]:
    departement = code_departement(code) if type_ in ("COM", "ARM") else ""
    return [type_, code, "", departement, "", "", "0", nom.upper(), nom, nom, "", mere]


@cache
def _cog() -> tuple[tuple[str, ...], ...]:
    lues = (ligne for ligne in lire_graine("communes") if not ligne["code"].startswith(("975", "977", "978", "98")))
    return tuple(
        tuple(commune(une["code"], une["nom"], "ARM" if une["commune_mere_code"] else "COM", une["commune_mere_code"]))
        for une in lues
    )


def cog(*, sans: Iterable[str] = (), avec: Iterable[Sequence[str]] = ()) -> Lignes:
    """The lines of a `v_commune` that says what the seeds say, but for some codes."""
    exclues = set(sans) | {une[1] for une in avec if une[0] in ("COM", "ARM")}
    return [list(une) for une in (*(une for une in _cog() if une[1] not in exclues), *avec)]


@cache
def _poste() -> tuple[tuple[str, str, str], ...]:
    """La Poste lists Paris, Lyon and Marseille by arrondissement."""
    lues = [ligne for ligne in lire_graine("communes") if ligne["code"] not in ("75056", "69123", "13055")]
    return tuple((une["code"], une["nom"], code) for une in lues for code in une["codes_postaux"].split())


def poste(*, sans: Iterable[str] = (), avec: Iterable[Sequence[str]] = ()) -> Lignes:
    """The lines of a `019HexaSmal` that says what the seeds say, but for the communes `sans`."""
    exclues = set(sans)
    lignes = [[code, nom, postal, nom, ""] for code, nom, postal in _poste() if code not in exclues]
    return [*lignes, *(list(une) for une in avec)]


def mouvement(nature: str, le: str, avant: str, apres: str, types: str = "COM COM") -> list[str]:
    type_avant, type_apres = types.split()
    return [nature, le, type_avant, avant, "0", "", "", f"Nom {avant}", type_apres, apres, "0", "", "", f"Nom {apres}"]


def fusion(absorbee: str, absorbante: str, le: str = "2026-01-01", nature: str = "32") -> Lignes:
    """A commune nouvelle, as INSEE tells it: both lines of the commune that stays, and that of the one that goes."""
    return [
        mouvement(nature, le, absorbante, absorbante),
        mouvement(nature, le, absorbee, absorbante),
        mouvement(nature, le, absorbee, absorbee, "COM COMD"),
    ]


def texte(entete: Sequence[str], lignes: Iterable[Sequence[str]], *, separateur: str = ",", fin: str = "\r\n") -> str:
    tampon = io.StringIO()
    guillemets = csv.QUOTE_ALL if separateur == "," else csv.QUOTE_MINIMAL
    csv.writer(tampon, delimiter=separateur, quoting=guillemets, lineterminator=fin).writerows([entete, *lignes])
    return tampon.getvalue()


def ecrire_cog(dossier: Path, lignes: Lignes, nom: str = "v_commune_2026.csv") -> Path:
    return ecrire(dossier / nom, texte(ENTETE_COG, lignes))


def ecrire_mouvements(dossier: Path, lignes: Lignes, nom: str = "v_mvt_commune_2026.csv") -> Path:
    return ecrire(dossier / nom, texte(ENTETE_MVT, lignes))


def ecrire_poste(dossier: Path, lignes: Lignes, nom: str = "019HexaSmal.csv") -> Path:
    return ecrire(dossier / nom, texte(ENTETE_POSTE, lignes, separateur=";"), "cp1252")


def ecrire(chemin: Path, contenu: str, encodage: str = "utf-8") -> Path:
    chemin.write_bytes(contenu.encode(encodage))
    return chemin


def charger(session: Session, quoi: str, chemin: Path, *, simulation: bool = False) -> Resultat:
    """The real loading of a file."""
    return executer(session, CHARGEURS[quoi], chemin, simulation=simulation)


def comptes(resultat: Resultat) -> dict[str, int]:
    """The counts that are not zero."""
    noms = ("crees", "modifies", "inchanges", "doublons", "hors_champ", "non_resolus", "rejetes", "retires")
    return {nom: valeur for nom in (*noms, "objets_modifies") if (valeur := getattr(resultat, nom))}
