"""`flask importer reprise`: three files, one JSON object, the exit codes of every import (docs/reprise.md)."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models.terrain_de_stage import TerrainDeStage

EXEMPLES = Path(__file__).resolve().parents[2] / "docs" / "exemples" / "reprise"
TOUS = [f"--{nom}={EXEMPLES / nom}.csv" for nom in ("ej", "et", "ts")]
COMPTES = ["lus", "crees", "modifies", "inchanges", "rejetes"]


def lancer(app: Flask, *arguments: object) -> tuple[int, dict[str, Any]]:
    resultat = app.test_cli_runner().invoke(args=["importer", "reprise", *map(str, arguments)])
    return resultat.exit_code, json.loads(resultat.output.splitlines()[-1])


def test_the_documented_files_are_simulated_taken_over_then_change_nothing(app, session):
    simule, applique, encore = (lancer(app, *TOUS, *options) for options in (["--simuler"], [], []))

    assert [(code, un["etat"]) for code, un in (simule, applique, encore)] == [
        (0, "simule"),
        (0, "applique"),
        (0, "applique"),
    ]
    assert list(applique[1]) == ["etat", *COMPTES, "ej", "et", "ts", "objets_revus"]
    assert [[un[cle] for cle in COMPTES] for _, un in (simule, applique, encore)] == [
        [8, 8, 0, 0, 0],
        [8, 8, 0, 0, 0],
        [8, 0, 0, 8, 0],
    ]
    assert len(session.scalars(select(TerrainDeStage)).all()) == 4


def test_rejects_go_to_a_folder_one_file_each(app, session, tmp_path):
    """Terrains without their établissements: two of the four cannot be taken."""
    code, resultat = lancer(app, TOUS[2], "--rejets", tmp_path)

    assert (code, resultat["crees"], resultat["ts"]["rejetes"]) == (0, 2, 2)
    assert [un["ligne"] for un in resultat["ts"]["rejets"]] == [2, 3]
    lignes = (tmp_path / "rejets-ts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [une.split(";")[:2] for une in lignes[1:]] == [["2", "53H00012"], ["3", "53H00013"]]


def test_a_folder_of_rejects_that_does_not_exist_stops_everything(app, session, tmp_path):
    code, resultat = lancer(app, *TOUS, "--rejets", tmp_path / "absent")

    assert (code, resultat["code"]) == (4, "E-REJETS")
    assert session.scalars(select(TerrainDeStage)).all() == []


def test_a_wrong_file_exits_with_4_and_its_name(app, session):
    code, resultat = lancer(app, f"--ej={EXEMPLES / 'ts.csv'}")

    assert (code, resultat["etat"], resultat["code"]) == (4, "refuse", "E-FICHIER-COLONNES")
    assert resultat["motif"].startswith("ts.csv : Il manque")


def test_a_regional_account_exits_with_5(app, session, utilisateur):
    utilisateur("gestionnaire-53")

    code, resultat = lancer(app, *TOUS, "--login", "gestionnaire-53")

    assert (code, [un["code"] for un in resultat["refus"]]) == (5, ["E-HORS-ARS"])


@pytest.mark.parametrize("options", [[], ["--simuler"]])
def test_without_any_file_the_command_says_how_to_use_it(app, options):
    resultat = app.test_cli_runner().invoke(args=["importer", "reprise", *options])

    assert resultat.exit_code == 2
    assert "Indiquez au moins un fichier" in resultat.output
