"""RPPS extracts for the tests: plain builders of valid lines, and the real synchronisation of a file."""

from collections.abc import Iterable
from pathlib import Path

from app.referentiels import suivi
from app.referentiels.rpps_synchro import synchroniser_rpps
from models.traitement import Traitement, TypeTraitement

JOUR_1, JOUR_2, JOUR_3 = "202611200730", "202611210730", "202611220730"
COLONNES = (
    "Type d'identifiant PP",
    "Identifiant PP",
    "Identification nationale PP",
    "Code civilité d'exercice",
    "Libellé civilité d'exercice",
    "Code civilité",
    "Libellé civilité",
    "Nom d'exercice",
    "Prénom d'exercice",
    "Code profession",
    "Libellé profession",
    "Code catégorie professionnelle",
    "Libellé catégorie professionnelle",
    "Code type savoir-faire",
    "Libellé type savoir-faire",
    "Code savoir-faire",
    "Libellé savoir-faire",
    "Code mode exercice",
    "Libellé mode exercice",
    "Numéro SIRET site",
    "Numéro SIREN site",
    "Numéro FINESS site",
    "Numéro FINESS établissement juridique",
    "Identifiant technique de la structure",
    "Raison sociale site",
    "Enseigne commerciale site",
    "Complément destinataire (coord. structure)",
    "Complément point géographique (coord. structure)",
    "Numéro Voie (coord. structure)",
    "Indice répétition voie (coord. structure)",
    "Code type de voie (coord. structure)",
    "Libellé type de voie (coord. structure)",
    "Libellé Voie (coord. structure)",
    "Mention distribution (coord. structure)",
    "Bureau cedex (coord. structure)",
    "Code postal (coord. structure)",
    "Code commune (coord. structure)",
    "Libellé commune (coord. structure)",
    "Code pays (coord. structure)",
    "Libellé pays (coord. structure)",
    "Téléphone (coord. structure)",
    "Téléphone 2 (coord. structure)",
    "Télécopie (coord. structure)",
    "Adresse e-mail (coord. structure)",
    "Code Département (structure)",
    "Libellé Département (structure)",
    "Ancien identifiant de la structure",
    "Autorité d'enregistrement",
    "Code secteur d'activité",
    "Libellé secteur d'activité",
    "Code section tableau pharmaciens",
    "Libellé section tableau pharmaciens",
    "Code rôle",
    "Libellé rôle",
    "Code genre activité",
    "Libellé genre activité",
)
ABREGES = {
    "type": 0,
    "nom": 7,
    "prenom": 8,
    "profession": 9,
    "categorie": 11,
    "type_savoir": 13,
    "savoir": 15,
    "mode": 17,
    "structure": 23,
    "raison": 24,
    "numero_voie": 28,
    "type_voie": 31,
    "voie": 32,
    "cedex": 34,
    "code_postal": 35,
    "code_insee": 36,
    "ville": 37,
    "pays": 38,
    "telephone": 40,
    "courriel": 43,
}
DEFAUTS = {
    "type": "8",
    "nom": "EXEMPLE",
    "prenom": "ALICE",
    "profession": "10",
    "categorie": "C",
    "type_savoir": "S",
    "savoir": "SM54",
    "mode": "L",
    "structure": "R10000000000001",
    "raison": "CABINET EXEMPLE",
    "numero_voie": "12",
    "type_voie": "Rue",
    "voie": "DE STRASBOURG",
    "code_postal": "44000",
    "code_insee": "44109",
    "ville": "Nantes",
    "telephone": "0240000001",
}


def ligne(rpps: str, **champs: str) -> str:
    """A line of the extract: a médecin in private practice in Nantes, unless told otherwise."""
    valeurs = dict.fromkeys(range(len(COLONNES)), "") | {1: rpps, 2: f"8{rpps}"}
    valeurs |= {ABREGES[nom]: valeur for nom, valeur in (DEFAUTS | champs).items()}
    return "|".join(valeurs.values())


def nom_du_jour(jour: str = JOUR_1) -> str:
    return f"PS_LibreAcces_Personne_activite_{jour}.txt"


def ecrire(dossier: Path, *lignes: str, jour: str = JOUR_1, colonnes: Iterable[str] = COLONNES) -> Path:
    """The extract of a day."""
    texte = "".join(f"{une}\n" for une in ("|".join(colonnes), *lignes))
    return ecrire_octets(dossier, texte.encode(), jour=jour)


def ecrire_octets(dossier: Path, octets: bytes, *, jour: str = JOUR_1) -> Path:
    chemin = dossier / nom_du_jour(jour)
    chemin.write_bytes(octets)
    return chemin


def charger(chemin: Path, *, simulation: bool = False) -> Traitement:
    """The real synchronisation of a file."""
    numero = suivi.demander(TypeTraitement.RPPS, chemin.name, demandeur="test", simulation=simulation)
    return synchroniser_rpps(numero, chemin)


def comptes(traitement: Traitement) -> dict[str, int]:
    """The counts that are not zero; checks that no line is lost."""
    parts = ("crees", "modifies", "inchanges", "rejetes", "hors_champ")
    assert traitement.lus == sum(getattr(traitement, nom) for nom in parts)
    return {nom: valeur for nom in ("lus", *parts, "absents") if (valeur := getattr(traitement, nom))}
