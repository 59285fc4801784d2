"""« Rechercher un terrain de stage »: what each criterion finds (manual §1.6, S64–S70, N21)."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.recherches.terrains import RECHERCHE, CriteresTerrain
from models.commune import BassinDeVie, Commune
from models.etats import StatutTerrain, TypeTerrain
from models.nomenclature import Specialite
from models.terrain_de_stage import AncienNumero, TerrainDeStage, TypeOrganisme
from tests import build

SECONDAIRE = {
    "adresse_secondaire": "5 quai Neuf",
    "code_postal_secondaire": "20200",
    "ville_secondaire": "Bastia",
    "code_insee_secondaire": "2B033",
}
MARSEILLE = {"adresse": "1 rue d’Essai", "ville": "MARSEILLE", "code_postal": "13001", "code_insee": "13055"}
PRATICIEN: dict[str, Any] = {"type": TypeTerrain.PRATICIEN}
AUTRE: dict[str, Any] = {"type": TypeTerrain.AUTRE}


def chercher(session: Session, **criteres: Any) -> set[str]:
    voulu = CriteresTerrain(**criteres)
    lignes = RECHERCHE.page(session, voulu, "numero", descendant=False, decalage=0, taille=100)
    assert RECHERCHE.total(session, voulu) == len(lignes)
    return {ligne.numero for ligne in lignes}


@pytest.mark.parametrize(
    ("criteres", "champs"),
    [
        ({"numero": "10 990 0000"}, PRATICIEN | {"rpps": "10990000012"}),
        ({"numero": "26350005100014"}, AUTRE | {"siret": "26350005100014"}),
        ({"numero": "b-12"}, AUTRE | {"autre_numero": "B - 12 345"}),
        ({"nom": "ecole"}, AUTRE | {"organisme_nom": "L’ÉCOLE du Cœur"}),
        ({"nom": "durand"}, PRATICIEN | {"praticien_nom": "DURAND", "praticien_prenom": "Zoé"}),
        ({"nom": "zoe durand"}, PRATICIEN | {"praticien_nom": "DURAND", "praticien_prenom": "Zoé"}),
        ({"nom": "*dupont*"}, {"responsable_nom": "Dupont-Moretti"}),
        ({"nom": "dupont"}, {"responsable_nom": "Dupont-Moretti"}),
        ({"responsable": "aimee"}, {"responsable_nom": "Dupont", "responsable_prenom": "Aimée"}),
        ({"nom_terrain": "reanimation"}, {"nom": "Service de RÉANIMATION"}),
        ({"nom_terrain": "*litique"}, AUTRE | {"nom": "Bureau politique"}),
        ({"numero_terrain": "53h9"}, {"numero": "53H90001"}),
        ({"numero_terrain": "*0001"}, {"numero": "53H90001"}),
        ({"ars": "93"}, {"ars_code": "93"}),
        ({"subdivision": "LYON"}, {"ars_code": "84"}),
        ({"type": ("PRATICIEN", "AUTRE")}, PRATICIEN),
        ({"statut": ("INACTIF",)}, {"statut": StatutTerrain.INACTIF}),
        ({"statut": ("TRANSFERE",)}, PRATICIEN | {"statut": StatutTerrain.TRANSFERE}),
        ({"specialite": "DES28"}, {"specialite_code": "DES28"}),
        ({"rpps": ("invalide",)}, PRATICIEN | {"rpps_invalide_depuis": date(2026, 11, 20)}),
        ({"rpps": ("hors_ars", "errone")}, PRATICIEN | {"rpps_hors_ars_depuis": date(2026, 11, 20)}),
        ({"rpps": ("errone",)}, PRATICIEN | {"rpps_errone": True}),
        ({"ville": "marseille"}, MARSEILLE),
        ({"ville": "Saint-Brieuc"}, MARSEILLE | {"ville": "ST BRIEUC CEDEX"}),
        ({"ville": "ste marie"}, MARSEILLE | {"ville": "Sainte-Marie"}),
        ({"code_postal": "13"}, MARSEILLE),
        ({"adresse": "*essai"}, MARSEILLE),
        ({"departement": "13"}, MARSEILLE),
        ({"ville": "bastia"}, MARSEILLE | SECONDAIRE),
        ({"departement": "2B"}, MARSEILLE | SECONDAIRE),
    ],
)
def test_each_criterion_finds_what_it_should_and_nothing_else(session, criteres, champs):
    """S65–S69, S43, A24, A25."""
    build.terrain(session)
    voulu = build.terrain(session, **champs)

    assert chercher(session, **criteres) == {voulu.numero}


@pytest.mark.parametrize("critere", ["numero", "etablissement"])
def test_a_hospital_terrain_is_found_by_the_number_of_its_etablissement(session, critere):
    """S65, S62."""
    voulu, _autre = build.terrain(session), build.terrain(session)

    assert chercher(session, **{critere: voulu.etablissement.numero_finess}) == {voulu.numero}


def test_the_number_may_be_that_of_the_ej(session):
    """A25."""
    voulu, _autre = build.terrain(session), build.terrain(session)

    assert chercher(session, numero=voulu.etablissement.entite_juridique.numero_finess) == {voulu.numero}


def test_the_etablissement_criterion_takes_a_whole_number_only(session):
    """S62: a link from an ET never shows the terrains of another."""
    terrain = build.terrain(session)
    numero = terrain.etablissement.numero_finess

    assert chercher(session, etablissement=f" {numero[:3]} {numero[3:]}") == {terrain.numero}
    assert chercher(session, etablissement=numero[:5]) == set()
    assert chercher(session, etablissement="*") == set()


@pytest.mark.parametrize("saisie", ["saint eloi", "*ÉLOI*", "grande*", "hopital saint"])
def test_a_hospital_terrain_is_found_by_the_names_of_its_etablissement(session, saisie):
    """S66, A23."""
    et = build.etablissement(
        session, raison_sociale="HÔPITAL SAINT-ÉLOI", raison_sociale_longue="GRANDE MAISON SAINT ELOI"
    )
    voulu = build.terrain(session, etablissement=et)
    build.terrain(session)

    assert chercher(session, nom=saisie) == {voulu.numero}


def test_a_former_number_finds_the_terrain_and_is_shown(session):
    """N21."""
    terrain = build.terrain(session, ars_code="93")
    session.add(AncienNumero(terrain_id=terrain.id, numero="84H00007", jusqu_au=datetime.now(UTC)))
    session.flush()

    trouves = RECHERCHE.page(
        session, CriteresTerrain(numero_terrain="84H00007"), "numero", descendant=False, decalage=0, taille=10
    )

    assert [(ligne.numero, ligne.anciens_numeros) for ligne in trouves] == [(terrain.numero, ["84H00007"])]


def test_a_complementary_speciality_counts_as_the_principal_one(session):
    """S84."""
    principale = build.terrain(session, specialite_code="DES28")
    complementaire = build.terrain(
        session, specialite_code="DES01", specialites_complementaires=[session.get_one(Specialite, "DES28")]
    )

    assert chercher(session, specialite="DES28") == {principale.numero, complementaire.numero}


def test_the_masked_principal_city_is_not_found(session):
    """S44, S69, scenario 13."""
    masque = build.terrain(session, **MARSEILLE, **SECONDAIRE)

    assert chercher(session, ville="bastia") == {masque.numero}
    assert chercher(session, ville="marseille") == set()
    assert chercher(session, code_postal="13001") == set()
    assert chercher(session, adresse="essai") == set()
    assert chercher(session, departement="13") == set()


def test_the_bassin_de_vie_is_that_of_the_effective_commune(session):
    """S44."""
    session.execute(insert(BassinDeVie).values(code="2B033", nom="Bastia"))
    session.execute(update(Commune).where(Commune.code == "2B033").values(bassin_de_vie_code="2B033"))
    voulu = build.terrain(session, **MARSEILLE, **SECONDAIRE)
    build.terrain(session, **MARSEILLE)

    assert chercher(session, bassin_de_vie="bastia") == {voulu.numero}


def test_no_box_ticked_means_all_transferes_included(session):
    """S43, A45: and a box that does not exist is not a box."""
    tous = {build.terrain(session, **PRATICIEN, statut=statut).numero for statut in StatutTerrain}

    assert chercher(session) == tous
    assert chercher(session, statut=("ZZZ",), type=("ZZZ",), rpps=("zzz",)) == tous
    assert chercher(session, nom=" ", numero=" ", nom_terrain="\t") == tous


def test_criteria_add_up(session):
    """S43."""
    voulu = build.terrain(session, nom="Urgences", responsable_nom="DUPONT")
    build.terrain(session, nom="Urgences")
    build.terrain(session, responsable_nom="DUPONT")

    assert chercher(session, nom="dupont", nom_terrain="urgences", ars="53") == {voulu.numero}
    assert chercher(session, nom="dupont", nom_terrain="urgences", ars="84") == set()


# --- Against a plain model ---

lettres = st.text(alphabet="aéÉxœ%_\\'* 1&;", min_size=1, max_size=5)
termes = lettres.filter(lambda texte: texte.strip() != "")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(saisie=termes, noms=st.lists(st.tuples(st.integers(0, 3), termes), min_size=1, max_size=5))
def test_the_name_criterion_is_that_of_a_plain_model(connection, session, saisie, noms):
    """A-33: over the four tables and columns it reads, only `*` is a wildcard, whatever is typed."""
    point = connection.begin_nested()
    terrains = {_nomme(session, place, nom).numero: _norme(session, nom) for place, nom in noms}
    attendus = {numero for numero, nom in terrains.items() if _modele(_norme(session, saisie), nom)}

    trouves = chercher(session, nom=saisie)

    session.rollback()
    session.expunge_all()
    point.rollback()
    assert trouves == attendus


def _nomme(session: Session, place: int, nom: str) -> TerrainDeStage:
    """A terrain that has this name in one of the places that the criterion reads, and none elsewhere."""
    if place == 0:
        return build.terrain(session, etablissement=build.etablissement(session, raison_sociale=nom))
    if place == 1:
        return build.terrain(session, **PRATICIEN, praticien_nom=nom, praticien_prenom=None)
    if place == 2:
        return build.terrain(session, **AUTRE, organisme_nom=nom)
    return build.terrain(session, **AUTRE, organisme_nom=None, responsable_nom=nom)


def _norme(session: Session, texte: str) -> str:
    return session.scalar(select(func.normaliser(literal(texte)))) or ""


def _modele(saisie: str, nom: str) -> bool:
    """The rule in Python: every word somewhere in the name, or the whole name after the pattern."""
    motifs = [saisie.strip()] if "*" in saisie else [f"*{mot}*" for mot in saisie.split()]
    expressions = (".*".join(re.escape(part) for part in motif.split("*")) for motif in motifs)
    return all(re.fullmatch(une, nom, re.DOTALL) for une in expressions)


# --- Order, pages, export ---


@pytest.mark.parametrize("descendant", [False, True])
@pytest.mark.parametrize("tri", RECHERCHE.tris)
def test_pages_follow_each_other_without_loss_or_repeat(session, tri, descendant):
    """S27: a total order, even among equals."""
    tous = {build.terrain(session).numero for _ in range(5)}

    pages = [
        RECHERCHE.page(session, CriteresTerrain(), tri, descendant=descendant, decalage=decalage, taille=2)
        for decalage in (0, 2, 4)
    ]

    vus = [ligne.numero for page in pages for ligne in page]
    assert len(vus) == 5
    assert set(vus) == tous


def test_the_export_says_all_that_is_known_of_each_type(session):
    """A39: numbers, holder, effective address, former numbers."""
    hopital = build.terrain(session, **MARSEILLE, **SECONDAIRE, responsable_nom="DUPONT", nombre_de_postes=3)
    session.add_all(
        AncienNumero(terrain_id=hopital.id, numero=numero, jusqu_au=datetime.now(UTC))
        for numero in ("84H00008", "84H00007")
    )
    praticien = build.terrain(session, **PRATICIEN, specialite_exercice_code="SM54", nature_exercice="Libéral")
    autre = build.terrain(session, **AUTRE, type_organisme=TypeOrganisme.HOPITAL_FRONTALIER, siret="26350005100014")
    session.flush()

    lignes = session.execute(RECHERCHE.a_exporter(CriteresTerrain(), "numero", descendant=False)).all()

    parues = {ligne[0]: dict(zip(RECHERCHE.entetes, ligne, strict=True)) for ligne in lignes}
    assert list(parues) == sorted([hopital.numero, praticien.numero, autre.numero])
    attendus = {
        hopital.numero: {
            "Numéro FINESS ET": hopital.etablissement.numero_finess,
            "Numéro FINESS EJ": hopital.etablissement.entite_juridique.numero_finess,
            "Ville": "Bastia",
            "Département": "2B",
            "Nombre de postes": "3",
            "Nom du responsable": "DUPONT",
            "Anciens numéros": "84H00007, 84H00008",
        },
        praticien.numero: {"Numéro RPPS": praticien.rpps, "Nature d’exercice": "Libéral", "Organisme": ""},
        autre.numero: {"Type d’organisme": "Hôpital frontalier", "SIRET": "26350005100014"},
    }
    for numero, valeurs in attendus.items():
        assert {nom: parues[numero][nom] for nom in valeurs} == valeurs
    assert parues[praticien.numero]["Spécialité d’exercice"] == session.get_one(Specialite, "SM54").nom
