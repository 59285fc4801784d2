"""Synthetic RPPS extract of any size, without a real person: the shape and the proportions of the national one.

In order of national number, four lines out of ten in the professions that may hold a terrain, 410 bytes a line, nearly
half of the fields empty. A day 2 differs from day 1 by 0.3 % of the practitioners: moved, renamed, gone or new. The
same seed gives the same bytes.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from app.demonstration.rpps_fichier import COLONNES

JOURS = {1: "202611200730", 2: "202611210730"}
CHANGES = 1000  # of them, CHANGES_PAR are different on day 2
CHANGES_PAR = 3
_PROFESSIONS = (
    *((("10", "Médecin"),) * 22),
    *((("21", "Pharmacien"),) * 8),
    *((("40", "Chirurgien-Dentiste"),) * 5),
    *((("50", "Sage-Femme"),) * 3),
    *((("60", "Infirmier"),) * 47),
    *((("70", "Masseur-Kinésithérapeute"),) * 15),
)
_COMMUNES = (
    *(("44", "Nantes"), ("35", "Rennes"), ("38", "Grenoble"), ("75", "Paris 8e Arrondissement")),
    *(("2A", "Ajaccio"), ("97", "Saint-Martin"), ("13", "Marseille 5e Arrondissement"), ("59", "Lille")),
)
_DOUBLES = {str(un): un * 2 // 10 + un * 2 % 10 for un in range(10)}
_COMMUNES_PAR_DEPARTEMENT = 400
_SAVOIRS = ("Médecine Générale", "Cardiologie et maladies vasculaires", "Gynécologie-obstétrique", "Pédiatrie")
_SYLLABES = ("BA", "DE", "LI", "MO", "RU", "TA", "VE", "SI", "NO", "GU")


def generer(chemin: Path, *, lignes: int, jour: int = 1, graine: int = 2026) -> Path:
    """Write an extract of about `lignes` lines."""
    with chemin.open("w", encoding="utf-8", newline="\n", buffering=2**20) as sortie:
        sortie.write("|".join(COLONNES) + "\n")
        sortie.writelines(_lignes(lignes, jour, Random(graine)))
    return chemin


def _lignes(lignes: int, jour: int, hasard: Random) -> Iterator[str]:
    ecrites = rang = 0
    while ecrites < lignes:
        rang += 1
        tirage = hasard.getrandbits(64)
        change = jour > 1 and (tirage >> 31) % CHANGES < CHANGES_PAR
        remplace = change and tirage % 7 == 0  # gone, and someone new instead
        personne = _personne(_numero(rang + 50_000_000 * remplace), tirage, change=change)
        ecrites += len(personne)
        yield from personne


def _numero(rang: int) -> str:
    """An RPPS number: ten digits in sequence, and their key (Luhn)."""
    chiffres = f"10{rang:08d}"
    somme = sum(map(int, chiffres[0::2])) + sum(_DOUBLES[un] for un in chiffres[1::2])
    return f"{chiffres}{-somme % 10}"


def _personne(rpps: str, tirage: int, *, change: bool) -> list[str]:
    """Lines of one person: her activities by her savoir-faire."""
    code, profession = _PROFESSIONS[tirage % 100]
    medecin = code == "10"
    nom = "".join(_SYLLABES[(tirage >> decalage) % 10] for decalage in (3, 7, 11)) + ("-NOUVEAU" if change else "")
    savoirs = [f"S|Spécialité ordinale|SM{(tirage >> 17) % 60 + 1:02d}|{_SAVOIRS[(tirage >> 17) % 4]}"]
    if medecin and (tirage >> 29) % 4 == 0:
        savoirs.append(f"CAPA|Capacité|CAPA{tirage % 20:02d}|Gérontologie")
    if not medecin:
        savoirs = ["|||"]
    activites = [_activite(tirage >> (8 * rang), rang, change=change) for rang in range((0, 1, 1, 2, 2, 3)[tirage % 6])]
    civilite = ("DR|Docteur" if medecin else "|", "M|Monsieur" if tirage % 2 else "MME|Madame")
    categorie = "E|Etudiant" if (tirage >> 41) % 14 == 0 else "C|Civil"
    debut = f"8|{rpps}|8{rpps}|{'|'.join(civilite)}|{nom}|PRÉNOM{tirage % 97}|{code}|{profession}|{categorie}|"
    return [f"{debut}{savoir}|{activite}\n" for savoir in savoirs for activite in activites or [_SANS_ACTIVITE]]


def _activite(tirage: int, rang: int, *, change: bool) -> str:
    departement, commune = _COMMUNES[tirage % 8]
    numero, quartier = tirage % 190 + (200 if change else 1), (tirage >> 9) % _COMMUNES_PAR_DEPARTEMENT
    insee, code_postal = f"{departement}{quartier:03d}", f"{departement.replace('A', '0')}{quartier // 4:02d}0"
    structure = f"{tirage % 10**14:014d}"
    mode, siege, enseigne, secteur = _exercice(structure, salarie=tirage % 5 < 2, premier=rang == 0)
    telephone = f"02{tirage % 10**8:08d}" if tirage % 3 else ""
    courriel = f"cabinet.{structure[:8]}@exemple.fr" if tirage % 4 == 0 else ""
    voie = f"{numero}||R|Rue|DE LA RÉPUBLIQUE FICTIVE {tirage % 997}||{code_postal} {commune.upper()}"
    lieu = f"|||{voie}|{code_postal}|{insee}|{commune}|99000|France"
    fin = f"||{structure}|CNOM/CNOM/CNOM|{secteur}|||FON-01|Titulaire de cabinet|GENR01|Activité standard de soin"
    site = f"{siege}|R{structure}|CABINET DU CENTRE MÉDICAL {numero}|{enseigne}"
    return f"{mode}|{site}{lieu}|{telephone}|||{courriel}|{fin}"


def _exercice(structure: str, *, salarie: bool, premier: bool) -> tuple[str, str, str, str]:
    """Mode, numbers of the site, brand and sector: an hospital has them all, a practice seldom has a SIRET."""
    if salarie:
        siege = f"{structure}|{structure[:9]}|{structure[:9]}|{structure[3:12]}"
        return "S|Salarié", siege, "CENTRE HOSPITALIER", "SA01|Etablissement Public de santé"
    return "L|Libéral", f"{structure}|{structure[:9]}||" if premier else "|||", "", "SA07|Cabinet individuel"


_SANS_ACTIVITE = "|" * (len(COLONNES) - 18)
