"""Seeds: the small reference tables shipped in `app/seeds/`, loaded by `flask init` (set-based, idempotent).

Two rules. Tables that national administrators edit on screen: only the rows that are missing are added, so that their
changes last. Tables of the official geographic code, which nobody edits: the file is right, so rows are added,
updated and removed, until an operator loads a published file in their place: from then on they are the operator's.

A file whose content was already loaded is not read again.
"""

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    CursorResult,
    Delete,
    Insert,
    Select,
    String,
    Table,
    Update,
    and_,
    delete,
    exists,
    not_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.geographie import code_departement, normaliser_ville
from app.referentiels.copie import copier
from models.commune import AliasCommune, CodePostal, Commune
from models.graine import Graine
from models.interne import Semestre
from models.nomenclature import CategorieFiness, Chu, Specialite, StatutJuridique
from models.territoire import Ars, Departement, Interregion, Perimetre, Subdivision, SubdivisionArs
from models.universite import Circonscription, Formation, Ufr, UfrFormation

DOSSIER = Path(__file__).resolve().parents[1] / "seeds"

MILLESIME_GRAINES = date(2026, 1, 1)  # of communes.csv
_Ligne = dict[str, str]


@dataclass(frozen=True)
class _Source:
    """A seed file and the table it fills: `lignes` makes rows of one line, `requete` reads them from the staging."""

    fichier: str
    modele: Any
    lignes: Callable[[_Ligne], Iterator[_Ligne]] = lambda ligne: iter([ligne])
    requete: Callable[[Table], Select[*tuple[Any, ...]]] | None = None
    fait_foi: bool = False

    @property
    def nom(self) -> str:
        return str(self.table.name)

    @property
    def table(self) -> Table:
        table: Table = self.modele.__table__
        return table


def _commune(ligne: _Ligne) -> Iterator[_Ligne]:
    yield {
        "code": ligne["code"],
        "nom": ligne["nom"],
        "nom_postal": normaliser_ville(ligne["nom"]),
        "departement_code": code_departement(ligne["code"]),
        "commune_mere_code": ligne["commune_mere_code"],
    }


def _codes_postaux(ligne: _Ligne) -> Iterator[_Ligne]:
    for code_postal in ligne["codes_postaux"].split():
        yield {"code_postal": code_postal, "commune_code": ligne["code"]}


def _ufr_formation(copie: Table) -> Select[*tuple[Any, ...]]:
    """The file names the UFR, the formation and the circonscription: their ids are the database's own."""
    return (
        select(
            Ufr.id.label("ufr_id"),
            Formation.id.label("formation_id"),
            Circonscription.id.label("circonscription_id"),
        )
        .select_from(copie)
        .join(Ufr, Ufr.nom == copie.c.ufr)
        .join(Formation, Formation.nom == copie.c.formation)
        .join(Circonscription, Circonscription.nom == copie.c.circonscription)
    )


# In the order of their foreign keys.
SOURCES = (
    _Source("ars", Ars),
    _Source("interregions", Interregion),
    _Source("subdivisions", Subdivision),
    _Source("subdivisions_ars", SubdivisionArs),
    _Source("departements", Departement),
    _Source("perimetres", Perimetre, fait_foi=True),
    _Source("communes", Commune, _commune, fait_foi=True),
    _Source("communes", CodePostal, _codes_postaux, fait_foi=True),
    _Source("alias_communes", AliasCommune, fait_foi=True),
    _Source("circonscriptions", Circonscription),
    _Source("ufr", Ufr),
    _Source("formations", Formation),
    _Source("ufr_formations", UfrFormation, requete=_ufr_formation),
    _Source("specialites", Specialite),
    _Source("categories_finess", CategorieFiness),
    _Source("statuts_juridiques", StatutJuridique),
    _Source("chu", Chu),
    _Source("semestres", Semestre),
)
# Three tables that go together: a postal code of the seed may name a commune that a file abolished.
CODE_OFFICIEL = {"commune", "code_postal", "alias_commune"}


