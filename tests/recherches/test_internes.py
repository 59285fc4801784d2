"""Searches of internes and of their semestres (manual §1.5 S61, §1.11 S134, A41)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.recherches import internes, semestres_internat
from app.recherches.internes import CriteresInterne, choisir_internes
from app.recherches.semestres_internat import CriteresSemestreInternat
from app.recherches.sur_terrain import choisir_terrains
from models.etats import TypeTerrain
from models.interne import Interne, Saison, SemestreInternat
from models.terrain_de_stage import AncienNumero
from tests import build

pytestmark = pytest.mark.usefixtures("sans_calendrier")


def chercher(session: Session, **criteres: Any) -> set[str]:
    voulu = CriteresInterne(**criteres)
    lignes = internes.RECHERCHE.page(session, voulu, "nom", descendant=False, decalage=0, taille=100)
    assert internes.RECHERCHE.total(session, voulu) == len(lignes)
    exportees = session.execute(internes.RECHERCHE.a_exporter(voulu, "nom", descendant=False)).all()
    assert [ligne[0] for ligne in exportees] == [ligne.identifiant for ligne in lignes]
    return {ligne.identifiant for ligne in lignes}


@pytest.mark.parametrize(
    ("criteres", "champs"),
    [
        ({"identifiant": "spe 1"}, {"identifiant": "SPE12"}),
        ({"nom": "helene"}, {"prenom": "Hélène"}),
        ({"nom": "gou* helene"}, {"nom": "Gouëllo", "prenom": "Hélène"}),
        ({"specialite": "DES29"}, {"specialite_code": "DES29"}),
        ({"subdivision": "BREST"}, {"subdivision_code": "BREST"}),
        ({"ars": "93"}, {"subdivision_code": "MARSEILLE"}),
    ],
)
def test_each_criterion_finds_what_it_should_and_nothing_else(session, criteres, champs):
    """The ARS stands for its subdivisions."""
    build.interne(session)
    voulu = build.interne(session, **champs)

    assert chercher(session, **criteres) == {voulu.identifiant}


def postes(session: Session, **criteres: Any) -> set[int]:
    voulu, recherche = CriteresSemestreInternat(**criteres), semestres_internat.RECHERCHE
    for tri in recherche.tris:
        lignes = recherche.page(session, voulu, tri, descendant=True, decalage=0, taille=100)
        assert recherche.total(session, voulu) == len(lignes)
        exportees = session.execute(recherche.a_exporter(voulu, tri, descendant=True)).all()
        assert [ligne[0] for ligne in exportees] == [ligne.identifiant for ligne in lignes]
    return {ligne.id for ligne in lignes}


@pytest.mark.parametrize(
    "critere", ["terrain", "ancien numéro", "etablissement", "identifiant", "nom", "ars", "specialite", "semestre"]
)
def test_each_criterion_finds_the_internes_posted(session, critere):
    """S61, S134: on a terrain, on those of an établissement, by interne, semestre, ARS of the terrain, spécialité."""
    ailleurs, autre = build.terrain(session, ars_code="93"), build.interne(session, specialite_code="DES29")
    build.semestre_internat(session, ailleurs, interne=autre)
    terrain = build.terrain(session)
    session.add(AncienNumero(terrain_id=terrain.id, numero="24H99999", jusqu_au=build.datetime.now(build.UTC)))
    ete = build.semestre(session, annee=1995, date_debut=date(1995, 5, 1), date_fin=date(1995, 10, 31))
    voulu = build.semestre_internat(session, terrain, semestre=ete, interne=build.interne(session, nom="UNIQUE"))
    saisies = {
        "terrain": {"terrain": terrain.numero},
        "ancien numéro": {"terrain": "24H99999"},
        "etablissement": {"etablissement": terrain.etablissement.numero_finess},
        "identifiant": {"interne": voulu.interne.identifiant},
        "nom": {"interne": "uniq"},
        "ars": {"ars": "53"},
        "specialite": {"specialite": "DES28"},
        "semestre": {"semestre": str(ete.id)},
    }

    assert postes(session, **saisies[critere]) == {voulu.id}


def test_a_whole_identifier_designates_one_interne_only(session):
    """The link of a row: INT1 is not INT12; the beginning of an identifier finds both."""
    terrain, semestre = build.terrain(session), build.semestre(session)
    un, douze = (
        build.semestre_internat(session, terrain, semestre=semestre, interne=build.interne(session, identifiant=nom))
        for nom in ("Id 1", "Id 12")
    )

    assert postes(session, interne="Id 1") == {un.id}
    assert postes(session, interne="Id") == {un.id, douze.id}


def test_the_semestre_en_cours_is_that_of_the_calendar(session):
    """A41: on a day between two semestres, the next one."""
    terrain = build.terrain(session)
    ete = build.semestre(session, date_debut=date(1990, 5, 1), date_fin=date(1990, 10, 31))
    hiver = build.semestre(session, saison=Saison.HIVER, date_debut=date(1990, 11, 5), date_fin=date(1991, 4, 30))
    en_ete, en_hiver = (build.semestre_internat(session, terrain, semestre=un) for un in (ete, hiver))

    def au(jour: date) -> list[int]:
        criteres = CriteresSemestreInternat(semestre="en-cours")
        conditions = semestres_internat.conditions(criteres, jour)
        return list(session.scalars(select(SemestreInternat.id).where(*conditions)))

    assert au(date(1990, 6, 1)) == [en_ete.id]
    assert au(date(1990, 11, 2)) == [en_hiver.id]
    assert au(date(1992, 1, 1)) == []


@pytest.mark.parametrize("saisie", ["zzz", "-1", "99999999999", "²"])
def test_an_unknown_semestre_finds_nobody(session, saisie):
    build.semestre_internat(session, build.terrain(session))

    assert postes(session, semestre=saisie) == set()


@pytest.mark.parametrize("tri", semestres_internat.RECHERCHE.tris)
def test_pages_follow_each_other_without_loss_or_repeat(session, tri):
    """S27: orders of the joined tables too."""
    terrain, semestre = build.terrain(session), build.semestre(session)
    tous = {build.semestre_internat(session, terrain, semestre=semestre).id for _ in range(7)}
    criteres = CriteresSemestreInternat(ars="53", terrain=terrain.numero)

    pages = [
        semestres_internat.RECHERCHE.page(session, criteres, tri, descendant=False, decalage=decalage, taille=3)
        for decalage in (0, 3, 6)
    ]

    vus = [ligne.id for page in pages for ligne in page]
    assert len(vus) == 7
    assert set(vus) == tous


def test_the_picker_of_terrains_lists_them_by_number_name_or_holder(session):
    """A former number too (N21)."""
    terrain = build.terrain(session, nom="Réanimation")
    cabinet = build.terrain(session, type=TypeTerrain.PRATICIEN, praticien_nom="UNIQUE")
    session.add(AncienNumero(terrain_id=terrain.id, numero="24H99999", jusqu_au=build.datetime.now(build.UTC)))
    session.flush()

    assert [un[0] for un in choisir_terrains(session, terrain.numero[:8])] == [terrain.numero]
    assert [un[0] for un in choisir_terrains(session, "24h99999")] == [terrain.numero]
    assert [un[0] for un in choisir_terrains(session, "reanim")] == [terrain.numero]
    assert [un[0] for un in choisir_terrains(session, terrain.etablissement.raison_sociale)] == [terrain.numero]
    assert [un[0] for un in choisir_terrains(session, "unique")] == [cabinet.numero]
    assert len(choisir_terrains(session, "")) == 2


def test_the_picker_of_internes_lists_them_by_identifier_or_name(session):
    interne: Interne = build.interne(session, nom="UNIQUE")
    build.interne(session)

    assert [un[0] for un in choisir_internes(session, interne.identifiant)] == [interne.identifiant]
    assert [un[0] for un in choisir_internes(session, "uniq")] == [interne.identifiant]
    assert len(choisir_internes(session, "")) == 2
