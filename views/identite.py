"""Who is asking: the account behind the session, its rights and its ARS de travail (SPEC §4), read once per request.

One SQL statement brings the account, its roles and its ARS grants, so that a change of role or of ARS counts from the
next request on. What a role permits changes only with the program (`flask init`): it is read once per process.
"""

from dataclasses import dataclass
from time import time

from flask import current_app, g, session
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from flask_login import current_user, login_user
from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.roles import est_national, peut_ecrire
from app.scope import Actor
from models.territoire import Ars
from models.utilisateur import Utilisateur, utilisateur_ars

INACTIVITE_MAX = 30 * 60
INACTIVITE_MAX_NATIONAL = 15 * 60
DUREE_MAX = 12 * 3600


@dataclass(frozen=True)
class Identite:
    """The logged-in account, as far as a request needs it; Flask-Login sees it as the user."""

    id: int
    login: str
    nom: str
    session_version: int
    roles: frozenset[str]
    permissions: frozenset[str]
    ars_accordees: frozenset[str]
    ars_code: str | None
    ars_nom: str | None

    is_authenticated = is_active = True
    is_anonymous = False

    @property
    def national(self) -> bool:
        return est_national(self.roles)

    @property
    def ecriture(self) -> bool:
        return peut_ecrire(self.roles)

    @property
    def doit_choisir_son_ars(self) -> bool:
        return not self.national and self.ars_code is None and bool(self.ars_accordees)

    def get_id(self) -> str:
        return str(self.id)

    def peut(self, ressource: str, droit: str) -> bool:
        """Whether the account holds `droit` (« consulter », « modifier »…) on `ressource` of app.roles."""
        return f"can_{droit} {ressource}" in self.permissions


def _requete() -> Select[tuple[object, ...]]:
    roles = select(Role.name).join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
    accordees = select(utilisateur_ars.c.ars_code).where(utilisateur_ars.c.utilisateur_id == Utilisateur.id)
    ars_nom = select(Ars.nom).where(Ars.code == bindparam("ars"))
    return select(
        Utilisateur.username,
        (Utilisateur.first_name + " " + Utilisateur.last_name).label("nom"),
        Utilisateur.session_version,
        func.array(roles.where(assoc_user_role.c.user_id == Utilisateur.id).scalar_subquery()).label("roles"),
        func.array(accordees.scalar_subquery()).label("ars_accordees"),
        ars_nom.scalar_subquery().label("ars_nom"),
    ).where(Utilisateur.id == bindparam("id"), Utilisateur.active.is_(True))


_REQUETE = _requete()
_PERMISSIONS = (
    select(Permission.name + " " + ViewMenu.name)
    .select_from(PermissionView)
    .join(Permission, PermissionView.permission_id == Permission.id)
    .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
    .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
    .join(Role, Role.id == assoc_permissionview_role.c.role_id)
    .where(Role.name.in_(bindparam("roles", expanding=True)))
)


def charger(base: Session, utilisateur_id: int) -> Identite | None:
    """Read the account and check that its session still stands; None ends the session."""
    ligne = base.execute(_REQUETE, {"id": utilisateur_id, "ars": session.get("ars")}).one_or_none()
    if ligne is None or ligne.session_version != session.get("version"):
        return None
    accordees = frozenset(ligne.ars_accordees)
    roles = frozenset(ligne.roles)
    national = est_national(roles)
    if not _encore_ouverte(INACTIVITE_MAX_NATIONAL if national else INACTIVITE_MAX):
        return None
    ars_code = _ars_de_travail(accordees, national, connue=ligne.ars_nom is not None)
    return Identite(
        id=utilisateur_id,
        login=ligne.username,
        nom=ligne.nom,
        session_version=ligne.session_version,
        roles=roles,
        permissions=_permissions(base, roles),
        ars_accordees=accordees,
        ars_code=ars_code,
        ars_nom=ligne.ars_nom.removeprefix("ARS ") if ars_code else None,
    )


def _permissions(base: Session, roles: frozenset[str]) -> frozenset[str]:
    connues: dict[frozenset[str], frozenset[str]] = current_app.extensions.setdefault("permissions_des_roles", {})
    if roles not in connues:
        lues = frozenset(base.scalars(_PERMISSIONS, {"roles": list(roles)}))
        if not lues:  # before `flask init`: nothing worth keeping
            return lues
        connues[roles] = lues
    return connues[roles]


def _ars_de_travail(accordees: frozenset[str], national: bool, *, connue: bool) -> str | None:
    """ARS kept in the session, as long as the account still holds it; a withdrawn grant counts at once."""
    code = session.get("ars")
    return code if connue and (national or code in accordees) else None


def ouvrir_session(utilisateur: Utilisateur) -> None:
    """Start a clean session for an account that has just proved who it is; a single ARS is chosen for it."""
    session.clear()
    maintenant = int(time())
    session.update(version=utilisateur.session_version, debut=maintenant, vue=maintenant)
    if len(utilisateur.ars) == 1:
        session["ars"] = utilisateur.ars[0].code


def _encore_ouverte(inactivite_max: int) -> bool:
    """Idle and absolute limits; the time of last use is written at most once a minute, to spare cookies."""
    maintenant = int(time())
    if maintenant - session.get("debut", 0) > DUREE_MAX or maintenant - session.get("vue", 0) > inactivite_max:
        return False
    if maintenant - session["vue"] > 60:
        session["vue"] = maintenant
    return True


def relire(compte: Identite) -> None:
    """Take a change made by this very request into account: new ARS de travail, new session version."""
    g.identite = charger(current_app.appbuilder.session, compte.id)
    login_user(g.identite)
    g.pop("actor", None)


def identite() -> Identite | None:
    """The account of this request, None for an anonymous visitor."""
    compte = current_user._get_current_object()
    return compte if isinstance(compte, Identite) else None


def current_actor() -> Actor:
    """Who acts in this request, for every operation and every unit of work."""
    if "actor" not in g:
        compte = identite()
        if compte is None:
            raise RuntimeError("no actor outside a session")
        g.actor = Actor(compte.login, compte.ars_code, national=compte.national, ecriture=compte.ecriture)
    return g.actor
