"""The set-based SQL of the night and the pure functions of `models.etats` agree on any registry and application."""

from collections.abc import Iterable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from models.etats import (
    EtatRegistre,
    StatutEntiteJuridique,
    StatutEtablissement,
    statut_entite_juridique,
    statut_etablissement,
)
from tests.etats.tables import Ej, application, cette_nuit, hier

SUPPRIME = StatutEtablissement.SUPPRIME
LOCAUX_ET = st.tuples(st.sampled_from(StatutEtablissement), st.sampled_from(EtatRegistre), st.integers(0, 2))
LOCAUX_EJ = st.tuples(
    st.sampled_from(StatutEntiteJuridique), st.sampled_from(EtatRegistre), st.lists(LOCAUX_ET, max_size=3)
)


def numerote(tirage: Iterable[tuple]) -> list[Ej]:
    """Numbers for what was drawn. What an absent EJ holds is absent; incoherent statuts are left in (I2, I4)."""
    entites: list[Ej] = []
    for rang, (statut, etat, ets) in enumerate(tirage):
        numerotes = [
            (f"35{rang:03}{rang_et:03}0", local, EtatRegistre.ABSENT if etat is EtatRegistre.ABSENT else etat_et, n_ts)
            for rang_et, (local, etat_et, n_ts) in enumerate(ets)
        ]
        entites.append((f"36{rang:06}0", statut, etat, numerotes))
    return entites


def attendus(entites: list[Ej]) -> dict[str, str]:
    """What the pure functions say, ET first, then EJ."""
    statuts: dict[str, str] = {}
    for numero, local, etat, ets in entites:
        nouveaux = [statut_etablissement(un[1], un[2], etat, un[3]) for un in ets]
        statuts |= {un[0]: statut.name for un, statut in zip(ets, nouveaux, strict=True)}
        vivants = [un for un in nouveaux if un is not SUPPRIME]
        actifs = sum(un is StatutEtablissement.ACTIF for un in vivants)
        statuts[numero] = statut_entite_juridique(local, etat, len(vivants), actifs).name
    return statuts


@given(st.lists(LOCAUX_EJ, max_size=5).map(numerote))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_and_functions_agree(connection: Connection, tmp_path, entites):
    with connection.begin_nested() as point:
        hier(tmp_path, entites)
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            application(session, entites)
            session.commit()
        cette_nuit(tmp_path, entites)
        requetes = (f"SELECT numero_finess, statut FROM {table}" for table in ("entite_juridique", "etablissement"))
        obtenus = dict(connection.execute(text(" UNION ALL ".join(requetes))).all())
        point.rollback()

    assert obtenus == attendus(entites)
