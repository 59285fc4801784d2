"""The search screens by name: what a screen asked for, a job can carry out later with the same code (S31, S45)."""

from dataclasses import asdict, dataclass
from typing import Any

from app.recherches import (
    CriteresDeRecherche,
    Recherche,
    agrements,
    demandes,
    entites_juridiques,
    etablissements,
    internes,
    journal,
    semestres_internat,
    terrains,
)


@dataclass(frozen=True)
class Liste:
    """A search screen, and what its list is called in a mail."""

    titre: str
    recherche: Recherche[Any]
    criteres: type[CriteresDeRecherche]


# Key: `nom_export` of the screen, which also begins the name of its files.
RECHERCHES = {
    "entites_juridiques": Liste(
        "Entités juridiques", entites_juridiques.RECHERCHE, entites_juridiques.CriteresEntiteJuridique
    ),
    "etablissements": Liste("Établissements", etablissements.RECHERCHE, etablissements.CriteresEtablissement),
    "terrains": Liste("Terrains de stage", terrains.RECHERCHE, terrains.CriteresTerrain),
    "agrements": Liste("Agréments", agrements.RECHERCHE, agrements.CriteresAgrement),
    "demandes": Liste("Demandes d’agrément", demandes.RECHERCHE, demandes.CriteresDemande),
    "internes": Liste("Internes", internes.RECHERCHE, internes.CriteresInterne),
    "semestres_internat": Liste(
        "Semestres d’internat", semestres_internat.RECHERCHE, semestres_internat.CriteresSemestreInternat
    ),
    "journal": Liste("Journal", journal.RECHERCHE, journal.CriteresJournal),
}


def en_json(criteres: CriteresDeRecherche) -> dict[str, Any]:
    """Every criterion, to be kept; `archives` is a right, kept apart."""
    valeurs = asdict(criteres)
    del valeurs["archives"]
    return valeurs


def de_json(modele: type[CriteresDeRecherche], valeurs: dict[str, Any], *, archives: bool) -> CriteresDeRecherche:
    """The criteria that were kept. One that no longer exists is an error: without it the list is wider."""
    relues: dict[str, Any] = {
        nom: tuple(valeur) if isinstance(valeur, list) else valeur for nom, valeur in valeurs.items()
    }
    return modele(archives=archives, **relues)
