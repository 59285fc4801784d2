"""Reader of the FINESS+ daily file: bytes → typed rows, rejects with their reason; no database (DATA-FORMATS §1.1).

Open means active (`etatObjet` A) without closing date, even a future one: what the registry says tonight depends on
its file alone, never on the clock. A wrong check digit is no reject: the registry is the authority on its numbers.
Coordinates are not read: no screen shows them.
"""

import re
from collections.abc import Container, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from app.errors import FichierRefuse
from app.referentiels.flux_json import FluxJson
from app.referentiels.lignes import Enregistrement, Entete, LigneEj, LigneEt, LigneRejetee
from models.registre import NUMERO_FINESS

TABLEAU = "pmej"
VERSION_LECTEUR = b"finess-1"  # change it when a row is mapped differently: every record is then read anew
# Moves without anything else moving: no reason to read a record again.
_HORODATAGE = re.compile(rb'"dateDerniereMaj"\s*:\s*"[^"]*"')
_SCHEMA = "v1."
_NUMERO = re.compile(NUMERO_FINESS)
_JOUR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SIEGE, _SITE, _CONTACT_PRINCIPAL = "02", "03", "01"
_ETATS = {"A": True, "I": False}
# Saint-Barthélemy and Saint-Martin: FINESS keeps the codes they had as communes of Guadeloupe (DATA-FORMATS §1.4).
_COMMUNES_RECODEES = {"97123": "97701", "97127": "97801"}

_Texte = str | None


class LectureFiness:
    """Iterates over the records of a FINESS+ document; `entete` is complete once they have all been read."""

    def __init__(self, morceaux: Iterable[bytes], connues: Container[bytes] = ()) -> None:
        self._flux = FluxJson(morceaux, TABLEAU, connues=connues, insignifiant=_HORODATAGE, version=VERSION_LECTEUR)

    def __iter__(self) -> Iterator[Enregistrement]:
        for position, element in enumerate(self._flux, start=1):
            if element.connu:
                yield Enregistrement(element.empreinte, connu=True)
            else:
                yield lire_enregistrement(position, element.empreinte, element.valeur)

    def entete(self) -> Entete:
        """Schema and date of the document; refused when it is not a FINESS+ file of structures."""
        version, genere_le = self._flux.entete.get("schemaVersion"), self._flux.entete.get("generatedAt")
        if not self._flux.tableau_present or version is None or genere_le is None:
            raise FichierRefuse("E-FICHIER-FORMAT", "Ce fichier JSON n’est pas un fichier FINESS+ des structures.")
        if not str(version).startswith(_SCHEMA):
            raise FichierRefuse("E-FICHIER-SCHEMA", f"Le schéma « {version} » de ce fichier FINESS+ n’est pas connu.")
        try:
            return Entete(str(version)[:20], _instant_iso(str(genere_le)))
        except ValueError as erreur:
            raise FichierRefuse("E-FICHIER-FORMAT", "La date de ce fichier (generatedAt) est illisible.") from erreur


class _Rejet(Exception):  # noqa: N818 - a row is rejected, nothing failed
    """Why a row cannot be taken."""


def lire_enregistrement(position: int, empreinte: bytes, brut: Any) -> Enregistrement:
    """Rows of one `pmej`. An ET is taken only with its EJ; a record with a reject is read again the next night."""
    try:
        etablissements = _liste(brut, "ege")
        ej = _lire_ej(brut, position, empreinte)
    except _Rejet as rejet:
        return Enregistrement(empreinte, connu=False, rejets=_rejeter_tout(position, brut, str(rejet)))
    ets, rejets = [], []
    for rang, un in enumerate(etablissements, start=1):
        place = f"{position}.{rang}"
        try:
            ets.append(_lire_et(un, place, ej.numero))
        except _Rejet as rejet:
            rejets.append(LigneRejetee(place, "ET", _numero_brut_et(un), str(rejet)))
    return Enregistrement(empreinte, False, ej._replace(empreinte=None) if rejets else ej, ets, rejets)


