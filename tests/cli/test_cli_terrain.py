"""`flask terrain …`: the same operations as the screens, JSON on the last line, exit code 5 on a refusal."""

import json

import pytest
from sqlalchemy import select

from models.etats import StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from tests import build


@pytest.fixture
def terrain(app):
    def run(*arguments: str) -> tuple[int, dict]:
        outcome = app.test_cli_runner().invoke(args=["terrain", *arguments])
        return outcome.exit_code, json.loads(outcome.stdout.splitlines()[-1])

    return run


def test_a_service_is_created(terrain, session):
    """C1."""
    et = build.etablissement(session)
    options = ("--et", et.numero_finess, "--service", "Cardiologie", "--ars", "53", "--subdivision", "RENNES")

    code, resultat = terrain("creer", "hospitalier", *options)

    assert code == 0
    assert resultat | {"numero": "53H00001", "statut": "Actif", "type": "Hospitalier", "ars": "53"} == resultat
    [evenement] = session.scalars(select(Evenement)).all()
    assert (evenement.operation, evenement.source, evenement.ars_travail_code) == ("TS.creer", "commande", "53")


def test_a_practitioner_is_created(terrain, session):
    """C2."""
    connu = build.praticien(session)
    build.activite(session, connu.rpps)

    code, resultat = terrain("creer", "praticien", "--rpps", connu.rpps, "--ars", "national", "--subdivision", "RENNES")

    assert (code, resultat["rpps"], resultat["numero"]) == (0, connu.rpps, "53P00001")


@pytest.mark.parametrize("type_", ["HOPITAL_FRONTALIER", "hôpital frontalier"])
def test_an_organisme_is_created(terrain, type_):
    """C3, S76."""
    options = ("--type", type_, "--nom", "Clinique fictive", "--ars", "44", "--subdivision", "NANCY")

    code, resultat = terrain("creer", "organisme", *options)

    assert (code, resultat["nom"], resultat["numero"]) == (0, "Clinique fictive", "44A00001")


@pytest.mark.parametrize(
    ("arguments", "attendu"),
    [
        (("creer", "hospitalier", "--et", "999999999", "--service", "X", "--ars", "53"), "E-ET-INCONNU"),
        (("creer", "praticien", "--rpps", "123", "--ars", "53"), "E-RPPS-FORMAT"),
        (("creer", "organisme", "--type", "FERME", "--nom", "X", "--ars", "53"), "E-TYPE-ORGANISME"),
        (("creer", "organisme", "--type", "AUTRE", "--nom", "X", "--ars", "53"), "E-INCOMPLET"),
        (("creer", "organisme", "--type", "AUTRE", "--nom", "X", "--ars", "99"), "E-ARS-INCONNUE"),
        (("activer", "53H99999", "--ars", "53"), "E-INTROUVABLE"),
    ],
)
def test_a_refusal_is_told_in_words_and_in_json(terrain, session, arguments, attendu):
    code, resultat = terrain(*arguments)

    assert (code, [un["code"] for un in resultat["refus"]]) == (5, [attendu])
    assert session.scalars(select(Evenement)).all() == []


def test_several_terrains_are_deleted_then_activated_with_a_report(terrain, session):
    """N30; a former number is understood (N21)."""
    libre, bloque = build.terrain(session), build.terrain(session)
    build.agrement(session, bloque)
    ancien = AncienNumero(numero="93H00009", terrain_id=libre.id, jusqu_au=libre.cree_le)
    session.add(ancien)
    session.commit()

    code, resultat = terrain("supprimer", "93h00009", bloque.numero, "--ars", "53")

    session.expire_all()
    assert (code, resultat["faits"]) == (5, [libre.numero])
    assert [(un["terrain"], un["code"]) for un in resultat["refus"]] == [(bloque.numero, "E-TS-SUPPR-AGR")]
    assert [un.statut for un in (libre, bloque)] == [StatutTerrain.INACTIF, StatutTerrain.ACTIF]
    assert terrain("activer", libre.numero, "--ars", "53") == (0, {"faits": [libre.numero], "refus": []})


def test_a_foreign_terrain_is_refused_with_all_the_others(terrain, session):
    """A-04."""
    mien, etranger = build.terrain(session), build.terrain(session, ars_code="93")

    code, resultat = terrain("supprimer", mien.numero, etranger.numero, "--ars", "53")

    session.expire_all()
    assert (code, [un["code"] for un in resultat["refus"]]) == (5, ["E-HORS-ARS"])
    assert session.get_one(TerrainDeStage, mien.id).statut is StatutTerrain.ACTIF


def test_a_reader_does_nothing(terrain, session, utilisateur):
    utilisateur("lecture-53")
    praticien = build.terrain(session, type=TypeTerrain.PRATICIEN)

    code, resultat = terrain("supprimer", praticien.numero, "--ars", "53", "--login", "lecture-53")

    assert (code, [un["code"] for un in resultat["refus"]]) == (5, ["E-HORS-ARS"])
