"""Readable journal: each event gives its entries exactly once (SPEC S143, QUALITY A-59)."""

from sqlalchemy import func, select

from app.scope import Actor
from app.unit_of_work import unit_of_work
from jobs.journal import journaliser, tout_journaliser
from models.journal import EntreeJournal, Evenement
from tests import build


def modifier(session, et, ville):
    with unit_of_work(Actor("agent", "53"), "ET.modifier", session=session):
        et.ville = ville


def test_an_event_becomes_one_entry_for_each_object_in_french(session):
    et = build.etablissement(session, ville="RENNES")
    modifier(session, et, "BREST")

    journaliser()

    [entree] = session.scalars(select(EntreeJournal)).all()
    assert (entree.objet_type, entree.objet_id, entree.ars_code) == ("Etablissement", str(et.id), "53")
    assert entree.phrase == f"Modification – Établissement {et} : Ville"
    assert (entree.avant, entree.apres) == ({"ville": "RENNES"}, {"ville": "BREST"})


def test_running_twice_writes_nothing_more(session):
    et = build.etablissement(session)
    for ville in ("A", "B", "C"):
        modifier(session, et, ville)

    assert (tout_journaliser(), tout_journaliser()) == (3, 0)
    assert session.scalar(select(func.count()).select_from(EntreeJournal)) == 3
    assert session.scalar(select(func.count()).where(Evenement.traite_le.is_(None))) == 0


def test_an_export_is_told_with_its_criteria(session):
    with unit_of_work(Actor("agent", "53"), "ET.exporter", session=session) as uow:
        uow.details = {"lignes": 12, "format": "csv", "ville": "Brest"}

    journaliser()

    [entree] = session.scalars(select(EntreeJournal)).all()
    assert entree.phrase == "Export d’une liste d’établissements – Format : csv, Lignes : 12, Ville : Brest"
