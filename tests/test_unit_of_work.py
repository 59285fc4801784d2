"""Units of work: what commits, what is journaled, and the last guard before the database (QUALITY A-03, A-70)."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.scope import Actor, systeme
from app.unit_of_work import committed, finir_lecture, unit_of_work
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from models.journal import Evenement
from tests import build

BRETAGNE = Actor("agent", "53")


def nombre_d_evenements(session) -> int:
    return session.scalar(select(func.count()).select_from(Evenement))


def test_a_change_commits_with_one_event_that_tells_before_and_after(session):
    """I12."""
    et = build.etablissement(session, ville="RENNES")

    with unit_of_work(BRETAGNE, "ET.modifier", session=session):
        et.ville = "BREST"

    [evenement] = session.scalars(select(Evenement)).all()
    [un] = evenement.changements
    assert (evenement.acteur, evenement.ars_travail_code, evenement.operation) == ("agent", "53", "ET.modifier")
    assert (un["type"], un["id"], un["ars"]) == ("Etablissement", str(et.id), ["53"])
    assert (un["avant"], un["apres"]) == ({"ville": "RENNES"}, {"ville": "BREST"})


def test_a_failed_operation_leaves_neither_change_nor_event(session):
    """I12: rollback ⇒ none."""
    et = build.etablissement(session, ville="RENNES")

    def echouer() -> None:
        with unit_of_work(BRETAGNE, "ET.modifier", session=session) as uow:
            et.ville = "BREST"
            uow.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        echouer()

    session.refresh(et)
    assert (et.ville, nombre_d_evenements(session)) == ("RENNES", 0)


def test_an_operation_that_changes_nothing_leaves_no_event(session):
    et = build.etablissement(session, ville="RENNES")

    with unit_of_work(BRETAGNE, "ET.modifier", session=session):
        et.ville = "RENNES"

    assert nombre_d_evenements(session) == 0


def test_a_value_changed_twice_keeps_its_first_before_and_its_last_after(session):
    et = build.etablissement(session, ville="RENNES")

    with unit_of_work(BRETAGNE, "ET.modifier", session=session) as uow:
        et.ville = "BREST"
        uow.session.flush()
        et.ville = "VANNES"

    [evenement] = session.scalars(select(Evenement)).all()
    assert evenement.changements[0]["avant"] == {"ville": "RENNES"}
    assert evenement.changements[0]["apres"] == {"ville": "VANNES"}


def test_the_signal_carries_the_event(session):
    recus = []
    committed.connect(recus.append, weak=False)
    try:
        with unit_of_work(BRETAGNE, "ET.exporter", session=session) as uow:
            uow.details = {"lignes": 12}
    finally:
        committed.disconnect(recus.append)

    assert recus == [session.scalar(select(Evenement.id))]


@pytest.mark.parametrize("actor", [Actor("autre", "93"), Actor("lecteur", "53", ecriture=False), Actor("sans ARS")])
def test_the_last_guard_refuses_a_foreign_object_whatever_the_caller_forgot(session, actor):
    """A-03: without any check in the operation."""
    et = build.etablissement(session, ville="RENNES")

    with pytest.raises(OperationRefused), unit_of_work(actor, "ET.modifier", session=session):
        et.ville = "BREST"

    session.refresh(et)
    assert et.ville == "RENNES"


@pytest.mark.parametrize(("de", "vers"), [("93", "53"), ("53", "93")])
def test_no_object_is_taken_from_another_ars_nor_given_to_it(session, de, vers):
    """ARCHITECTURE §5.1: a forged `ars` field would steal the row."""
    et = build.etablissement(session, ars_code=de)

    with pytest.raises(OperationRefused), unit_of_work(BRETAGNE, "ET.modifier", session=session):
        et.ars_code = vers

    session.refresh(et)
    assert et.ars_code == de


def test_a_business_object_is_never_written_outside_an_operation(session):
    et = build.etablissement(session)
    et.statut = StatutEtablissement.INACTIF

    with pytest.raises(RuntimeError, match="outside a unit of work"):
        session.flush()

    session.rollback()


def test_locks_come_in_the_order_asked_and_a_missing_row_is_a_refusal(session):
    premier, second = build.etablissement(session), build.etablissement(session)

    with unit_of_work(systeme(), "TEST", session=session) as uow:
        assert uow.lock(Etablissement, second.id, premier.id) == [second, premier]
        with pytest.raises(OperationRefused, match="introuvable"):
            uow.lock(Etablissement, 0)


def test_reading_again_and_again_ends_up_prepared(base_propre):
    for _ in range(7):
        with Session(base_propre) as session:
            session.scalar(select(func.count()).select_from(Evenement))
            finir_lecture(session)

    with base_propre.connect() as connexion:
        prepares = connexion.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("FROM evenement" in un for un in prepares)


def test_what_is_pending_outside_an_operation_is_not_written_at_the_end_of_a_page(base_propre):
    with Session(base_propre) as session:
        session.scalar(select(func.count()).select_from(Evenement))
        session.add(Evenement(operation="X", acteur="x", source="x", requete_id="x", changements=[]))
        finir_lecture(session)

    with Session(base_propre) as session:
        assert nombre_d_evenements(session) == 0
