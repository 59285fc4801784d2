"""Modification of a terrain: what each type lets a user change, locks, flags (manual §1.6, S81–S90; TS-14 to TS-18)."""

from dataclasses import replace

import pytest

from app.errors import OperationRefused
from app.operations import modification_terrain, signalement
from app.operations.coordonnees import BlocPrincipal, BlocSecondaire
from app.operations.modification_terrain import ModificationTerrain
from app.operations.saisie_terrain import SaisieTerrain
from app.operations.signalement import Signalement
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.etablissement import Etablissement
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage, TypeOrganisme
from tests import build

BRETAGNE = Actor("agent", "53")
RENNES = BlocSecondaire("2 place Neuve", None, "35000", "Rennes")
SAISIE = SaisieTerrain(nom="Cardiologie", bloc=RENNES)


def modifier(session, terrain, saisie=SAISIE, actor=BRETAGNE, version=None):
    demande = ModificationTerrain(version=version or terrain.version, saisie=saisie)
    with unit_of_work(actor, "TS.modifier", session=session) as uow:
        return modification_terrain.modifier(uow, terrain.id, demande)


def codes(appel, *arguments, **options) -> list[str]:
    with pytest.raises(OperationRefused) as refus:
        appel(*arguments, **options)
    return refus.value.codes


def test_the_form_is_written_and_the_insee_code_follows(session):
    """S81, S82, S83, S86, TS-14."""
    terrain = build.terrain(session, ville="FOUGERES")
    saisie = replace(
        SAISIE,
        specialite_code="DES28",
        specialites_complementaires=("DES14", "DES20"),
        nombre_de_postes=3,
        responsable_nom="FICTIF",
    )

    modifier(session, terrain, saisie)

    assert (terrain.nom, terrain.code_insee_secondaire, terrain.effectif("ville")) == ("Cardiologie", "35238", "Rennes")
    assert (terrain.nombre_de_postes, terrain.responsable_nom, terrain.ville) == (3, "FICTIF", "FOUGERES")
    assert sorted(un.code for un in terrain.specialites_complementaires) == ["DES14", "DES20"]


def test_a_complementary_speciality_is_taken_away(session):
    """S87."""
    terrain = build.terrain(session)
    modifier(session, terrain, replace(SAISIE, specialites_complementaires=("DES14", "DES20")))

    modifier(session, terrain, replace(SAISIE, specialites_complementaires=("DES20",)))

    assert [un.code for un in terrain.specialites_complementaires] == ["DES20"]


@pytest.mark.parametrize("statut", [StatutTerrain.INACTIF, StatutTerrain.TRANSFERE])
def test_only_an_active_terrain_is_modified(session, statut):
    """TS-15, TS-16 through its own screen."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, statut=statut)

    assert codes(modifier, session, terrain) == ["E-STATUT"]


def test_a_terrain_of_another_ars_is_refused(session):
    """TS-18, M11."""
    assert codes(modifier, session, build.terrain(session, ars_code="93")) == ["E-HORS-ARS"]


def test_a_stale_form_is_refused_and_nothing_is_lost(session):
    """A-53."""
    terrain = build.terrain(session)
    modifier(session, terrain, replace(SAISIE, nombre_de_postes=1))

    assert codes(modifier, session, terrain, replace(SAISIE, nombre_de_postes=2), version=1) == ["E-CONFLIT"]
    session.refresh(terrain)
    assert terrain.nombre_de_postes == 1


@pytest.mark.parametrize(("categorie", "attendu"), [("101", True), ("355", None)])
def test_stage_chu_is_for_a_chu_only(session, categorie, attendu):
    """S84."""
    et = build.etablissement(session, categorie_code=categorie)
    terrain = build.terrain(session, etablissement=et)

    modifier(session, terrain, replace(SAISIE, stage_chu=True))

    assert terrain.stage_chu is attendu


def test_local_values_of_a_praticien_stand_beside_those_of_rpps(session):
    """S85, A27."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, nature_exercice="Libéral")

    modifier(session, terrain, replace(SAISIE, nature_exercice_locale="Mixte", responsable_nom="AUTRE"))

    assert (terrain.nature_exercice, terrain.nature_exercice_locale) == ("Libéral", "Mixte")
    assert (terrain.praticien_nom, terrain.responsable_nom) == ("FICTIVE", "AUTRE")


