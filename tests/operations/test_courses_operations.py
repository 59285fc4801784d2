"""Races on an établissement that is fused away, with real commits (QUALITY A-50 to A-52; scenario 15).

`COURSES_SECONDES=600 COURSES_TOURS=2000 pytest …` makes the long run.
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.operations import annulation, creation_terrain, fusion, territoire
from app.operations.fusion import Demande
from app.operations.saisie_terrain import SaisieTerrain
from app.referentiels import synchro
from app.referentiels.repercussion import repercuter
from app.scope import Actor
from app.unit_of_work import transaction, unit_of_work
from models.agrement import Agrement, DecisionAgrement
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.finess import FinessEt
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from tests import build
from tests.operations import monde
from tests.operations.test_courses_terrain import ensemble

SECONDES = float(os.environ.get("COURSES_SECONDES", "12"))
TOURS = int(os.environ.get("COURSES_TOURS", "150"))
BRETAGNE, NATIONAL = Actor("agent", "53"), Actor("admin", None, national=True)
ACTIF, INACTIF, SUPPRIME = StatutEtablissement
_rang = count(1)


@pytest.fixture
def session(base_propre: Engine):
    with Session(base_propre, expire_on_commit=False) as session:
        yield session


@dataclass(frozen=True)
class Tour:
    """The établissements of one round: an origin with terrains, two destinations, in three EJ known to the mirror."""

    origine: int
    destinations: tuple[int, int]
    terrains: tuple[int, ...]


def preparer(session: Session, statut: StatutEtablissement) -> Tour:
    origine, *autres = (_au_registre(session, un) for un in (statut, ACTIF, ACTIF))
    numeros = [f"53H{50_000 + next(_rang)}" for _ in range(3)]  # far from those that are drawn
    terrains = [build.terrain(session, etablissement=origine, numero=un).id for un in numeros]
    return Tour(origine.id, (autres[0].id, autres[1].id), tuple(terrains))


def _au_registre(session: Session, statut: StatutEtablissement) -> Etablissement:
    et = build.etablissement(session, statut=statut)
    build.finess_ej(session, numero=et.entite_juridique.numero_finess)
    build.finess_et(session, numero=et.numero_finess, numero_ej=et.entite_juridique.numero_finess)
    return et


def fusionner(origine: int, destination: int, sceau: str | None = None, actor: Actor = BRETAGNE) -> str:
    with unit_of_work(actor, "ET.fusionner") as uow:
        fusion.executer(uow, Demande(origine, destination), sceau)
    return "fusion"


def transferer(tour: Tour) -> str:
    with unit_of_work(BRETAGNE, "TS.transferer_unite") as uow:
        fusion.executer(uow, Demande(tour.origine, tour.destinations[1], tour.terrains[:1]))
    return "transfert"


def creer(tour: Tour) -> str:
    with unit_of_work(BRETAGNE, "TS.creer") as uow:
        creation_terrain.creer_hospitalier(uow, tour.origine, SaisieTerrain(nom="Nouveau"), "RENNES")
    return "création"


def fermer(tour: Tour) -> str:
    """The step of the synchronisation that brings a closure of FINESS to the application."""
    with transaction() as session:
        synchro.verrouiller(session)
        numero = session.get_one(Etablissement, tour.origine).numero_finess
        session.get_one(FinessEt, numero).ouvert = False
        session.flush()
        repercuter(session, None, monde.JOUR)
    return "fermeture"


def test_fusions_a_creation_a_transfer_and_a_closure_at_once_lose_nothing(session: Session) -> None:
    """A-50, A-52: whatever wins, every terrain is on a living ET, has one number, and nobody sees a deadlock."""
    issues: Counter[str] = Counter()
    fin, tours = time.monotonic() + SECONDES, 0
    while tours < TOURS and time.monotonic() < fin:
        tour = preparer(session, ACTIF if tours % 2 else INACTIF)
        avant = session.scalar(select(func.max(Evenement.id))) or 0

        resultats = ensemble(
            *(partial(fusionner, tour.origine, un) for un in tour.destinations),
            *(partial(faire, tour) for faire in (transferer, creer, fermer)),
        )

        issues.update(un if isinstance(un, str) else ",".join(un) for un in resultats)
        session.rollback()
        monde.verifier_les_invariants(session)
        _rien_de_perdu(session, tour, resultats, avant)
        tours += 1

    print(f"{tours} tours : {dict(issues)}")  # noqa: T201 - the figures of a long run
    assert tours >= 5
    assert issues["fermeture"] == tours  # the night is never refused
    assert not {un for un in issues if un.startswith("E-")} - REFUS_CLAIRS, issues


REFUS_CLAIRS = {"E-ORIGINE-SUPPRIMEE", "E-RIEN-A-FAIRE", "E-TS-AUTRE-ET", "E-ET-INACTIF"} | {
    "E-ORIGINE-SUPPRIMEE,E-TS-AUTRE-ET"
}


def _rien_de_perdu(session: Session, tour: Tour, resultats: list[object], avant: int) -> None:
    ici = TerrainDeStage.etablissement_id.in_((tour.origine, *tour.destinations))
    crees = resultats.count("création")
    assert session.scalar(select(func.count()).where(ici)) == len(tour.terrains) + crees
    operations = sum(un in ("fusion", "transfert", "création") for un in resultats)
    des_utilisateurs = select(func.count()).where(Evenement.id > avant, Evenement.acteur == BRETAGNE.login)
    assert session.scalar(des_utilisateurs) == operations


def test_the_one_who_comes_second_is_told(session: Session) -> None:
    """Scenario 15, A-51: both saw the same preview, one wins."""
    for statut in (INACTIF, ACTIF) * 3:
        tour = preparer(session, statut)
        with transaction() as lecture:
            vus = [fusion.apercu(lecture, BRETAGNE, Demande(tour.origine, un)) for un in tour.destinations]

        resultats = ensemble(*(partial(fusionner, tour.origine, un.destination.id, un.plan.sceau) for un in vus))

        attendu = "E-ORIGINE-SUPPRIMEE" if statut is INACTIF else "E-RIEN-A-FAIRE"
        assert sorted(resultats, key=str) == [[attendu], "fusion"]


def test_two_fusions_that_empty_an_ej_delete_it(session: Session) -> None:
    """I4: each one leaves the other ET of the EJ, unless they wait for each other."""
    for _ in range(8):
        entite = build.entite_juridique(session)
        origines = [build.etablissement(session, entite_juridique=entite, statut=INACTIF).id for _ in range(2)]
        paires = [(un, build.etablissement(session).id) for un in origines]  # nothing in common but the EJ

        assert ensemble(*(partial(fusionner, *une) for une in paires)) == ["fusion"] * 2

        session.expire_all()
        assert session.get_one(EntiteJuridique, entite.id).statut is StatutEntiteJuridique.SUPPRIME


def test_an_agrement_withdrawn_meanwhile_stays_as_it_was(session: Session) -> None:
    """I10: the change of ARS waits for the withdrawal, then leaves the agrément where it was."""
    terrain = build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")
    agrement = build.agrement(session, terrain)

    def changer() -> int:
        with unit_of_work(NATIONAL, "TS.changer_ars") as uow:
            return len(territoire.changer_ars(uow, terrain.id, "03").plan.agrements)

    with ThreadPoolExecutor(1) as executeur:
        with unit_of_work(NATIONAL, "AGR.modifier") as uow:
            uow.lock(Agrement, agrement.id)[0].decision = DecisionAgrement.RETIRE
            uow.session.flush()
            futur = executeur.submit(changer)
            with pytest.raises(TimeoutError):
                futur.result(0.5)
        assert futur.result(10) == 0

    session.expire_all()
    assert (agrement.ars_code, terrain.ars_code) == ("01", "03")


def test_numbers_drawn_by_commands_at_once_never_make_a_preview_stale(session: Session) -> None:
    """S113: nobody was shown a number, so nobody is refused for it."""
    terrains = [build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE").id for _ in range(6)]

    def changer(terrain_id: int) -> str:
        with unit_of_work(NATIONAL, "TS.changer_ars") as uow:
            return territoire.changer_ars(uow, terrain_id, "03").plan.terrains[0].apres["numero"]

    numeros = ensemble(*(lambda un=un: changer(un) for un in terrains))

    assert sorted(numeros) == [f"03H{rang:05d}" for rang in range(1, 7)]


def test_an_undo_and_a_closure_at_once_leave_no_terrain_on_a_deleted_et(session: Session) -> None:
    """I2: the origin, empty and closed, is deleted by the night or takes its terrains back."""
    for _ in range(8):
        tour = preparer(session, ACTIF)
        fusionner(tour.origine, tour.destinations[0])
        numero = session.scalar(select(func.max(Evenement.id)))

        def annuler(numero: int | None = numero) -> str:
            with unit_of_work(BRETAGNE, "JOU.annuler") as uow:
                annulation.annuler(uow, numero or 0)
            return "annulation"

        resultats = ensemble(annuler, partial(fermer, tour))

        session.rollback()
        assert resultats[0] in ("annulation", ["E-ANNULATION-TARDIVE"])
        monde.verifier_les_invariants(session)
