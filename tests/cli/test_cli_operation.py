"""`flask operation …`: preview, act, undo; JSON on the last line, exit code 5 on a refusal."""

import json

import pytest
from sqlalchemy import select

from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import Evenement
from tests import build


@pytest.fixture
def operation(app):
    def run(*arguments: str) -> tuple[int, dict]:
        outcome = app.test_cli_runner().invoke(args=["operation", *arguments])
        return outcome.exit_code, json.loads(outcome.stdout.splitlines()[-1])

    return run


def test_a_fusion_is_previewed_done_and_undone(operation, session):
    """§1.7, N1, N2."""
    origine = build.etablissement(session, statut=StatutEtablissement.INACTIF)
    destination, terrain = build.etablissement(session), build.terrain(session, etablissement=origine)
    extremites = (origine.numero_finess, destination.numero_finess, "--ars", "53")

    code, apercu = operation("fusion", *extremites, "--apercu")
    assert (code, session.scalars(select(Evenement)).all()) == (0, [])

    code, fait = operation("fusion", *extremites)
    session.expire_all()
    assert (code, terrain.etablissement_id, origine.statut.name) == (0, destination.id, "SUPPRIME")
    assert {cle: fait[cle] for cle in apercu if cle != "apercu"} == {
        cle: un for cle, un in apercu.items() if cle != "apercu"
    }

    code, _ = operation("annuler", str(fait["evenement"]), "--ars", "53")
    session.expire_all()
    assert (code, terrain.etablissement_id, origine.statut.name) == (0, origine.id, "INACTIF")


def test_units_are_transferred_by_their_numbers(operation, session):
    origine, destination = build.etablissement(session), build.etablissement(session)
    partant, restant = (build.terrain(session, etablissement=origine) for _ in range(2))

    code, fait = operation(
        "transfert-unites", origine.numero_finess, destination.numero_finess, partant.numero, "--ars", "53"
    )

    session.expire_all()
    assert (code, [un["terrain"] for un in fait["terrains"]]) == (0, [partant.numero])
    assert (partant.etablissement_id, restant.etablissement_id) == (destination.id, origine.id)


def test_a_practitioner_is_transferred_and_completed(operation, session):
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, ars_code="93")
    build.praticien(session, rpps=terrain.rpps)

    code, _ = operation("transferer-praticien", terrain.numero, "53", "--ars", "93")
    assert code == 0
    code, fait = operation("completer", terrain.numero, "--ars", "53", "--subdivision", "BREST")

    session.expire_all()
    assert (code, fait["statut"], terrain.statut) == (0, "Actif", StatutTerrain.ACTIF)


@pytest.mark.parametrize(
    ("arguments", "attendu"),
    [
        (("changer-ars", "{terrain}", "52", "--ars", "53"), "E-ARS-NON-LIEE"),
        (("changer-subdivision", "{terrain}", "BREST", "--ars", "93"), "E-HORS-ARS"),
        (("transferer-praticien", "{terrain}", "93", "--ars", "53"), "E-TYPE"),
        (("completer", "{terrain}", "--ars", "53"), "E-STATUT"),
        (("annuler", "999999", "--ars", "53"), "E-INTROUVABLE"),
    ],
)
def test_a_refusal_keeps_its_code(operation, session, arguments, attendu):
    terrain = build.terrain(session)

    code, resultat = operation(*(un.format(terrain=terrain.numero) for un in arguments))

    assert (code, [un["code"] for un in resultat["refus"]]) == (5, [attendu])


@pytest.mark.parametrize(("options", "garde"), [((), None), (("--garder-secondaire",), "2 rue")])
def test_completing_keeps_what_the_terrain_has_and_empties_its_old_secondary_block(operation, session, options, garde):
    """§1.10, A29."""
    secondaire = {"adresse": "2 rue", "code_postal": "35000", "ville": "RENNES", "code_insee": "35238"}
    terrain = build.terrain(
        session,
        type=TypeTerrain.PRATICIEN,
        statut=StatutTerrain.TRANSFERE,
        nombre_de_postes=3,
        responsable_nom="FICTIF",
        nature_exercice_locale="Mixte",
        **{f"{champ}_secondaire": un for champ, un in secondaire.items()},
    )
    build.praticien(session, rpps=terrain.rpps)

    code, _ = operation("completer", terrain.numero, "--ars", "53", "--subdivision", "BREST", *options)

    session.expire_all()
    assert (code, terrain.adresse_secondaire, terrain.statut) == (0, garde, StatutTerrain.ACTIF)
    assert (terrain.nombre_de_postes, terrain.responsable_nom, terrain.nature_exercice_locale) == (3, "FICTIF", "Mixte")
