"""« Créer » an établissement by FINESS number (manual §1.5, SPEC C0)."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations.coordonnees import BlocSecondaire
from app.operations.creation import cle_valide, creer_etablissement
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.journal import Evenement
from tests import build

BRETAGNE = Actor("agent", "53")


def creer(session: Session, numero: str, actor: Actor = BRETAGNE, bloc: BlocSecondaire | None = None) -> Etablissement:
    with unit_of_work(actor, "ET.creer", session=session) as uow:
        return creer_etablissement(uow, numero, bloc)


def test_the_et_and_its_ej_are_created_active_with_the_data_of_the_registry(session):
    """§1.5, S49, S50."""
    finess = build.finess_et(session, raison_sociale="CH DE REDON", telephone="0299717171", categorie_code="355")

    etablissement = creer(session, finess.numero)

    assert etablissement.statut is StatutEtablissement.ACTIF
    assert etablissement.entite_juridique.statut is StatutEntiteJuridique.ACTIF
    assert (etablissement.raison_sociale, etablissement.telephone) == ("CH DE REDON", "0299717171")
    assert (etablissement.ars_code, etablissement.categorie_code) == ("53", "355")


def test_a_code_that_the_registry_gives_although_abolished_is_replaced(session):
    """R15: 97127 is the code that Saint-Martin had inside Guadeloupe; the next night has nothing to mend."""
    finess = build.finess_et(session, code_insee="97127", code_postal="97150", ville="SAINT MARTIN")

    etablissement = creer(session, finess.numero, Actor("agent", "01"))

    assert (etablissement.code_insee, etablissement.ars_code) == ("97801", "01")


def test_the_number_may_be_typed_with_spaces_and_small_letters(session):
    finess = build.finess_et(session, numero="2A0000154", code_insee="2A004", code_postal="20000", ville="AJACCIO")

    etablissement = creer(session, " 2a 000 0154 ", Actor("agent", "94"))

    assert etablissement.numero_finess == finess.numero


def test_a_second_et_of_the_same_ej_joins_it(session):
    ej = build.finess_ej(session)
    premier, second = (build.finess_et(session, numero_ej=ej.numero) for _ in range(2))

    un, deux = creer(session, premier.numero), creer(session, second.numero)

    assert un.entite_juridique is deux.entite_juridique


@pytest.mark.parametrize("statut", ["INACTIF", "SUPPRIME"])
def test_an_inactive_or_deleted_et_comes_back_with_its_secondary_block_and_its_terrains(session, statut):
    """§1.5, S51; its EJ too, S50."""
    finess = build.finess_et(session)
    entite = build.entite_juridique(session, numero_finess=finess.numero_ej, statut=StatutEntiteJuridique[statut])
    etablissement = build.etablissement(
        session,
        numero_finess=finess.numero,
        entite_juridique=entite,
        statut=StatutEtablissement[statut],
        adresse_secondaire="2 place Neuve",
        code_postal_secondaire="35000",
        ville_secondaire="Rennes",
    )
    terrain = build.terrain(session, etablissement=etablissement) if statut == "INACTIF" else None

    revenu = creer(session, finess.numero)

    assert revenu.id == etablissement.id
    assert revenu.statut is StatutEtablissement.ACTIF
    assert entite.statut is StatutEntiteJuridique.ACTIF
    assert revenu.adresse_secondaire == "2 place Neuve"
    assert revenu.terrains == ([terrain] if terrain else [])
    assert session.scalar(select(Evenement.operation).order_by(Evenement.id.desc())) == "ET.reactiver"


def test_a_secondary_block_may_be_typed_at_once(session):
    """S54, S55: the INSEE code follows from postal code and town."""
    finess = build.finess_et(session)

    etablissement = creer(session, finess.numero, bloc=BlocSecondaire("3 quai Sud", None, "20200", "Bastia"))

    assert etablissement.code_insee_secondaire == "2B033"
    assert etablissement.ars_code == "53"  # A17: never from the secondary address


REFUS = {
    "E-FINESS-FORMAT": lambda session: "35000",
    "E-FINESS-INCONNU": lambda session: build.numero_finess(),
    "E-ET-FERME": lambda session: build.finess_et(session, ouvert=False).numero,
    "E-EJ-FERMEE": lambda session: (
        build.finess_et(session, numero_ej=build.finess_ej(session, ouvert=False).numero).numero
    ),
    "E-DEJA-ACTIF": lambda session: (
        build.etablissement(session, numero_finess=build.finess_et(session).numero).numero_finess
    ),
    "E-HORS-ARS": lambda session: build.finess_et(session, code_insee="13055", ville="MARSEILLE").numero,
}


@pytest.mark.parametrize("code", REFUS)
def test_each_refusal_has_its_own_code_and_changes_nothing(session, code):
    """S52 and C0: unknown, closed, closed EJ, already active, another ARS."""
    numero = REFUS[code](session)
    avant = session.scalar(select(func.count()).select_from(Etablissement))

    with pytest.raises(OperationRefused) as refus:
        creer(session, numero)

    assert refus.value.codes == [code]
    assert session.scalar(select(func.count()).select_from(Etablissement)) == avant


def test_an_et_that_the_registry_no_longer_lists_is_unknown(session):
    """S52: it must be present."""
    finess = build.finess_et(session, absent_depuis="2026-11-20")

    with pytest.raises(OperationRefused, match="n’est pas dans le référentiel") as refus:
        creer(session, finess.numero)

    assert refus.value.codes == ["E-FINESS-INCONNU"]


def test_an_et_outside_any_ars_is_for_national_administrators(session):
    """Saint-Pierre-et-Miquelon has no ARS (DATA-FORMATS §5)."""
    finess = build.finess_et(session, code_insee="97502", ville="SAINT-PIERRE")

    with pytest.raises(OperationRefused):
        creer(session, finess.numero)

    assert creer(session, finess.numero, Actor("admin", national=True)).ars_code is None


def test_an_ej_of_another_region_does_not_prevent_the_creation(session):
    """A17, S50: what counts is where the ET is."""
    ej = build.finess_ej(session, code_insee="75056", ville="PARIS")
    finess = build.finess_et(session, numero_ej=ej.numero)

    etablissement = creer(session, finess.numero)

    assert (etablissement.ars_code, etablissement.entite_juridique.ars_code) == ("53", "11")


def test_the_creation_leaves_one_event_that_names_both_objects(session):
    """I12."""
    finess = build.finess_et(session)

    creer(session, finess.numero)

    evenement = session.scalars(select(Evenement).order_by(Evenement.id.desc())).first()
    assert evenement.operation == "ET.creer"
    assert sorted(un["type"] for un in evenement.changements) == ["EntiteJuridique", "Etablissement"]
    assert {un["id"] for un in evenement.changements} == {
        str(session.scalar(select(Etablissement.id).where(Etablissement.numero_finess == finess.numero))),
        str(session.scalar(select(EntiteJuridique.id).where(EntiteJuridique.numero_finess == finess.numero_ej))),
    }


@pytest.mark.parametrize(("numero", "valide"), [("010000024", True), ("010000025", False), ("2A0000154", True)])
def test_the_key_of_a_finess_number(numero, valide):
    """DATA-FORMATS §1.6: Luhn, with the letters of Corsica as digits."""
    assert cle_valide(numero) is valide
