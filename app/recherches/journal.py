"""Screen « Journal »: one row an event, the last first; criteria, columns of the list and of the exports (S143, M23).

Sized for millions of events: every criterion and the order have an index, pages are counted up to a limit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, false, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from app import libelles
from app.calendrier import PARIS
from app.recherches import PLAN_SELON_LA_SAISIE, CriteresDeRecherche, Recherche
from app.search import contient, jour_saisi
from models.agrement import Agrement, DemandeAgrement
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.interne import Interne, SemestreInternat
from models.journal import EntreeJournal, Evenement, EvenementArs
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Departement, Subdivision

PLAFOND = 10_000  # events that the pages of the list reach; exports go to the last one
UN_JOUR = timedelta(days=1)

# Objects that have a card of their own.
FICHES: dict[str, Any] = {
    un.__name__: un
    for un in (
        EntiteJuridique,
        Etablissement,
        TerrainDeStage,
        Agrement,
        DemandeAgrement,
        Interne,
        SemestreInternat,
    )
}
# Fields that hold the key of something → its key, its name.
CLES: dict[str, tuple[Any, Any]] = {
    "ars_code": (Ars.code, Ars.nom),
    "subdivision_code": (Subdivision.code, Subdivision.nom),
    "departement_code": (Departement.code, Departement.nom),
    "specialite_code": (Specialite.code, Specialite.nom),
    "etablissement_id": (Etablissement.id, Etablissement.numero_finess + " " + Etablissement.raison_sociale),
    "entite_juridique_id": (EntiteJuridique.id, EntiteJuridique.numero_finess + " " + EntiteJuridique.raison_sociale),
    "terrain_id": (TerrainDeStage.id, TerrainDeStage.numero + " " + TerrainDeStage.nom),
}


@dataclass(frozen=True, kw_only=True)
class CriteresJournal(CriteresDeRecherche):
    """Criteria of the screen; `ars` finds what was done there and what touched its objects."""

    du: str = ""
    au: str = ""
    operation: str = ""
    type_objet: str = ""
    objet: str = ""
    acteur: str = ""


def conditions(criteres: CriteresJournal) -> list[ColumnElement[bool]]:
    """What the criteria mean, on the table of events alone."""
    resultat = [*_dates(criteres), *_objets(criteres)]
    if criteres.operation:
        resultat.append(Evenement.operation == criteres.operation)
    if criteres.acteur.strip():
        resultat.append(_acteur(criteres.acteur.strip()))
    if criteres.ars:
        les_siens = select(EvenementArs.evenement_id).where(EvenementArs.ars_code == criteres.ars)
        resultat.append(Evenement.id.in_(les_siens))
    return resultat


def _dates(criteres: CriteresJournal) -> list[ColumnElement[bool]]:
    """Both days included, as they are lived in Paris; what is not a date finds nothing, rather than everything."""
    resultat: list[ColumnElement[bool]] = []
    for saisie, comparer, decalage in (
        (criteres.du, Evenement.le.__ge__, timedelta()),
        (criteres.au, Evenement.le.__lt__, UN_JOUR),
    ):
        if saisie:
            jour = jour_saisi(saisie)
            resultat.append(comparer(_minuit(jour + decalage)) if jour and jour < date.max else false())
    return resultat


def _minuit(jour: date) -> datetime:
    return datetime.combine(jour, time.min, PARIS)


def _acteur(saisie: str) -> ColumnElement[bool]:
    """A login as it is written; `*` as elsewhere, among the logins that the journal knows."""
    if "*" not in saisie:
        return Evenement.acteur == saisie
    autre = aliased(Evenement)
    acteurs = select(func.min(autre.acteur).label("nom")).cte("acteurs", recursive=True)
    suivant = select(func.min(autre.acteur)).where(autre.acteur > acteurs.c.nom).scalar_subquery()
    # From one to the next in the index: a few hundred steps, whatever the number of events.
    acteurs = acteurs.union_all(select(suivant).where(acteurs.c.nom.is_not(None)))
    return Evenement.acteur.in_(select(acteurs.c.nom).where(contient(func.normaliser(acteurs.c.nom), saisie)))


def _objets(criteres: CriteresJournal) -> list[ColumnElement[bool]]:
    """Events with an entry on such an object: its type, words of its number or of its name."""
    voulues = []
    if criteres.type_objet:
        voulues.append(EntreeJournal.objet_type == criteres.type_objet)
    if criteres.objet.strip():
        voulues.append(contient(func.normaliser(EntreeJournal.objet_libelle), criteres.objet))
    return [Evenement.id.in_(select(EntreeJournal.evenement_id).where(*voulues))] if voulues else []


def compter_au_plus(session: Session, criteres: CriteresJournal) -> int:
    """Number of events found; PLAFOND + 1 stands for more than that."""
    session.execute(PLAN_SELON_LA_SAISIE)
    trouves = select(Evenement.id).where(*conditions(criteres)).limit(PLAFOND + 1)
    return session.scalar(select(func.count()).select_from(trouves.subquery())) or 0


def en_attente(session: Session) -> tuple[int, datetime | None]:
    """How many events the worker has still to write and to seal, and the time of the oldest."""
    attente = select(func.count(), func.min(Evenement.le)).where(Evenement.traite_le.is_(None))
    nombre, depuis = session.execute(attente).one()
    return nombre, depuis


def fiches(session: Session, objets: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Type and id of those of these objects whose card can still be opened."""
    par_type: dict[str, set[int]] = {}
    for un in objets:
        if un["type"] in FICHES and un["id"].isdigit():
            par_type.setdefault(un["type"], set()).add(int(un["id"]))
    lectures = [
        select(literal(type_), cast(FICHES[type_].id, String)).where(FICHES[type_].id.in_(ids))
        for type_, ids in par_type.items()
    ]
    return {(type_, id_) for type_, id_ in session.execute(union_all(*lectures))} if lectures else set()


