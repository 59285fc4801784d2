"""User of the application: Flask-AppBuilder's account, the ARS granted to it, and the version of its sessions."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, User, ViewMenu
from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Journalise, Model
from models.territoire import Ars

utilisateur_ars = Table(
    "utilisateur_ars",
    Model.metadata,
    Column("utilisateur_id", ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True),
    Column("ars_code", ForeignKey("ars.code"), primary_key=True, index=True),
)


class Utilisateur(Journalise, User):
    """An account; `session_version` grows at logout and password change, which ends its other sessions."""

    __tablename__ = "ab_user"

    session_version: Mapped[int] = mapped_column(default=1, server_default="1")

    ars: Mapped[list[Ars]] = relationship(secondary=utilisateur_ars, order_by=Ars.nom)

    @property
    def libelle(self) -> str:
        return f"{self.first_name} {self.last_name}"


__all__ = ["Permission", "PermissionView", "Role", "Utilisateur", "ViewMenu", "utilisateur_ars"]
