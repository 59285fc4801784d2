"""The day it is for the users, and the semestre it is: said once for every screen, search and operation (A41, N26).

Dates of agréments and of semestres are those of metropolitan France.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.interne import Semestre

PARIS = ZoneInfo("Europe/Paris")


def aujourd_hui() -> date:
    """Today in Paris."""
    return datetime.now(PARIS).date()


def en_cours_sql(jour: date) -> Select[Semestre]:
    """The semestre whose dates contain the day, else the next one (A41); none when the calendar ends before."""
    return select(Semestre).where(Semestre.date_fin >= jour).order_by(Semestre.date_debut).limit(1)


def prochain_sql(jour: date) -> Select[Semestre]:
    """The semestre after the one « en cours »."""
    return en_cours_sql(jour).offset(1)


def semestre_en_cours(session: Session, jour: date | None = None) -> Semestre | None:
    """The semestre « en cours » on a day, today unless one is given."""
    return session.scalar(en_cours_sql(jour or aujourd_hui()))