def _rejeter_tout(position: int, brut: Any, motif: str) -> list[LigneRejetee]:
    infos = brut.get("informationsGeneralesPMEJ") if isinstance(brut, dict) else None
    etablissements = brut.get("ege") if isinstance(brut, dict) else None
    rejets = [LigneRejetee(str(position), "EJ", _numero_brut(infos, "numFinessPm"), motif)]
    for rang, un in enumerate(etablissements if isinstance(etablissements, list) else (), start=1):
        numero = _numero_brut_et(un)
        rejets.append(LigneRejetee(f"{position}.{rang}", "ET", numero, f"Son entité juridique est rejetée : {motif}"))
    return rejets


def _numero_brut_et(brut: Any) -> str | None:
    return _numero_brut(brut.get("informationsGeneralesEGE") if isinstance(brut, dict) else None, "numFinessEge")


def _numero_brut(infos: Any, cle: str) -> str | None:
    valeur = infos.get(cle) if isinstance(infos, dict) else None
    return None if valeur is None else _imprimable(str(valeur))[:60]


def _lire_ej(brut: dict[str, Any], position: int, empreinte: bytes) -> LigneEj:
    infos = _objet(brut, "informationsGeneralesPMEJ")
    nom = _texte(infos, "denominationPm", 255)
    nom_long = _texte(infos, "denominationLonguePmSmsse", 255)
    return LigneEj(
        _numero(infos, "numFinessPm"),
        _nom(nom, nom_long),
        nom_long,
        _texte(infos, "siren", 9),
        _texte(infos, "codeApe", 6),
        _texte(infos, "statutJuridique", 2),
        _date(infos, "dateCreation"),
        *_etat(brut, infos),
        *_adresse(brut, _SIEGE),
        *_contact(brut),
        empreinte,
        str(position),
    )


def _lire_et(brut: Any, position: str, numero_ej: str) -> LigneEt:
    if not isinstance(brut, dict):
        raise _Rejet("L’établissement n’est pas un objet JSON.")
    infos = _objet(brut, "informationsGeneralesEGE")
    nom = _texte(infos, "nomEgeCourt", 255)
    nom_long = _texte(infos, "nomEgeLong", 255)
    return LigneEt(
        _numero(infos, "numFinessEge"),
        numero_ej,
        _nom(nom, nom_long),
        nom_long,
        _texte(infos, "siret", 14),
        _texte(brut, "categorieentiteGeographiqueExercice", 3),
        _date(infos, "dateOuverture"),
        *_etat(brut, infos),
        *_adresse(brut, _SITE),
        *_contact(brut),
        position,
    )


def _etat(brut: dict[str, Any], infos: dict[str, Any]) -> tuple[bool, date | None, datetime | None]:
    """Open or closed, closing date, date of the last change in the registry."""
    etat = brut.get("etatObjet")
    if not isinstance(etat, str) or etat not in _ETATS:
        raise _Rejet("« etatObjet » n’est ni A (actif) ni I (inactif).")
    date_fermeture = _date(infos, "dateFermeture")
    return _ETATS[etat] and date_fermeture is None, date_fermeture, _instant(brut, "dateDerniereMaj")


def _adresse(brut: dict[str, Any], usage: str) -> tuple[_Texte, _Texte, _Texte, _Texte, _Texte]:
    """Street line, complement, postal code, town and INSEE code of the address of that usage, else of the first."""
    adresses = _liste(brut, "adresse")
    choisie = next((une for une in adresses if isinstance(une, dict) and une.get("usageAdresse") == usage), None)
    adresse = choisie or (adresses[0] if adresses else {})
    if not isinstance(adresse, dict):
        raise _Rejet("L’adresse n’est pas un objet JSON.")
    code_insee = _texte(adresse, "cogCommune", 5)
    return (
        _joindre(adresse, " ", "numeroVoie", "complementVoie", "typeVoie", "libelleVoie"),
        _joindre(adresse, ", ", "complementPointGeographique", "lieuDit"),
        _texte(adresse, "codePostal", 10),
        _texte(adresse, "ligneAcheminement", 100),
        _COMMUNES_RECODEES.get(code_insee, code_insee) if code_insee else None,
    )


