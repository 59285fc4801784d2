"""Builder of FINESS+ daily files: small valid records, with only what a test says about them, and the real loading."""

import gzip
import json
from pathlib import Path
from typing import Any

from app.referentiels import suivi
from app.referentiels.synchro import synchroniser_finess
from models.traitement import Traitement, TypeTraitement

JOUR_1, JOUR_2, JOUR_3 = (f"2026-11-{jour}T04:00:00Z" for jour in (20, 21, 22))
MAJ = "2026-01-01T00:00:00Z"


def adresse(usage: str = "03", **champs: Any) -> dict[str, Any]:
    return {
        "usageAdresse": usage,
        "numeroVoie": "1",
        "typeVoie": "RUE",
        "libelleVoie": "DE L EXEMPLE",
        "complementVoie": None,
        "complementPointGeographique": None,
        "lieuDit": None,
        "cogCommune": "35238",
        "codePostal": "35000",
        "ligneAcheminement": "RENNES",
    } | champs


def contact(role: str = "01", **telecom: str | None) -> dict[str, Any]:
    return {
        "typeContact": {"roleContact": role},
        "telecom": {"telephone": None, "telecopie": None, "courriel": None} | telecom,
    }


def et(numero: Any, *, ouvert: bool = True, maj: str = MAJ, **champs: Any) -> dict[str, Any]:
    """An ET record. `champs` replaces keys of the record, or of its `informationsGeneralesEGE`."""
    infos = {
        "egeId": f"e{numero}",
        "numFinessEge": numero,
        "nomEgeCourt": f"HOPITAL {numero}",
        "nomEgeLong": f"HOPITAL DE L EXEMPLE {numero}",
        "siret": None,
        "dateOuverture": "2001-02-03",
        "dateFermeture": None if ouvert else "2026-11-19",
    }
    record = {
        "informationsGeneralesEGE": infos,
        "categorieentiteGeographiqueExercice": "355",
        "adresse": [adresse()],
        "contact": [contact(telephone="0299000000")],
        "etatObjet": "A" if ouvert else "I",
        "dateDerniereMaj": maj,
    }
    return _remplacer(record, infos, champs)


def ej(numero: Any, *ets: Any, ouvert: bool = True, maj: str = MAJ, **champs: Any) -> dict[str, Any]:
    """An EJ record with its ET. `champs` replaces keys of the record, or of its `informationsGeneralesPMEJ`."""
    infos = {
        "pmSmsseId": f"p{numero}",
        "numFinessPm": numero,
        "denominationPm": f"EJ {numero}",
        "denominationLonguePmSmsse": f"ENTITE JURIDIQUE {numero}",
        "siren": None,
        "codeApe": None,
        "statutJuridique": "14",
        "dateCreation": "1990-01-01",
        "dateFermeture": None if ouvert else "2026-11-19",
    }
    record = {
        "informationsGeneralesPMEJ": infos,
        "adresse": [adresse("02")],
        "contact": [],
        "ege": list(ets),
        "etatObjet": "A" if ouvert else "I",
        "dateDerniereMaj": maj,
    }
    return _remplacer(record, infos, champs)


def document(*entites: Any, genere_le: str = JOUR_1, **racine: Any) -> dict[str, Any]:
    tete = {"schemaVersion": "v1.0.0", "generatedAt": genere_le, "gco": [], "gcc": []}
    return tete | {"pmej": list(entites)} | racine


def ecrire(dossier: Path, *entites: Any, genere_le: str = JOUR_1, indent: int | None = 1, nom: str = "") -> Path:
    """A daily file in `dossier`; compressed when its name says so."""
    chemin = dossier / (nom or f"finess-structures-journalier-{genere_le[:10].replace('-', '')}.json")
    octets = json.dumps(document(*entites, genere_le=genere_le), indent=indent, ensure_ascii=False).encode()
    chemin.write_bytes(gzip.compress(octets) if chemin.suffix == ".gz" else octets)
    return chemin


def charger(chemin: Path, *, simulation: bool = False) -> Traitement:
    """The real synchronisation of a file."""
    numero = suivi.demander(TypeTraitement.FINESS, chemin.name, demandeur="test", simulation=simulation)
    return synchroniser_finess(numero, chemin)


def comptes(traitement: Traitement) -> dict[str, int]:
    """The counts that are not zero."""
    noms = ("lus", "crees", "modifies", "inchanges", "rejetes", "fermes", "absents")
    return {nom: valeur for nom in noms if (valeur := getattr(traitement, nom))}


def _remplacer(record: dict[str, Any], infos: dict[str, Any], champs: dict[str, Any]) -> dict[str, Any]:
    for cle, valeur in champs.items():
        (infos if cle in infos else record)[cle] = valeur
    return record
