"""Work list of the home page: what awaits a user in the ARS de travail, and the last synchronisations (QUALITY B-12).

Each number is counted by the very conditions of the search screen it leads to: link and count cannot differ.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.recherches import Recherche, traitements
from app.recherches.agrements import RECHERCHE as AGREMENTS
from app.recherches.agrements import CriteresAgrement
from app.recherches.entites_juridiques import RECHERCHE as ENTITES_JURIDIQUES
from app.recherches.entites_juridiques import CriteresEntiteJuridique
from app.recherches.etablissements import RECHERCHE as ETABLISSEMENTS
from app.recherches.etablissements import CriteresEtablissement
from app.recherches.terrains import RECHERCHE as TERRAINS
from app.recherches.terrains import CriteresTerrain
from models.traitement import Traitement, TypeTraitement

Filtre = tuple[str, str, dict[str, tuple[str, ...]]]  # what it counts, what to do, the criteria that list it

SUR_LES_ET: tuple[Filtre, ...] = (
    (
        "Établissements inactifs avec un terrain de stage actif",
        "Leurs terrains sont à fusionner, à transférer ou à supprimer.",
        {"statut": ("INACTIF",), "etat": ("avec",)},
    ),
    (
        "Établissements ré-ouverts dans FINESS",
        "S’ils servent encore, réactivez-les par «\u00a0Créer un établissement\u00a0».",
        {"registre": ("rouvert",)},
    ),
    (
        "Établissements absents du référentiel",
        "FINESS ne les donne plus ; leur statut n’a pas changé.",
        {"registre": ("absent",)},
    ),
    (
        "Établissements signalés «\u00a0FINESS erroné\u00a0»",
        "À transmettre au correspondant FINESS de la région.",
        {"finess_errone": ("oui",)},
    ),
)
SUR_LES_EJ: tuple[Filtre, ...] = (
    (
        "Entités juridiques absentes du référentiel",
        "FINESS ne les donne plus ; leur statut n’a pas changé.",
        {"registre": ("absent",)},
    ),
    (
        "Entités juridiques signalées «\u00a0FINESS erroné\u00a0»",
        "À transmettre au correspondant FINESS de la région.",
        {"finess_errone": ("oui",)},
    ),
)
SUR_LES_TS: tuple[Filtre, ...] = (
    (
        "Terrains de stage d’un praticien au RPPS invalide",
        "Le répertoire ne donne plus ce praticien en exercice ; leur statut n’a pas changé.",
        {"rpps": ("invalide",)},
    ),
    (
        "Terrains de stage d’un praticien qui n’exerce plus dans l’ARS",
        "À transférer vers l’ARS où il exerce, si le stage y continue.",
        {"rpps": ("hors_ars",), "statut": ("ACTIF",)},  # one being transferred awaits below (TS-31)
    ),
    (
        "Terrains de stage signalés «\u00a0RPPS erroné\u00a0»",
        "À transmettre au correspondant RPPS de la région.",
        {"rpps": ("errone",)},
    ),
)
SUR_LES_TRANSFERTS: tuple[Filtre, ...] = (
    (
        "Terrains de stage transférés, à compléter",
        "Ils viennent d’une autre ARS et attendent leur subdivision.",
        {"statut": ("TRANSFERE",)},
    ),
)
SUR_LES_AGREMENTS: tuple[Filtre, ...] = (
    (
        "Agréments qui se terminent d’ici la fin du semestre en cours",
        "À renouveler avant que leurs terrains n’accueillent plus d’internes.",
        {"echeance": ("en-cours",)},
    ),
    (
        "Agréments qui se terminent au prochain semestre",
        "À préparer pour la prochaine campagne.",
        {"echeance": ("prochain",)},
    ),
    (
        "Agréments à réexaminer",
        "Leur terrain de stage a changé depuis qu’ils ont été donnés.",
        {"a_reexaminer": ("oui",), "statut": ("EN_COURS", "PROCHAIN")},
    ),
)


@dataclass(frozen=True)
class Attente:
    """One kind of work that awaits: how many objects, and the criteria that list them."""

    libelle: str
    conseil: str
    ecran: str
    criteres: dict[str, Any]
    total: int


@dataclass(frozen=True)
class DernieresSynchronisations:
    """Of a registry: the last run that brought it up to date, and the last run whatever its outcome."""

    type: TypeTraitement
    integree: Traitement | None
    derniere: Traitement | None


def attentes(session: Session, ars_code: str | None) -> list[Attente]:
    """What awaits in an ARS, or in the whole country, counted in one statement."""
    ars = ars_code or ""
    prevues: list[tuple[Filtre, str, Recherche[Any], type[Any]]] = []
    prevues += [(filtre, "etablissements", ETABLISSEMENTS, CriteresEtablissement) for filtre in SUR_LES_ET]
    prevues += [(filtre, "entites_juridiques", ENTITES_JURIDIQUES, CriteresEntiteJuridique) for filtre in SUR_LES_EJ]
    prevues += [(filtre, "terrains", TERRAINS, CriteresTerrain) for filtre in SUR_LES_TS]
    prevues += [(filtre, "transferts", TERRAINS, CriteresTerrain) for filtre in SUR_LES_TRANSFERTS]
    prevues += [(filtre, "agrements", AGREMENTS, CriteresAgrement) for filtre in SUR_LES_AGREMENTS]
    comptes = [
        select(func.count())
        .select_from(recherche.modele)
        .where(*recherche.conditions(criteres(ars=ars, **filtre)))
        .scalar_subquery()
        for (_, _, filtre), _, recherche, criteres in prevues
    ]
    totaux = session.execute(select(*comptes)).one()
    return [
        Attente(libelle, conseil, ecran, {"ars": ars, **filtre}, total)
        for ((libelle, conseil, filtre), ecran, _, _), total in zip(prevues, totaux, strict=True)
    ]


def dernieres_synchronisations(session: Session) -> list[DernieresSynchronisations]:
    """When each registry was last brought up to date, and how its last run ended."""
    integrees, reelles = traitements.derniers_integres(session), traitements.derniers_reels(session)
    return [DernieresSynchronisations(type_, integrees.get(type_), reelles.get(type_)) for type_ in TypeTraitement]
