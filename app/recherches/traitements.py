"""Screen « Synchronisations »: runs, and what each of them rejected and changed (SPEC §4 M25)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import libelles
from app.recherches import LOT_EXPORT
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.traitement import (
    EtatTraitement,
    NatureChangement,
    ObjetFinessTraite,
    Traitement,
    TraitementChangement,
    TraitementRejet,
)

MODELES: dict[ObjetFinessTraite, type[EntiteJuridique] | type[Etablissement]] = {
    ObjetFinessTraite.EJ: EntiteJuridique,
    ObjetFinessTraite.ET: Etablissement,
}
ENTETES_CHANGEMENTS = ("Changement", "Objet", "Numéro FINESS", "Nom", "Champ", "Avant", "Après")
ENTETES_REJETS = ("Position dans le fichier", "Objet", "Numéro lu", "Motif")


def total(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Traitement)) or 0


def page(session: Session, decalage: int, taille: int) -> Sequence[Traitement]:
    """Runs, the last one first."""
    return session.scalars(select(Traitement).order_by(Traitement.id.desc()).offset(decalage).limit(taille)).all()


def en_cours(session: Session) -> Traitement | None:
    """The run that is waiting or at work, if any."""
    etats = (EtatTraitement.EN_ATTENTE, EtatTraitement.EN_COURS)
    return session.scalar(select(Traitement).where(Traitement.etat.in_(etats)).order_by(Traitement.id).limit(1))


def derniers_par_fichier(session: Session, noms: Sequence[str]) -> dict[str, Traitement]:
    """The last run of each of these files."""
    derniers = select(func.max(Traitement.id)).where(Traitement.source.in_(noms)).group_by(Traitement.source)
    lus = session.scalars(select(Traitement).where(Traitement.id.in_(derniers)))
    return {traitement.source: traitement for traitement in lus}


def natures(session: Session, traitement_id: int) -> dict[NatureChangement, int]:
    """How many changes of each nature, in the order of the enum."""
    compte = (
        select(TraitementChangement.nature, func.count())
        .where(TraitementChangement.traitement_id == traitement_id)
        .group_by(TraitementChangement.nature)
    )
    comptes = {nature: nombre for nature, nombre in session.execute(compte)}
    return {nature: comptes[nature] for nature in NatureChangement if nature in comptes}


def changements(
    session: Session, traitement_id: int, nature: NatureChangement | None, decalage: int, taille: int
) -> Sequence[TraitementChangement]:
    return session.scalars(_changements(traitement_id, nature).offset(decalage).limit(taille)).all()


def champs_changes(changement: TraitementChangement) -> list[tuple[str, Any, Any]]:
    """Label, value before and value after of each field that differs."""
    avant, apres = changement.avant or {}, changement.apres or {}
    return [(libelles.champ(cle), _valeur(cle, avant.get(cle)), _valeur(cle, apres[cle])) for cle in apres]


def fiches(session: Session, montres: Sequence[TraitementChangement]) -> dict[tuple[ObjetFinessTraite, str], int]:
    """Ids, in the application, of the EJ and ET among these changes; many are in FINESS only."""
    trouvees: dict[tuple[ObjetFinessTraite, str], int] = {}
    for objet, modele in MODELES.items():
        numeros = [changement.numero for changement in montres if changement.objet is objet]
        if numeros:
            requete = select(modele.numero_finess, modele.id).where(modele.numero_finess.in_(numeros))
            trouvees |= {(objet, numero): id_ for numero, id_ in session.execute(requete)}
    return trouvees


def total_rejets(session: Session, traitement_id: int) -> int:
    """Rejects that were kept; a very bad file has more."""
    compte = select(func.count()).select_from(TraitementRejet).where(TraitementRejet.traitement_id == traitement_id)
    return session.scalar(compte) or 0


def rejets(session: Session, traitement_id: int, decalage: int, taille: int) -> Sequence[TraitementRejet]:
    """In the order of the file."""
    requete = select(TraitementRejet).where(TraitementRejet.traitement_id == traitement_id)
    return session.scalars(requete.order_by(TraitementRejet.id).offset(decalage).limit(taille)).all()


def lignes_changements(
    session: Session, traitement_id: int, nature: NatureChangement | None
) -> Iterator[tuple[Any, ...]]:
    """Rows of the export: one per field that changed."""
    requete = _changements(traitement_id, nature).execution_options(yield_per=LOT_EXPORT)
    for un in session.scalars(requete):
        debut = (un.nature.value, un.objet.value, un.numero, un.libelle)
        for champ in champs_changes(un) or [("", None, None)]:
            yield (*debut, *champ)


def lignes_rejets(session: Session, traitement_id: int) -> Iterator[tuple[Any, ...]]:
    requete = select(TraitementRejet).where(TraitementRejet.traitement_id == traitement_id)
    for un in session.scalars(requete.order_by(TraitementRejet.id).execution_options(yield_per=LOT_EXPORT)):
        yield (un.position, un.objet.value, un.numero, un.motif)


def _changements(traitement_id: int, nature: NatureChangement | None) -> Select[TraitementChangement]:
    """In the order of the index that serves the list."""
    requete = select(TraitementChangement).where(TraitementChangement.traitement_id == traitement_id)
    if nature is not None:
        requete = requete.where(TraitementChangement.nature == nature)
    return requete.order_by(TraitementChangement.nature, TraitementChangement.id)


def _valeur(champ: str, valeur: Any) -> Any:
    """A value of the mirror: JSON writes dates as texts."""
    return date.fromisoformat(valeur) if champ.startswith("date_") and valeur else valeur
