"""RPPS extract of the demonstration: fictitious practitioners in every town of it, and its next day.

Numbers are of the series 1099, which is nobody's; names are those of stones, given names say nothing of anybody.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

from stdnum import luhn

from app.demonstration.finess_synthetique import Ville
from app.demonstration.vocabulaire import FLEURS, TELEPHONES

SERIE_FICTIVE = "1099"
PAR_VILLE = 3
NOMS = (
    *("AGATE", "AMBRE", "ARDOISE", "BASALTE", "CALCAIRE", "CORAIL", "CRISTAL", "GRANIT", "GRES", "JADE", "JASPE"),
    *("LAVE", "MARBRE", "MICA", "NACRE", "ONYX", "OPALE", "PORPHYRE", "QUARTZ", "SCHISTE", "SILEX", "TOPAZE"),
)
PRENOMS = ("ALEX", "ANDREA", "CAMILLE", "CHARLIE", "CLAUDE", "DOMINIQUE", "EDEN", "LOU", "MAXIME", "SACHA", "YAEL")
# Profession, civilité d'exercice, spécialité ordinale.
METIERS = (
    *((("10", "Médecin"), "DR", ("SM54", "Médecine générale")),) * 6,
    (("10", "Médecin"), "DR", ("SM04", "Cardiologie et maladies vasculaires")),
    (("10", "Médecin"), "DR", ("SM40", "Pédiatrie")),
    (("10", "Médecin"), "DR", ("SM20", "Gynécologie-obstétrique")),
    (("21", "Pharmacien"), "", ("", "")),
    (("50", "Sage-Femme"), "", ("", "")),
)
_UN_SALARIE_SUR, _UN_PARTI_SUR, _UN_DEMENAGE_SUR = 4, 70, 30


class PraticienFictif(NamedTuple):
    """A person of the extract, with one or two practices: mode and town of each."""

    rpps: str
    nom: str
    prenom: str
    metier: tuple[tuple[str, str], str, tuple[str, str]]
    exercices: tuple[tuple[str, Ville], ...]


def praticiens(territoires: Sequence[Sequence[Ville]]) -> list[PraticienFictif]:
    """A few practitioners in each town, always the same; one in four also works in another town of the ARS."""
    hasard = Random(1099)
    resultat: list[PraticienFictif] = []
    for villes in territoires:
        for ville in villes:
            for _ in range(PAR_VILLE):
                debut = f"{SERIE_FICTIVE}{len(resultat) + 1:06}"
                exercices = (("L", ville), *((("S", hasard.choice(villes)),) * (len(resultat) % _UN_SALARIE_SUR == 0)))
                nom, prenom, metier = hasard.choice(NOMS), hasard.choice(PRENOMS), hasard.choice(METIERS)
                numero = debut + luhn.calc_check_digit(debut)
                resultat.append(PraticienFictif(numero, nom, prenom, metier, exercices))
    return resultat


def lendemain(veille: Sequence[PraticienFictif]) -> Iterator[PraticienFictif]:
    """The next day: some are no longer listed, some have moved, most of them to another ARS."""
    for rang, un in enumerate(veille):
        if rang % _UN_DEMENAGE_SUR == 7:
            yield un._replace(exercices=veille[rang // 2].exercices[:1])
        elif rang % _UN_PARTI_SUR != 11:
            yield un


def ecrire(dossier: Path, le: date, personnes: Iterable[PraticienFictif]) -> Path:
    """Write an extract of that day in the layout of the publisher, 56 columns."""
    chemin = dossier / f"PS_LibreAcces_Personne_activite_{le:%Y%m%d}0730.txt"
    lignes = (ligne for personne in personnes for ligne in _lignes(personne))
    chemin.write_text("\n".join(["|".join(COLONNES), *lignes, ""]), encoding="utf-8", newline="\n")
    return chemin


def _lignes(personne: PraticienFictif) -> Iterator[str]:
    (profession, libelle), titre, (specialite, nom_specialite) = personne.metier
    savoir_faire = ("S", "Spécialité ordinale", specialite, nom_specialite) if specialite else ("", "", "", "")
    identite = ("8", personne.rpps, f"8{personne.rpps}", titre, "Docteur" if titre else "", "", "", personne.nom)
    debut = (*identite, personne.prenom, profession, libelle, "C", "Civil", *savoir_faire)
    for rang, (mode, ville) in enumerate(personne.exercices):
        yield "|".join((*debut, *_exercice(personne, rang, mode, ville)))


def _exercice(personne: PraticienFictif, rang: int, mode: str, ville: Ville) -> tuple[str, ...]:
    hasard = Random(f"{personne.rpps}{rang}")
    structure = f"D{personne.rpps}{rang}"
    liberal = mode == "L"
    exercice = (mode, "Libéral, indépendant, artisan, commerçant" if liberal else "Salarié")
    raison = f"CABINET {personne.nom}" if liberal else f"CENTRE DE SANTE DE {ville.nom}"
    voie = (str(hasard.randrange(1, 200)), "", "R", "Rue", f"DES {hasard.choice(FLEURS)}", "", "")
    commune = (ville.codes_postaux[0], ville.code_insee, ville.nom, "", "")
    telephone = f"{hasard.choice(TELEPHONES)}{hasard.randrange(10_000):04}"
    secteur = ("SA07", "Cabinet individuel") if liberal else ("SA05", "Centre de santé")
    return (
        *(*exercice, "", "", "", "", structure, raison, "", "", "", *voie, *commune),
        *(telephone, "", "", "", "", "", "", "CNOM/CNOM/CNOM", *secteur),
        *("", "", "", "", "GENR01", "Activité standard de soin ou de pharmacien"),
    )


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
