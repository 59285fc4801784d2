"""On whose behalf a command acts: an ARS, the nation, or a user of the application."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.roles import est_national, peut_ecrire
from app.scope import Actor
from models.territoire import Ars
from models.utilisateur import Utilisateur

NATIONALE = "national"


def acteur(session: Session, ars: str, login: str | None) -> Actor:
    """The actor of a command: `ars` is an ARS code, or « national »; `login` limits it to the rights of that user."""
    national = ars == NATIONALE
    if not national and session.get(Ars, ars) is None:
        raise OperationRefused(Refus("E-ARS-INCONNUE", f"« {ars} » n’est pas un code d’ARS : par exemple 53."))
    if login is None:
        return Actor("commande", None if national else ars, national=national)
    utilisateur = session.scalar(select(Utilisateur).where(func.lower(Utilisateur.username) == login.lower()))
    if utilisateur is None or not utilisateur.active:
        raise OperationRefused(Refus("E-UTILISATEUR", f"Le compte « {login} » n’existe pas ou n’est pas actif."))
    return _acteur_du_compte(utilisateur, None if national else ars)


def _acteur_du_compte(utilisateur: Utilisateur, ars_code: str | None) -> Actor:
    roles = {role.name for role in utilisateur.roles}
    national = est_national(roles)
    if not national and ars_code not in {ars.code for ars in utilisateur.ars}:
        message = f"Le compte « {utilisateur.username} » ne travaille pas pour cette ARS."
        raise OperationRefused(Refus("E-HORS-ARS", message))
    return Actor(utilisateur.username, ars_code, national=national, ecriture=peut_ecrire(roles))
