"""What every search on coordinates shares: effective address and contacts, territory (S12, S44, A17, A19)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app.geographie import ABREVIATIONS
from app.recherches import CriteresDeRecherche
from app.search import contient, numero
from models.commune import BassinDeVie, Commune
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Departement

ModeleLocalise = type[EntiteJuridique] | type[Etablissement] | type[TerrainDeStage]

TERRITOIRES: Mapping[str, Select[str, str]] = {
    "ars": select(Ars.code, Ars.nom),
    "departement": select(Departement.code, Departement.code + " – " + Departement.nom),
}


@dataclass(frozen=True, kw_only=True)
class CriteresLocalises(CriteresDeRecherche):
    """Where: the effective address, never the one it masks (S44), and the territory."""

    adresse: str = ""
    code_postal: str = ""
    ville: str = ""
    departement: str = ""
    bassin_de_vie: str = ""


def conditions_localisees(modele: ModeleLocalise, criteres: CriteresLocalises) -> list[ColumnElement[bool]]:
    """Conditions on the place of an object."""
    egalites = ((criteres.ars, modele.ars_code), (criteres.departement, modele.departement_effectif))
    resultat = [colonne == code for code, colonne in egalites if code]
    if criteres.adresse.strip():
        resultat.append(contient(modele.adresse_norme, criteres.adresse))
    if criteres.ville.strip():
        resultat.append(or_(*(contient(modele.ville_norme, une) for une in _graphies(criteres.ville))))
    if criteres.code_postal.strip():
        resultat.append(numero(modele.code_postal_effectif, criteres.code_postal))
    if criteres.bassin_de_vie.strip():
        resultat.append(modele.code_insee_effectif.in_(_communes_du_bassin(criteres.bassin_de_vie)))
    return resultat


def _graphies(ville: str) -> list[str]:
    """A town as typed, and as a registry may write it: « ST BRIEUC » in FINESS for « Saint-Brieuc »."""
    if "*" not in ville:
        ville = ville.replace("-", " ")  # each word is then looked for by itself
    autres = (
        re.sub(rf"\b{mot}\b(?=[\s-]\w)", autre, ville, flags=re.IGNORECASE)
        for paire in ABREVIATIONS.items()
        for mot, autre in (paire, paire[::-1])
    )
    return list(dict.fromkeys([ville, *autres]))


def listes_fermees(session: Session, listes: Mapping[str, Select[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """What closed criteria offer, all read in one statement: (code, name) pairs by criterion, in the order of names."""
    lectures = (select(literal(nom), requete.subquery()) for nom, requete in listes.items())
    resultat: dict[str, list[tuple[str, str]]] = {nom: [] for nom in listes}
    for liste, code, nom in session.execute(union_all(*lectures)):
        resultat[liste].append((code, nom))
    return {nom: sorted(paires, key=_sans_accent) for nom, paires in resultat.items()}


def coordonnees_exportees(modele: ModeleLocalise) -> dict[str, Any]:
    """Columns of the exports: effective coordinates, and the territory they lie in (`avec_bassin_de_vie`)."""
    return {
        "Adresse": effectif(modele, "adresse"),
        "Complément": effectif(modele, "complement"),
        "Code postal": modele.code_postal_effectif,
        "Ville": effectif(modele, "ville"),
        "Code commune INSEE": modele.code_insee_effectif,
        "Département": modele.departement_effectif,
        "Bassin de vie": BassinDeVie.nom,
        "ARS": Ars.nom,
        "Téléphone": contact_effectif(modele, "telephone"),
        "Télécopie": contact_effectif(modele, "telecopie"),
        "Courriel": contact_effectif(modele, "courriel"),
    }


def avec_bassin_de_vie(requete: Select[Any], modele: ModeleLocalise) -> Select[Any]:
    """The query, with the bassin de vie of the effective commune."""
    communes = requete.outerjoin(Commune, Commune.code == modele.code_insee_effectif)
    return communes.outerjoin(BassinDeVie, BassinDeVie.code == Commune.bassin_de_vie_code)


def effectif(modele: ModeleLocalise, champ: str) -> ColumnElement[Any]:
    """Effective value of an address field: the secondary block as a whole where it is filled (A19)."""
    secondaire, principal = getattr(modele, f"{champ}_secondaire"), getattr(modele, champ)
    return case((modele.adresse_secondaire.is_not(None), secondaire), else_=principal)


def contact_effectif(modele: ModeleLocalise, champ: str) -> ColumnElement[Any]:
    """Effective telephone, fax or e-mail: each on its own (A19)."""
    return func.coalesce(getattr(modele, f"{champ}_secondaire"), getattr(modele, champ))


def _sans_accent(paire: tuple[str, str]) -> str:
    return normalize("NFKD", paire[1]).encode("ascii", "ignore").decode().casefold()


def _communes_du_bassin(saisie: str) -> Select[str]:
    return (
        select(Commune.code)
        .join(BassinDeVie, BassinDeVie.code == Commune.bassin_de_vie_code)
        .where(contient(func.normaliser(BassinDeVie.nom), saisie))
    )