def _contact(brut: dict[str, Any]) -> tuple[_Texte, _Texte, _Texte]:
    """Telephone, fax and e-mail of the main contact, else of the first."""
    contacts = [un for un in _liste(brut, "contact") if isinstance(un, dict)]
    if not contacts:
        return None, None, None
    principaux = (un for un in contacts if _objet(un, "typeContact").get("roleContact") == _CONTACT_PRINCIPAL)
    telecom = _objet(next(principaux, contacts[0]), "telecom")
    return _texte(telecom, "telephone", 30), _texte(telecom, "telecopie", 30), _texte(telecom, "courriel", 254)


def _numero(infos: dict[str, Any], cle: str) -> str:
    numero = _texte(infos, cle, 60)
    if numero is None or not _NUMERO.fullmatch(numero):
        raise _Rejet("Le numéro FINESS est absent ou mal formé (neuf caractères attendus).")
    return numero


def _nom(nom: str | None, nom_long: str | None) -> str:
    retenu = nom or nom_long
    if retenu is None:
        raise _Rejet("La raison sociale est absente.")
    return retenu


def _joindre(objet: dict[str, Any], separateur: str, *cles: str) -> str | None:
    joint = separateur.join([texte for cle in cles if (texte := _texte(objet, cle, 255))])
    if len(joint) > 255:
        raise _Rejet("L’adresse dépasse 255 caractères.")
    return joint or None


def _texte(objet: dict[str, Any], cle: str, maximum: int) -> str | None:
    valeur = objet.get(cle)
    if valeur is None:
        return None
    if not isinstance(valeur, str):
        raise _Rejet(f"« {cle} » n’est pas un texte.")
    texte = valeur.strip() if valeur.isprintable() else _imprimable(valeur)
    if len(texte) > maximum:
        raise _Rejet(f"« {cle} » dépasse {maximum} caractères.")
    return texte or None


def _imprimable(texte: str) -> str:
    """Control characters, which neither a column nor a spreadsheet takes, become blanks."""
    return " ".join("".join(un if un.isprintable() else " " for un in texte).split())


def _date(objet: dict[str, Any], cle: str) -> date | None:
    texte = _texte(objet, cle, 40)
    try:
        return _date_iso(texte) if texte else None
    except ValueError:
        raise _Rejet(f"« {cle} » n’est pas une date lisible : « {texte} ».") from None


def _instant(objet: dict[str, Any], cle: str) -> datetime | None:
    texte = _texte(objet, cle, 40)
    try:
        return _instant_iso(texte) if texte else None
    except ValueError:
        raise _Rejet(f"« {cle} » n’est pas une date lisible : « {texte} ».") from None


# The same dates come back by the thousand.
@lru_cache(maxsize=2**15)
def _date_iso(texte: str) -> date:
    if not _JOUR.fullmatch(texte):
        raise ValueError(texte)
    return date.fromisoformat(texte)


@lru_cache(maxsize=2**15)
def _instant_iso(texte: str) -> datetime:
    instant = datetime.fromisoformat(texte)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _objet(parent: dict[str, Any], cle: str) -> dict[str, Any]:
    valeur = parent.get(cle)
    if valeur is None:
        return {}
    if not isinstance(valeur, dict):
        raise _Rejet(f"« {cle} » n’est pas un objet JSON.")
    return valeur


def _liste(parent: Any, cle: str) -> list[Any]:
    if not isinstance(parent, dict):
        raise _Rejet("L’enregistrement n’est pas un objet JSON.")
    valeur = parent.get(cle)
    if valeur is None:
        return []
    if not isinstance(valeur, list):
        raise _Rejet(f"« {cle} » n’est pas une liste.")
    return valeur
