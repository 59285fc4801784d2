"""One import from the file to the outcome: who may, what was written, what was rejected and where (issue of imports).

One transaction per file, one file at a time. A rejected line does not hold back the others, unless `strict`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import FichierRefuse, OperationRefused, Refus
from app.exports import CSV, exporter
from app.imports import moteur
from app.imports.agrements import AGREMENTS
from app.imports.demandes import DEMANDES
from app.imports.internes import INTERNES, SEMESTRES
from app.imports.lecture import Lecture
from app.imports.moteur import Comptes
from app.imports.objet import Objet
from app.scope import Actor
from app.unit_of_work import UnitOfWork, unit_of_work

OBJETS = {un.nom: un for un in (AGREMENTS, DEMANDES, INTERNES, SEMESTRES)}
APPLIQUE, SIMULE, REFUSE = "applique", "simule", "refuse"
VERROU = "importer"
_CITES = 50


@dataclass(frozen=True)
class Rejet:
    """A line that was not taken, and the French sentence that says why."""

    ligne: int
    motif: str


@dataclass(frozen=True)
class Bilan:
    """Outcome of one file: counts, the first rejects, and what its reader noticed."""

    etat: str
    comptes: Comptes
    rejets: tuple[Rejet, ...]
    colonnes_ignorees: tuple[str, ...]
    avertissements: tuple[str, ...]
    motif: str = ""


def refus(actor: Actor) -> list[Refus]:
    """Why this actor may not import: these data are national (M26)."""
    if actor.national and actor.ecriture:
        return []
    return [Refus("E-NATIONAL", "Seul un administrateur national importe ces fichiers : demandez-lui de le faire.")]


def importer(
    actor: Actor,
    objet: Objet,
    chemin: Path,
    *,
    simuler: bool = False,
    strict: bool = False,
    fichier_rejets: Path | None = None,
) -> Bilan:
    """Bring the objects of the application to what the file says; the same file again changes nothing.

    Raises FichierRefuse when the file is not what it should be, OperationRefused when the actor may not.
    """
    if raisons := refus(actor):
        raise OperationRefused(*raisons)
    refuser_ecrasement(fichier_rejets, chemin)
    with unit_of_work(actor, objet.operation, source="commande") as uow:
        uow.serialiser(VERROU)
        point = uow.session.begin_nested()
        bilan = traiter(uow, objet, chemin, fichier_rejets)
        if strict and bilan.comptes.rejetes:
            bilan = _refuse(bilan)
        elif simuler:
            bilan = conclure(bilan, SIMULE)
        if bilan.etat != APPLIQUE:
            point.rollback()
        elif bilan.comptes.crees or bilan.comptes.modifies:
            uow.details = {"fichier": chemin.name[-255:], **vars(bilan.comptes)}
    return bilan


def traiter(uow: UnitOfWork, objet: Objet, chemin: Path, fichier_rejets: Path | None) -> Bilan:
    """Read, write and report one file within a unit of work."""
    lecture = moteur.planifier(uow.session, objet, chemin)
    comptes = moteur.appliquer(uow, objet, lecture.lus)
    premiers = tuple(Rejet(ligne, motif) for ligne, _, motif, _ in moteur.rejets(uow.session, _CITES))
    if fichier_rejets is not None:
        _ecrire_rejets(fichier_rejets, lecture, moteur.rejets(uow.session))
    return Bilan(APPLIQUE, comptes, premiers, tuple(lecture.ignorees), tuple(lecture.avertissements))


def conclure(bilan: Bilan, etat: str, motif: str = "") -> Bilan:
    """The same outcome, in another state."""
    return Bilan(etat, bilan.comptes, bilan.rejets, bilan.colonnes_ignorees, bilan.avertissements, motif)


def refuser_ecrasement(fichier_rejets: Path | None, chemin: Path) -> None:
    """The rejects never go over the file they come from."""
    if fichier_rejets is not None and fichier_rejets.resolve() == chemin.resolve():
        raise FichierRefuse("E-REJETS", "Le fichier des rejets remplacerait le fichier importé : donnez un autre nom.")


def _refuse(bilan: Bilan) -> Bilan:
    nombre = bilan.comptes.rejetes
    lignes = "une ligne est rejetée" if nombre == 1 else f"{nombre} lignes sont rejetées"
    return conclure(bilan, REFUSE, f"Rien n’a été écrit : {lignes}, et l’import est strict.")


def _ecrire_rejets(destination: Path, lecture: Lecture, rejets: Iterable[tuple[int, str, str, str]]) -> None:
    """A CSV that can be corrected and imported as it is: our three columns are ignored by the reader."""
    lignes: Iterator[list[Any]] = (
        [str(ligne), cle, motif, *lecture.champs(brut)] for ligne, cle, motif, brut in rejets
    )
    try:
        with destination.open("wb") as sortie:
            sortie.writelines(
                exporter(CSV, ["Ligne rejetée", "Clé du rejet", "Motif du rejet", *lecture.entete], lignes)
            )
    except OSError as erreur:
        message = (
            f"Rien n’a été importé, car le fichier des rejets « {destination.name} » ne peut pas être écrit : "
            "donnez un dossier qui existe et où vous pouvez écrire."
        )
        raise FichierRefuse("E-REJETS", message) from erreur
