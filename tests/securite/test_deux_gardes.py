"""Two independent guards (QUALITY A-03): with either one taken away, the writes that the matrix refuses stay refused.

The first is what screens and operations check: rights, scope of the address, `refus`. The second is the last check
before the database, in `app.unit_of_work`.
"""

import pytest

from app import unit_of_work
from app.errors import OperationRefused
from app.operations import (
    activation,
    conventions,
    creation,
    creation_terrain,
    fusion,
    modification,
    modification_terrain,
    praticiens,
    signalement,
    suppression,
    territoire,
    transfert_praticien,
    transferts_en_lot,
)
from app.scope import Actor
from models.territoire import Ars
from tests import build
from tests.securite.matrice import Ligne, lire
from views.base import RegistreView
from views.securite import Gestionnaire

ROLES_LIMITES = ["lecture", "gestionnaire", "deux ARS, l’autre choisie"]
SON_MOT_DE_PASSE = "Réinitialiser un mot de passe [mien]"  # that of the « gestionnaire », who may change it elsewhere
BRETAGNE = Actor("agent", "53")
ETRANGERES = {"autre ARS", "vers une autre ARS", "hors ARS", "ancienne", "mienne", "parti"}
OBJETS = (
    "/etablissements/", "/entites-juridiques/", "/terrains/", "/reference/", "/utilisateurs/", "/referentiels/lancer",
    "/transferts-de-praticien/", "/operations/",
)  # fmt: skip


def _interdites() -> list[tuple[Ligne, list[str]]]:
    """Writes on an object, with the roles that the matrix keeps from them."""
    ecritures = [un for un in lire() if un.methode == "POST" and un.adresse.startswith(OBJETS)]
    return [
        (ligne, roles)
        for ligne in ecritures
        if (roles := [role for role in ROLES_LIMITES if not ligne.attendu[role].endswith("modifie")])
        and str(ligne) != SON_MOT_DE_PASSE
    ]


INTERDITES = _interdites()


@pytest.fixture
def sans_ecrans_ni_operations(monkeypatch):
    """Every right granted, no check of the address, and operations that see no foreign object."""
    monkeypatch.setattr(Gestionnaire, "has_access", lambda *_: True)
    monkeypatch.setattr(RegistreView, "exiger_portee", lambda *_: None)
    for module in (modification, conventions, creation, modification_terrain, praticiens, signalement, fusion):
        monkeypatch.setattr(module, "refus", _sans_portee(module.refus))
    for module in (activation, suppression):
        monkeypatch.setattr(module, "_refus", _sans_portee(module._refus))
        monkeypatch.setattr(module, "exiger_la_portee", lambda *_: None)
    monkeypatch.setattr(territoire, "_refus_communs", _sans_portee(territoire._refus_communs))
    for nom in ("refus", "refus_completion"):
        monkeypatch.setattr(transfert_praticien, nom, _sans_portee(getattr(transfert_praticien, nom)))
    monkeypatch.setattr(transferts_en_lot, "exiger_la_portee", lambda *_: None)
    monkeypatch.setattr(creation_terrain, "refus_hospitalier", _sans_portee(creation_terrain.refus_hospitalier))


@pytest.fixture
def sans_dernier_garde(monkeypatch):
    monkeypatch.setattr(unit_of_work, "_exiger_portee", lambda *_: None)


def _sans_portee(refus):
    return lambda *args, **options: [un for un in refus(*args, **options) if un.code != "E-HORS-ARS"]


@pytest.mark.usefixtures("sans_ecrans_ni_operations")
@pytest.mark.parametrize(("ligne", "roles"), INTERDITES, ids=str)
def test_the_last_guard_alone_keeps_the_database_unchanged(banc, ligne, roles):
    for role, obtenu in banc.jouer(ligne, roles).items():
        assert not obtenu.endswith("modifie"), role
        assert obtenu[0] in "234", (role, obtenu)


@pytest.mark.usefixtures("sans_dernier_garde")
@pytest.mark.parametrize(("ligne", "roles"), [un for un in INTERDITES if un[0].situation in ETRANGERES], ids=str)
def test_screens_and_operations_alone_give_the_same_answers(banc, ligne, roles):
    obtenu = banc.jouer(ligne, roles)

    assert obtenu == {role: ligne.attendu[role] for role in roles}


@pytest.mark.parametrize(("de", "vers"), [("93", "53"), ("53", "93"), (None, "93"), ("53", None)])
def test_an_ars_set_through_its_relation_is_seen_by_the_last_guard(session, de, vers):
    """The column only changes at the flush: the guard must not look at the former one."""
    et = build.etablissement(session, ars_code=de)

    with pytest.raises(OperationRefused), unit_of_work.unit_of_work(BRETAGNE, "ET.modifier", session=session):
        et.ars = session.get(Ars, vers) if vers else None

    session.refresh(et)
    assert et.ars_code == de


def test_both_runs_attack_every_kind_of_object():
    assert {ligne.adresse.split("/")[1] for ligne, _ in INTERDITES} == {prefixe.split("/")[1] for prefixe in OBJETS}
