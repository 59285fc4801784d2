"""`flask referentiel charger finess`: the last line is one JSON object, the exit code tells the outcome."""

import json
from typing import Any

import pytest
from flask import Flask

from app.referentiels import suivi
from models.traitement import TypeTraitement
from tests.fichier_finess import JOUR_1, JOUR_2, ecrire, ej, et

A, X = "350000022", "350000741"
COMPTES = ["lus", "rejetes", "ej_lues", "et_lus", "crees", "modifies", "inchanges", "fermes"]


def lancer(app: Flask, *arguments: object) -> tuple[int, dict[str, Any]]:
    resultat = app.test_cli_runner().invoke(args=["referentiel", "charger", "finess", *map(str, arguments)])
    return resultat.exit_code, json.loads(resultat.output.splitlines()[-1])


def test_a_file_is_simulated_applied_then_already_integrated(app, session, tmp_path):
    fichier = ecrire(tmp_path, ej(A, et(X), et("mal formé")))

    simule, applique, encore = (lancer(app, fichier, *options) for options in (["--simuler"], [], []))

    assert [code for code, _ in (simule, applique, encore)] == [0, 0, 0]
    assert [un["etat"] for _, un in (simule, applique, encore)] == ["simule", "applique", "deja_integre"]
    assert list(applique[1]) == ["traitement", "etat", *COMPTES, "motif"]
    for _, resultat in (simule, applique):
        assert [resultat[cle] for cle in COMPTES] == [3, 1, 1, 2, 2, 0, 0, 0]
    assert (encore[1]["crees"], encore[1]["inchanges"], encore[1]["rejetes"]) == (0, 2, 1)


def test_a_closure_is_counted(app, session, tmp_path):
    lancer(app, ecrire(tmp_path, ej(A, et(X))))

    code, resultat = lancer(app, ecrire(tmp_path, ej(A, et(X, ouvert=False)), genere_le=JOUR_2))

    assert (code, resultat["modifies"], resultat["fermes"], resultat["motif"]) == (0, 1, 1, "")


@pytest.mark.parametrize("contenu", [None, b"", b"<html>"])
def test_a_refused_file_exits_with_4_and_a_sentence(app, session, tmp_path, contenu):
    chemin = tmp_path / "fichier.json"
    if contenu is not None:
        chemin.write_bytes(contenu)

    code, resultat = lancer(app, chemin)

    assert (code, resultat["etat"], resultat["lus"]) == (4, "refuse", 0)
    assert resultat["motif"].endswith(".")


def test_an_older_file_is_refused(app, session, tmp_path):
    lancer(app, ecrire(tmp_path, ej(A), genere_le=JOUR_2))

    code, resultat = lancer(app, ecrire(tmp_path, ej(A), genere_le=JOUR_1))

    assert (code, resultat["etat"]) == (4, "refuse")


def test_a_run_already_in_progress_is_told(app, session, tmp_path):
    suivi.demander(TypeTraitement.FINESS, "autre.json", demandeur="test")

    code, resultat = lancer(app, ecrire(tmp_path, ej(A)))

    assert (code, resultat["traitement"], resultat["etat"]) == (4, None, "refuse")
    assert "en cours" in resultat["motif"]
