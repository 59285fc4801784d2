"""Which semestre it is (A41, N26)."""

from datetime import date

import pytest

from app.calendrier import prochain_sql, semestre_en_cours
from models.interne import Saison
from tests import build

pytestmark = pytest.mark.usefixtures("sans_calendrier")

ETE = {"annee": 1990, "saison": Saison.ETE, "date_debut": date(1990, 5, 2), "date_fin": date(1990, 10, 31)}
HIVER = {"annee": 1990, "saison": Saison.HIVER, "date_debut": date(1990, 11, 5), "date_fin": date(1991, 5, 1)}


@pytest.mark.parametrize(
    ("jour", "attendu"),
    [
        (date(1990, 1, 1), "Été 1990"),
        (date(1990, 5, 2), "Été 1990"),
        (date(1990, 10, 31), "Été 1990"),
        (date(1990, 11, 1), "Hiver 1990"),
        (date(1990, 11, 4), "Hiver 1990"),
        (date(1991, 5, 1), "Hiver 1990"),
        (date(1991, 5, 2), "None"),
    ],
)
def test_the_semestre_en_cours_contains_the_day_else_it_is_the_next_one(session, jour, attendu):
    """A41: also between two semestres, and before the first."""
    build.semestre(session, **HIVER)
    build.semestre(session, **ETE)

    assert str(semestre_en_cours(session, jour)) == attendu


def test_the_next_semestre_follows_the_one_en_cours(session):
    """N7, N26: exceptional dates included."""
    build.semestre(session, **HIVER)
    build.semestre(session, **ETE)

    assert str(session.scalar(prochain_sql(date(1990, 6, 1)))) == "Hiver 1990"
    assert session.scalar(prochain_sql(date(1990, 11, 1))) is None
