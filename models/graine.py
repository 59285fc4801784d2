"""Seeds already loaded into the database: `flask init` reads a seed file again only when its content changed, and
never once an operator keeps its table by loading published files (`flask referentiel charger`)."""

from datetime import date, datetime

from sqlalchemy import DateTime, String, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Graine(Model):
    __tablename__ = "graine"

    nom: Mapped[str] = mapped_column(String(40), primary_key=True)
    empreinte: Mapped[str] = mapped_column(String(64))
    fichier: Mapped[str | None] = mapped_column(String(255))  # the last one that an operator loaded
    millesime: Mapped[date | None]  # the day at which that file is right
    chargee_le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