def charger_graines(session: Session) -> dict[str, int]:
    """Load the seeds whose file changed since the last time; return the rows written, by table."""
    connues = {graine.nom: graine for graine in session.scalars(select(Graine))}
    empreintes = {
        source.nom: hashlib.sha256(chemin_graine(source.fichier).read_bytes()).hexdigest() for source in SOURCES
    }
    tenues = CODE_OFFICIEL if any(connues[nom].fichier for nom in CODE_OFFICIEL & connues.keys()) else set()
    changees = [
        source
        for source in SOURCES
        if source.nom not in tenues
        if source.nom not in connues or connues[source.nom].empreinte != empreintes[source.nom]
    ]
    ecrites = {source.nom: _ecrire(session, source) for source in changees}
    for source in reversed(changees):
        if source.fait_foi and source.nom in connues:
            ecrites[source.nom] += _retirer(session, source)
    for source in changees:
        session.merge(Graine(nom=source.nom, empreinte=empreintes[source.nom]))
    session.flush()
    return ecrites


def chemin_graine(nom: str) -> Path:
    """File of a seed."""
    return DOSSIER / f"{nom}.csv"


def lire_graine(nom: str) -> Iterator[_Ligne]:
    """Lines of a seed file, as text."""
    with chemin_graine(nom).open(encoding="utf-8", newline="") as flux:
        yield from csv.DictReader(flux)


def _copie(session: Session, source: _Source) -> Table:
    lignes = (une for ligne in lire_graine(source.fichier) for une in source.lignes(ligne))
    premiere = next(lignes)
    valeurs = ([valeur or None for valeur in ligne.values()] for ligne in chain([premiere], lignes))
    return copier(session, list(premiere), valeurs)


def _ecrire(session: Session, source: _Source) -> int:
    """Rows of the file into the table; a row already there changes only where the file is right."""
    copie = _copie(session, source)
    modifiees = _modifier(session, source, copie) if source.fait_foi else 0
    requete = source.requete(copie) if source.requete else select(*(_typee(une, source) for une in copie.c))
    colonnes = [colonne.name for colonne in requete.selected_columns]
    ajout = insert(source.table).from_select(colonnes, requete).on_conflict_do_nothing()
    return modifiees + _executer(session, ajout)


def _modifier(session: Session, source: _Source, copie: Table) -> int:
    table = source.table
    valeurs = [colonne.name for colonne in copie.c if not table.c[colonne.name].primary_key]
    if not valeurs:
        return 0
    actuelles, lues = (tuple_(*(une.c[nom] for nom in valeurs)) for une in (table, copie))
    changement = update(table).where(_meme_cle(table, copie), actuelles.is_distinct_from(lues))
    return _executer(session, changement.values({nom: copie.c[nom] for nom in valeurs}))


def _retirer(session: Session, source: _Source) -> int:
    """Rows that the file no longer has; called from the last table to the first, for the foreign keys."""
    copie = _copie(session, source)
    absentes = not_(exists().where(_meme_cle(source.table, copie)))
    return _executer(session, delete(source.table).where(absentes))


def _executer(session: Session, instruction: Insert | Update | Delete) -> int:
    resultat = session.execute(instruction, execution_options={"preserve_rowcount": True})
    return cast("CursorResult[Any]", resultat).rowcount


def _meme_cle(table: Table, copie: Table) -> ColumnElement[bool]:
    return and_(*(cle == copie.c[cle.name] for cle in table.primary_key))


def _typee(colonne: Column[Any], source: _Source) -> ColumnElement[Any]:
    """Texts stay texts, so that one too long for its column is an error and not cut."""
    type_ = source.table.c[colonne.name].type
    return colonne if isinstance(type_, String) else colonne.cast(type_).label(colonne.name)
