"""`flask importer …`: the last line is one JSON object, the exit code tells the outcome (docs/imports.md)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models.agrement import Agrement
from models.interne import Interne, Saison, Semestre
from models.journal import Evenement
from tests import build

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "imports.md"
ENTETE = "reference;numero_terrain;specialite;type;date_debut;date_fin"


def lancer(app: Flask, *arguments: object) -> tuple[int, dict[str, Any]]:
    resultat = app.test_cli_runner().invoke(args=["importer", *map(str, arguments)])
    return resultat.exit_code, json.loads(resultat.output.splitlines()[-1])


def ecrire(dossier: Path, *lignes: str, nom: str = "fichier.csv") -> Path:
    chemin = dossier / nom
    chemin.write_text("\n".join([*lignes, ""]), encoding="utf-8")
    return chemin


@pytest.fixture
def fichier(session, tmp_path) -> Path:
    """Two agréments, and a line that cannot be taken."""
    numero = build.terrain(session).numero
    lignes = [f"AGR-{n};{numero};DES28;Principal;2026-11-01;2031-10-31" for n in range(2)]
    return ecrire(tmp_path, ENTETE, *lignes, f"AGR-3;{numero};DES28;Principal;demain;2031-10-31")


def test_a_file_is_simulated_applied_then_changes_nothing(app, session, fichier):
    simule, applique, encore = (lancer(app, "agrements", fichier, *options) for options in (["--simuler"], [], []))

    assert [code for code, _ in (simule, applique, encore)] == [0, 0, 0]
    assert [un["etat"] for _, un in (simule, applique, encore)] == ["simule", "applique", "applique"]
    cles = ["etat", "lus", "crees", "modifies", "inchanges", "rejetes", "rejets"]
    assert list(applique[1]) == [*cles, "colonnes_ignorees", "avertissements", "motif"]
    assert [list(un.values())[1:6] for _, un in (simule, applique, encore)] == [[3, 2, 0, 0, 1]] * 2 + [[3, 0, 0, 2, 1]]
    [rejet] = applique[1]["rejets"]
    assert (list(rejet), rejet["ligne"]) == (["ligne", "motif"], 4)
    assert len(session.scalars(select(Agrement)).all()) == 2


def test_rejects_go_to_a_file_and_strict_refuses_them(app, session, fichier, tmp_path):
    code, resultat = lancer(app, "agrements", fichier, "--strict", "--rejets", tmp_path / "rejets.csv")

    assert (code, resultat["etat"], resultat["rejetes"]) == (4, "refuse", 1)
    assert resultat["motif"] == "Rien n’a été écrit : une ligne est rejetée, et l’import est strict."
    assert session.scalars(select(Agrement)).all() == []
    [_, ligne] = (tmp_path / "rejets.csv").read_text(encoding="utf-8-sig").splitlines()
    assert ligne.startswith("4;AGR-3;date_debut : « demain » n’est pas une date")


@pytest.mark.parametrize(
    ("contenu", "attendu"),
    [("", "E-FICHIER-VIDE"), ("<html>", "E-FICHIER-HTML"), ("a;b\n", "E-FICHIER-COLONNES")],
)
def test_a_refused_file_exits_with_4_and_a_sentence(app, session, tmp_path, contenu, attendu):
    (tmp_path / "f.csv").write_text(contenu)

    code, resultat = lancer(app, "internes", tmp_path / "f.csv")

    assert (code, resultat["etat"], resultat["code"], resultat["lus"]) == (4, "refuse", attendu, 0)
    assert resultat["motif"].endswith(".")


def test_a_missing_file_exits_with_4(app, session, tmp_path):
    assert lancer(app, "internes", tmp_path / "absent.csv")[0] == 4


@pytest.mark.parametrize(
    ("login", "code"), [("national", 0), ("gestionnaire-53", 5), ("lecture-53", 5), ("personne", 5)]
)
def test_only_a_national_account_imports(app, session, utilisateur, fichier, login, code):
    if login != "personne":
        utilisateur(login)

    obtenu, resultat = lancer(app, "agrements", fichier, "--login", login)

    assert obtenu == code
    acteurs = set(session.scalars(select(Evenement.acteur).where(Evenement.operation == "AGR.importer")))
    assert acteurs == ({"national"} if code == 0 else set())
    assert (resultat.get("etat") == "applique") is (code == 0)


def test_the_command_acts_in_its_own_name(app, session, fichier):
    lancer(app, "agrements", fichier)

    lus = session.execute(select(Evenement.acteur, Evenement.source).where(Evenement.operation == "AGR.importer"))
    assert {tuple(un) for un in lus} == {("commande", "commande")}


def test_the_examples_of_the_documentation_are_true(app, session, tmp_path):
    """Each example of docs/imports.md is imported whole, in the order of the page."""
    build.terrain(session, numero="53H00012")
    if session.scalar(select(Semestre).filter_by(annee=2026, saison=Saison.HIVER)) is None:
        build.semestre(session, annee=2026, saison=Saison.HIVER)
    exemples = re.findall(r"<!-- (\w+) -->\n```csv\n(.+?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)

    resultats = [lancer(app, objet, ecrire(tmp_path, contenu.strip())) for objet, contenu in exemples]

    assert [objet for objet, _ in exemples] == ["agrements", "demandes", "internes", "semestres"]
    assert [(code, un["rejets"]) for code, un in resultats] == [(0, [])] * 4
    assert all(un["crees"] == un["lus"] >= 1 and not un["colonnes_ignorees"] for _, un in resultats)
    assert session.scalars(select(Interne.nom)).first() == "FICTIF"
