"""Seeds already loaded into the database: `flask init` reads a seed file again only when its content changed."""

from datetime import datetime

from sqlalchemy import DateTime, String, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class Graine(Model):
    __tablename__ = "graine"

    nom: Mapped[str] = mapped_column(String(40), primary_key=True)
    empreinte: Mapped[str] = mapped_column(String(64))
    chargee_le: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
