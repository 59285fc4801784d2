"""Synchronisation with FINESS: file → staging → differences → brake → mirror and application (manual §1.2, §1.3).

One transaction holds everything that a file changes, under an advisory lock: it is applied whole, or not at all.
The order of the night is that of SPEC §3: (1) read, (2) brake, (3) re-attachments, (4) ET, (5) EJ, (6) copies.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.referentiels import arrivee, ecarts, frein, suivi
from app.referentiels.depots import Source
from app.referentiels.ecarts import Bilan
from app.referentiels.repercussion import repercuter
from app.unit_of_work import transaction
from models.finess import FinessEj
from models.traitement import EtatTraitement, Traitement, TypeTraitement

_VERROU = text("SELECT pg_advisory_xact_lock(hashtext('synchronisation'))")


def synchroniser_finess(traitement_id: int, chemin: Path) -> Traitement:
    """Carry out a run that was asked for; returns it with its outcome. A run already over is left as it is."""
    with suivi.issue_garantie(traitement_id), transaction() as session:
        session.execute(_VERROU)
        traitement = suivi.commencer(traitement_id)
        if traitement is not None:
            _traiter(session, traitement, Source(chemin))
    with transaction() as session:
        return session.get_one(Traitement, traitement_id)


def dernier_applique(session: Session) -> Traitement | None:
    """The run that brought the mirror to its present state."""
    appliques = select(Traitement).where(
        Traitement.type == TypeTraitement.FINESS, Traitement.etat == EtatTraitement.APPLIQUE
    )
    return session.scalar(appliques.order_by(Traitement.donnees_du.desc(), Traitement.id.desc()).limit(1))


def _traiter(session: Session, traitement: Traitement, source: Source) -> None:
    dernier = dernier_applique(session)
    progres = suivi.Suivi(traitement.id)
    progres.etape("Lecture du fichier", octets_total=source.taille)
    if dernier is not None and source.taille == dernier.octets_total and source.somme() == dernier.somme_controle:
        _rejouer(session, traitement, dernier)
        return
    lu = arrivee.charger(session, source, progres)
    frein.refuser_plus_ancien(lu.entete, dernier)
    progres.etape("Comparaison avec le référentiel", octets_lus=source.octets_lus)
    bilan = ecarts.comparer(session, lu.ej_lues, lu.et_lus)
    frein.refuser_inexploitable(bilan)
    progres.etape("Application des changements")
    issue: dict[str, Any] = {
        "octets_lus": source.octets_lus,
        "somme_controle": source.somme_lue(),
        "version_schema": lu.entete.version_schema,
        "donnees_du": lu.entete.genere_le,
    }
    _appliquer(session, traitement, bilan, issue)


def _appliquer(session: Session, traitement: Traitement, bilan: Bilan, issue: dict[str, Any]) -> None:
    """Write everything, or everything but what a simulation would change."""
    ecarts.consigner_rejets(session, traitement.id)
    if session.scalar(select(FinessEj.numero).limit(1)) is not None:  # the first load is no news: counted, not listed
        ecarts.consigner_changements(session, traitement.id)
    le = issue["donnees_du"].date()
    with session.begin_nested() as point:
        ecarts.appliquer(session, le)
        issue["objets_modifies"] = repercuter(session, traitement.id, le)
        if traitement.simulation:
            point.rollback()
    etat = EtatTraitement.SIMULE if traitement.simulation else EtatTraitement.APPLIQUE
    suivi.cloturer(session, traitement.id, etat, lus=bilan.lus, **asdict(bilan), **issue)


def _rejouer(session: Session, traitement: Traitement, dernier: Traitement) -> None:
    """The file that the mirror already reflects: only the application may have moved since (A15)."""
    assert dernier.donnees_du is not None  # every applied run has the date of its file
    with session.begin_nested() as point:
        objets = repercuter(session, traitement.id, dernier.donnees_du.date())
        if traitement.simulation:
            point.rollback()
    repris = ("lus", "ej_lues", "et_lus", "rejetes", "somme_controle", "version_schema", "donnees_du")
    issue: dict[str, Any] = {un: getattr(dernier, un) for un in repris}
    suivi.cloturer(
        session,
        traitement.id,
        EtatTraitement.DEJA_INTEGRE,
        motif="Ce fichier est celui de la dernière synchronisation appliquée.",
        inchanges=dernier.lus - dernier.rejetes,
        octets_lus=dernier.octets_total,
        objets_modifies=objets,
        **issue,
    )
