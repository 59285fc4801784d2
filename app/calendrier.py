"""The day it is for the users: dates of agréments and of semestres are those of metropolitan France."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def aujourd_hui() -> date:
    """Today in Paris."""
    return datetime.now(PARIS).date()
