"""Soumission: a form that was sent, and where it led, so that sending it twice does its work once (QUALITY A-54)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, String, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Soumission(Model):
    """The one-use token of a form; committed with what the form did, so that both exist or neither does."""

    __tablename__ = "soumission"

    jeton: Mapped[str] = mapped_column(String(36), primary_key=True)
    acteur: Mapped[str] = mapped_column(String(128))
    resultat: Mapped[str] = mapped_column(String(40))  # key of the object that the form made
    le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)
