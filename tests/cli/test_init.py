"""`flask init`: safe to repeat, and the roles say what `app.roles` says."""

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.initialisation import initialiser
from app.roles import GESTIONNAIRE, LECTURE, NATIONAL, RIGHTS, TECHNIQUE, rights_of
from app.unit_of_work import transaction
from models.base import Model
from models.utilisateur import PermissionView, Role


def rights(session: Session, role: str) -> set[tuple[str, str]]:
    permissions = session.scalars(select(Role).where(Role.name == role)).one().permissions
    return {(one.permission.name, one.view_menu.name) for one in permissions}


def test_roles_hold_the_rights_of_the_table(session: Session) -> None:
    everything = {(right, resource) for resource, rights in RIGHTS.items() for right in rights}

    for role in (LECTURE, GESTIONNAIRE, NATIONAL):
        assert rights(session, role) == rights_of(role)
    assert rights(session, TECHNIQUE) == everything


def test_a_second_time_changes_nothing(base_propre: Engine) -> None:
    before = counts()

    initialiser(base_propre)

    assert counts() == before


def test_a_right_added_by_hand_is_taken_back(base_propre: Engine) -> None:
    with transaction() as session:
        role = session.scalars(select(Role).where(Role.name == LECTURE)).one()
        role.permissions = list(session.scalars(select(PermissionView)))

    initialiser(base_propre)

    with transaction() as session:
        assert rights(session, LECTURE) == rights_of(LECTURE)


def counts() -> dict[str, int]:
    """Rows of every table."""
    with transaction() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Model.metadata.sorted_tables
        }
