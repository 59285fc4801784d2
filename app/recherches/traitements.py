"""Screen « Synchronisations »: runs, and what each of them rejected and changed (SPEC §4 M25)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app import libelles
from app.recherches import LOT_EXPORT
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.traitement import (
    EtatTraitement,
    NatureChangement,
    ObjetFinessTraite,
    Traitement,
    TraitementChangement,
    TraitementRejet,
    TypeTraitement,
)

# Object of a registry → what the application holds of it, found by its number.
FICHES: dict[ObjetFinessTraite, tuple[Any, Any]] = {
    ObjetFinessTraite.EJ: (EntiteJuridique.numero_finess, EntiteJuridique.id),
    ObjetFinessTraite.ET: (Etablissement.numero_finess, Etablissement.id),
    ObjetFinessTraite.PRATICIEN: (TerrainDeStage.rpps, TerrainDeStage.id),
}
SPECIALITE_ORDINALE = "S:"
ENTETES_REJETS = ("Position dans le fichier", "Objet", "Numéro lu", "Motif")


def total(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Traitement)) or 0


def page(session: Session, decalage: int, taille: int) -> Sequence[Traitement]:
    """Runs, the last one first."""
    return session.scalars(select(Traitement).order_by(Traitement.id.desc()).offset(decalage).limit(taille)).all()


def en_cours(session: Session) -> dict[TypeTraitement, Traitement]:
    """The run that is waiting or at work, of each registry that has one."""
    etats = (EtatTraitement.EN_ATTENTE, EtatTraitement.EN_COURS)
    lus = session.scalars(select(Traitement).where(Traitement.etat.in_(etats)).order_by(Traitement.id))
    return {traitement.type: traitement for traitement in lus}


def derniers_appliques(session: Session) -> dict[TypeTraitement, Traitement]:
    """The run that brought the mirror of each registry to its present state."""
    return _derniers(session, (EtatTraitement.APPLIQUE,), Traitement.donnees_du.desc(), Traitement.id.desc())


def derniers_integres(session: Session) -> dict[TypeTraitement, Traitement]:
    """The last run of each registry that ended with an up-to-date mirror, a file already known included."""
    return _derniers(session, (EtatTraitement.APPLIQUE, EtatTraitement.DEJA_INTEGRE), Traitement.id.desc())


def derniers_reels(session: Session) -> dict[TypeTraitement, Traitement]:
    """The last run of each registry whatever its outcome, simulations left out."""
    return _derniers(session, tuple(EtatTraitement), Traitement.id.desc())


def _derniers(
    session: Session, etats: tuple[EtatTraitement, ...], *ordre: ColumnElement[Any]
) -> dict[TypeTraitement, Traitement]:
    requete = select(Traitement).where(Traitement.etat.in_(etats), Traitement.simulation.is_(False))
    lus = session.scalars(requete.ext(distinct_on(Traitement.type)).order_by(Traitement.type, *ordre))
    return {traitement.type: traitement for traitement in lus}


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


def specialites(session: Session, type_: TypeTraitement) -> Mapping[str, str]:
    """Labels of the spécialités, by their code, for the changes of a run: FINESS speaks of none."""
    if type_ is not TypeTraitement.RPPS:
        return {}
    return {code: nom for code, nom in session.execute(select(Specialite.code, Specialite.nom))}


def champs_changes(changement: TraitementChangement, specialites: Mapping[str, str]) -> list[tuple[str, Any, Any]]:
    """Label, value before and value after of each field that differs, codes replaced by their labels."""
    avant, apres = changement.avant or {}, changement.apres or {}
    return [
        (libelles.champ(cle), _valeur(cle, avant.get(cle), specialites), _valeur(cle, apres[cle], specialites))
        for cle in apres
    ]


def fiches(session: Session, montres: Sequence[TraitementChangement]) -> dict[tuple[ObjetFinessTraite, str], int]:
    """Ids, in the application, of the EJ and ET among these changes, and of the terrains of these practitioners."""
    trouvees: dict[tuple[ObjetFinessTraite, str], int] = {}
    for objet, (cle, id_de_la_fiche) in FICHES.items():
        numeros = [changement.numero for changement in montres if changement.objet is objet]
        if numeros:
            requete = select(cle, id_de_la_fiche).where(cle.in_(numeros))
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


def entetes_changements(type_: TypeTraitement) -> tuple[str, ...]:
    return ("Changement", "Objet", f"Numéro {type_.name}", "Nom", "Champ", "Avant", "Après")


def lignes_changements(
    session: Session, traitement_id: int, type_: TypeTraitement, nature: NatureChangement | None
) -> Iterator[tuple[Any, ...]]:
    """Rows of the export: one per field that changed."""
    connues = specialites(session, type_)
    requete = _changements(traitement_id, nature).execution_options(yield_per=LOT_EXPORT)
    for un in session.scalars(requete):
        debut = (un.nature.value, un.objet.value, un.numero, un.libelle)
        for champ in champs_changes(un, connues) or [("", None, None)]:
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


def _valeur(champ: str, valeur: Any, specialites: Mapping[str, str]) -> Any:
    """A value of the mirror as it is read: JSON writes dates as texts; RPPS gives codes."""
    match champ:
        case "profession_code":
            return libelles.PROFESSIONS.get(valeur, valeur)
        case "savoirs_faire" if valeur:
            return ", ".join(specialites.get(un.removeprefix(SPECIALITE_ORDINALE), un) for un in valeur)
        case _:
            return date.fromisoformat(valeur) if champ.startswith("date_") and valeur else valeur
