"""Units of work: the only module that commits. Each one leaves an `Evenement` in the transaction of its change.

Two rules are enforced here whatever the caller forgot, at the flush of any session:
a business object is written only inside a unit of work, and only when the actor covers its ARS, before and after.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from blinker import Signal
from sqlalchemy import (
    ARRAY,
    Connection,
    CursorResult,
    Engine,
    Integer,
    Table,
    Update,
    any_,
    bindparam,
    event,
    func,
    inspect,
    literal,
    select,
    update,
)
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


HORS_ARS = Refus("E-HORS-ARS", "Cet objet n’appartient pas à votre ARS de travail : il n’a pas été modifié.")


@dataclass(frozen=True)
class Ecriture:
    """One row of `UnitOfWork.ecrire_en_lot`: what the journal says of it, and the values that only this row gets."""

    id: int
    libelle: str
    ars_codes: tuple[str, ...]
    avant: dict[str, Any]
    propres: dict[str, Any]


@dataclass
class UnitOfWork:
    """What an operation receives: the session, the actor, locks and the journal. It never commits."""

    session: Session
    actor: Actor
    operation: str
    source: str
    details: dict[str, Any] | None = None
    changements: dict[int, Changement] = field(default_factory=dict)
    en_lot: list[dict[str, Any]] = field(
        default_factory=list
    )  # changes written below the flush, as the journal has them
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

    def ecrire_en_lot(self, modele: type[Journalise], communes: dict[str, Any], ecritures: Sequence[Ecriture]) -> None:
        """Write many rows of `modele` in a few statements, with their lines in the journal: ten times an ORM loop.

        `communes` are the values that every row gets; those of its own are in its `Ecriture`. The rows are locked by
        the caller. These statements pass below the flush: their scope is in their WHERE.
        """
        if not ecritures:
            return
        self.session.flush()
        ids = [une.id for une in ecritures]
        portee = [] if self.actor.national else [table(modele).c.ars_code == self.actor.ars_code]
        ecrites = cast(
            "CursorResult[Any]", self.session.execute(_commun(modele, ids, communes).where(*portee))
        ).rowcount
        if ecrites != len(ids) or not self.actor.ecriture:
            raise OperationRefused(HORS_ARS)
        for champs, lignes in _par_champs(ecritures):
            propres: dict[str, Any] = {champ: bindparam(f"_{champ}") for champ in champs}
            instruction = update(table(modele)).where(table(modele).c.id == bindparam("_id")).values(propres)
            self.session.connection().execute(instruction, lignes)
        self.session.expire_all()
        self.en_lot += [
            en_json(modele, une.id, une.libelle, une.ars_codes, une.avant, {**communes, **une.propres})
            for une in ecritures
        ]

    def evenement(self) -> Evenement | None:
        """The event of this unit of work; none when it changed nothing and has nothing to tell."""
        changements = [un.en_json() for un in self.changements.values() if un.reel] + self.en_lot
        if not changements and self.details is None:
            return None
        return Evenement(
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


def _commun(modele: type[Journalise], ids: list[int], communes: dict[str, Any]) -> Update:
    """The same change to many rows; their version rises, as for a change made by hand."""
    colonnes = table(modele).c
    suivi = {"version": colonnes.version + 1, "modifie_le": func.now()}
    choisies = colonnes.id == any_(literal(ids, ARRAY(Integer)))
    return update(table(modele)).where(choisies).values({**communes, **suivi})


def _par_champs(ecritures: Sequence[Ecriture]) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    """Rows with values of their own, by the columns they change: one statement each."""
    lots: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for une in ecritures:
        if une.propres:
            valeurs = {f"_{champ}": valeur for champ, valeur in une.propres.items()}
            lots.setdefault(tuple(une.propres), []).append({"_id": une.id, **valeurs})
    yield from lots.items()
