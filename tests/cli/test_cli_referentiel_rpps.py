"""`flask referentiel charger rpps`: same last line and exit codes as for FINESS."""

import json
from typing import Any

import pytest
from flask import Flask

from app.referentiels import suivi
from models.traitement import TypeTraitement
from tests.fichier_rpps import JOUR_2, ecrire, ecrire_octets, ligne

A, B = "10000000011", "10000000029"
COMPTES = ["lus", "rejetes", "hors_champ", "praticiens", "crees", "modifies", "inchanges", "absents", "objets_modifies"]


def lancer(app: Flask, *arguments: object) -> tuple[int, dict[str, Any]]:
    resultat = app.test_cli_runner().invoke(args=["referentiel", "charger", "rpps", *map(str, arguments)])
    return resultat.exit_code, json.loads(resultat.output.splitlines()[-1])


def test_a_file_is_simulated_applied_then_already_integrated(app, session, tmp_path):
    fichier = ecrire(tmp_path, ligne(A), ligne(A, savoir="SM01"), ligne("mal formé"), ligne(B, profession="60"))

    simule, applique, encore = (lancer(app, fichier, *options) for options in (["--simuler"], [], []))

    assert [code for code, _ in (simule, applique, encore)] == [0, 0, 0]
    assert [un["etat"] for _, un in (simule, applique, encore)] == ["simule", "applique", "deja_integre"]
    assert list(applique[1]) == ["traitement", "etat", *COMPTES, "motif"]
    for _, resultat in (simule, applique):
        assert [resultat[cle] for cle in COMPTES] == [4, 1, 1, 1, 2, 0, 0, 0, 0]
    assert [encore[1][cle] for cle in COMPTES] == [4, 1, 1, 1, 0, 0, 2, 0, 0]


def test_a_file_that_lost_too_much_exits_with_3(app, session, tmp_path):
    lancer(app, ecrire(tmp_path, *(ligne(f"1000000{n:04}") for n in range(40))))

    code, resultat = lancer(app, ecrire(tmp_path, ligne(A), jour=JOUR_2))

    assert (code, resultat["etat"], resultat["crees"]) == (3, "quarantaine", 0)
    assert resultat["motif"] == "Ce fichier a 39 lignes de moins que le dernier appliqué : il est sans doute incomplet."


@pytest.mark.parametrize("octets", [b"", b"<html>", b"a|b\n"])
def test_a_refused_file_exits_with_4_and_a_sentence(app, session, tmp_path, octets):
    code, resultat = lancer(app, ecrire_octets(tmp_path, octets))

    assert (code, resultat["etat"], resultat["lus"]) == (4, "refuse", 0)
    assert resultat["motif"].endswith(".")


def test_a_run_already_asked_for_refuses_another(app, session, tmp_path):
    suivi.demander(TypeTraitement.RPPS, "autre.txt", demandeur="test")

    code, resultat = lancer(app, ecrire(tmp_path, ligne(A)))

    assert (code, resultat["etat"], resultat["traitement"]) == (4, "refuse", None)


def test_the_run_page_shows_it(app, session, connexion, tmp_path):
    """M25: every tab of the report, in the words of RPPS."""
    lancer(app, ecrire(tmp_path, ligne(A), ligne(B)))
    _, resultat = lancer(
        app, ecrire(tmp_path, ligne(A, nom="MARIEE"), ligne("x"), ligne(B, profession="60"), jour=JOUR_2)
    )
    client, page = connexion("national"), f"/referentiels/{resultat['traitement']}"

    resume, changements, rejets, liste = (
        client.get(url).get_data(as_text=True)
        for url in (page, f"{page}/changements", f"{page}/rejets", "/referentiels/")
    )

    assert "Synchronisation RPPS" in resume
    assert "1 hors champ" in resume
    assert "Praticiens disparus du fichier" in resume
    assert "MARIEE" in changements
    assert "Absent du fichier" in changements
    assert "onze chiffres" in rejets
    assert "Synchronisation RPPS" in liste
    assert client.get(f"{page}/changements.csv").status_code == 200