def noms(session: Session, objets: Iterable[Mapping[str, Any]], *ars: str | None) -> dict[tuple[str, Any], str]:
    """Names of what the fields of these objects refer to, and of these ARS: (field, key) → name."""
    cles: dict[str, set[Any]] = {"ars_code": {code for code in ars if code}}
    for champ, valeur in (paire for un in objets for cote in ("avant", "apres") for paire in un[cote].items()):
        if champ in CLES and isinstance(valeur, CLES[champ][0].type.python_type):
            cles.setdefault(champ, set()).add(valeur)
    lectures = [
        select(literal(champ), cast(CLES[champ][0], String), CLES[champ][1]).where(CLES[champ][0].in_(valeurs))
        for champ, valeurs in cles.items()
        if valeurs
    ]
    if not lectures:
        return {}
    lus = session.execute(union_all(*lectures))
    return {(champ, CLES[champ][0].type.python_type(cle)): nom for champ, cle, nom in lus}


_premiere = aliased(EntreeJournal)
_OBJETS = func.jsonb_array_length(Evenement.changements)
_TABLE = (
    select()
    .select_from(Evenement)
    .outerjoin(_premiere, and_(_premiere.evenement_id == Evenement.id, _premiere.rang == 0))
    .outerjoin(Ars, Ars.code == Evenement.ars_travail_code)
)
_AFFICHAGE = _TABLE.add_columns(
    Evenement.id,
    Evenement.le,
    Evenement.acteur,
    Evenement.operation,
    Ars.nom.label("ars"),
    _OBJETS.label("objets"),
    _premiere.objet_type,
    _premiere.objet_libelle,
    _premiere.phrase,
)

_EXPORT: dict[str, Any] = {
    "Événement": Evenement.id,
    "Date": func.to_char(func.timezone(PARIS.key, Evenement.le), "DD/MM/YYYY HH24:MI:SS"),
    "Utilisateur": Evenement.acteur,
    "ARS de travail": Ars.nom,
    "Opération": case(libelles.OPERATIONS, value=Evenement.operation, else_=Evenement.operation),
    "Source": Evenement.source,
    "Objets touchés": _OBJETS,
    "Première entrée": _premiere.phrase,
    "Requête": Evenement.requete_id,
}

RECHERCHE = Recherche(
    modele=Evenement,
    conditions=conditions,
    tris={"le": Evenement.le},
    affichage=_AFFICHAGE,
    export=_TABLE.add_columns(*_EXPORT.values()),
    entetes=tuple(_EXPORT),
)
