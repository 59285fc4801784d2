"""Accounts: creation by the technical team or a national administrator (SPEC M27)."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.mots_de_passe import refus_mot_de_passe
from app.roles import GESTIONNAIRE, LECTURE, NATIONAL, TECHNIQUE
from app.unit_of_work import UnitOfWork
from models.territoire import Ars
from models.utilisateur import Role, Utilisateur

ROLES = (LECTURE, GESTIONNAIRE, NATIONAL, TECHNIQUE)
ROLES_REGIONAUX = frozenset({LECTURE, GESTIONNAIRE})


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
    if compte.role in ROLES_REGIONAUX and not compte.ars_codes:
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
