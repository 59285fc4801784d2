"""Writer of FINESS+ daily files: every key of the real records, in their order and with their indentation.

Records are filled into text templates, one at a time: the national size takes seconds and no memory.
"""

import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from json.encoder import encode_basestring
from pathlib import Path
from textwrap import indent
from typing import Any, TextIO

from app.demonstration.finess_synthetique import EjSynthetique, EtSynthetique

_JETON = re.compile(r'"(%\(\w+\)s)"')


def ecrire_fichier(
    chemin: Path, entites: Iterable[EjSynthetique], *, genere_le: datetime, indentation: int = 2
) -> tuple[int, int]:
    """Write a daily file, compressed if its name ends in `.gz`; return how many EJ and ET it has."""
    with _ouvrir(chemin) as sortie:
        return ecrire(sortie, entites, genere_le=genere_le, indentation=indentation)


def ecrire(
    sortie: TextIO, entites: Iterable[EjSynthetique], *, genere_le: datetime, indentation: int = 2
) -> tuple[int, int]:
    """Write a daily file on a stream; return how many EJ and ET it has."""
    gabarit_ej, gabarit_et = _gabarit(_PMEJ, indentation, 2), _gabarit(_EGE, indentation, 4)
    fichier = _gabarit({**_FICHIER, "generatedAt": f"{genere_le:%Y-%m-%dT%H:%M:%SZ}"}, indentation, 0)
    debut, fin = fichier.split("%(pmej)s")
    sortie.write(debut)
    nombre_ej = nombre_et = 0
    for ej in entites:
        ets = (gabarit_et % _valeurs(et) for et in ej.ets)
        contenu = _liste(ets, indentation * 3)
        sortie.write(",\n" if nombre_ej else "[\n")
        sortie.write(gabarit_ej % (_valeurs(ej) | {"ege": contenu}))
        nombre_ej, nombre_et = nombre_ej + 1, nombre_et + len(ej.ets)
    sortie.write(f"\n{' ' * indentation}]{fin}" if nombre_ej else f"[]{fin}")
    return nombre_ej, nombre_et


@contextmanager
def _ouvrir(chemin: Path) -> Iterator[TextIO]:
    """Same content, same bytes: the compressed file carries neither date nor name."""
    with chemin.open("wb") as brut:
        compresse = gzip.GzipFile(filename="", mode="wb", fileobj=brut, mtime=0) if chemin.suffix == ".gz" else brut
        with io.TextIOWrapper(compresse, encoding="utf-8", newline="") as sortie:
            yield sortie


def _gabarit(modele: dict[str, Any], indentation: int, profondeur: int) -> str:
    texte = json.dumps(modele, indent=indentation, ensure_ascii=False)
    return indent(_JETON.sub(r"\1", texte), " " * indentation * profondeur)


def _liste(elements: Iterable[str], retrait: int) -> str:
    contenu = ",\n".join(elements)
    return f"[\n{contenu}\n{' ' * retrait}]" if contenu else "[]"


def _valeurs(objet: EjSynthetique | EtSynthetique) -> dict[str, str]:
    champs = objet.adresse._asdict() | objet._asdict()
    champs["etat"] = "I" if objet.date_fermeture else "A"
    return {
        nom: encode_basestring(valeur) if isinstance(valeur, str) else "null"
        for nom, valeur in champs.items()
        if nom not in ("adresse", "ets")
    }


def _adresse(usage: str) -> dict[str, Any]:
    return {
        "usageAdresse": usage,
        "numeroVoie": "%(numero_voie)s",
        "typeVoie": "%(type_voie)s",
        "libelleVoie": "%(libelle_voie)s",
        "complementVoie": None,
        "complementPointGeographique": None,
        "lieuDit": None,
        "cogCommune": "%(code_insee)s",
        "codePostal": "%(code_postal)s",
        "ligneAcheminement": "%(acheminement)s",
        "ligneUne": None,
        "ligneDeux": None,
        "ligneTrois": None,
        "ligneQuatre": None,
        "ligneCinq": None,
        "ligneSix": None,
        "coordonneesGeographique": {
            "coordonneeX": None,
            "coordonneeY": None,
            "directionLatitude": None,
            "directionLongitude": None,
            "cleInInteropBAN": None,
            "scoreBAN": None,
        },
    }


_PMEJ: dict[str, Any] = {
    "informationsGeneralesPMEJ": {
        "pmSmsseId": "%(numero)s",
        "numFinessPm": "%(numero)s",
        "denominationPm": "%(nom)s",
        "denominationLonguePmSmsse": "%(nom_long)s",
        "siren": "%(siren)s",
        "codeApe": "8610Z",
        "statutJuridique": "%(statut_juridique)s",
        "typePersonneMorale": "1",
        "fonctionPublique": None,
        "typeGroupeGco": None,
        "dateCreation": "%(date_ouverture)s",
        "dateFermeture": "%(date_fermeture)s",
        "complementAdressePmSmsse": None,
        "categorieentiteGeographiqueExercice": None,
    },
    "adresse": [_adresse("02")],
    "contact": [],
    "engagement": [],
    "evenement": [],
    "ege": "%(ege)s",
    "etatObjet": "%(etat)s",
    "dateDerniereMaj": "%(mise_a_jour)s",
}
_EGE: dict[str, Any] = {
    "informationsGeneralesEGE": {
        "egeId": "%(numero)s",
        "numFinessEge": "%(numero)s",
        "nomEgeCourt": "%(nom)s",
        "nomEgeLong": "%(nom_long)s",
        "complementDenominationEg": None,
        "siret": "%(siret)s",
        "espic": [],
        "numeroEducationNationale": None,
        "numeroReferenceExterne": None,
        "dateOuverture": "%(date_ouverture)s",
        "datePremiereAutorisation": None,
        "dateFermeture": "%(date_fermeture)s",
    },
    "categorieentiteGeographiqueExercice": "%(categorie)s",
    "modefixationtarifaire": None,
    "typeBudget": [],
    "adresse": [_adresse("03")],
    "contact": [
        {
            "typeContact": {"roleContact": "01"},
            "telecom": {"telephone": "%(telephone)s", "telecopie": None, "courriel": "%(courriel)s"},
        }
    ],
    "engagement": [],
    "evenement": [],
    "roleEge": [],
    "etatObjet": "%(etat)s",
    "dateDerniereMaj": "%(mise_a_jour)s",
}
_FICHIER: dict[str, Any] = {"schemaVersion": "v1.0.0", "generatedAt": None, "gco": [], "gcc": [], "pmej": "%(pmej)s"}
