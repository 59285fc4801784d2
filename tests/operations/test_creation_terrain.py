"""« Créer » a terrain de stage of each type (manual §1.6; SPEC §5, C1 to C3; §3.3, TS-01 to TS-03)."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations import creation_terrain
from app.operations.coordonnees import BlocPrincipal, BlocSecondaire
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import CompteurNumero, TerrainDeStage, TypeOrganisme
from tests import build

BRETAGNE = Actor("agent", "53")
PACA = Actor("agent", "93")
NATIONAL = Actor("admin", None, national=True)
SERVICE = SaisieTerrain(nom="Cardiologie")
ORGANISME = SaisieTerrain(
    nom="Service Santé", organisme_nom="Association fictive", type_organisme=TypeOrganisme.ASSOCIATION
)


def hospitalier(session: Session, et, saisie=SERVICE, subdivision="RENNES", actor=BRETAGNE) -> TerrainDeStage:
    with unit_of_work(actor, "TS.creer", session=session) as uow:
        return creation_terrain.creer_hospitalier(uow, et.id, saisie, subdivision)


def praticien(session: Session, rpps, saisie=SaisieTerrain(), subdivision="RENNES", actor=BRETAGNE, cle=None):  # noqa: B008
    with unit_of_work(actor, "TS.creer", session=session) as uow:
        return creation_terrain.creer_praticien(uow, rpps, saisie, subdivision, cle)


def organisme(session: Session, saisie=ORGANISME, subdivision="RENNES", actor=BRETAGNE) -> TerrainDeStage:
    with unit_of_work(actor, "TS.creer", session=session) as uow:
        return creation_terrain.creer_organisme(uow, saisie, subdivision)


def codes(appel, *arguments, **options) -> list[str]:
    """Codes of the refusal."""
    with pytest.raises(OperationRefused) as refus:
        appel(*arguments, **options)
    return refus.value.codes


# --- Hospitalier ---


def test_a_terrain_hospitalier_is_active_in_the_ars_of_its_et_with_a_number_of_that_ars(session):
    """S75, TS-01."""
    et = build.etablissement(session)

    terrain = hospitalier(session, et)

    assert (terrain.type, terrain.statut, terrain.ars_code) == (TypeTerrain.HOSPITALIER, StatutTerrain.ACTIF, "53")
    assert (terrain.numero, terrain.subdivision_code, terrain.etablissement) == ("53H00001", "RENNES", et)


def test_its_principal_block_is_that_of_finess(session):
    """S73."""
    et = build.etablissement(session, adresse="1 rue Ancienne", ville="FOUGERES", telephone="0299000000")

    terrain = hospitalier(session, et)

    assert (terrain.adresse, terrain.ville, terrain.telephone) == ("1 rue Ancienne", "FOUGERES", "0299000000")
    assert terrain.coordonnees_de_finess


def test_its_principal_block_is_the_secondary_one_of_the_et_where_filled(session):
    """S73: the secondary address as a whole, and each contact on its own (A19)."""
    secondaire = {
        "adresse_secondaire": "2 place Neuve",
        "code_postal_secondaire": "35000",
        "ville_secondaire": "Rennes",
    }
    et = build.etablissement(
        session, ville="FOUGERES", telephone="0299000000", code_insee_secondaire="35238", **secondaire
    )

    terrain = hospitalier(session, et)

    assert (terrain.adresse, terrain.ville, terrain.code_insee) == ("2 place Neuve", "Rennes", "35238")
    assert (terrain.telephone, terrain.coordonnees_de_finess) == ("0299000000", False)


@pytest.mark.parametrize("statut", [StatutEtablissement.INACTIF, StatutEtablissement.SUPPRIME])
def test_an_et_that_is_not_active_is_refused(session, statut):
    """S72, C1."""
    assert codes(hospitalier, session, build.etablissement(session, statut=statut)) == ["E-ET-INACTIF"]


def test_an_et_of_another_ars_is_refused_whatever_the_form_says(session):
    """S72, M8."""
    et = build.etablissement(session, ars_code="93")

    assert codes(hospitalier, session, et) == ["E-HORS-ARS"]


def test_a_national_administrator_creates_in_the_ars_of_the_et(session):
    """M8, A30."""
    et = build.etablissement(session, ars_code="93")

    terrain = hospitalier(session, et, subdivision="NICE", actor=NATIONAL)

    assert (terrain.ars_code, terrain.numero[:3], terrain.subdivision_code) == ("93", "93H", "NICE")


def test_several_terrains_of_one_name_may_be_on_one_et(session):
    """S3."""
    et = build.etablissement(session)

    assert hospitalier(session, et).numero != hospitalier(session, et).numero


def test_stage_chu_is_kept_for_a_chu_only(session):
    """S84."""
    saisie = replace(SERVICE, stage_chu=True)

    assert hospitalier(session, build.etablissement(session, categorie_code="101"), saisie).stage_chu is True
    assert hospitalier(session, build.etablissement(session, categorie_code="355"), saisie).stage_chu is None


def test_the_subdivision_must_be_chosen_where_the_ars_has_several_and_one_is_proposed(session):
    """S75, C1."""
    et = build.etablissement(session)

    with pytest.raises(OperationRefused) as refus:
        hospitalier(session, et, subdivision=None)

    [refus] = refus.value.refus
    assert (refus.code, refus.champ) == ("E-INCOMPLET", "subdivision_code")
    assert "Rennes" in refus.message


def test_the_only_subdivision_of_an_ars_is_taken_without_a_question(session):
    """S75."""
    et = build.etablissement(session, ars_code="11")

    assert hospitalier(session, et, subdivision=None, actor=Actor("agent", "11")).subdivision_code == "IDF"


def test_a_subdivision_of_another_ars_is_refused(session):
    """I9."""
    assert codes(hospitalier, session, build.etablissement(session), subdivision="NICE") == ["E-SUBDIV-NON-LIEE"]


def test_blanks_are_no_name_and_are_not_kept_around_one(session):
    """B-09, S36: whichever screen, command or file they come from."""
    et = build.etablissement(session)

    assert codes(hospitalier, session, et, SaisieTerrain(nom=" \t ")) == ["E-INCOMPLET"]
    assert hospitalier(session, et, SaisieTerrain(nom=" Urgences ", responsable_nom=" ")).nom == "Urgences"


def test_every_missing_field_is_named_at_once(session):
    """B-09."""
    et = build.etablissement(session)
    saisie = SaisieTerrain(nombre_de_postes=-1, bloc=BlocSecondaire(adresse="1 rue"), specialite_code="INCONNUE")

    attendus = ["E-INCOMPLET", "E-SPECIALITE", "E-POSTES", "E-TRIPLET", "E-TRIPLET", "E-INCOMPLET"]
    assert codes(hospitalier, session, et, saisie, subdivision=None) == attendus


@pytest.mark.parametrize("complementaires", [("DES28",), ("DES14", "DES14")])
def test_a_complementary_speciality_is_chosen_once_and_is_never_the_principal_one(session, complementaires):
    """S86."""
    saisie = replace(SERVICE, specialite_code="DES28", specialites_complementaires=complementaires)

    assert codes(hospitalier, session, build.etablissement(session), saisie) == ["E-SPECIALITE-DOUBLE"]


def test_no_post_is_not_zero_post(session):
    """S82."""
    et = build.etablissement(session)

    assert hospitalier(session, et).nombre_de_postes is None
    assert hospitalier(session, et, replace(SERVICE, nombre_de_postes=0)).nombre_de_postes == 0


# --- Praticien ---


@pytest.fixture
def exercant(session):
    """A practitioner with one private practice in Rennes."""
    connu = build.praticien(session, nom="FICTIVE", prenom="Camille", savoirs_faire=["CAPA:CAPA01", "S:SM54", "S:SM26"])
    build.activite(session, connu.rpps, raison="CABINET DU PORT", telephone="0299000000")
    return connu


def test_a_terrain_praticien_is_filled_from_rpps(session, exercant):
    """S79, TS-02."""
    terrain = praticien(session, f" {exercant.rpps} ")

    assert (terrain.type, terrain.statut, terrain.numero) == (TypeTerrain.PRATICIEN, StatutTerrain.ACTIF, "53P00001")
    assert (terrain.praticien_nom, terrain.praticien_prenom, terrain.nom) == ("FICTIVE", "Camille", "CABINET DU PORT")
    assert (terrain.nature_exercice, terrain.specialite_exercice_code) == ("Libéral", "SM26")
    assert (terrain.adresse, terrain.telephone, terrain.code_insee) == ("1 rue de l’Exemple", "0299000000", "35238")


@pytest.mark.parametrize(("choisie", "nature"), [(None, "Libéral"), ("A1", "Salarié"), ("Z9", "Libéral")])
def test_of_several_practices_the_private_one_comes_first_unless_another_is_picked(session, choisie, nature):
    """DATA-FORMATS §2.3."""
    connu = build.praticien(session)
    exercices = (("A1", "S"), ("Z9", "L"))
    cles = {lieu: build.activite(session, connu.rpps, mode=mode, structure=lieu).cle for lieu, mode in exercices}

    assert praticien(session, connu.rpps, cle=cles.get(choisie)).nature_exercice == nature


def test_a_practice_that_rpps_no_longer_lists_is_refused(session, exercant):
    """S77."""
    assert codes(praticien, session, exercant.rpps, cle=404) == ["E-ADRESSE-PERIMEE"]


@pytest.mark.parametrize(
    ("rpps", "code"),
    [
        ("", "E-RPPS-FORMAT"),
        ("1234567890", "E-RPPS-FORMAT"),
        ("1099000000A", "E-RPPS-FORMAT"),
        ("10990000002", "E-RPPS-FORMAT"),
    ],
)
def test_a_number_that_is_no_rpps_number_is_refused(session, rpps, code):
    """S77; the check digit of a number that the registry does not know is checked (DATA-FORMATS §2.5)."""
    assert codes(praticien, session, rpps) == [code]


def test_a_number_that_rpps_does_not_know_is_refused(session):
    """S77 (a)."""
    assert codes(praticien, session, build.rpps()) == ["E-RPPS-INCONNU"]


def test_the_registry_is_believed_rather_than_the_key(session):
    """DATA-FORMATS §2.5."""
    build.praticien(session, rpps="10990000002")
    build.activite(session, "10990000002")

    assert praticien(session, "10990000002").rpps == "10990000002"


def test_a_number_that_is_no_longer_valid_is_refused(session):
    """S9, S77 (a)."""
    parti = build.praticien(session, absent_depuis=date(2026, 11, 1))
    build.activite(session, parti.rpps)

    assert codes(praticien, session, parti.rpps) == ["E-RPPS-INVALIDE"]


def test_who_does_not_practise_in_the_ars_is_refused_and_the_message_says_where(session):
    """S77 (b)."""
    ailleurs = build.praticien(session)
    build.activite(session, ailleurs.rpps, code_insee="13055")

    with pytest.raises(OperationRefused) as refus:
        praticien(session, ailleurs.rpps)

    assert refus.value.codes == ["E-RPPS-HORS-ARS"]
    assert "Provence-Alpes-Côte d’Azur" in str(refus.value)


@pytest.mark.parametrize(
    ("statut", "ars_code", "code"),
    [
        (StatutTerrain.ACTIF, "53", "E-TS-EXISTE-ACTIF"),
        (StatutTerrain.INACTIF, "53", "E-TS-EXISTE-INACTIF"),
        (StatutTerrain.ACTIF, "93", "E-TS-EXISTE-AUTRE-ARS"),
        (StatutTerrain.INACTIF, "93", "E-TS-EXISTE-AUTRE-ARS"),
        (StatutTerrain.TRANSFERE, "53", "E-TS-TRANSFERE"),
        (StatutTerrain.TRANSFERE, "93", "E-TS-TRANSFERE"),
    ],
)
def test_one_terrain_per_practitioner_in_the_whole_country(session, exercant, statut, ars_code, code):
    """S77 (c), S78, A11, I3; scenario 12."""
    build.terrain(session, type=TypeTerrain.PRATICIEN, rpps=exercant.rpps, statut=statut, ars_code=ars_code)

    with pytest.raises(OperationRefused) as refus:
        praticien(session, exercant.rpps)

    assert refus.value.codes == [code]
    assert ars_code == "53" or "Provence-Alpes-Côte d’Azur" in str(refus.value)


def test_a_national_administrator_creates_where_the_practitioner_practises(session, exercant):
    """M9."""
    assert praticien(session, exercant.rpps, actor=NATIONAL).ars_code == "53"


def test_a_national_administrator_chooses_an_ars_when_there_are_several(session, exercant):
    """M28."""
    build.activite(session, exercant.rpps, code_insee="13055")

    assert codes(praticien, session, exercant.rpps, actor=NATIONAL) == ["E-ARS-A-CHOISIR"]
    assert praticien(session, exercant.rpps, subdivision="NICE", actor=Actor("a", "93", national=True)).ars_code == "93"


# --- Autre organisme ---


def test_another_organisme_needs_no_registry(session):
    """S76, S80, TS-03."""
    saisie = replace(
        ORGANISME,
        type_organisme=TypeOrganisme.HOPITAL_FRONTALIER,
        principal=BlocPrincipal("1 rue du Port", None, "35000", "Rennes"),
    )

    terrain = organisme(session, saisie)

    assert (terrain.type, terrain.statut, terrain.numero) == (TypeTerrain.AUTRE, StatutTerrain.ACTIF, "53A00001")
    assert (terrain.ville, terrain.code_insee, terrain.departement_effectif) == ("Rennes", "35238", "35")


@pytest.mark.parametrize("siret", ["73282932000074", "732 829 320 00074", "35600000000048", "35600000049837"])
def test_a_siret_with_a_valid_key_is_kept_without_its_spaces(session, siret):
    """S89, La Poste included."""
    assert organisme(session, replace(ORGANISME, siret=siret)).siret == siret.replace(" ", "")


@pytest.mark.parametrize("siret", ["73282932000075", "7328293200007", "ABC", "35600000049838"])
def test_a_siret_with_a_wrong_key_is_refused(session, siret):
    """S89."""
    assert codes(organisme, session, replace(ORGANISME, siret=siret)) == ["E-SIRET"]


def test_another_number_comes_with_its_kind(session):
    """S89."""
    assert codes(organisme, session, replace(ORGANISME, autre_numero="W351000001")) == ["E-AUTRE-NUMERO"]
    complet = replace(ORGANISME, autre_numero="W351000001", autre_numero_nature="Numéro d’association")
    assert organisme(session, complet).autre_numero == "W351000001"


def test_its_principal_block_follows_the_triplet_rule(session):
    """A21, S90."""
    saisie = replace(ORGANISME, principal=BlocPrincipal(adresse="1 rue du Port"))

    with pytest.raises(OperationRefused) as refus:
        organisme(session, saisie)

    assert [un.champ for un in refus.value.refus] == ["code_postal", "ville"]


def test_type_and_name_of_the_organisme_are_required(session):
    """S80."""
    assert codes(organisme, session, SaisieTerrain(nom="Service")) == ["E-INCOMPLET", "E-INCOMPLET"]


def test_without_ars_de_travail_that_of_the_subdivision_is_taken(session):
    """M10, M28."""
    assert organisme(session, actor=NATIONAL).ars_code == "53"
    assert codes(organisme, session, subdivision="NICE", actor=NATIONAL) == ["E-ARS-A-CHOISIR"]


# --- Numbers and journal ---


def test_numbers_go_up_and_are_never_given_twice(session):
    """S75."""
    et = build.etablissement(session)
    premiers = [hospitalier(session, et).numero for _ in range(2)]

    assert [*premiers, organisme(session).numero] == ["53H00001", "53H00002", "53A00001"]


def test_an_ars_without_a_number_left_refuses(session):
    et = build.etablissement(session)
    session.add(CompteurNumero(ars_code="53", type=TypeTerrain.HOSPITALIER, dernier=99_999))
    session.commit()

    assert codes(hospitalier, session, et) == ["E-NUMEROS-EPUISES"]


def test_a_creation_leaves_one_event_and_a_refusal_none(session):
    """I12."""
    et = build.etablissement(session)
    hospitalier(session, et)
    codes(hospitalier, session, et, SaisieTerrain())

    [evenement] = session.scalars(select(Evenement)).all()
    assert (evenement.operation, [un["type"] for un in evenement.changements]) == ("TS.creer", ["TerrainDeStage"])


def test_a_reader_creates_nothing(session):
    """M8 to M10."""
    lecteur = Actor("lecture", "53", ecriture=False)

    assert codes(hospitalier, session, build.etablissement(session), actor=lecteur) == ["E-HORS-ARS"]
    assert codes(organisme, session, actor=lecteur) == ["E-HORS-ARS"]