def test_rpps_errone_is_set_and_lifted_with_who_and_when(session):
    """S88, ERR."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN)

    modifier(session, terrain, replace(SAISIE, rpps_errone=True, rpps_errone_commentaire="Parti à Nantes"))
    assert (terrain.rpps_errone, terrain.rpps_errone_par) == (True, "agent")
    assert (terrain.rpps_errone_commentaire, terrain.rpps_errone_le is not None) == ("Parti à Nantes", True)

    modifier(session, terrain)
    assert (terrain.rpps_errone, terrain.rpps_errone_par, terrain.rpps_errone_commentaire) == (False, None, None)


def test_a_terrain_hospitalier_ignores_the_fields_of_the_others(session):
    """S85 to S90: fields of another type are not written, whoever sends them."""
    terrain = build.terrain(session)

    modifier(session, terrain, replace(SAISIE, siret="73282932000074", rpps_errone=True, nature_exercice_locale="X"))

    assert (terrain.siret, terrain.rpps_errone, terrain.nature_exercice_locale) == (None, False, None)


def test_another_organisme_owns_its_principal_block(session):
    """A21, S89, S90."""
    terrain = build.terrain(session, type=TypeTerrain.AUTRE)
    saisie = SaisieTerrain(
        nom="Laboratoire",
        organisme_nom="Institut fictif",
        type_organisme=TypeOrganisme.LABORATOIRE,
        siret="732 829 320 00074",
        principal=BlocPrincipal("1 rue du Port", None, "35000", "Rennes", telephone="0299000000"),
    )

    modifier(session, terrain, saisie)

    assert (terrain.organisme_nom, terrain.siret, terrain.adresse) == (
        "Institut fictif",
        "73282932000074",
        "1 rue du Port",
    )
    assert (terrain.code_insee, terrain.adresse_secondaire) == ("35238", None)


def test_the_coordinates_of_the_et_are_copied_again_on_demand_only(session):
    """A22: editing the secondary block of the ET changes no terrain; a button does."""
    et = build.etablissement(session, ville="FOUGERES")
    terrain = build.terrain(session, etablissement=et, ville="FOUGERES", coordonnees_de_finess=True)
    et.adresse_secondaire, et.code_postal_secondaire, et.ville_secondaire = "2 place", "35000", "Rennes"
    build.terrain(session)

    with unit_of_work(BRETAGNE, "TS.modifier", session=session) as uow:
        modification_terrain.reprendre_les_coordonnees(uow, terrain.id)

    assert (terrain.ville, terrain.coordonnees_de_finess) == ("Rennes", False)


def test_only_a_terrain_hospitalier_of_an_active_et_takes_coordinates_again(session):
    ferme = build.terrain(session, etablissement=build.etablissement(session, statut=StatutEtablissement.INACTIF))
    autre = build.terrain(session, type=TypeTerrain.AUTRE)

    raisons = [modification_terrain.refus_reprise(BRETAGNE, un) for un in (ferme, autre)]

    assert [[un.code for un in une] for une in raisons] == [["E-ET-INACTIF"], ["E-TYPE"]]


# --- Flags on a selection ---


def signaler(session, *objets, errone=True, actor=BRETAGNE):
    with unit_of_work(actor, "TS.signaler", session=session) as uow:
        ids = [un.id for un in objets]
        return signalement.signaler_en_lot(
            uow, type(objets[0]), ids, Signalement(errone=errone, commentaire="À revoir")
        )


def test_selected_praticiens_are_flagged_and_the_others_are_reported(session):
    """S145, S88."""
    praticien, service = build.terrain(session, type=TypeTerrain.PRATICIEN), build.terrain(session)

    rapport = signaler(session, praticien, service)

    assert [[refus.code for refus in ligne.refus] for ligne in rapport.lignes] == [[], ["E-TYPE"]]
    assert (praticien.rpps_errone, praticien.rpps_errone_par, service.rpps_errone) == (True, "agent", False)


def test_selected_et_are_flagged_and_the_flag_is_lifted(session):
    """S38, A18."""
    ets = [build.etablissement(session) for _ in range(2)]

    signaler(session, *ets)
    assert [(un.finess_errone, un.finess_errone_commentaire) for un in ets] == [(True, "À revoir")] * 2

    signaler(session, *ets, errone=False)
    assert [(un.finess_errone, un.finess_errone_le) for un in ets] == [(False, None)] * 2


def test_one_foreign_row_and_nothing_is_flagged(session):
    """A-04."""
    mien, etranger = build.etablissement(session), build.etablissement(session, ars_code="93")

    assert codes(signaler, session, mien, etranger) == ["E-HORS-ARS"]
    session.expire_all()
    assert not session.get_one(Etablissement, mien.id).finess_errone


def test_a_terrain_keeps_its_type_et_and_territory(session):
    """A42, S1: none of these is even a parameter."""
    champs = set(SaisieTerrain.__dataclass_fields__)

    assert (
        champs & {"type", "etablissement", "etablissement_id", "ars_code", "subdivision_code", "numero", "statut"}
        == set()
    )
    assert champs <= {*TerrainDeStage.__mapper__.attrs.keys(), "bloc", "principal"}
