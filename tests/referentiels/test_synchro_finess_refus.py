"""A file that is not what it claims gets a named outcome and writes nothing but its own run."""

import gzip
import threading

import pytest
from sqlalchemy import func, select, text

from app.errors import OperationRefused
from app.referentiels import arrivee, suivi
from app.referentiels.synchro import synchroniser_finess
from app.unit_of_work import transaction
from models.finess import FinessEj, FinessEt
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests.fichier_finess import JOUR_1, JOUR_2, charger, comptes, document, ecrire, ej, et

ENTETE = b'{"schemaVersion": "%s", "generatedAt": "2026-11-21T04:00:00Z"'
A, B, X = "350000022", "350000030", "350000741"


def complet() -> bytes:
    return gzip.compress(b'{"generatedAt": "2026-11-21T04:00:00Z", "pmej": []}' + b" " * 4000)


@pytest.mark.parametrize(
    ("nom", "octets", "code"),
    [
        ("vide.json", b"", "E-FICHIER-VIDE"),
        ("vide.json.gz", gzip.compress(b""), "E-FICHIER-VIDE"),
        ("page.json.gz", b"<!DOCTYPE html><html><body>503</body></html>", "E-FICHIER-HTML"),
        ("page.json.gz", gzip.compress(b"<html></html>"), "E-FICHIER-HTML"),
        ("tronque.json.gz", complet()[:-12], "E-FICHIER-TRONQUE"),
        ("abime.json.gz", complet()[:20] + b"\x00\x00" + complet()[22:], "E-FICHIER-GZIP"),
        ("fausse-somme.json.gz", complet()[:-8] + b"\x00" * 8, "E-FICHIER-GZIP"),
        ("tronque.json", b'{"schemaVersion": "v1.0.0", "pmej": [{"ege": [', "E-FICHIER-TRONQUE"),
        ("archive.json", b"PK\x03\x04", "E-FICHIER-FORMAT"),
        ("autre.json", b'{"activites": []}', "E-FICHIER-FORMAT"),
        ("pmej.json", ENTETE % b"v1.0.0" + b', "pmej": {}}', "E-FICHIER-FORMAT"),
        ("sans-ligne.json", str(document()).replace("'", '"').encode(), "E-FICHIER-SANS-LIGNE"),
        ("schema.json", ENTETE % b"v9" + b', "pmej": []}', "E-FICHIER-SCHEMA"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused(session, tmp_path, nom, octets, code):
    chemin = tmp_path / nom
    chemin.write_bytes(octets)

    traitement = charger(chemin)

    assert (traitement.etat, traitement.motif_code) == (EtatTraitement.REFUSE, code)
    assert traitement.motif.endswith(".")
    assert comptes(traitement) == {}
    assert session.scalar(select(func.count()).select_from(FinessEj)) == 0


def test_a_missing_file_is_refused(session, tmp_path):
    traitement = charger(tmp_path / "absent.json")

    assert (traitement.etat, traitement.motif_code) == (EtatTraitement.REFUSE, "E-FICHIER-ABSENT")


def test_a_truncated_file_undoes_what_was_already_read(session, tmp_path):
    charger(ecrire(tmp_path, ej(A, et(X))))
    octets = ecrire(tmp_path, ej(A, et(X, ouvert=False)), *(ej(B) for _ in range(9)), genere_le=JOUR_2).read_bytes()
    (tmp_path / "tronque.json").write_bytes(octets[:-20])

    assert charger(tmp_path / "tronque.json").etat is EtatTraitement.REFUSE
    assert session.get(FinessEt, X).ouvert is True


def test_an_older_file_is_refused(session, tmp_path):
    charger(ecrire(tmp_path, ej(A), genere_le=JOUR_2))

    traitement = charger(ecrire(tmp_path, ej(A), ej(B), genere_le=JOUR_1))

    assert (traitement.etat, traitement.motif_code) == (EtatTraitement.REFUSE, "E-FICHIER-ANCIEN")
    assert "20/11/2026" in traitement.motif
    assert session.get(FinessEj, B) is None


def test_a_file_whose_rows_are_all_rejected_is_refused(session, tmp_path):
    """It would mark the whole country as absent."""
    charger(ecrire(tmp_path, ej(A, et(X))))

    traitement = charger(ecrire(tmp_path, {"informationsGeneralesPmej": {}}, genere_le=JOUR_2))

    assert (traitement.etat, traitement.motif_code) == (EtatTraitement.REFUSE, "E-FICHIER-SANS-LIGNE")
    assert session.get(FinessEj, A).absent_depuis is None


def test_one_run_at_a_time(session):
    suivi.demander(TypeTraitement.FINESS, "un.json", demandeur="test")

    with pytest.raises(OperationRefused) as refus:
        suivi.demander(TypeTraitement.FINESS, "deux.json", demandeur="test")

    assert refus.value.codes == ["E-TRAITEMENT-EN-COURS"]


def test_a_run_whose_heart_has_stopped_gives_up_its_place(session):
    mort = suivi.demander(TypeTraitement.FINESS, "un.json", demandeur="test")
    session.execute(text("UPDATE traitement SET demande_le = now() - interval '11 minutes'"))

    suivi.demander(TypeTraitement.FINESS, "deux.json", demandeur="test")

    assert session.get_one(Traitement, mort).etat is EtatTraitement.ECHEC


def test_a_message_delivered_twice_runs_once(session, tmp_path):
    chemin = ecrire(tmp_path, ej(A, et(X)))
    traitement = charger(chemin)
    chemin.unlink()

    assert synchroniser_finess(traitement.id, chemin).etat is EtatTraitement.APPLIQUE


def test_a_run_whose_worker_was_killed_begins_again(session, tmp_path):
    chemin = ecrire(tmp_path, ej(A, et(X)))
    numero = suivi.demander(TypeTraitement.FINESS, chemin.name, demandeur="test")
    suivi.commencer(numero)

    assert synchroniser_finess(numero, chemin).etat is EtatTraitement.APPLIQUE


def test_an_error_of_ours_fails_the_run_and_is_not_hidden(session, tmp_path, monkeypatch):
    def panne(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(arrivee, "_dedoublonner", panne)
    with pytest.raises(ZeroDivisionError):
        charger(ecrire(tmp_path, ej(A)))

    assert session.scalar(select(Traitement.etat)) is EtatTraitement.ECHEC


def test_progress_is_visible_while_the_run_lasts_and_a_second_one_waits(base_propre, tmp_path, monkeypatch):
    """Real commits: another connection sees the run move; the same run delivered twice waits, then does nothing."""
    chemin = ecrire(tmp_path, ej(A, et(X)))
    numero = suivi.demander(TypeTraitement.FINESS, chemin.name, demandeur="test")
    lu, suite = threading.Event(), threading.Event()
    dedoublonner = arrivee._dedoublonner

    def attendre(*arguments: object) -> None:
        lu.set()
        assert suite.wait(10)
        dedoublonner(*arguments)

    monkeypatch.setattr(arrivee, "_dedoublonner", attendre)
    fils = [threading.Thread(target=synchroniser_finess, args=(numero, chemin)) for _ in range(2)]
    for fil in fils:
        fil.start()
    assert lu.wait(10)
    with transaction() as session:
        en_cours = session.get_one(Traitement, numero)
        lignes = session.scalar(select(func.count(FinessEj.numero)))
        vus = [en_cours.etat, en_cours.etape, en_cours.octets_total, lignes]
    suite.set()
    for fil in fils:
        fil.join(10)

    assert vus == [EtatTraitement.EN_COURS, "Lecture du fichier", chemin.stat().st_size, 0]
    with transaction() as session:
        assert session.get_one(Traitement, numero).etat is EtatTraitement.APPLIQUE
        assert session.scalar(select(func.count(FinessEj.numero))) == 1
