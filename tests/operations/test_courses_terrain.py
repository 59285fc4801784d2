"""Races on terrains, with real commits: numbers, one terrain per practitioner, one effect per form (A-50, A-54, I3)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations import activation, creation_terrain, soumission, suppression
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor, systeme
from app.unit_of_work import unit_of_work
from models.etats import StatutTerrain
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from tests import build

BRETAGNE = Actor("agent", "53")
FILS = 8


@pytest.fixture
def session(base_propre: Engine):
    with Session(base_propre, expire_on_commit=False) as session:
        yield session


def ensemble(*taches):
    """All at once, one thread each; what each returned, or the codes it was refused with."""
    depart = Barrier(len(taches))

    def lancer(tache):
        depart.wait(10)
        try:
            return tache()
        except OperationRefused as refus:
            return refus.codes

    with ThreadPoolExecutor(len(taches)) as executeur:
        return [futur.result(30) for futur in [executeur.submit(lancer, tache) for tache in taches]]


def test_numbers_drawn_at_once_are_all_different_and_leave_no_gap(session):
    """S75: safe under concurrency."""
    ets = [build.etablissement(session).id for _ in range(FILS)]

    def creer(et_id):
        with unit_of_work(BRETAGNE, "TS.creer") as uow:
            return creation_terrain.creer_hospitalier(uow, et_id, SaisieTerrain(nom="Service"), "RENNES").numero

    numeros = ensemble(*(lambda et_id=un: creer(et_id) for un in ets))

    assert sorted(numeros) == [f"53H{rang:05d}" for rang in range(1, FILS + 1)]


def test_a_practitioner_created_by_several_at_once_has_one_terrain(session):
    """I3, S77 (c)."""
    connu = build.praticien(session)
    build.activite(session, connu.rpps)

    def creer():
        with unit_of_work(BRETAGNE, "TS.creer") as uow:
            return creation_terrain.creer_praticien(uow, connu.rpps, SaisieTerrain(), "RENNES").numero

    resultats = ensemble(*[creer] * FILS)

    assert sorted(resultats, key=str) == ["53P00001", *[["E-TS-EXISTE-ACTIF"]] * (FILS - 1)]


def test_a_form_sent_twenty_times_makes_one_terrain_that_all_are_told(session):
    """A-54."""
    et, jeton = build.etablissement(session).id, str(uuid4())

    def envoyer():
        with unit_of_work(BRETAGNE, "TS.creer") as uow:
            if (cle := soumission.deja_faite(uow, jeton)) is not None:
                return cle
            cree = creation_terrain.creer_hospitalier(uow, et, SaisieTerrain(nom="Service"), "RENNES")
            soumission.retenir(uow, jeton, cree.id)
            return str(cree.id)

    resultats = ensemble(*[envoyer] * 20)

    assert len(set(resultats)) == 1
    assert session.scalar(select(func.count()).select_from(TerrainDeStage)) == 1
    assert session.scalar(select(func.count()).select_from(Evenement)) == 1


def test_the_form_of_somebody_else_tells_nothing(session):
    jeton = str(uuid4())
    with unit_of_work(BRETAGNE, "TS.creer") as uow:
        soumission.retenir(uow, jeton, 12)

    with unit_of_work(Actor("autre", "53"), "TS.creer") as uow:
        assert soumission.deja_faite(uow, jeton) is None


def test_selections_that_overlap_never_deadlock_and_each_row_changes_once(session):
    """A-50, A-52: whatever the order in which the rows were ticked."""
    ids = [build.terrain(session, statut=StatutTerrain.INACTIF).id for _ in range(12)]

    def activer(choisis):
        with unit_of_work(BRETAGNE, "TS.activer") as uow:
            return len(activation.activer(uow, choisis).faites)

    faites = ensemble(*(lambda choisis=un: activer(choisis) for un in (ids, ids[::-1], ids[6:] + ids[:6], ids[3:9])))

    assert sum(faites) == len(ids)
    assert session.scalar(select(func.sum(TerrainDeStage.version))) == 2 * len(ids)


def test_an_agrement_recorded_meanwhile_is_seen_by_the_deletion(session):
    """S138: the rows are locked before the blockers are read."""
    terrain = build.terrain(session)

    def supprimer():
        with unit_of_work(BRETAGNE, "TS.supprimer") as uow:
            return len(suppression.supprimer(uow, [terrain.id]).faites)

    with ThreadPoolExecutor(1) as executeur:
        with unit_of_work(systeme(), "AGR.importer") as uow:
            uow.session.add(build.agrement_de(terrain))
            uow.session.flush()
            futur = executeur.submit(supprimer)
            with pytest.raises(TimeoutError):
                futur.result(0.3)
        assert futur.result(10) == 0
