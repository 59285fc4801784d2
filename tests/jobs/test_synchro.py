"""The nightly job: last file of the deposit folder, readable journal right after, nothing that stops the clock."""

from pathlib import Path

import pytest
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, text

from app.referentiels import depots, suivi
from app.scope import SYSTEME, Actor
from jobs import queue, synchro
from models.finess import FinessEt
from models.journal import EntreeJournal
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests import build
from tests.fichier_finess import JOUR_1, JOUR_2, ecrire, ej, et

A, X = "350000022", "350000741"


@pytest.fixture
def depot(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    dossier = tmp_path / "depot"
    dossier.mkdir()
    return dossier


def test_the_night_takes_the_last_daily_file_and_journals_its_changes(session, depot):
    ecrire(depot, ej(A, et(X)))
    synchro.synchroniser_nuit()
    build.etablissement(session, numero_finess=X, entite_juridique=build.entite_juridique(session, numero_finess=A))
    ecrire(depot, ej(A, et(X, ouvert=False)), genere_le=JOUR_2)
    ecrire(depot, ej(A), nom="finess-structures-mensuel-202612.json.gz")

    synchro.synchroniser_nuit()

    assert session.get(FinessEt, X).ouvert is False
    nuits = session.execute(select(Traitement.etat, Traitement.demandeur).order_by(Traitement.id)).all()
    assert nuits == [(EtatTraitement.APPLIQUE, SYSTEME)] * 2
    assert session.scalar(select(func.count()).select_from(EntreeJournal)) == 2  # the ET, then its EJ


def test_a_night_without_file_or_with_a_run_in_progress_says_so(session, depot, caplog):
    synchro.synchroniser_nuit()
    ecrire(depot, ej(A))
    suivi.demander(TypeTraitement.FINESS, "autre.json", demandeur="test")
    synchro.synchroniser_nuit()

    assert [ligne.levelname for ligne in caplog.records] == ["WARNING", "WARNING"]


def test_a_run_asked_from_a_screen_goes_through_the_queue(session, depot, redis, redis_url):
    queue.configure(redis_url)
    fichier = ecrire(depot, ej(A, et(X)), genere_le=JOUR_1)

    numero = suivi.lancer(Actor("nationale", national=True), TypeTraitement.FINESS, fichier.name)
    SimpleWorker([queue.LONGUE], connection=redis, serializer=JSONSerializer).work(burst=True)

    session.expire_all()
    traitement = session.get_one(Traitement, numero)
    assert (traitement.etat, traitement.demandeur) == (EtatTraitement.APPLIQUE, "nationale")


def test_a_run_whose_message_was_lost_is_only_late(session, depot):
    """Redis was down: the sweep of the clock finds the run."""
    fichier = ecrire(depot, ej(A, et(X)))
    numero = suivi.demander(TypeTraitement.FINESS, fichier.name, demandeur="test")

    synchro.reprendre()
    a_peine_demande = session.get_one(Traitement, numero).etat
    session.execute(text("UPDATE traitement SET demande_le = now() - interval '2 minutes'"))
    synchro.reprendre()

    session.expire_all()
    assert a_peine_demande is EtatTraitement.EN_ATTENTE
    assert session.get_one(Traitement, numero).etat is EtatTraitement.APPLIQUE


def test_a_run_that_nobody_carries_on_is_closed(session, depot):
    numero = suivi.demander(TypeTraitement.FINESS, "un.json", demandeur="test")
    session.execute(text("UPDATE traitement SET etat = 'EN_COURS', battement_le = now() - interval '11 minutes'"))

    synchro.reprendre()

    assert session.get_one(Traitement, numero).etat is EtatTraitement.ECHEC


@pytest.mark.parametrize("nom", ["../secret.json", "/etc/passwd", "a/b.json", "notes.txt", "..json/"])
def test_a_name_that_leaves_the_deposit_folder_is_refused(tmp_path, nom):
    with pytest.raises(depots.FichierRefuse):
        depots.chemin_depose(tmp_path, nom)


def test_deposited_files_are_listed_last_first(depot):
    for jour in (JOUR_1, JOUR_2):
        ecrire(depot, ej(A), genere_le=jour)
    (depot / "lisez-moi.txt").touch()
    (depot / "dossier.json").mkdir()

    assert [un.nom[-13:] for un in depots.fichiers(depot)] == ["20261121.json", "20261120.json"]
    assert depots.fichiers(depot / "absent") == []
