"""« Rechercher un établissement » and « Rechercher une entité juridique » (manual §1.4, §1.5, S27–S44)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.recherches import entites_juridiques
from app.recherches.entites_juridiques import CriteresEntiteJuridique
from app.recherches.etablissements import RECHERCHE, CriteresEtablissement
from app.recherches.registre import choisir
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEtablissement, StatutTerrain
from tests import build


def chercher(session: Session, **criteres: Any) -> set[str]:
    voulu = CriteresEtablissement(**criteres)
    lignes = RECHERCHE.page(session, voulu, "nom", descendant=False, decalage=0, taille=100)
    assert RECHERCHE.total(session, voulu) == len(lignes)
    return {ligne.numero_finess for ligne in lignes}


SECONDAIRE = {"adresse_secondaire": "5 quai Neuf", "code_postal_secondaire": "20200", "ville_secondaire": "Bastia"} | {
    "code_insee_secondaire": "2B033"
}


@pytest.mark.parametrize(
    ("criteres", "champs"),
    [
        ({"nom": "hopital exemple"}, {"raison_sociale": "HÔPITAL DE L'EXEMPLE"}),
        ({"nom": "*longue*"}, {"raison_sociale_longue": "Une raison sociale très longue"}),
        ({"ville": "fougères"}, {"ville": "FOUGERES"}),
        ({"code_postal": "353"}, {"code_postal": "35300"}),
        ({"departement": "22"}, {"code_insee": "22113"}),
        ({"ars": "93"}, {"ars_code": "93"}),
        ({"nature": "355"}, {"categorie_code": "355"}),
        ({"nature": "centre hospitalier regional"}, {"categorie_code": "101"}),
        ({"adresse": "quai neuf"}, SECONDAIRE),
        ({"ville": "bastia"}, SECONDAIRE),
        ({"departement": "2B"}, SECONDAIRE),
        ({"statut": ("INACTIF",)}, {"statut": StatutEtablissement.INACTIF}),
        ({"finess_errone": ("oui",)}, {"finess_errone": True}),
        ({"registre": ("absent",)}, {"absent_depuis": date(2026, 11, 20)}),
        ({"registre": ("rouvert",)}, {"rouvert_le": date(2026, 11, 20)}),
        ({"chu": ("oui",)}, {"categorie_code": "101"}),
    ],
)
def test_each_criterion_finds_what_it_should_and_nothing_else(session, criteres, champs):
    """§1.5; effective coordinates, S44: the secondary block where it is filled."""
    build.etablissement(session)
    voulu = build.etablissement(session, **champs)

    assert chercher(session, **criteres) == {voulu.numero_finess}


@pytest.mark.parametrize(
    ("saisie", "trouve"),
    [("grande*", True), ("*clinique", True), ("la belle*", True), ("*colline", True), ("clinique*", False)],
)
def test_a_pattern_is_that_of_one_name_short_or_long(session, saisie, trouve):
    """S68: `*` marks what may come before or after."""
    et = build.etablissement(
        session, raison_sociale="GRANDE CLINIQUE", raison_sociale_longue="LA BELLE GRANDE CLINIQUE DE LA COLLINE"
    )

    assert chercher(session, nom=saisie) == ({et.numero_finess} if trouve else set())


def test_the_masked_principal_address_is_not_matched(session):
    """S44 and scenario 13: the secondary city matches, the masked principal one does not."""
    build.etablissement(session, ville="MARSEILLE", code_insee="13055", **SECONDAIRE)

    assert chercher(session, ville="marseille") == set()
    assert chercher(session, departement="13") == set()


def test_no_box_ticked_means_all_but_the_deleted_ones(session):
    """S43, A48."""
    statuts = {statut: build.etablissement(session, statut=statut).numero_finess for statut in StatutEtablissement}
    supprime = statuts.pop(StatutEtablissement.SUPPRIME)

    assert chercher(session) == set(statuts.values())
    assert chercher(session, statut=("ACTIF", "INACTIF")) == set(statuts.values())
    assert chercher(session, statut=("SUPPRIME",)) == set(statuts.values())
    assert chercher(session, statut=("SUPPRIME",), archives=True) == {supprime}


def test_the_state_tells_those_with_an_active_terrain_from_the_others(session):
    """S41, A26: independent of the statut of the ET."""
    avec, sans, vide = (build.etablissement(session) for _ in range(3))
    build.terrain(session, etablissement=avec)
    build.terrain(session, etablissement=sans, statut=StatutTerrain.INACTIF)

    assert chercher(session, etat=("avec",)) == {avec.numero_finess}
    assert chercher(session, etat=("sans",)) == {sans.numero_finess, vide.numero_finess}
    assert chercher(session, etat=("avec", "sans")) == chercher(session)


def test_an_et_is_found_by_the_number_of_its_ej(session):
    """S40."""
    et = build.etablissement(session)
    build.etablissement(session)

    assert chercher(session, numero_ej=et.entite_juridique.numero_finess) == {et.numero_finess}


@pytest.mark.parametrize("universitaire", [True, False])
def test_the_chu_criterion_agrees_with_the_card(session, universitaire):
    """S57: one rule, in Python and in SQL."""
    chus = {"350005179": "101", "570005165": "101", "990000002": "101", "990000010": "355"}
    tous = [
        build.etablissement(
            session, entite_juridique=build.entite_juridique(session, numero_finess=ej), categorie_code=categorie
        )
        for ej, categorie in chus.items()
    ]

    trouves = chercher(session, chu=("oui",) if universitaire else ("non",))

    assert trouves == {et.numero_finess for et in tous if et.est_chu is universitaire}


@pytest.mark.parametrize("descendant", [False, True])
@pytest.mark.parametrize("tri", RECHERCHE.tris)
def test_pages_follow_each_other_without_loss_or_repeat(session, tri, descendant):
    """S27: a total order, even among equals."""
    tous = {build.etablissement(session, raison_sociale="MEME NOM").numero_finess for _ in range(7)}

    pages = [
        RECHERCHE.page(session, CriteresEtablissement(), tri, descendant=descendant, decalage=decalage, taille=3)
        for decalage in (0, 3, 6)
    ]

    vus = [ligne.numero_finess for page in pages for ligne in page]
    assert len(vus) == 7
    assert set(vus) == tous


def test_the_export_has_the_rows_of_the_result_in_its_order(session):
    """S30."""
    for ville in ("RENNES", "BREST", "VANNES"):
        build.etablissement(session, ville=ville)

    lignes = session.execute(RECHERCHE.a_exporter(CriteresEtablissement(), "ville", descendant=True)).all()

    colonne = RECHERCHE.entetes.index("Ville")
    assert [ligne[colonne] for ligne in lignes] == ["VANNES", "RENNES", "BREST"]
    assert len(RECHERCHE.entetes) == len(lignes[0])


def test_the_nature_of_an_ej_is_that_of_its_legal_status(session):
    """S29."""
    public = build.entite_juridique(session, statut_juridique_code="14")
    build.entite_juridique(session, statut_juridique_code="72")
    recherche = entites_juridiques.RECHERCHE

    criteres = CriteresEntiteJuridique(nature=("1200",))
    lignes = recherche.page(session, criteres, "nom", descendant=False, decalage=0, taille=10)

    assert [ligne.numero_finess for ligne in lignes] == [public.numero_finess]


@pytest.mark.parametrize("modele", [EntiteJuridique, Etablissement])
def test_the_pickers_list_what_the_application_knows_by_number_or_name(session, modele):
    """S28, S40."""
    et = build.etablissement(session, raison_sociale="HOPITAL UNIQUE")
    objet = et if modele is Etablissement else et.entite_juridique
    build.finess_et(session, raison_sociale="HOPITAL UNIQUE DU SEUL REGISTRE")

    assert [un[0] for un in choisir(session, modele, objet.numero_finess[:7])] == [objet.numero_finess]
    assert [un[0] for un in choisir(session, modele, objet.raison_sociale)] == [objet.numero_finess]
