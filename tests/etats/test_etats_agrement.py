"""Statut of an agrément: derived from its decision and its dates, the same in Python and in SQL (A34, TS-33)."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.agrement import (
    Agrement,
    DecisionAgrement,
    StatutAgrement,
    agrement_au_statut_sql,
    agrement_ouvert_sql,
    statut_agrement_sql,
)
from tests import build

JOUR = date(2026, 11, 25)
ECARTS = st.integers(-3, 3)
CAS = st.lists(st.tuples(st.sampled_from(DecisionAgrement), ECARTS, st.integers(0, 3)), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("decision", "debut", "fin", "attendu"),
    [
        ("AGREE", -1, 1, "EN_COURS"),
        ("AGREE", 0, 0, "EN_COURS"),
        ("AGREE", 1, 2, "PROCHAIN"),
        ("AGREE", -2, -1, "ECHU"),
        ("CONDITIONNEL", -1, 1, "EN_COURS"),
        ("SUSPENDU", -1, 1, "EN_COURS"),
        ("SUSPENDU", 1, 2, "PROCHAIN"),
        ("SUSPENDU", -2, -1, "ECHU"),
        ("RETIRE", -1, 1, "ECHU"),
        ("RETIRE", 1, 2, "ECHU"),
    ],
)
def test_the_statut_follows_the_decision_and_the_dates(decision, debut, fin, attendu):
    """A34: conditional is en cours, suspended still blocks, withdrawn is échu."""
    agrement = Agrement(
        decision=DecisionAgrement[decision],
        date_debut=JOUR + timedelta(days=debut),
        date_fin=JOUR + timedelta(days=fin),
    )

    assert agrement.statut_au(JOUR) is StatutAgrement[attendu]


def test_an_agrement_becomes_echu_the_day_after_it_ends():
    """TS-33: nothing is written, the date passes."""
    agrement = Agrement(decision=DecisionAgrement.AGREE, date_debut=JOUR - timedelta(days=10), date_fin=JOUR)

    assert agrement.statut_au(JOUR) is StatutAgrement.EN_COURS
    assert agrement.statut_au(JOUR + timedelta(days=1)) is StatutAgrement.ECHU


@given(CAS, ECARTS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_python_give_the_same_statut(session: Session, cas, ecart):
    """The expression of the columns, the conditions of the criteria, and what blocks a deletion (A13)."""
    jour = JOUR + timedelta(days=ecart)
    terrain = build.terrain(session)
    for decision, debut, duree in cas:
        debute = JOUR + timedelta(days=debut)
        build.agrement(session, terrain, decision=decision, date_debut=debute, date_fin=debute + timedelta(days=duree))

    ici = Agrement.terrain_id == terrain.id
    attendus = {un.id: un.statut_au(jour) for un in session.scalars(select(Agrement).where(ici))}
    lus = {id_: StatutAgrement[nom] for id_, nom in session.execute(_avec_statut(jour).where(ici))}
    ouverts = set(session.scalars(select(Agrement.id).where(ici, agrement_ouvert_sql(jour))))

    assert len(attendus) == len(cas)
    assert lus == attendus
    assert ouverts == {id_ for id_, un in attendus.items() if un is not StatutAgrement.ECHU}
    for statut in StatutAgrement:
        trouves = set(session.scalars(select(Agrement.id).where(ici, agrement_au_statut_sql(statut, jour))))
        assert trouves == {id_ for id_, un in attendus.items() if un is statut}


def _avec_statut(jour: date):
    return select(Agrement.id, statut_agrement_sql(jour))
