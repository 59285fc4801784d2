"""Conventions of a CHU with UFR and formation pairs of its circonscription (manual §1.5, S57–S59)."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from app.errors import OperationRefused, Refus
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from models.territoire import Subdivision, SubdivisionArs
from models.universite import Circonscription, ConventionUfr, UfrFormation


def refus(actor: Actor, etablissement: Etablissement) -> list[Refus]:
    """Every reason why `actor` may not change the conventions of this établissement."""
    raisons = []
    if not etablissement.est_chu:
        raisons.append(Refus("E-PAS-CHU", f"{etablissement} n’est pas un CHU : il n’a pas de convention UFR."))
    if etablissement.statut is not StatutEtablissement.ACTIF:
        raisons.append(Refus("E-STATUT", f"{etablissement} n’est pas actif : ses conventions ne changent plus."))
    if not actor.covers(etablissement):
        raisons.append(Refus("E-HORS-ARS", f"{etablissement} n’est pas dans votre ARS de travail."))
    return raisons


def paires_offertes(session: Session, etablissement: Etablissement) -> list[UfrFormation]:
    """UFR and formation pairs of the circonscription of the ET that have no convention with it yet (S59)."""
    subdivisions = _subdivisions(etablissement)
    interregions = select(Subdivision.interregion_code).where(Subdivision.code.in_(subdivisions))
    deja = select(ConventionUfr.ufr_formation_id).where(ConventionUfr.etablissement_id == etablissement.id)
    return list(
        session.scalars(
            select(UfrFormation)
            .join(UfrFormation.circonscription)
            .where(
                or_(
                    Circonscription.subdivision_code.in_(subdivisions),
                    Circonscription.interregion_code.in_(interregions),
                ),
                UfrFormation.id.not_in(deja),
            )
            .options(joinedload(UfrFormation.ufr), joinedload(UfrFormation.formation))
            .order_by(UfrFormation.id)
        )
    )


def lire(session: Session, etablissement: Etablissement) -> list[ConventionUfr]:
    """Conventions of the établissement, with their UFR and formation."""
    paire = joinedload(ConventionUfr.ufr_formation)
    return list(
        session.scalars(
            select(ConventionUfr)
            .where(ConventionUfr.etablissement_id == etablissement.id)
            .options(paire.joinedload(UfrFormation.ufr), paire.joinedload(UfrFormation.formation))
            .order_by(ConventionUfr.id)
        )
    )


def ajouter(uow: UnitOfWork, etablissement_id: int, ufr_formation_id: int) -> ConventionUfr:
    """Add one convention; refused when the pair is of another circonscription or already linked."""
    [etablissement] = uow.lock(Etablissement, etablissement_id)
    if raisons := refus(uow.actor, etablissement):
        raise OperationRefused(*raisons)
    if any(convention.ufr_formation_id == ufr_formation_id for convention in etablissement.conventions):
        raise OperationRefused(Refus("E-DEJA-CONVENTION", "Cette convention existe déjà : rien n’a été ajouté."))
    offertes = {paire.id: paire for paire in paires_offertes(uow.session, etablissement)}
    if ufr_formation_id not in offertes:
        message = "Cette formation n’est pas dans la circonscription de l’établissement : choisissez-la dans la liste."
        raise OperationRefused(Refus("E-CIRCONSCRIPTION", message))
    convention = ConventionUfr(etablissement=etablissement, ufr_formation=offertes[ufr_formation_id])
    uow.session.add(convention)
    return convention


def retirer(uow: UnitOfWork, etablissement_id: int, convention_id: int) -> None:
    """Remove one convention of the établissement; the journal keeps it."""
    [etablissement] = uow.lock(Etablissement, etablissement_id)
    if raisons := refus(uow.actor, etablissement):
        raise OperationRefused(*raisons)
    [convention] = uow.lock(ConventionUfr, convention_id)
    if convention.etablissement_id != etablissement.id:
        raise OperationRefused(Refus("E-INTROUVABLE", "Cette convention n’est pas celle de l’établissement."))
    uow.session.delete(convention)


def _subdivisions(etablissement: Etablissement) -> list[str] | Select[str]:
    """Subdivision of its CHU; for a CHR that the list does not know, those of its ARS."""
    if chu := etablissement.entite_juridique.chu:
        return [chu.subdivision_code]
    return select(SubdivisionArs.subdivision_code).where(SubdivisionArs.ars_code == etablissement.ars_code)
