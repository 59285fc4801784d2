"""A form sent twice does its work once: the second sending is told what the first one made (QUALITY A-54)."""

from uuid import UUID

from app.unit_of_work import UnitOfWork
from models.soumission import Soumission


def deja_faite(uow: UnitOfWork, jeton: str | None) -> str | None:
    """Key of what this form has already made, or None: it is then this unit of work that makes it.

    Whoever sends the same form at the same time waits here until the first one commits.
    """
    if not _est_un_jeton(jeton):
        return None
    uow.serialiser(f"soumission {jeton}")
    premiere = uow.session.get(Soumission, jeton, populate_existing=True)
    return premiere.resultat if premiere is not None and premiere.acteur == uow.actor.login else None


def retenir(uow: UnitOfWork, jeton: str | None, resultat: object) -> None:
    """Remember what the form made, in the transaction that makes it; a token that another account used is no token."""
    if jeton is not None and _est_un_jeton(jeton) and uow.session.get(Soumission, jeton) is None:
        uow.session.add(Soumission(jeton=jeton, acteur=uow.actor.login, resultat=str(resultat)))


def _est_un_jeton(jeton: str | None) -> bool:
    """Tokens are drawn by our forms: anything else is no token, and protects nobody."""
    try:
        return jeton is not None and str(UUID(jeton)) == jeton
    except ValueError:
        return False
