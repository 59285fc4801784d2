"""Town, postal code → commune: manual §1.5 (S35, S55), SPEC A20 and scenario 14."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.geographie import (
    code_departement,
    commune_mere,
    communes_possibles,
    normaliser_ville,
    rechercher_communes,
    subdivision_proposee,
)
from models.commune import AliasCommune

REGISTRE_REEL = Path("../shared/data/finess/finess-structures-journalier-20261120.json.gz")


@pytest.mark.parametrize(
    ("saisie", "attendu"),
    [
        ("Saint-Étienne", "saint etienne"),
        ("ST ETIENNE CEDEX 2", "saint etienne"),
        ("STE ROSE", "sainte rose"),
        ("L’Île-d’Yeu", "l ile d yeu"),
        ("ST LAURENT DU VAR CEDE", "saint laurent du var"),
        ("DIJON CED", "dijon"),
        ("DIJON C", "dijon"),
        ("Plœuc-L'Hermitage", "ploeuc l hermitage"),
        ("Paris 1er Arrondissement", "paris"),
        ("MARSEILLE 09", "marseille"),
        ("LYON 3E", "lyon"),
        ("PARIS CEDEX 13", "paris"),
        ("Cedexville", "cedexville"),
        ("Stains", "stains"),
        ("", ""),
    ],
)
def test_towns_are_compared_as_the_post_writes_them(saisie, attendu):
    assert normaliser_ville(saisie) == attendu


@pytest.mark.parametrize(
    ("code", "attendu"),
    [("2B033", "2B"), ("2A004", "2A"), ("75056", "75"), ("97411", "974"), ("97801", "978"), ("01004", "01")],
)
def test_the_departement_of_an_insee_code(code, attendu):
    assert code_departement(code) == attendu


@pytest.mark.parametrize(
    ("code", "attendu"),
    [
        ("75101", "75056"),
        ("75120", "75056"),
        ("75121", "75121"),
        ("69389", "69123"),
        ("13216", "13055"),
        ("13200", "13200"),
        ("75056", "75056"),
        ("2B033", "2B033"),
    ],
)
def test_an_arrondissement_belongs_to_its_commune(code, attendu):
    assert commune_mere(code) == attendu


@pytest.mark.parametrize(
    ("code_postal", "ville", "attendu"),
    [
        ("20200", "Bastia", "2B033"),
        ("51300", "VITRY LE FRANCOIS", "51649"),
        ("97180", "STE ANNE", "97128"),
        ("97150", "ST MARTIN", "97801"),
        ("75012", "Paris", "75112"),
        ("75116", "PARIS 16", "75116"),
        ("04140", "SEYNE LES ALPES", "04205"),
        ("42055", "ST ETIENNE CEDEX 2", "42218"),
        ("97823", "LE PORT CEDEX", "97407"),
        ("13354", "MARSEILLE CEDEX 05", "13205"),
        ("13354", "MARSEILLE CEDEX", "13055"),
        ("20407", "BASTIA CEDEX", "2B033"),
    ],
)
def test_one_commune_matches_and_is_taken(session: Session, code_postal, ville, attendu):
    """Scenario 14, and the CEDEX codes that no table of postal codes has."""
    assert [commune.code for commune in communes_possibles(session, code_postal, ville)] == [attendu]


def test_several_communes_are_a_choice_that_begins_with_the_likeliest(session: Session):
    possibles = [commune.nom for commune in communes_possibles(session, "51300", "Vitry")]

    assert possibles[:2] == ["Vitry-en-Perthois", "Vitry-le-François"]
    assert len(possibles) == 46


def test_a_town_of_another_postal_code_is_never_taken_silently(session: Session):
    """The code postal says Lyon, the town says Paris: the user decides."""
    assert {commune.code for commune in communes_possibles(session, "69003", "Paris")} == {"69383", "75056"}


@pytest.mark.parametrize(
    ("code_postal", "ville"), [("99999", "Nulle-Part"), ("69495", "PARIS CEDEX"), ("75999", ""), ("", "")]
)
def test_nothing_matches(session: Session, code_postal, ville):
    assert communes_possibles(session, code_postal, ville) == []


@pytest.mark.parametrize(
    ("texte", "premiere"), [("bastia", "2B033"), ("20200", "2B033"), ("2b033", "2B033"), ("st etienne", "42218")]
)
def test_the_helper_finds_communes_by_name_postal_code_or_insee_code(session: Session, texte, premiere):
    """S35."""
    assert rechercher_communes(session, texte)[0].code == premiere


def test_the_helper_shows_the_first_results_only(session: Session):
    assert len(rechercher_communes(session, "saint", 20)) == 20
    assert rechercher_communes(session, " % ") == []


@pytest.mark.parametrize(
    ("commune", "ars", "attendu"),
    [
        ("35238", "53", "RENNES"),
        ("22093", "53", "BREST"),
        ("22278", "53", "RENNES"),
        ("38544", "84", "LYON"),
        ("38185", "84", "GRENOBLE"),
        ("83050", "93", "NICE"),
        ("83071", "93", None),
        ("2A004", "94", "MARSEILLE"),
        ("97411", "04", "OCEANINDIEN"),
        ("99999", "84", None),
    ],
)
def test_the_subdivision_offered_by_default(session: Session, commune, ars, attendu):
    """The arrêté of 2004 cuts some départements commune by commune, and leaves others unassigned."""
    assert subdivision_proposee(session, commune, ars) == attendu


@pytest.mark.skipif(not REGISTRE_REEL.exists(), reason="the real addresses are not on this machine")
def test_real_addresses_are_nearly_all_resolved_and_agree_with_the_registry(session: Session, capsys):
    registre = json.loads(gzip.decompress(REGISTRE_REEL.read_bytes()))
    adresses = Counter(
        (adresse["codePostal"], adresse["ligneAcheminement"], adresse["cogCommune"])
        for ej in registre["pmej"]
        for et in ej["ege"]
        for adresse in et["adresse"]
    )
    successeurs = {alias.ancien_code: alias.commune_code for alias in session.scalars(select(AliasCommune))}

    trouvees = {cle: communes_possibles(session, cle[0], cle[1]) for cle in adresses}
    sures = {cle: communes[0].code for cle, communes in trouvees.items() if len(communes) == 1}
    comparables = {cle: commune_mere(successeurs.get(cle[2], cle[2])) for cle in sures if cle[2]}
    justes = sum(adresses[cle] for cle, attendue in comparables.items() if commune_mere(sures[cle]) == attendue)

    resolues = sum(adresses[cle] for cle in sures) / adresses.total()
    exactes = justes / sum(adresses[cle] for cle in comparables)
    with capsys.disabled():  # a measure, to be read in the output of the run
        print(f"\n{adresses.total()} real addresses: {resolues:.2%} resolved, {exactes:.2%} as the registry")  # noqa: T201
    assert resolues >= 0.98
    assert exactes >= 0.995
