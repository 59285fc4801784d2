"""`flask referentiel charger communes | codes-postaux | mouvements-communes`: same last line, same exit codes."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.commune import Commune
from models.etablissement import Etablissement
from tests import build
from tests.fichier_insee import (
    cog,
    commune,
    ecrire,
    ecrire_cog,
    ecrire_mouvements,
    ecrire_poste,
    fusion,
    mouvement,
    poste,
)

RENNES, BRUZ = "35238", "35047"
COMPTES = [
    "lus",
    "crees",
    "modifies",
    "inchanges",
    "doublons",
    "hors_champ",
    "non_resolus",
    "rejetes",
    "retires",
    "objets_modifies",
]


def lancer(app: Flask, *arguments: object) -> tuple[int, dict[str, Any]]:
    resultat = app.test_cli_runner().invoke(args=["referentiel", "charger", *map(str, arguments)])
    return resultat.exit_code, json.loads(resultat.output.splitlines()[-1])


def test_a_merged_commune_is_simulated_then_applied_then_nothing(app: Flask, session: Session, tmp_path: Path):
    et = build.etablissement(session, code_insee=BRUZ)
    fichier = ecrire_mouvements(tmp_path, fusion(BRUZ, RENNES))

    simule, applique, encore = (lancer(app, "mouvements-communes", fichier, *un) for un in (["--simuler"], [], []))

    session.expire_all()
    assert [code for code, _ in (simule, applique, encore)] == [0, 0, 0]
    assert [un["etat"] for _, un in (simule, applique, encore)] == ["simule", "applique", "applique"]
    assert list(applique[1]) == ["etat", *COMPTES, "rejets", "a_verifier", "a_verifier_total", "motif"]
    for _, resultat in (simule, applique):
        assert [resultat[cle] for cle in COMPTES] == [3, 1, 0, 0, 0, 2, 0, 0, 1, 1]
    assert [encore[1][cle] for cle in COMPTES] == [3, 0, 0, 1, 0, 2, 0, 0, 0, 0]
    assert session.get_one(Etablissement, et.id).code_insee == RENNES


def test_communes_and_postal_codes_are_applied(app: Flask, session: Session, tmp_path: Path):
    codes = lancer(app, "communes", ecrire_cog(tmp_path, cog(avec=[commune("35999", "Neuve")])))
    nouvelle = ["35999", "NEUVE", "35999", "NEUVE", ""]
    postaux = lancer(app, "codes-postaux", ecrire_poste(tmp_path, poste(avec=[nouvelle])))

    assert [(code, un["etat"], un["crees"]) for code, un in (codes, postaux)] == [(0, "applique", 1)] * 2
    assert [un.code_postal for un in session.get_one(Commune, "35999").codes_postaux] == ["35999"]


@pytest.mark.parametrize("quoi", ["communes", "codes-postaux", "mouvements-communes", "bassins-de-vie"])
@pytest.mark.parametrize("contenu", ["", "<html></html>", "a,b\n1,2\n"])
def test_a_bad_file_exits_with_4_and_a_sentence(app: Flask, session: Session, tmp_path: Path, quoi: str, contenu: str):
    code, resultat = lancer(app, quoi, ecrire(tmp_path / "a.csv", contenu))

    assert (code, resultat["etat"]) == (4, "refuse")
    assert resultat["code"].startswith("E-")
    assert resultat["motif"].endswith(".")


def test_rejected_lines_are_in_the_answer_and_all_of_them_in_the_file(app: Flask, session: Session, tmp_path: Path):
    """A line of the file that could be taken for a formula stays a text (A-30)."""
    mauvaises = [mouvement("32", f"=date{rang}", "35901", BRUZ) for rang in range(5)]
    fichier = ecrire_mouvements(tmp_path, [*mauvaises, mouvement("32", "2001-01-01", "35901", BRUZ)])

    code, resultat = lancer(app, "mouvements-communes", fichier, "--rejets", tmp_path / "rejets.csv")

    texte = (tmp_path / "rejets.csv").read_text(encoding="utf-8-sig")
    lignes = list(csv.reader(texte.splitlines(), delimiter=";"))
    assert (code, resultat["rejetes"]) == (0, 5)
    assert resultat["rejets"][0] == {
        "ligne": 2,
        "valeur": "=date0",
        "motif": "« =date0 » n’est pas une date (AAAA-MM-JJ).",
    }
    assert lignes[0] == ["Ligne du fichier", "Valeur lue", "Motif"]
    assert [ligne[:2] for ligne in lignes[1:]] == [[str(rang + 2), f"'=date{rang}"] for rang in range(5)]


def test_a_file_of_rejects_that_cannot_be_written_is_told_before_anything(app: Flask, session: Session, tmp_path: Path):
    fichier = ecrire_mouvements(tmp_path, fusion(BRUZ, RENNES))

    resultat = app.test_cli_runner().invoke(
        args=["referentiel", "charger", "mouvements-communes", str(fichier), "--rejets", str(tmp_path / "x" / "y.csv")]
    )

    assert resultat.exit_code == 2
    assert session.get(Commune, BRUZ) is not None
