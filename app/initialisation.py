"""First thing on any database, and again after each new version: schema, roles and rights, seeds. Safe to repeat."""

from collections.abc import Iterable

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import schema
from app.referentiels.graines import charger_graines
from app.roles import RIGHTS, ROLES, TECHNIQUE, rights_of
from app.unit_of_work import transaction
from models.utilisateur import Permission, PermissionView, Role, ViewMenu


def initialiser(engine: Engine) -> None:
    """Bring a database to what this version of the application expects; processes that start together take turns."""
    schema.migrate(engine)
    with transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(schema.LOCK)))
        synchroniser_roles(session)
        charger_graines(session)


def synchroniser_roles(session: Session) -> None:
    """Make the roles of Flask-AppBuilder say what `app.roles` says, no more and no less."""
    droits = {pair: _droit(session, *pair) for pair in sorted(_tous_les_droits())}
    for nom in ROLES:
        role = session.scalar(select(Role).where(Role.name == nom))
        if role is None:
            role = Role(name=nom)
            session.add(role)
        voulus = droits.keys() if nom == TECHNIQUE else rights_of(nom)
        role.permissions = [droits[pair] for pair in sorted(voulus)]


def _tous_les_droits() -> Iterable[tuple[str, str]]:
    return {(right, resource) for resource, rights in RIGHTS.items() for right in rights}


def _droit(session: Session, right: str, resource: str) -> PermissionView:
    """The pair (right, resource) as Flask-AppBuilder stores it, created if need be."""
    known = (
        select(PermissionView)
        .join(Permission)
        .join(ViewMenu)
        .where(Permission.name == right, ViewMenu.name == resource)
    )
    if (droit := session.scalar(known)) is not None:
        return droit
    permission = session.scalar(select(Permission).where(Permission.name == right)) or Permission(name=right)
    view = session.scalar(select(ViewMenu).where(ViewMenu.name == resource)) or ViewMenu(name=resource)
    droit = PermissionView(permission=permission, view_menu=view)
    session.add(droit)
    return droit
