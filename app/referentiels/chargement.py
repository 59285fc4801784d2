"""What the loaders of the official geographic code share: their result, their brake, and how seeds leave them alone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from app.referentiels.frein import PERTE_MIN, PERTE_PART
from app.referentiels.graines import MILLESIME_GRAINES
from app.referentiels.lecture_csv import LectureCsv, Rejet
from app.referentiels.synchro import verrouiller
from models.graine import Graine

_ANNEE = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass(frozen=True)
class Resultat:
    """Lines of the file, by what becomes of them: not one is lost; then what the load changed besides.

    `hors_champ`: lines that say nothing to us; `non_resolus`: those that a person must look at, told in `a_verifier`.
    """

    lus: int
    crees: int = 0
    modifies: int = 0
    inchanges: int = 0
    doublons: int = 0
    hors_champ: int = 0
    non_resolus: int = 0
    rejetes: int = 0
    retires: int = 0  # rows of ours that the file no longer has
    objets_modifies: int = 0  # EJ, ET, terrains: as many events in the journal
    a_verifier: tuple[str, ...] = ()
    rejets: tuple[Rejet, ...] = ()

    def __post_init__(self) -> None:
        parts = (self.crees, self.modifies, self.inchanges, self.doublons, self.hors_champ, self.non_resolus)
        if self.lus != sum(parts) + self.rejetes or self.rejetes != len(self.rejets):
            raise AssertionError(f"lines of the file lost on the way: {self}")


Chargeur = Callable[[Session, Path], Resultat]


def executer(session: Session, charger: Chargeur, chemin: Path, *, simulation: bool = False) -> Resultat:
    """Load a file after the runs in progress; a simulation computes everything and leaves nothing."""
    verrouiller(session)
    with session.begin_nested() as point:
        resultat = charger(session, chemin)
        if simulation:
            point.rollback()
    session.expire_all()
    return resultat


def refuser_illisible(lecture: LectureCsv, exploitables: int) -> None:
    """A file with too many lines that cannot be read is damaged: nothing of it is taken."""
    if not exploitables:
        raise FichierRefuse("E-FICHIER-SANS-LIGNE", "Aucune ligne de ce fichier n’est exploitable.")
    if len(lecture.rejets) > max(PERTE_MIN, PERTE_PART * lecture.lus):
        premier = lecture.rejets[0]
        message = (
            f"{len(lecture.rejets)} lignes sur {lecture.lus} sont illisibles : ce fichier est endommagé."
            f" La première est la ligne {premier.ligne} : {premier.motif}"
        )
        raise FichierRefuse("E-FREIN-REJETS", message)


def refuser_incomplet(quoi: str, manquants: Sequence[str], tous: int, part: float) -> None:
    """What is missing from a file would be taken for abolished: too much of it at once is not believed."""
    if len(manquants) > max(PERTE_MIN, part * tous):
        message = (
            f"Ce fichier n’a plus {len(manquants)} des {tous} {quoi} connus (dont {', '.join(manquants[:3])}) :"
            " il est sans doute incomplet."
        )
        raise FichierRefuse("E-FREIN-VOLUME", message)


def marquer(session: Session, table: str, fichier: str, millesime: date | None = None) -> None:
    """Tell that an operator now keeps a table by loading files: `flask init` leaves it alone from now on."""
    session.execute(update(Graine).where(Graine.nom == table).values(fichier=fichier[-255:], millesime=millesime))


def millesime_connu(session: Session) -> date:
    """The day at which our communes are those of the official code."""
    graine = session.get(Graine, "commune")
    return (graine and graine.millesime) or MILLESIME_GRAINES


def millesime_du_nom(chemin: Path) -> date | None:
    """« v_commune_2026.csv » → 1 January 2026."""
    annee = _ANNEE.search(chemin.name)
    return date(int(annee[0]), 1, 1) if annee else None
