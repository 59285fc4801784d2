"""Units of work: the only module that commits. Each one leaves an `Evenement` in the transaction of its change.

Two rules are enforced here whatever the caller forgot, at the flush of any session:
a business object is written only inside a unit of work, and only when the actor covers its ARS, before and after.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar, cast

from blinker import Signal
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Integer,
    Table,
    Update,
    any_,
    column,
    event,
    func,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from app.errors import OperationRefused, Refus
from app.journal import Changement, changement, en_json
from app.scope import Actor
from models.base import Journalise, Model
from models.journal import Evenement

committed = Signal("An event was committed; sent with its id.")

_Session: sessionmaker[Session] = sessionmaker(join_transaction_mode="create_savepoint", expire_on_commit=False)
_Ligne = TypeVar("_Ligne", bound=Model)
_CLE = "unit_of_work"


def configure(bind: Engine | Connection) -> None:
    """Tell where sessions opened here connect: called once by the web factory, a worker, a command or a test."""
    _Session.configure(bind=bind)


@contextmanager
def transaction() -> Iterator[Session]:
    """A session of its own, committed at the end, rolled back on any error."""
    with _Session.begin() as session:
        yield session


def finir_lecture(session: Session) -> None:
    """End a transaction that only read, by COMMIT: at each ROLLBACK psycopg forgets the statements it has prepared, and
    planning those of a card again takes longer than running them.
    """
    if session.in_transaction() and not (session.new or session.dirty or session.deleted):
        session.commit()


_SUIVANT = select(func.nextval(func.pg_get_serial_sequence(Evenement.__tablename__, "id")))
HORS_ARS = Refus("E-HORS-ARS", "Cet objet n’appartient pas à votre ARS de travail : il n’a pas été modifié.")

# By which a user of an ARS gives a terrain, with its agréments, to another one (S109, S123).
CESSIONS = frozenset({"TS.changer_ars", "TS.transferer_praticien"})


@dataclass(frozen=True)
class Ecriture:
    """One row of `UnitOfWork.ecrire_en_lot`: the columns that change, before and after, and who may change them."""

    id: int
    libelle: str
    ars_codes: tuple[str, ...]
    avant: dict[str, Any]
    apres: dict[str, Any]


@dataclass
class UnitOfWork:
    """What an operation receives: the session, the actor, locks and the journal. It never commits."""

    session: Session
    actor: Actor
    operation: str
    source: str
    details: dict[str, Any] | None = None
    changements: dict[int, Changement] = field(default_factory=dict)
    en_lot: list[dict[str, Any]] = field(default_factory=list)  # written below the flush, as the journal has it
    evenement_id: int | None = None  # of the event, once committed: where a report finds what was done

    def lock(self, model: type[_Ligne], *ids: int) -> list[_Ligne]:
        """Rows of `model` in the order of `ids`, fresh and locked in ascending id so that no two users deadlock."""
        [cle] = inspect(model).primary_key
        verrou = select(model).where(cle.in_(set(ids))).order_by(cle).with_for_update(of=model)
        lignes = self.session.scalars(verrou.execution_options(populate_existing=True)).all()
        par_id = {inspect(ligne).mapper.primary_key_from_instance(ligne)[0]: ligne for ligne in lignes}
        if manquants := set(ids) - par_id.keys():
            numeros = ", ".join(str(un) for un in sorted(manquants))
            message = f"Fiche introuvable (numéro interne {numeros}) : revenez à la liste."
            raise OperationRefused(Refus("E-INTROUVABLE", message))
        return [par_id[un] for un in ids]

    def serialiser(self, cle: str) -> None:
        """Wait for whoever does the same thing on the same key: for rows that do not exist yet, so cannot be locked."""
        self.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(cle, 0))))

    def ecrire_en_lot(self, modele: type[Journalise], ecritures: Sequence[Ecriture]) -> None:
        """Write many rows of `modele`, each once, with their lines in the journal: ten times faster than their objects.

        The rows are locked by the caller. These statements pass below the flush: their scope is in their WHERE, and
        nothing is given to another ARS but by the operations that are made for it.
        """
        self.session.flush()
        recus = {une.apres["ars_code"] for une in ecritures if "ars_code" in une.apres}
        if self.operation not in CESSIONS and not all(self.actor.covers_ars({code}) for code in recus):
            raise OperationRefused(HORS_ARS)
        for champs, lot in _par_champs(ecritures):
            instruction = _mise_a_jour(modele, champs, lot)
            if not self.actor.national:
                instruction = instruction.where(table(modele).c.ars_code == self.actor.ars_code)
            ecrites = cast("CursorResult[Any]", self.session.execute(instruction)).rowcount
            if ecrites != len(lot) or not self.actor.ecriture:
                raise OperationRefused(HORS_ARS)
        self.session.expire_all()
        self.en_lot += [en_json(modele, une.id, une.libelle, une.ars_codes, une.avant, une.apres) for une in ecritures]

    def reserver_l_evenement(self) -> int:
        """The id that the event of this unit of work will have. Asked for under lock, so that ids keep the order in
        which things were done.
        """
        if self.evenement_id is None:
            self.evenement_id = self.session.scalars(_SUIVANT).one()
        return self.evenement_id

    def evenement(self) -> Evenement | None:
        """The event of this unit of work; none when it changed nothing and has nothing to tell."""
        changements = [un.en_json() for un in self.changements.values() if un.reel] + self.en_lot
        if not changements and self.details is None:
            return None
        return Evenement(
            id=self.evenement_id,
            operation=self.operation,
            acteur=self.actor.login,
            ars_travail_code=self.actor.ars_code,
            source=self.source,
            requete_id=str(uuid.uuid4()),
            changements=changements,
            details=self.details,
        )


@contextmanager
def unit_of_work(
    actor: Actor, operation: str, *, source: str = "écran", session: Session | None = None
) -> Iterator[UnitOfWork]:
    """Run one operation: commit its changes with their event, or nothing at all.

    `operation` is the journal's code (« ET.creer »); `session` is the caller's, or else one of its own.
    """
    en_propre = session is None
    session = session or _Session()
    uow = UnitOfWork(session, actor, operation, source)
    session.info[_CLE] = uow
    try:
        yield uow
        session.flush()
        evenement = uow.evenement()
        if evenement is not None:
            session.add(evenement)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[_CLE]
        if en_propre:
            session.close()
    if evenement is not None:
        uow.evenement_id = evenement.id
        committed.send(evenement.id)


@event.listens_for(Session, "before_flush")
def _garder(session: Session, _contexte: UOWTransaction, _objets: object) -> None:
    """Last guard before the database: scope and journal of every business object about to be written."""
    touches = [*session.new, *(objet for objet in session.dirty if session.is_modified(objet)), *session.deleted]
    uow: UnitOfWork | None = session.info.get(_CLE)
    for objet in touches:
        if not isinstance(objet, Journalise):
            continue
        if uow is None:
            raise RuntimeError(f"{type(objet).__name__} written outside a unit of work")
        with session.no_autoflush:
            _aligner_ars(objet)
            _exiger_portee(uow.actor, objet)
            precedent = uow.changements.get(id(objet))
            uow.changements[id(objet)] = changement(objet, precedent, suppression=objet in session.deleted)


def _aligner_ars(objet: Journalise) -> None:
    """An ARS set through the relation reaches its column at the flush only: too late to be checked and journaled."""
    relation = inspect(type(objet)).relationships.get("ars")
    if relation is None or relation.uselist or not inspect(objet).attrs["ars"].history.has_changes():
        return
    ars = getattr(objet, "ars")  # noqa: B009 - not every business object has one
    setattr(objet, "ars_code", ars.code if ars else None)  # noqa: B010


def _exiger_portee(actor: Actor, objet: Journalise) -> None:
    """The actor must cover the object as it was and as it becomes: no row is taken from, or given to, another ARS."""
    historique = inspect(objet).attrs["ars_code"].history if "ars_code" in inspect(objet).attrs else None
    anciens = {code for code in historique.deleted if code} if historique else set()
    if not actor.covers(objet) or (anciens and not actor.covers_ars(anciens)):
        raise OperationRefused(HORS_ARS)


def table(modele: type[Journalise]) -> Table:
    """Table of a model, for statements that bypass its objects."""
    return cast("Table", inspect(modele).local_table)


def _par_champs(ecritures: Sequence[Ecriture]) -> Iterator[tuple[tuple[str, ...], list[Ecriture]]]:
    """Rows by the columns they change: one statement each."""
    lots: dict[tuple[str, ...], list[Ecriture]] = {}
    for une in ecritures:
        lots.setdefault(tuple(sorted(une.apres)), []).append(une)
    yield from lots.items()


def _mise_a_jour(modele: type[Journalise], champs: tuple[str, ...], lot: Sequence[Ecriture]) -> Update:
    """What the rows have in common travels once, the rest as one JSON parameter; their version, if they have one, rises
    as for a change made by hand.
    """
    colonnes = table(modele).c
    suivi = {"modifie_le": func.now(), **({"version": colonnes.version + 1} if "version" in colonnes else {})}
    premiere = lot[0].apres
    communs = [champ for champ in champs if all(une.apres[champ] == premiere[champ] for une in lot)]
    valeurs = suivi | {champ: literal(premiere[champ], colonnes[champ].type) for champ in communs}
    if len(communs) == len(champs):
        ids = tableau(une.id for une in lot)
        return update(table(modele)).where(colonnes.id == any_(ids)).values(valeurs)
    propres = [champ for champ in champs if champ not in communs]
    lignes = [{"id": une.id, **{champ: _brut(une.apres[champ]) for champ in propres}} for une in lot]
    source = (
        func.jsonb_to_recordset(literal(lignes, JSONB))
        .table_valued(column("id", Integer), *(column(champ, colonnes[champ].type) for champ in propres))
        .render_derived(name="lot", with_types=True)
    )
    return (
        update(table(modele))
        .where(colonnes.id == source.c.id)
        .values(valeurs | {champ: source.c[champ] for champ in propres})
    )


def tableau(ids: Iterable[int]) -> ColumnElement[Any]:
    """Numbers as one parameter: a text is ten times quicker to send than a list, and the sub-select reads it once."""
    texte = literal("{" + ",".join(map(str, ids)) + "}")
    return sql_cast(select(sql_cast(texte, ARRAY(Integer))).scalar_subquery(), ARRAY(Integer))


def _brut(valeur: Any) -> Any:
    """As the column stores it: an enum by its name."""
    return valeur.name if isinstance(valeur, Enum) else valeur
