"""Searches of agréments and demandes (manual §1.11, S135; deadlines N7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from app.recherches import agrements, demandes
from app.recherches.agrements import CriteresAgrement
from app.recherches.demandes import CriteresDemande
from models.agrement import Agrement, DecisionAgrement, EtatDemande, TypeAgrement
from models.interne import Saison, Semestre
from models.terrain_de_stage import AncienNumero
from tests import build

JOUR = aujourd_hui()
PASSE = {"date_debut": JOUR - timedelta(days=20), "date_fin": JOUR - timedelta(days=1)}
FUTUR = {"date_debut": JOUR + timedelta(days=1), "date_fin": JOUR + timedelta(days=20)}


def chercher(session: Session, **criteres: Any) -> set[str]:
    voulu = CriteresAgrement(**criteres)
    lignes = agrements.RECHERCHE.page(session, voulu, "date_fin", descendant=False, decalage=0, taille=100)
    assert agrements.RECHERCHE.total(session, voulu) == len(lignes)
    return {ligne.reference for ligne in lignes}


@pytest.mark.parametrize(
    ("criteres", "champs"),
    [
        ({"reference": "spe-1"}, {"reference": "SPE-12"}),
        ({"reference": "Réf 12"}, {"reference": "Réf 12/a"}),
        ({"specialite": "DES29"}, {"specialite_code": "DES29"}),
        ({"type": ("FONCTIONNEL",)}, {"type": TypeAgrement.FONCTIONNEL}),
        ({"decision": ("SUSPENDU", "RETIRE")}, {"decision": DecisionAgrement.SUSPENDU}),
        ({"statut": ("ECHU",)}, PASSE),
        ({"statut": ("ECHU",)}, {"decision": DecisionAgrement.RETIRE}),
        ({"statut": ("PROCHAIN",)}, FUTUR),
        ({"ars": "93"}, {"ars_code": "93", "subdivision_code": "MARSEILLE"}),
        ({"subdivision": "BREST"}, {"subdivision_code": "BREST"}),
        ({"a_reexaminer": ("oui",)}, {"a_reexaminer": True}),
        ({"fin_avant": (JOUR + timedelta(days=5)).isoformat()}, {"date_fin": JOUR + timedelta(days=5)}),
        ({"fin_apres": f"{JOUR + timedelta(days=200):%d/%m/%Y}"}, {"date_fin": JOUR + timedelta(days=200)}),
    ],
)
def test_each_criterion_finds_what_it_should_and_nothing_else(session, criteres, champs):
    """§1.11, A34."""
    terrain = build.terrain(session)
    build.agrement(session, terrain)
    voulu = build.agrement(session, terrain, **champs)

    assert chercher(session, **criteres) == {voulu.reference}


def test_the_agrements_of_a_terrain_are_found_by_its_number_or_a_former_one(session):
    """S135, N21: all statuts."""
    terrain = build.terrain(session)
    session.add(AncienNumero(terrain_id=terrain.id, numero="93H99999", jusqu_au=build.datetime.now(build.UTC)))
    les_siens = {build.agrement(session, terrain, **dates).reference for dates in ({}, PASSE, FUTUR)}
    build.agrement(session, build.terrain(session))

    assert chercher(session, terrain=terrain.numero) == les_siens
    assert chercher(session, terrain="93H99999") == les_siens
    assert chercher(session, terrain="53H999") == set()


def test_the_agrements_of_an_etablissement_are_those_of_its_terrains(session):
    terrain = build.terrain(session)
    autre = build.terrain(session, etablissement=terrain.etablissement)
    siens = {build.agrement(session, un).reference for un in (terrain, autre)}
    build.agrement(session, build.terrain(session))

    assert chercher(session, etablissement=terrain.etablissement.numero_finess) == siens


def test_boxes_add_up_and_none_means_all(session):
    """S43."""
    terrain = build.terrain(session)
    tous = {build.agrement(session, terrain, **dates).reference for dates in ({}, PASSE, FUTUR)}

    assert chercher(session) == tous
    assert chercher(session, statut=("EN_COURS", "PROCHAIN", "ECHU")) == tous
    assert chercher(session, statut=("INCONNU",)) == tous


@pytest.mark.parametrize("saisie", ["2026-13-45", "hier", "2026", "00/00/0000"])
def test_what_is_not_a_date_finds_nothing(session, saisie):
    """Rather than everything, as if it had been understood."""
    build.agrement(session, build.terrain(session))

    assert chercher(session, fin_apres=saisie) == set()


def test_deadlines_are_those_of_open_agrements_in_the_semestre_en_cours_or_the_next_one(session):
    """N7: by the dates of the calendar; between two semestres, the one to come is en cours (A41)."""
    session.execute(delete(Semestre))  # a calendar of these two only
    build.semestre(session, date_debut=date(1990, 5, 1), date_fin=date(1990, 10, 31))
    build.semestre(session, saison=Saison.HIVER, date_debut=date(1990, 11, 5), date_fin=date(1991, 4, 30))
    terrain = build.terrain(session)
    fins = {
        "hier": date(1990, 5, 31), "jour": date(1990, 6, 1), "fin": date(1990, 10, 31), "entre": date(1990, 11, 2),
        "prochain": date(1991, 4, 30), "plus tard": date(1991, 5, 1),
    }  # fmt: skip
    for nom, fin in fins.items():
        build.agrement(session, terrain, reference=nom, date_debut=date(1989, 1, 1), date_fin=fin)
    retire = {"decision": DecisionAgrement.RETIRE, "date_debut": date(1989, 1, 1), "date_fin": date(1990, 7, 1)}
    build.agrement(session, terrain, reference="retiré", **retire)

    def au(jour: date, *echeance: str) -> set[str]:
        conditions = agrements.conditions(CriteresAgrement(echeance=echeance), jour)
        return set(session.scalars(select(Agrement.reference).where(*conditions)))

    assert au(date(1990, 6, 1), "en-cours") == {"jour", "fin"}
    assert au(date(1990, 6, 1), "prochain") == {"entre", "prochain"}
    assert au(date(1990, 6, 1), "en-cours", "prochain") == {"jour", "fin", "entre", "prochain"}
    assert au(date(1990, 11, 1), "en-cours") == {"entre", "prochain"}
    assert au(date(1990, 11, 1), "prochain") == set()


@pytest.mark.parametrize("descendant", [False, True])
@pytest.mark.parametrize("tri", agrements.RECHERCHE.tris)
def test_pages_follow_each_other_without_loss_or_repeat(session, tri, descendant):
    """S27."""
    terrain = build.terrain(session)
    tous = {build.agrement(session, terrain).id for _ in range(7)}

    pages = [
        agrements.RECHERCHE.page(session, CriteresAgrement(), tri, descendant=descendant, decalage=decalage, taille=3)
        for decalage in (0, 3, 6)
    ]

    vus = [ligne.id for page in pages for ligne in page]
    assert len(vus) == 7
    assert set(vus) == tous


def test_the_export_says_the_statut_of_the_day_and_the_territory(session):
    """S30."""
    terrain = build.terrain(session)
    build.agrement(session, terrain, reference="B", **PASSE)
    build.agrement(session, terrain, reference="A", departement_code="35")

    lignes = session.execute(agrements.RECHERCHE.a_exporter(CriteresAgrement(), "reference", descendant=False)).all()

    cellules = [dict(zip(agrements.RECHERCHE.entetes, ligne, strict=True)) for ligne in lignes]
    assert [(un["Référence"], un["Statut"]) for un in cellules] == [("A", "Agrément en cours"), ("B", "Échu")]
    assert cellules[0]["Département"] == "35"
    assert cellules[0]["Numéro de terrain"] == terrain.numero


@pytest.mark.parametrize(
    ("criteres", "champs"),
    [
        ({"reference": "spe*"}, {"reference": "SPE-12"}),
        ({"specialite": "DES29"}, {"specialite_code": "DES29"}),
        ({"etat": ("EN_RECOURS",)}, {"etat": EtatDemande.EN_RECOURS}),
    ],
)
def test_demandes_are_found_by_reference_specialite_and_state(session, criteres, champs):
    terrain = build.terrain(session)
    build.demande(session, terrain)
    voulue = build.demande(session, terrain, **champs)

    assert _demandes(session, **criteres) == {voulue.reference}


def test_demandes_are_found_by_terrain_etablissement_and_ars_of_the_terrain(session):
    ici, ailleurs = build.terrain(session), build.terrain(session, ars_code="93")
    voulue, autre = build.demande(session, ici), build.demande(session, ailleurs)

    assert _demandes(session, terrain=ici.numero) == {voulue.reference}
    assert _demandes(session, etablissement=ici.etablissement.numero_finess) == {voulue.reference}
    assert _demandes(session, ars="93") == {autre.reference}


def _demandes(session: Session, **criteres: Any) -> set[str]:
    voulu = CriteresDemande(**criteres)
    lignes = demandes.RECHERCHE.page(session, voulu, "reference", descendant=False, decalage=0, taille=100)
    assert demandes.RECHERCHE.total(session, voulu) == len(lignes)
    exportees = session.execute(demandes.RECHERCHE.a_exporter(voulu, "reference", descendant=False)).all()
    assert [ligne[0] for ligne in exportees] == [ligne.reference for ligne in lignes]
    return {ligne.reference for ligne in lignes}
