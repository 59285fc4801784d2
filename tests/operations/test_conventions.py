"""Conventions UFR of a CHU (manual §1.5, S57–S59)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations import conventions
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from models.universite import UfrFormation
from tests import build

BRETAGNE = Actor("agent", "53")
CHU_DE_RENNES = "350005179"
METZ = "570005165"


def chu(session: Session, **champs) -> Etablissement:
    ej = build.entite_juridique(session, numero_finess=CHU_DE_RENNES)
    return build.etablissement(session, **{"entite_juridique": ej, "categorie_code": "101"} | champs)


def ajouter(session: Session, et: Etablissement, paire: int, actor: Actor = BRETAGNE):
    with unit_of_work(actor, "ET.convention", session=session) as uow:
        return conventions.ajouter(uow, et.id, paire)


@pytest.mark.parametrize(
    ("numero_ej", "categorie", "attendu"),
    [
        (CHU_DE_RENNES, "101", True),
        (CHU_DE_RENNES, "156", True),
        (METZ, "101", False),
        ("990000002", "101", True),
        ("990000002", "355", False),
    ],
)
def test_what_a_chu_is(session, numero_ej, categorie, attendu):
    """S57, DATA-FORMATS §1.5: the list of CHU has the last word on FINESS's category 101."""
    ej = build.entite_juridique(session, numero_finess=numero_ej)

    assert build.etablissement(session, entite_juridique=ej, categorie_code=categorie).est_chu is attendu


def test_only_the_pairs_of_its_circonscription_without_convention_are_offered(session):
    """S59, A40."""
    et = chu(session)
    offertes = conventions.paires_offertes(session, et)

    ajouter(session, et, offertes[0].id)

    restantes = conventions.paires_offertes(session, et)
    assert [un.id for un in restantes] == [un.id for un in offertes[1:]]
    assert {un.circonscription.subdivision_code or un.circonscription.interregion_code for un in offertes} <= {
        "RENNES",
        et.entite_juridique.chu.subdivision.interregion_code,
    }


def test_a_pair_is_added_once(session):
    """S58."""
    et = chu(session)
    paire = conventions.paires_offertes(session, et)[0].id
    ajouter(session, et, paire)

    with pytest.raises(OperationRefused) as refus:
        ajouter(session, et, paire)

    assert refus.value.codes == ["E-DEJA-CONVENTION"]


def test_a_pair_of_another_circonscription_is_refused_by_the_server(session):
    """S59."""
    et = chu(session)
    offertes = {un.id for un in conventions.paires_offertes(session, et)}
    etrangere = session.scalars(select(UfrFormation.id).where(UfrFormation.id.not_in(offertes))).first()

    with pytest.raises(OperationRefused) as refus:
        ajouter(session, et, etrangere)

    assert refus.value.codes == ["E-CIRCONSCRIPTION"]


REFUS = [
    ("E-PAS-CHU", {"entite_juridique": None, "categorie_code": "355"}, BRETAGNE),
    ("E-STATUT", {"statut": StatutEtablissement.INACTIF}, BRETAGNE),
    ("E-HORS-ARS", {}, Actor("autre", "93")),
]


@pytest.mark.parametrize(("code", "champs", "actor"), REFUS)
def test_each_reason_to_refuse_has_its_code(session, code, champs, actor):
    if "entite_juridique" in champs:
        champs = champs | {"entite_juridique": build.entite_juridique(session)}
    et = chu(session, **champs)

    with pytest.raises(OperationRefused) as refus:
        ajouter(session, et, 1, actor)

    assert refus.value.codes == [code]


def test_a_convention_is_removed_from_its_own_et_only(session):
    """S58."""
    et, autre = chu(session), build.etablissement(session, categorie_code="101")
    convention = ajouter(session, et, conventions.paires_offertes(session, et)[0].id)

    with pytest.raises(OperationRefused) as refus, unit_of_work(BRETAGNE, "ET.convention", session=session) as uow:
        conventions.retirer(uow, autre.id, convention.id)
    with unit_of_work(BRETAGNE, "ET.convention", session=session) as uow:
        conventions.retirer(uow, et.id, convention.id)

    assert refus.value.codes == ["E-INTROUVABLE"]
    assert conventions.lire(session, et) == []
