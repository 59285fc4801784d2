"""Follow-up of a run: its `Traitement` row, written in short transactions of their own so that a screen sees it move.

One run of a type at a time, by a unique index; a run whose heart has stopped no longer holds the place.
"""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from blinker import Signal
from sqlalchemy import and_, exists, func, not_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from app.errors import FichierRefuse, FichierSuspect, OperationRefused, Refus
from app.scope import Actor
from app.unit_of_work import transaction, unit_of_work
from models.traitement import EtatTraitement, Traitement, TypeTraitement

demandee = Signal("A run was asked for; sent with its number.")

SANS_BATTEMENT = timedelta(minutes=10)
SANS_MESSAGE = timedelta(minutes=1)
_CADENCE = 1.0  # seconds between two writes of the progress
_EN_COURS = (EtatTraitement.EN_ATTENTE, EtatTraitement.EN_COURS)


def demander(type_: TypeTraitement, source: str, *, demandeur: str, simulation: bool = False) -> int:
    """Register a run and return its number; refused while another one of the same type is not over."""
    liberer_interrompus()
    with transaction() as session:
        return _inscrire(session, type_, source, demandeur, simulation=simulation)


def lancer(
    actor: Actor, type_: TypeTraitement, source: str, *, simulation: bool = False, session: Session | None = None
) -> int:
    """Register the run that a user asks for, journaled, and have a worker carry it out (M25)."""
    if not actor.covers_ars(set()):
        raise OperationRefused(Refus("E-DROIT", "Seul un administrateur national lance une synchronisation."))
    liberer_interrompus()
    with unit_of_work(actor, "SYN.lancer", session=session) as uow:
        numero = _inscrire(uow.session, type_, source, actor.login, simulation=simulation)
        uow.details = {"traitement": numero, "fichier": source, "simulation": "oui" if simulation else "non"}
    demandee.send(numero)
    return numero


def _inscrire(session: Session, type_: TypeTraitement, source: str, demandeur: str, *, simulation: bool) -> int:
    demande = (
        insert(Traitement)
        .values(type=type_, etat=EtatTraitement.EN_ATTENTE, source=source, demandeur=demandeur, simulation=simulation)
        .on_conflict_do_nothing(index_elements=["type"], index_where=Traitement.etat.in_(_EN_COURS))
        .returning(Traitement.id)
    )
    numero = session.scalar(demande)
    if numero is None:
        message = "Un traitement de ce référentiel est déjà en attente ou en cours : attendez sa fin."
        raise OperationRefused(Refus("E-TRAITEMENT-EN-COURS", message))
    return numero


def oublies() -> list[int]:
    """Runs that have waited for longer than a message takes: Redis was down when they were asked for."""
    attente = select(Traitement.id).where(
        Traitement.etat == EtatTraitement.EN_ATTENTE, Traitement.demande_le < func.now() - SANS_MESSAGE
    )
    with transaction() as session:
        return list(session.scalars(attente.order_by(Traitement.id)))


def liberer_interrompus() -> None:
    """Close the runs that nobody carries on: their worker was killed, or their message was lost.

    A run that waits for that of another registry, which is alive, keeps its turn.
    """
    silence = func.coalesce(Traitement.battement_le, Traitement.demande_le) < func.now() - SANS_BATTEMENT
    autre = aliased(Traitement)
    vivant = exists().where(autre.etat == EtatTraitement.EN_COURS, autre.battement_le >= func.now() - SANS_BATTEMENT)
    a_son_tour = and_(Traitement.etat == EtatTraitement.EN_ATTENTE, vivant)
    with transaction() as session:
        session.execute(
            update(Traitement)
            .where(Traitement.etat.in_(_EN_COURS), silence, not_(a_son_tour))
            .values(etat=EtatTraitement.ECHEC, motif="Le traitement s’est interrompu.", fin_le=func.now())
        )


def commencer(traitement_id: int) -> Traitement | None:
    """Take a run that is not over; None when it is, so that a message delivered twice is safe.

    The caller holds the lock of its type: a run that is already begun lost its worker, and begins again.
    """
    prise = (
        update(Traitement)
        .where(Traitement.id == traitement_id, Traitement.etat.in_(_EN_COURS))
        .values(etat=EtatTraitement.EN_COURS, debut_le=func.now(), battement_le=func.now())
        .returning(Traitement)
    )
    with transaction() as session:
        return session.scalar(prise)


@dataclass
class Suivi:
    """What a run tells while it lasts."""

    traitement_id: int
    simulation: bool = False  # nothing may be written but what this class writes
    _dernier: float = 0.0

    def etape(self, etape: str, **champs: Any) -> None:
        """Tell the step that begins."""
        self._noter(etape=etape, **champs)

    @property
    def attendu(self) -> bool:
        """Whether it is time to tell the progress: once a second."""
        return time.monotonic() - self._dernier >= _CADENCE

    def avancer(self, octets_lus: int) -> None:
        """Tell how much of the file is read, at most once a second."""
        if self.attendu:
            self._noter(octets_lus=octets_lus)

    def _noter(self, **champs: Any) -> None:
        with transaction() as session:
            _ecrire(session, self.traitement_id, EtatTraitement.EN_COURS, battement_le=func.now(), **champs)
        self._dernier = time.monotonic()


def cloturer(session: Session, traitement_id: int, etat: EtatTraitement, **champs: Any) -> None:
    """Write the outcome of a run in the transaction of its changes; fails if the run was given up meanwhile."""
    if not _ecrire(session, traitement_id, EtatTraitement.EN_COURS, etat=etat, **_fin(), **champs):
        raise RuntimeError(f"run {traitement_id} was given up by another process")


@contextmanager
def issue_garantie(traitement_id: int) -> Iterator[None]:
    """Whatever happens, the run ends: refused or in quarantine with its reason, or failed if the error is ours."""
    etat, motif, code = EtatTraitement.ECHEC, "Erreur interne : voir les journaux du serveur.", None
    try:
        yield
    except FichierRefuse as refus:
        etat = EtatTraitement.QUARANTAINE if isinstance(refus, FichierSuspect) else EtatTraitement.REFUSE
        motif, code = refus.message, refus.code
    finally:
        with transaction() as session:  # no effect on a run that is over
            _ecrire(session, traitement_id, *_EN_COURS, etat=etat, motif=motif, motif_code=code, **_fin())


def _fin() -> dict[str, Any]:
    maximum = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"etape": None, "fin_le": func.clock_timestamp(), "memoire_max": maximum}


def _ecrire(session: Session, traitement_id: int, *etats: EtatTraitement, **champs: Any) -> bool:
    """Write on a run that is in one of these states; says whether it was."""
    ecriture = update(Traitement).where(Traitement.id == traitement_id, Traitement.etat.in_(etats)).values(**champs)
    return session.scalar(ecriture.returning(Traitement.id)) is not None
