"""Accounts: creation by the technical team or a national administrator (SPEC M27), passwords, end of sessions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.mots_de_passe import refus_mot_de_passe
from app.roles import REGIONAUX, ROLES
from app.unit_of_work import UnitOfWork
from models.territoire import Ars
from models.utilisateur import Role, Utilisateur


@dataclass(frozen=True)
class NouveauCompte:
    login: str
    role: str
    ars_codes: tuple[str, ...]
    prenom: str
    nom: str
    courriel: str


def refus(session: Session, compte: NouveauCompte, mot_de_passe: str) -> list[Refus]:
    """Every reason not to create this account."""
    raisons = refus_mot_de_passe(mot_de_passe, compte.login)
    if compte.role not in ROLES:
        raisons.append(
            Refus("E-ROLE", f"Le rôle « {compte.role} » n’existe pas. Rôles possibles : {', '.join(ROLES)}.", "role")
        )
    connues = set(session.scalars(select(Ars.code)))
    raisons += [
        Refus("E-ARS", f"L’ARS « {code} » n’existe pas.", "ars") for code in compte.ars_codes if code not in connues
    ]
    if compte.role in REGIONAUX and not compte.ars_codes:
        raisons.append(Refus("E-ARS", f"Le rôle « {compte.role} » demande au moins une ARS.", "ars"))
    if session.scalar(select(Utilisateur.id).where(func.lower(Utilisateur.username) == compte.login.lower())):
        raisons.append(Refus("E-LOGIN", f"Le compte « {compte.login} » existe déjà.", "login"))
    if session.scalar(select(Utilisateur.id).where(func.lower(Utilisateur.email) == compte.courriel.lower())):
        raisons.append(
            Refus("E-COURRIEL", f"L’adresse « {compte.courriel} » est déjà celle d’un autre compte.", "courriel")
        )
    return raisons


def creer(uow: UnitOfWork, compte: NouveauCompte, mot_de_passe: str, empreinte: str) -> Utilisateur:
    """Create the account; `empreinte` is the hash of the password, the only thing that is kept of it."""
    if raisons := refus(uow.session, compte, mot_de_passe):
        raise OperationRefused(*raisons)
    roles = uow.session.scalars(select(Role).where(Role.name == compte.role)).all()
    accordees = uow.session.scalars(select(Ars).where(Ars.code.in_(compte.ars_codes))).all()
    utilisateur = Utilisateur(
        username=compte.login,
        first_name=compte.prenom,
        last_name=compte.nom,
        email=compte.courriel,
        active=True,
        password=empreinte,
        roles=list(roles),
        ars=list(accordees),
    )
    uow.session.add(utilisateur)
    return utilisateur


def changer_mot_de_passe(uow: UnitOfWork, utilisateur_id: int, empreinte: str) -> int:
    """Store the hash of a new password: one's own, or anyone's for a national administrator (M27).

    Every session of the account ends; returns the version that a new one carries.
    """
    proprietaire = uow.session.scalar(select(Utilisateur.username).where(Utilisateur.id == utilisateur_id))
    if proprietaire != uow.actor.login and not uow.actor.covers_ars(set()):
        raise OperationRefused(Refus("E-DROIT", "Seul un administrateur national change le mot de passe d’un autre."))
    uow.details = {"utilisateur": utilisateur_id}
    return _nouvelle_version(uow, utilisateur_id, password=empreinte)


def fermer_les_sessions(uow: UnitOfWork, utilisateur_id: int) -> None:
    """End every session of the account."""
    uow.details = {}
    _nouvelle_version(uow, utilisateur_id)


def _nouvelle_version(uow: UnitOfWork, utilisateur_id: int, **valeurs: Any) -> int:
    """Raise the version of the sessions: the cookies that carry the former one are refused."""
    changement = (
        update(Utilisateur)
        .where(Utilisateur.id == utilisateur_id)
        .values(session_version=Utilisateur.session_version + 1, **valeurs)
        .returning(Utilisateur.session_version)
    )
    return uow.session.scalars(changement).one()
