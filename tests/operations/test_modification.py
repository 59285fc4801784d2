"""Modification of an EJ or an ET: secondary block, « FINESS erroné », scope (manual §1.4, §1.5)."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations.coordonnees import BlocSecondaire
from app.operations.modification import Saisie, modifier
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from tests import build

BRETAGNE = Actor("agent", "53")
BLOC = BlocSecondaire("2 place Neuve", None, "35000", "Rennes")


def enregistrer(session: Session, objet: Etablissement | EntiteJuridique, saisie: Saisie, actor: Actor = BRETAGNE):
    with unit_of_work(actor, "ET.modifier", session=session) as uow:
        return modifier(uow, type(objet), objet.id, saisie)


@pytest.mark.parametrize("fabrique", [build.etablissement, build.entite_juridique])
def test_the_secondary_block_is_saved_and_becomes_effective(session, fabrique):
    """§1.4, §1.5: S11, S12, S34."""
    objet = fabrique(session, adresse="1 rue Ancienne", ville="FOUGERES")

    enregistrer(session, objet, Saisie(objet.version, replace(BLOC, telephone="02 99 00 00 00")))

    assert (objet.effectif("adresse"), objet.effectif("ville")) == ("2 place Neuve", "Rennes")
    assert objet.effectif("telephone") == "02 99 00 00 00"
    assert (objet.adresse, objet.ville) == ("1 rue Ancienne", "FOUGERES")


def test_the_address_counts_as_one_block_and_each_contact_on_its_own(session):
    """A19."""
    et = build.etablissement(session, complement="Bâtiment B", telephone="0299111111", courriel="ch@exemple.fr")

    enregistrer(session, et, Saisie(et.version, replace(BLOC, telephone="0299222222")))

    assert et.effectif("complement") is None
    assert (et.effectif("telephone"), et.effectif("courriel")) == ("0299222222", "ch@exemple.fr")


@pytest.mark.parametrize("vide", ["adresse", "code_postal", "ville"])
def test_an_incomplete_triplet_is_refused_on_the_missing_field(session, vide):
    """S36."""
    et = build.etablissement(session)

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, et, Saisie(et.version, replace(BLOC, **{vide: None})))

    assert [(un.code, un.champ) for un in refus.value.refus] == [("E-TRIPLET", f"{vide}_secondaire")]


LIEUX = [
    ("20200", "Bastia", None, "2B033"),
    ("35000", "Rennes", None, "35238"),
    ("35042", "RENNES CEDEX", None, "35238"),
    ("51300", "Vitry-le-François", None, "51649"),
]


@pytest.mark.parametrize(("code_postal", "ville", "choisi", "attendu"), LIEUX)
def test_the_insee_code_follows_from_postal_code_and_town(session, code_postal, ville, choisi, attendu):
    """S55, A20."""
    et = build.etablissement(session)

    enregistrer(session, et, Saisie(et.version, BlocSecondaire("1 rue X", None, code_postal, ville, choisi)))

    assert et.code_insee_secondaire == attendu
    assert et.code_insee_effectif == attendu


def test_an_ambiguous_town_is_refused_until_the_user_picks_one(session):
    """S55: several communes match."""
    et = build.etablissement(session)
    bloc = BlocSecondaire("1 rue X", None, "51300", "Ville inconnue")

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, et, Saisie(et.version, bloc))
    enregistrer(session, et, Saisie(et.version, replace(bloc, code_insee="51649")))

    assert refus.value.codes == ["E-INSEE-AMBIGU"]
    assert et.code_insee_secondaire == "51649"


def test_an_unknown_place_is_refused(session):
    """S55: none → error."""
    et = build.etablissement(session)

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, et, Saisie(et.version, BlocSecondaire("1 rue X", None, "99999", "Nulle part")))

    assert refus.value.codes == ["E-INSEE-INCONNU"]


def test_a_cedex_that_no_table_knows_does_not_erase_the_known_code(session):
    """DATA-FORMATS §4."""
    et = build.etablissement(session)
    enregistrer(session, et, Saisie(et.version, BLOC))

    cedex = BlocSecondaire("2 place Neuve", None, "35099", "CENTRE DE TRI CEDEX 9", "35238")
    enregistrer(session, et, Saisie(et.version, cedex))

    assert et.code_insee_secondaire == "35238"


def test_emptying_the_block_gives_the_principal_one_back(session):
    et = build.etablissement(session, ville="FOUGERES")
    enregistrer(session, et, Saisie(et.version, BLOC))

    enregistrer(session, et, Saisie(et.version, BlocSecondaire()))

    assert et.code_insee_secondaire is None
    assert et.effectif("ville") == "FOUGERES"


def test_a_stale_version_is_refused(session):
    """MOD, E-CONFLIT."""
    et = build.etablissement(session)
    ancienne = et.version
    enregistrer(session, et, Saisie(ancienne, BLOC))

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, et, Saisie(ancienne, BlocSecondaire()))

    assert refus.value.codes == ["E-CONFLIT"]
    assert et.ville_secondaire == "Rennes"


def test_a_deleted_et_is_no_longer_modified(session):
    et = build.etablissement(session, statut=StatutEtablissement.SUPPRIME)

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, et, Saisie(et.version, BLOC))

    assert refus.value.codes == ["E-STATUT"]


@pytest.mark.parametrize("actor", [Actor("autre", "93"), Actor("lecteur", "53", ecriture=False), Actor("sans ARS")])
def test_who_does_not_work_in_the_ars_of_the_et_may_not_modify_it(session, actor):
    """M5."""
    et = build.etablissement(session)

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, et, Saisie(et.version, BLOC), actor)

    assert refus.value.codes == ["E-HORS-ARS"]


def test_an_ej_of_several_regions_is_modified_by_each_ars_that_has_an_et_of_it(session):
    """M3, A38."""
    ej = build.entite_juridique(session, ars_code="11")
    for code in ("93", "53"):
        build.etablissement(session, entite_juridique=ej, ars_code=code)

    enregistrer(session, ej, Saisie(ej.version, BLOC))

    assert ej.ville_secondaire == "Rennes"


def test_an_ej_without_any_live_et_in_the_ars_is_out_of_reach(session):
    """M3, A38: a Supprimé ET gives no right."""
    ej = build.entite_juridique(session, ars_code="11")
    build.etablissement(session, entite_juridique=ej, ars_code="53", statut=StatutEtablissement.SUPPRIME)

    with pytest.raises(OperationRefused) as refus:
        enregistrer(session, ej, Saisie(ej.version, BLOC))

    assert refus.value.codes == ["E-HORS-ARS"]


def test_nothing_propagates_from_the_ej_to_its_et(session):
    """S37."""
    et = build.etablissement(session)

    enregistrer(session, et.entite_juridique, Saisie(et.entite_juridique.version, BLOC))

    session.refresh(et)
    assert et.adresse_secondaire is None


def test_finess_errone_keeps_who_and_when_and_its_comment_until_it_is_lifted(session):
    """S38, ERR."""
    et = build.etablissement(session)

    enregistrer(session, et, Saisie(et.version, BlocSecondaire(), finess_errone=True, commentaire="Adresse de 2010"))
    signale = (et.finess_errone, et.finess_errone_par, et.finess_errone_commentaire, et.finess_errone_le is not None)
    enregistrer(session, et, Saisie(et.version, BlocSecondaire(), finess_errone=False, commentaire="reste ?"))

    assert signale == (True, "agent", "Adresse de 2010", True)
    assert (et.finess_errone, et.finess_errone_commentaire, et.finess_errone_le) == (False, None, None)
