"""Properties of the operations of manual §1.6 to §1.12 on generated worlds (SPEC §6, I2 to I12, I14, I15).

`EXEMPLES=500 pytest …` makes a long run of them.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations import activation, annulation, fusion, suppression, territoire, transfert_praticien
from app.operations.deplacement import GEOGRAPHIE, Plan
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import UnitOfWork, unit_of_work
from models.etablissement import Etablissement
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from tests.operations import monde as m

EXEMPLES = int(os.environ.get("EXEMPLES", "12"))
HASARD = st.integers(0, 2**32).map(Random)
REGLAGES = settings(
    max_examples=EXEMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # a smaller number is not a smaller world
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def monde_jetable(connection: Connection, session: Session) -> Iterator[None]:
    """Nothing of one world in the next, even when it fails."""
    point = connection.begin_nested()
    try:
        yield
    finally:
        session.rollback()
        session.expunge_all()
        point.rollback()


@dataclass(frozen=True)
class Essai:
    """One operation that somebody tries: what he is shown, then what he does with the seal of it."""

    code: str
    actor: Actor
    montrer: Callable[[Session], tuple[Any, list[str]]]  # plan, or ids that would change; codes of the refusals
    faire: Callable[[UnitOfWork, str], Any]


# --- Operations to try ---


def _fusion(session: Session, hasard: Random, monde: m.Monde) -> Essai:
    origine = hasard.choice(monde.ets)
    return _deplacement(session, hasard, "ET.fusionner", origine, _destination(session, hasard, monde, origine), None)


def _transfert(session: Session, hasard: Random, monde: m.Monde) -> Essai:
    occupes = [un for un in monde.ets if fusion.terrains_sur(session, un)]
    origine = hasard.choice(occupes or monde.ets)
    sur_place = fusion.terrains_sur(session, origine)
    ids = tuple(hasard.sample(sur_place, hasard.randint(0, len(sur_place))))
    if hasard.random() < 0.1:
        ids += (hasard.choice(monde.terrains),)
    destination = _destination(session, hasard, monde, origine)
    return _deplacement(session, hasard, "TS.transferer_unite", origine, destination, ids)


def _destination(session: Session, hasard: Random, monde: m.Monde, origine: int) -> int:
    """Mostly another ET, Actif: the refusals have their table elsewhere."""
    ets = (session.get_one(Etablissement, un) for un in monde.ets if un != origine)
    possibles = [un.id for un in ets if un.statut is StatutEtablissement.ACTIF]
    return hasard.choice(possibles if possibles and hasard.random() < 0.9 else monde.ets)


def _deplacement(
    session: Session, hasard: Random, code: str, origine: int, destination: int, ids: tuple[int, ...] | None
) -> Essai:
    lieu = session.get_one(Etablissement, destination).ars_code
    demande = fusion.Demande(origine, destination, ids, hasard.choice([None, *m.SUBDIVISIONS[lieu or "53"]]))
    actor = m.acteur(hasard, session.get_one(Etablissement, origine).ars_code)
    return Essai(
        code,
        actor,
        lambda s: _vu(fusion.apercu(s, actor, demande)),
        lambda uow, sceau: fusion.executer(uow, demande, sceau),
    )


def _changement(code: str, voir: Any, faire: Any, cibles: Any, type_: TypeTerrain | None = None) -> Any:
    def essai(session: Session, hasard: Random, monde: m.Monde) -> Essai:
        terrains = [session.get_one(TerrainDeStage, un) for un in monde.terrains]
        terrain = hasard.choice([un for un in terrains if type_ is None or un.type is type_] or terrains)
        actor = m.acteur(hasard, terrain.ars_code)
        possibles = [un.code for un in cibles(session, terrain)]
        cible = hasard.choice(possibles) if possibles and hasard.random() < 0.9 else hasard.choice(m.ARS)
        return Essai(
            code,
            actor,
            lambda s: _vu(voir(s, actor, terrain.id, cible)),
            lambda uow, sceau: faire(uow, terrain.id, cible, sceau),
        )

    return essai


def _lot(code: str, examiner: Any, faire: Any) -> Any:
    def essai(session: Session, hasard: Random, monde: m.Monde) -> Essai:
        ids = hasard.sample(monde.terrains, hasard.randint(1, len(monde.terrains)))
        actor = m.acteur(hasard, session.get_one(TerrainDeStage, ids[0]).ars_code)
        if not actor.national:
            ids = [un for un in ids if session.get_one(TerrainDeStage, un).ars_code == actor.ars_code] or ids[:1]

        def montrer(s: Session) -> tuple[Any, list[str]]:
            rapport = examiner(s, actor, ids)
            codes = [un.code for ligne in rapport.refusees for un in ligne.refus]
            return {ligne.id for ligne in rapport.faites}, ["E-HORS-ARS"] if "E-HORS-ARS" in codes else []

        return Essai(code, actor, montrer, lambda uow, _: faire(uow, ids))

    return essai


def _vu(apercu: Any) -> tuple[Plan, list[str]]:
    return apercu.plan, [un.code for un in apercu.refus]


OPERATIONS = {
    "fusion": _fusion,
    "transfert": _transfert,
    "ars": _changement("TS.changer_ars", territoire.apercu_ars, territoire.changer_ars, territoire.autres_ars),
    "subdivision": _changement(
        "TS.changer_subdivision",
        territoire.apercu_subdivision,
        territoire.changer_subdivision,
        territoire.autres_subdivisions,
    ),
    "praticien": _changement(
        "TS.transferer_praticien",
        transfert_praticien.apercu,
        transfert_praticien.transferer,
        transfert_praticien.ars_possibles,
        TypeTerrain.PRATICIEN,
    ),
    "activation": _lot("TS.activer", activation.examiner, activation.activer),
    "suppression": _lot("TS.supprimer", suppression.examiner, suppression.supprimer),
}


def tenter(session: Session, essai: Essai, sceau: str) -> list[str] | int:
    """Codes of the refusals, or the number of the event."""
    try:
        with unit_of_work(essai.actor, essai.code, session=session) as uow:
            essai.faire(uow, sceau)
    except OperationRefused as refus:
        return refus.codes
    session.expire_all()
    return uow.evenement_id or []


def annuler(session: Session, actor: Actor, evenement: int) -> list[str]:
    try:
        with unit_of_work(actor, "JOU.annuler", session=session) as uow:
            annulation.annuler(uow, evenement)
    except OperationRefused as refus:
        return refus.codes
    session.expire_all()
    return []


# --- What must hold ---


def prevu(avant: m.Empreinte, plan: Plan) -> m.Empreinte:
    """The world after the plan, computed without the database (I15); histories are compared apart."""
    apres = {table: {cle: dict(ligne) for cle, ligne in lignes.items()} for table, lignes in avant.items()}
    listes = {
        "terrain_de_stage": plan.terrains,
        "agrement": plan.agrements,
        "etablissement": plan.etablissements,
        "entite_juridique": plan.entites,
    }
    for table, ecritures in listes.items():
        for une in ecritures:
            ligne = apres[table][str(une.id)]
            assert {champ: ligne[champ] for champ in une.avant} == {c: m.brut(v) for c, v in une.avant.items()}
            ligne.update({champ: m.brut(valeur) for champ, valeur in une.apres.items()})
    return apres


def verifier_l_effet(avant: m.Empreinte, apres: m.Empreinte, plan: Any) -> None:
    """I15: what was shown is what was done, and nothing else."""
    if not isinstance(plan, Plan):
        assert {int(cle) for _, cle in m.changes(avant, apres)} == plan
        return
    histoires = ("ancien_numero", "agrement_historique")
    attendu = prevu(avant, plan)
    assert {t: un for t, un in apres.items() if t not in histoires} == {
        t: un for t, un in attendu.items() if t not in histoires
    }
    nouveaux = {t: [un for cle, un in apres[t].items() if cle not in avant[t]] for t in histoires}
    quittes = {(un.id, un.avant["numero"]) for un in plan.terrains if "numero" in un.apres}
    assert {(un["terrain_id"], un["numero"]) for un in nouveaux["ancien_numero"]} == quittes
    for un in nouveaux["agrement_historique"]:
        assert {c: un[c] for c in GEOGRAPHIE} == {c: avant["agrement"][str(un["agrement_id"])][c] for c in GEOGRAPHIE}
    partis = {un.id for un in plan.agrements if set(GEOGRAPHIE) & un.apres.keys()}
    assert Counter(un["agrement_id"] for un in nouveaux["agrement_historique"]) == Counter(partis)
    assert all(apres[t][cle] == un for t in histoires for cle, un in avant[t].items())


def verifier_la_conservation(avant: m.Empreinte, apres: m.Empreinte) -> None:
    """I10: agréments échus, demandes and semestres to the letter. I11: nothing is lost, nothing is made."""
    for table in ("demande_agrement", "semestre_internat", "interne", "semestre", "convention_ufr", "praticien"):
        assert avant[table] == apres[table]
    for table in ("terrain_de_stage", "agrement", "etablissement", "entite_juridique"):
        assert avant[table].keys() == apres[table].keys()
    propres = ("id", "type", "nom", "rpps", "organisme_nom", "adresse_secondaire")
    for cle, ligne in avant["terrain_de_stage"].items():
        assert {c: ligne[c] for c in propres} == {c: apres["terrain_de_stage"][cle][c] for c in propres}
    jour = m.JOUR.isoformat()
    for cle, ligne in avant["agrement"].items():
        assert ligne["terrain_id"] == apres["agrement"][cle]["terrain_id"]
        if ligne["decision"] == "RETIRE" or ligne["date_fin"] < jour:
            assert ligne == apres["agrement"][cle]


def verifier_le_journal(session: Session, evenement: int, avant: m.Empreinte, apres: m.Empreinte) -> None:
    """I12: each object that changed is in the event once, with its values before and after."""
    lu = session.get_one(Evenement, evenement)
    tables = {nom: table for table, nom in m.JOURNALISES.items()}
    assert Counter((un["type"], un["id"]) for un in lu.changements) == Counter(m.changes(avant, apres))
    for un in lu.changements:
        ligne = (avant[tables[un["type"]]][un["id"]], apres[tables[un["type"]]][un["id"]])
        change = {champ for champ in ligne[0] if ligne[0][champ] != ligne[1][champ]}
        assert change == un["apres"].keys() == un["avant"].keys()
        bruts = {c for c in change if c not in ("statut",)}
        assert [{c: un[cote][c] for c in bruts} for cote in ("avant", "apres")] == [
            {c: cote[c] for c in bruts} for cote in ligne
        ]


def nombre(session: Session) -> int:
    return len(session.scalars(select(Evenement.id)).all())


@pytest.mark.parametrize("nom", OPERATIONS)
def test_shown_then_done_then_undone(connection: Connection, session: Session, nom: str) -> None:
    """I2 to I12, I14, I15; a refusal changes nothing."""
    issues: Counter[str] = Counter()

    @REGLAGES
    @given(hasard=HASARD)
    def propriete(hasard: Random) -> None:
        with monde_jetable(connection, session):
            monde = m.peupler(session, hasard)
            session.commit()
            essai = OPERATIONS[nom](session, hasard, monde)
            avant, journal, compteurs = (
                m.empreinte(connection, calcules=False),
                nombre(session),
                m.compteurs(connection),
            )

            plan, codes = essai.montrer(session)
            assert (m.empreinte(connection, calcules=False), m.compteurs(connection)) == (avant, compteurs)

            fait = tenter(session, essai, plan.sceau if isinstance(plan, Plan) else "")
            apres = m.empreinte(connection, calcules=False)
            m.verifier_les_invariants(session)
            if isinstance(fait, list):
                assert sorted(fait) == sorted(codes)
                assert (apres, nombre(session), m.compteurs(connection)) == (avant, journal, compteurs)
                issues["refus"] += 1
            else:
                assert (codes, nombre(session)) == ([], journal + 1)
                verifier_l_effet(avant, apres, plan)
                verifier_la_conservation(avant, apres)
                verifier_le_journal(session, fait, avant, apres)
                assert annuler(session, essai.actor, fait) == []
                assert m.empreinte(connection, calcules=False) == avant
                issues["fait"] += 1

    propriete()

    assert issues["fait"] >= EXEMPLES // 5, issues


def test_an_operation_undone_after_another_is_refused_or_leaves_every_rule_true(
    connection: Connection, session: Session
) -> None:
    """I14, N2: two operations, then the first is undone."""
    issues: Counter[str] = Counter()

    @settings(REGLAGES, max_examples=4 * EXEMPLES)
    @given(hasard=HASARD)
    def propriete(hasard: Random) -> None:
        with monde_jetable(connection, session):
            monde = m.peupler(session, hasard)
            session.commit()
            faits = [_au_hasard(session, hasard, monde) for _ in range(2)]
            if isinstance(faits[0], int):
                avant = m.empreinte(connection)
                codes = annuler(session, Actor("admin", None, national=True), faits[0])
                m.verifier_les_invariants(session)
                if codes:
                    assert (codes, m.empreinte(connection)) == (["E-ANNULATION-TARDIVE"], avant)
                issues["refus" if codes else "fait"] += 1

    propriete()

    assert min(issues["refus"], issues["fait"]) >= 1, issues


def _au_hasard(session: Session, hasard: Random, monde: m.Monde) -> list[str] | int:
    essai = OPERATIONS[hasard.choice(list(OPERATIONS))](session, hasard, monde)
    plan, _ = essai.montrer(session)
    return tenter(session, essai, plan.sceau if isinstance(plan, Plan) else "")


def test_completing_a_transfer_keeps_what_it_should(connection: Connection, session: Session) -> None:
    """S131 to S133, I9 to I12: by the receiving ARS, in any world."""
    issues: Counter[str] = Counter()

    @REGLAGES
    @given(hasard=HASARD)
    def propriete(hasard: Random) -> None:
        with monde_jetable(connection, session):
            monde = m.peupler(session, hasard)
            terrain = session.get_one(TerrainDeStage, hasard.choice(monde.terrains))
            session.execute(
                update(TerrainDeStage)
                .where(TerrainDeStage.id == terrain.id, TerrainDeStage.type == TypeTerrain.PRATICIEN)
                .values(statut=StatutTerrain.TRANSFERE)
            )
            session.commit()
            session.expire_all()
            actor, code = m.acteur(hasard, terrain.ars_code), hasard.choice(m.SUBDIVISIONS[terrain.ars_code])
            avant, journal = m.empreinte(connection, calcules=False), nombre(session)

            fait = tenter(
                session,
                Essai(
                    "TS.completer",
                    actor,
                    lambda _: (None, []),
                    lambda uow, _: transfert_praticien.completer(uow, terrain.id, SaisieTerrain(nom="Cabinet"), code),
                ),
                "",
            )

            apres = m.empreinte(connection, calcules=False)
            if isinstance(fait, list):
                assert (apres, nombre(session)) == (avant, journal)
            else:
                assert {int(cle) for _, cle in m.changes(avant, apres)} == {terrain.id}
                assert apres["terrain_de_stage"][str(terrain.id)]["statut"] == "ACTIF"
                assert nombre(session) == journal + 1
            issues["refus" if isinstance(fait, list) else "fait"] += 1

    propriete()

    assert min(issues["refus"], issues["fait"]) >= 1, issues
