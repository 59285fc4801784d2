"""The nightly job: last file of the deposit folder, readable journal right after, nothing that stops the clock."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from app.referentiels import depots, suivi
from app.scope import SYSTEME, Actor
from jobs import queue, synchro
from models.finess import FinessEt
from models.journal import EntreeJournal
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests import build
from tests.fichier_finess import JOUR_1, JOUR_2, ecrire, ej, et
from tests.fichier_rpps import ecrire as ecrire_rpps
from tests.fichier_rpps import ligne, nom_du_jour

A, X, P = "350000022", "350000741", "10000000011"


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


def test_the_night_applies_finess_then_rpps_and_a_second_one_changes_nothing(session, depot):
    """S6: both registries, without user action, idempotent."""
    ecrire(depot, ej(A, et(X)))
    ecrire_rpps(depot, ligne(P), jour="202611190730")
    ecrire_rpps(depot, ligne(P), ligne("10000000029"))

    for _ in range(2):
        synchro.synchroniser_nuit()

    nuits = session.scalars(select(Traitement).order_by(Traitement.id)).all()
    assert [(un.type.name, un.etat.name) for un in nuits] == [
        ("FINESS", "APPLIQUE"),
        ("RPPS", "APPLIQUE"),
        ("FINESS", "DEJA_INTEGRE"),
        ("RPPS", "DEJA_INTEGRE"),
    ]
    assert (nuits[1].source, nuits[1].crees) == (nom_du_jour(), 2)
    assert sum(un.crees + un.modifies + un.objets_modifies for un in nuits[2:]) == 0


def test_a_night_takes_the_extract_whose_name_has_no_date_by_that_of_the_file(session, depot):
    """The mirror of data.gouv.fr keeps one name (DATA-FORMATS §2.1)."""
    ecrire_rpps(depot, ligne(P))
    miroir = (depot / nom_du_jour()).rename(depot / "ps-libreacces-personne-activite.txt")
    ecrire_rpps(depot, ligne(P), jour="202601010730")
    avant, apres = datetime(2025, 1, 1, tzinfo=UTC).timestamp(), datetime(2026, 11, 1, tzinfo=UTC).timestamp()

    os.utime(miroir, (avant, avant))
    assert depots.dernier(depot, TypeTraitement.RPPS).nom == nom_du_jour("202601010730")
    os.utime(miroir, (apres, apres))
    assert depots.dernier(depot, TypeTraitement.RPPS).nom == miroir.name


def test_rpps_is_applied_although_finess_was_refused(session, depot):
    """S6: a registry that fails does not keep the other from its night."""
    (depot / "finess-structures-journalier-20261120.json").write_bytes(b"<html>")
    ecrire_rpps(depot, ligne(P))

    synchro.synchroniser_nuit()

    issues = session.execute(select(Traitement.type, Traitement.etat).order_by(Traitement.id)).all()
    assert issues == [(TypeTraitement.FINESS, EtatTraitement.REFUSE), (TypeTraitement.RPPS, EtatTraitement.APPLIQUE)]


def test_rpps_is_applied_although_finess_broke_and_the_failure_is_told(session, depot):
    """A defect of ours: the worker still learns of it, after RPPS is done."""
    ecrire(depot, ej(A, et(X)))
    ecrire_rpps(depot, ligne(P))
    session.execute(text("ALTER TABLE finess_et RENAME TO finess_et_cassee"))

    with pytest.raises(ProgrammingError):
        synchro.synchroniser_nuit()

    session.execute(text("ALTER TABLE finess_et_cassee RENAME TO finess_et"))
    issues = session.execute(select(Traitement.type, Traitement.etat).order_by(Traitement.id)).all()
    assert issues == [(TypeTraitement.FINESS, EtatTraitement.ECHEC), (TypeTraitement.RPPS, EtatTraitement.APPLIQUE)]


def test_finess_is_applied_although_a_run_of_rpps_is_in_progress(session, depot):
    ecrire(depot, ej(A, et(X)))
    ecrire_rpps(depot, ligne(P))
    suivi.demander(TypeTraitement.RPPS, "autre.txt", demandeur="test")

    synchro.synchroniser_nuit()

    assert session.get(FinessEt, X) is not None


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


def test_a_run_that_waits_for_the_other_registry_keeps_its_turn(session, depot):
    """Runs of two registries take turns: a long wait behind a live run is no death."""
    devant = suivi.demander(TypeTraitement.FINESS, "un.json", demandeur="test")
    derriere = suivi.demander(TypeTraitement.RPPS, "un.txt", demandeur="test")
    session.execute(text("UPDATE traitement SET demande_le = now() - interval '1 hour'"))
    vivant = text("UPDATE traitement SET etat = 'EN_COURS', battement_le = now() - :age WHERE id = :numero")

    session.execute(vivant, {"numero": devant, "age": timedelta(minutes=1)})
    suivi.liberer_interrompus()
    session.expire_all()
    assert session.get_one(Traitement, derriere).etat is EtatTraitement.EN_ATTENTE
    session.execute(vivant, {"numero": devant, "age": timedelta(minutes=11)})
    suivi.liberer_interrompus()
    session.expire_all()
    assert session.get_one(Traitement, derriere).etat is EtatTraitement.ECHEC


def test_a_run_that_nobody_carries_on_is_closed(session, depot):
    numero = suivi.demander(TypeTraitement.FINESS, "un.json", demandeur="test")
    session.execute(text("UPDATE traitement SET etat = 'EN_COURS', battement_le = now() - interval '11 minutes'"))

    synchro.reprendre()

    assert session.get_one(Traitement, numero).etat is EtatTraitement.ECHEC


@pytest.mark.parametrize(
    "nom", ["../secret.json", "/etc/passwd", "a/b.json", "notes.txt", "..json/", "../ps_libreacces_202611200730.zip"]
)
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
