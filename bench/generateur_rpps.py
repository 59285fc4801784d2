"""Synthetic RPPS extract of any size, without a real person: the shape and the proportions of the national one.

A day 2 differs from day 1 by 0.3 % of the practitioners: moved, renamed, gone or new. The same seed gives the same
bytes.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

JOURS = {1: "202611200730", 2: "202611210730"}
CHANGES = 1000  # of them, CHANGES_PAR are different on day 2
CHANGES_PAR = 3
_PROFESSIONS = (
    *((("10", "Médecin"),) * 24),
    *((("21", "Pharmacien"),) * 8),
    *((("40", "Chirurgien-Dentiste"),) * 5),
    *((("50", "Sage-Femme"),) * 3),
    *((("60", "Infirmier"),) * 45),
    *((("70", "Masseur-Kinésithérapeute"),) * 15),
)
_COMMUNES = (
    ("44000", "44109", "Nantes"),
    ("35000", "35238", "Rennes"),
    ("38000", "38185", "Grenoble"),
    ("75008", "75108", "Paris 8e Arrondissement"),
    ("20000", "2A004", "Ajaccio"),
    ("97150", "97801", "Saint-Martin"),
    ("13005", "13205", "Marseille 5e Arrondissement"),
    ("59000", "59350", "Lille"),
)
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
        change = jour > 1 and tirage % CHANGES < CHANGES_PAR
        remplace = change and tirage % 7 == 0  # gone, and someone new instead
        personne = _personne(f"10{rang + 500_000_000 * remplace:09d}", tirage, change=change)
        ecrites += len(personne)
        yield from personne


def _personne(rpps: str, tirage: int, *, change: bool) -> list[str]:
    """Lines of one person: her activities by her savoir-faire."""
    profession = _PROFESSIONS[tirage % 100]
    medecin = profession[0] == "10"
    nom = "".join(_SYLLABES[(tirage >> decalage) % 10] for decalage in (3, 7, 11)) + ("-NOUVEAU" if change else "")
    savoirs = [("S", "Spécialité ordinale", f"SM{(tirage >> 17) % 60 + 1:02d}", _SAVOIRS[(tirage >> 17) % 4])]
    if medecin and tirage % 5 == 0:
        savoirs.append(("CAPA", "Capacité", f"CAPA{tirage % 20:02d}", "Gérontologie"))
    if not medecin:
        savoirs = [("", "", "", "")]
    activites = [_activite(tirage >> (8 * rang), rang, change=change) for rang in range(1 + (tirage >> 23) % 2)]
    civilite = ("DR|Docteur" if medecin else "|", "M|Monsieur" if tirage % 2 else "MME|Madame")
    debut = f"8|{rpps}|8{rpps}|{civilite[0]}|{civilite[1]}|{nom}|PRÉNOM{tirage % 97}|{'|'.join(profession)}|C|Civil|"
    return [f"{debut}{'|'.join(savoir)}|{activite}\n" for savoir in savoirs for activite in activites]


def _activite(tirage: int, rang: int, *, change: bool) -> str:
    code_postal, insee, commune = _COMMUNES[tirage % 8]
    numero = tirage % 190 + (200 if change else 1)
    mode = "S|Salarié" if rang else "L|Libéral"
    structure = f"{tirage % 10**14:014d}"
    site = f"{structure}|{structure[:9]}|{structure[:9]}|{structure[:9]}|R{structure}|CABINET DU CENTRE {numero}|"
    voie = f"{numero}||R|Rue|DE LA RÉPUBLIQUE FICTIVE|||{code_postal}|{insee}|{commune}|99000|France"
    contact = f"02{tirage % 10**8:08d}||02{tirage % 10**8:08d}|cabinet.{structure[:8]}@exemple.fr"
    fin = f"{insee[:2]}|Département|{structure}|CNOM/CNOM/CNOM|SA07|Cabinet individuel|||FON-01|Titulaire de cabinet"
    return f"{mode}|{site}||Bâtiment A|{voie}|{contact}|{fin}|GENR01|Activité standard de soin ou de pharmacien"


COLONNES = (
    *("Type d'identifiant PP", "Identifiant PP", "Identification nationale PP"),
    *("Code civilité d'exercice", "Libellé civilité d'exercice", "Code civilité", "Libellé civilité"),
    *("Nom d'exercice", "Prénom d'exercice", "Code profession", "Libellé profession"),
    *("Code catégorie professionnelle", "Libellé catégorie professionnelle"),
    *("Code type savoir-faire", "Libellé type savoir-faire", "Code savoir-faire", "Libellé savoir-faire"),
    *("Code mode exercice", "Libellé mode exercice", "Numéro SIRET site", "Numéro SIREN site", "Numéro FINESS site"),
    *("Numéro FINESS établissement juridique", "Identifiant technique de la structure", "Raison sociale site"),
    *("Enseigne commerciale site", "Complément destinataire (coord. structure)"),
    *("Complément point géographique (coord. structure)", "Numéro Voie (coord. structure)"),
    *("Indice répétition voie (coord. structure)", "Code type de voie (coord. structure)"),
    *("Libellé type de voie (coord. structure)", "Libellé Voie (coord. structure)"),
    *("Mention distribution (coord. structure)", "Bureau cedex (coord. structure)"),
    *("Code postal (coord. structure)", "Code commune (coord. structure)", "Libellé commune (coord. structure)"),
    *("Code pays (coord. structure)", "Libellé pays (coord. structure)", "Téléphone (coord. structure)"),
    *("Téléphone 2 (coord. structure)", "Télécopie (coord. structure)", "Adresse e-mail (coord. structure)"),
    *("Code Département (structure)", "Libellé Département (structure)", "Ancien identifiant de la structure"),
    *("Autorité d'enregistrement", "Code secteur d'activité", "Libellé secteur d'activité"),
    *("Code section tableau pharmaciens", "Libellé section tableau pharmaciens", "Code rôle", "Libellé rôle"),
    *("Code genre activité", "Libellé genre activité"),
)
