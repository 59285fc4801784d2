"""Synchronisation with a registry: file → staging → differences → brake → mirror and application (manual §1.2, §1.3).

One transaction holds everything that a file changes, under an advisory lock: it is applied whole, or not at all.
The order of the night is that of SPEC §3: (1) read, (2) brake, (3) re-attachments, (4) ET, (5) EJ, (6) copies.
Each registry brings its steps: FINESS below, RPPS in `rpps_synchro`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.referentiels import arrivee, ecarts, frein, suivi
from app.referentiels.depots import Source
from app.referentiels.lignes import Entete
from app.referentiels.repercussion import repercuter
from app.unit_of_work import transaction
from models.traitement import EtatTraitement, Traitement, TypeTraitement

_VERROU = text("SELECT pg_advisory_xact_lock(hashtext('synchronisation'))")


class Arrivee(Protocol):
    """What a staging tells: at least what the file says of itself."""

    @property
    def entete(self) -> Entete: ...


@dataclass(frozen=True)
class Referentiel:
    """The steps of one registry, in their order; a first load is counted, its changes are not listed."""

    type: TypeTraitement
    ouvrir: Callable[[Path], Any]
    charger: Callable[[Session, Any, suivi.Suivi], Arrivee]
    comparer: Callable[[Session, Any], frein.Bilan]
    freiner: Callable[[Any, Traitement | None], None]
    est_charge: Callable[[Session], bool]
    consigner_changements: Callable[[Session, int], None]
    appliquer: Callable[[Session, date], None]
    repercuter: Callable[[Session, int, date], int]


FINESS = Referentiel(
    type=TypeTraitement.FINESS,
    ouvrir=Source,
    charger=arrivee.charger,
    comparer=ecarts.comparer,
    freiner=frein.refuser_finess_inexploitable,
    est_charge=ecarts.est_charge,
    consigner_changements=ecarts.consigner_changements,
    appliquer=ecarts.appliquer,
    repercuter=repercuter,
)


def synchroniser(referentiel: Referentiel, traitement_id: int, chemin: Path) -> Traitement:
    """Carry out a run that was asked for; returns it with its outcome. A run already over is left as it is."""
    with suivi.issue_garantie(traitement_id), transaction() as session:
        verrouiller(session)
        traitement = suivi.commencer(traitement_id)
        if traitement is not None:
            _traiter(session, referentiel, traitement, referentiel.ouvrir(chemin))
    with transaction() as session:
        return session.get_one(Traitement, traitement_id)


def verrouiller(session: Session) -> None:
    """Wait for whoever is bringing a registry: they take turns, until the end of their transactions."""
    session.execute(_VERROU)


synchroniser_finess = partial(synchroniser, FINESS)


def dernier_applique(session: Session, type_: TypeTraitement = TypeTraitement.FINESS) -> Traitement | None:
    """The run that brought the mirror to its present state."""
    appliques = select(Traitement).where(Traitement.type == type_, Traitement.etat == EtatTraitement.APPLIQUE)
    return session.scalar(appliques.order_by(Traitement.donnees_du.desc(), Traitement.id.desc()).limit(1))


def _traiter(session: Session, referentiel: Referentiel, traitement: Traitement, source: Source) -> None:
    dernier = dernier_applique(session, referentiel.type)
    progres = suivi.Suivi(traitement.id, simulation=traitement.simulation)
    progres.etape("Lecture du fichier", octets_total=source.taille)
    if dernier is not None and source.taille == dernier.octets_total and source.somme() == dernier.somme_controle:
        _rejouer(session, referentiel, traitement, dernier)
        return
    premiere_fois = not referentiel.est_charge(session)
    lu = referentiel.charger(session, source, progres)
    frein.refuser_plus_ancien(lu.entete, dernier)
    progres.etape("Comparaison avec le référentiel", octets_lus=source.octets_lus)
    bilan = referentiel.comparer(session, lu)
    referentiel.freiner(bilan, dernier)
    progres.etape("Application des changements")
    issue: dict[str, Any] = {
        "octets_lus": source.octets_lus,
        "somme_controle": source.somme_lue(),
        "version_schema": lu.entete.version_schema,
        "donnees_du": lu.entete.genere_le,
        **bilan.comptes(),
    }
    ecarts.consigner_rejets(session, traitement.id)
    if not premiere_fois:  # the first load is no news: counted, not listed
        referentiel.consigner_changements(session, traitement.id)
    _appliquer(session, referentiel, traitement, issue)


def _appliquer(session: Session, referentiel: Referentiel, traitement: Traitement, issue: dict[str, Any]) -> None:
    """Write everything, or everything but what a simulation would change."""
    le = issue["donnees_du"].date()
    with session.begin_nested() as point:
        referentiel.appliquer(session, le)
        issue["objets_modifies"] = referentiel.repercuter(session, traitement.id, le)
        if traitement.simulation:
            point.rollback()
    etat = EtatTraitement.SIMULE if traitement.simulation else EtatTraitement.APPLIQUE
    suivi.cloturer(session, traitement.id, etat, **issue)


def _rejouer(session: Session, referentiel: Referentiel, traitement: Traitement, dernier: Traitement) -> None:
    """The file that the mirror already reflects: only the application may have moved since (A15)."""
    assert dernier.donnees_du is not None  # every applied run has the date of its file
    with session.begin_nested() as point:
        objets = referentiel.repercuter(session, traitement.id, dernier.donnees_du.date())
        if traitement.simulation:
            point.rollback()
    fichier = ("somme_controle", "version_schema", "donnees_du")
    repris = ("lus", "ej_lues", "et_lus", "praticiens", "hors_champ", "rejetes", *fichier)
    issue: dict[str, Any] = {un: getattr(dernier, un) for un in repris}
    suivi.cloturer(
        session,
        traitement.id,
        EtatTraitement.DEJA_INTEGRE,
        motif="Ce fichier est celui de la dernière synchronisation appliquée.",
        inchanges=dernier.lus - dernier.rejetes - dernier.hors_champ,
        octets_lus=dernier.octets_total,
        objets_modifies=objets,
        **issue,
    )
