"""SPEC §5 row by row: fusion, transfer of units, ARS, subdivision, transfer of a practitioner, completion.

Each line of the table is one situation and one actor, tried through the operation, its preview and its command; a
refusal leaves every business table as it was.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations import fusion, territoire, transfert_praticien
from app.operations.fusion import Demande
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import UnitOfWork, unit_of_work
from models.agrement import DecisionAgrement, EtatDemande
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from tests import build
from tests.operations import monde as m

ACTIF, INACTIF, SUPPRIME = StatutEtablissement
TS_ACTIF, TS_INACTIF, TRANSFERE = StatutTerrain.ACTIF, StatutTerrain.INACTIF, StatutTerrain.TRANSFERE
HOSPITALIER, PRATICIEN, AUTRE = TypeTerrain.HOSPITALIER, TypeTerrain.PRATICIEN, TypeTerrain.AUTRE
PASSE, DEMAIN = m.JOUR - timedelta(days=9), m.JOUR + timedelta(days=1)
ACTEURS = {"lecture": Actor("lecture-53", "53", ecriture=False), "national": Actor("national", None, national=True)}


def actor(nom: str) -> Actor:
    """`ARS 53` is its agent; `lecture` reads in Bretagne."""
    return ACTEURS.get(nom) or Actor(f"gestionnaire-{nom[-2:]}", nom[-2:])


@dataclass(frozen=True)
class Situation:
    """What the three ways to act take: the operation, its preview when it has one, its command."""

    code: str
    faire: Callable[[UnitOfWork], Any]
    voir: Callable[[Session, Actor], Any] | None
    commande: tuple[str, ...]


# --- Situations: each builds its objects ---


def _fus(session, *, origine=INACTIF, destination=ACTIF, n_ts=1, ars=("53", "53"), meme=False, subdivision=None):
    depart = build.etablissement(session, statut=origine, ars_code=ars[0])
    arrivee = depart if meme else build.etablissement(session, statut=destination, ars_code=ars[1])
    for _ in range(n_ts):
        build.terrain(session, etablissement=depart, ars_code=ars[0])
    demande = Demande(depart.id, arrivee.id, None, subdivision)
    options = ("--subdivision", subdivision) if subdivision else ()
    commande = ("fusion", depart.numero_finess, arrivee.numero_finess, *options)
    return Situation(
        "ET.fusionner",
        lambda uow: fusion.executer(uow, demande),
        lambda s, qui: fusion.apercu(s, qui, demande),
        commande,
    )


def _tru(session, *, destination=ACTIF, ars=("53", "53"), meme=False, choisis="un", origine=ACTIF, subdivision=None):
    depart = build.etablissement(session, ars_code=ars[0], statut=origine)
    arrivee = depart if meme else build.etablissement(session, statut=destination, ars_code=ars[1])
    un, deux = (build.terrain(session, etablissement=depart, ars_code=ars[0]) for _ in range(2))
    ailleurs = build.terrain(session)
    terrains = {"aucun": (), "un": (un,), "tous": (un, deux), "ailleurs": (un, ailleurs)}[choisis]
    demande = Demande(depart.id, arrivee.id, tuple(t.id for t in terrains), subdivision)
    options = ("--subdivision", subdivision) if subdivision else ()
    commande = ("transfert-unites", depart.numero_finess, arrivee.numero_finess, *(t.numero for t in terrains))
    return Situation(
        "TS.transferer_unite",
        lambda uow: fusion.executer(uow, demande),
        lambda s, qui: fusion.apercu(s, qui, demande),
        (*commande, *options),
    )


def _terrain(session, type_, statut, ars, subdivision):
    return build.terrain(session, type=type_, statut=statut, ars_code=ars, subdivision_code=subdivision)


def _ars(session, *, type_=HOSPITALIER, statut=TS_ACTIF, cible="03", ars="01", subdivision="ANTILLESGUYANE"):
    terrain = _terrain(session, type_, statut, ars, subdivision)
    return Situation(
        "TS.changer_ars",
        lambda uow: territoire.changer_ars(uow, terrain.id, cible),
        lambda s, qui: territoire.apercu_ars(s, qui, terrain.id, cible),
        ("changer-ars", terrain.numero, cible),
    )


def _sub(session, *, type_=HOSPITALIER, statut=TS_ACTIF, cible="BREST", ars="53", subdivision="RENNES"):
    terrain = _terrain(session, type_, statut, ars, subdivision)
    return Situation(
        "TS.changer_subdivision",
        lambda uow: territoire.changer_subdivision(uow, terrain.id, cible),
        lambda s, qui: territoire.apercu_subdivision(s, qui, terrain.id, cible),
        ("changer-subdivision", terrain.numero, cible),
    )


def _trp(session, *, type_=PRATICIEN, statut=TS_ACTIF, cible="11", ars="53", avec=None, subdivision="RENNES"):
    terrain = _terrain(session, type_, statut, ars, subdivision)
    if isinstance(avec, EtatDemande):
        build.demande(session, terrain, etat=avec)
    elif avec is not None:
        build.agrement(session, terrain, **avec)
    return Situation(
        "TS.transferer_praticien",
        lambda uow: transfert_praticien.transferer(uow, terrain.id, cible),
        lambda s, qui: transfert_praticien.apercu(s, qui, terrain.id, cible),
        ("transferer-praticien", terrain.numero, cible),
    )


def _cpl(session, *, statut=TRANSFERE, subdivision="BREST", valide=True, ars="53", type_=PRATICIEN, connue=None):
    terrain = _terrain(session, type_, statut, ars, connue or ("RENNES" if statut is not TRANSFERE else None))
    if type_ is PRATICIEN:
        build.praticien(session, rpps=terrain.rpps, absent_depuis=None if valide else PASSE)
    options = ("--subdivision", subdivision) if subdivision else ()
    saisie = SaisieTerrain(nom="Cabinet")
    return Situation(
        "TS.completer",
        lambda uow: transfert_praticien.completer(uow, terrain.id, saisie, subdivision),
        None,
        ("completer", terrain.numero, *options),
    )


RETIRE = {"decision": DecisionAgrement.RETIRE}
ECHU = {"date_debut": PASSE, "date_fin": m.JOUR - timedelta(days=1)}
PROCHAIN = {"date_debut": DEMAIN, "date_fin": DEMAIN}
MIXTE, DEHORS = ("53", "93"), ("93", "93")

# Operation, actor, situation → codes of the refusals; none: done.
TABLE = [
    # FUS: origin Actif or Inactif with terrains, 0 allowed only if Inactif; destination Actif
    (_fus, "ARS 53", {}, ""),
    (_fus, "ARS 53", {"origine": ACTIF}, ""),
    (_fus, "ARS 53", {"n_ts": 0}, ""),
    (_fus, "ARS 53", {"origine": ACTIF, "n_ts": 0}, "E-RIEN-A-FAIRE"),
    (_fus, "ARS 53", {"origine": SUPPRIME, "n_ts": 0}, "E-ORIGINE-SUPPRIMEE"),
    (_fus, "ARS 53", {"destination": INACTIF}, "E-DEST-INACTIVE"),
    (_fus, "ARS 53", {"destination": SUPPRIME}, "E-DEST-INACTIVE"),
    (_fus, "ARS 53", {"meme": True, "origine": ACTIF}, "E-MEME-ET"),
    (_fus, "ARS 53", {"meme": True}, "E-MEME-ET E-DEST-INACTIVE"),
    # FUS: both ends in the ARS de travail, or a national administrator (M14, M15)
    (_fus, "lecture", {}, "E-HORS-ARS"),
    (_fus, "ARS 93", {}, "E-HORS-ARS"),
    (_fus, "ARS 53", {"ars": MIXTE}, "E-HORS-ARS"),
    (_fus, "ARS 93", {"ars": MIXTE}, "E-HORS-ARS"),
    (_fus, "ARS 53", {"ars": DEHORS}, "E-HORS-ARS"),
    (_fus, "national", {}, ""),
    (_fus, "national", {"ars": DEHORS}, ""),
    (_fus, "national", {"ars": MIXTE}, "E-SUBDIV-NON-LIEE"),
    (_fus, "national", {"ars": MIXTE, "subdivision": "BREST"}, "E-SUBDIV-NON-LIEE"),
    (_fus, "national", {"ars": MIXTE, "subdivision": "NICE"}, ""),
    (_fus, "national", {"ars": ("53", "11")}, ""),  # its only subdivision
    (_fus, "national", {"ars": ("94", "93")}, ""),  # subdivision linked to both
    # TRU: at least one terrain, all on the origin; the statut of the origin does not matter
    (_tru, "ARS 53", {}, ""),
    (_tru, "ARS 53", {"choisis": "tous"}, ""),
    (_tru, "ARS 53", {"origine": INACTIF, "choisis": "tous"}, ""),
    (_tru, "ARS 53", {"choisis": "aucun"}, "E-SELECTION-VIDE"),
    (_tru, "ARS 53", {"choisis": "ailleurs"}, "E-TS-AUTRE-ET"),
    (_tru, "ARS 53", {"meme": True}, "E-MEME-ET"),
    (_tru, "ARS 53", {"destination": INACTIF}, "E-DEST-INACTIVE"),
    (_tru, "ARS 53", {"destination": SUPPRIME}, "E-DEST-INACTIVE"),
    (_tru, "lecture", {}, "E-HORS-ARS"),
    (_tru, "ARS 93", {}, "E-HORS-ARS"),
    (_tru, "ARS 53", {"ars": MIXTE}, "E-HORS-ARS"),
    (_tru, "ARS 93", {"ars": MIXTE}, "E-HORS-ARS"),
    (_tru, "national", {"ars": DEHORS}, ""),
    (_tru, "national", {"ars": MIXTE}, "E-SUBDIV-NON-LIEE"),
    (_tru, "national", {"ars": MIXTE, "subdivision": "MARSEILLE"}, ""),
    # ARS: any type, Actif or Inactif; to another ARS of the subdivision
    *((_ars, "ARS 01", {"type_": un}, "") for un in (HOSPITALIER, PRATICIEN, AUTRE)),
    (_ars, "ARS 01", {"statut": TS_INACTIF}, ""),
    (_ars, "ARS 01", {"type_": PRATICIEN, "statut": TRANSFERE}, "E-STATUT"),
    (_ars, "ARS 01", {"cible": "01"}, "E-ARS-NON-LIEE"),
    (_ars, "ARS 01", {"cible": "53"}, "E-ARS-NON-LIEE"),
    (_ars, "ARS 01", {"cible": "XX"}, "E-ARS-NON-LIEE"),
    (_ars, "ARS 53", {"ars": "53", "subdivision": "RENNES", "cible": "93"}, "E-ARS-NON-LIEE"),
    (_ars, "lecture", {"ars": "53", "subdivision": "RENNES", "cible": "93"}, "E-HORS-ARS E-ARS-NON-LIEE"),
    (_ars, "ARS 03", {}, "E-HORS-ARS"),  # not even the ARS that would receive it
    (_ars, "ARS 53", {}, "E-HORS-ARS"),
    (_ars, "national", {}, ""),
    # SUB: any type, Actif or Inactif; to another subdivision of the ARS
    *((_sub, "ARS 53", {"type_": un}, "") for un in (HOSPITALIER, PRATICIEN, AUTRE)),
    (_sub, "ARS 53", {"statut": TS_INACTIF}, ""),
    (_sub, "ARS 53", {"type_": PRATICIEN, "statut": TRANSFERE}, "E-STATUT"),
    (_sub, "ARS 53", {"cible": "RENNES"}, "E-SUBDIV-NON-LIEE"),
    (_sub, "ARS 53", {"cible": "NICE"}, "E-SUBDIV-NON-LIEE"),
    (_sub, "ARS 53", {"cible": "XX"}, "E-SUBDIV-NON-LIEE"),
    (_sub, "ARS 11", {"ars": "11", "subdivision": "IDF"}, "E-SUBDIV-NON-LIEE"),
    (_sub, "lecture", {}, "E-HORS-ARS"),
    (_sub, "ARS 93", {}, "E-HORS-ARS"),
    (_sub, "national", {}, ""),
    # TRP: a praticien Actif, nothing open; to an ARS that is not linked to its subdivision
    (_trp, "ARS 53", {}, ""),
    (_trp, "ARS 53", {"type_": HOSPITALIER}, "E-TYPE"),
    (_trp, "ARS 53", {"type_": AUTRE}, "E-TYPE"),
    (_trp, "ARS 53", {"statut": TS_INACTIF}, "E-STATUT"),
    (_trp, "ARS 53", {"statut": TRANSFERE}, "E-STATUT"),
    (_trp, "ARS 53", {"avec": {}}, "E-TR-AGR"),
    (_trp, "ARS 53", {"avec": PROCHAIN}, "E-TR-AGR"),
    (_trp, "ARS 53", {"avec": {"decision": DecisionAgrement.CONDITIONNEL}}, "E-TR-AGR"),
    (_trp, "ARS 53", {"avec": {"decision": DecisionAgrement.SUSPENDU}}, "E-TR-AGR"),
    (_trp, "ARS 53", {"avec": RETIRE}, ""),
    (_trp, "ARS 53", {"avec": ECHU}, ""),
    (_trp, "ARS 53", {"avec": EtatDemande.EN_INSTRUCTION}, "E-TR-DEM"),
    (_trp, "ARS 53", {"avec": EtatDemande.EN_RECOURS}, "E-TR-DEM"),
    *((_trp, "ARS 53", {"avec": un}, "") for un in (EtatDemande.ACCORDEE, EtatDemande.REFUSEE, EtatDemande.RETIREE)),
    (_trp, "ARS 93", {"ars": "93", "subdivision": "NICE", "cible": "94"}, "E-ARS-MEME-SUBDIVISION"),
    (_trp, "ARS 53", {"cible": "53"}, "E-ARS-MEME-SUBDIVISION"),
    (_trp, "ARS 53", {"cible": "XX"}, "E-ARS-INCONNUE"),
    (_trp, "lecture", {}, "E-HORS-ARS"),
    (_trp, "ARS 11", {}, "E-HORS-ARS"),  # not even the ARS that would receive it
    (_trp, "national", {}, ""),
    # CPL: by the receiving ARS, with a subdivision, valid in RPPS unless a national administrator overrides
    (_cpl, "ARS 53", {}, ""),
    (_cpl, "ARS 11", {"ars": "11", "subdivision": None}, ""),
    (_cpl, "ARS 53", {"subdivision": None}, "E-INCOMPLET"),
    (_cpl, "ARS 53", {"subdivision": "NICE"}, "E-SUBDIV-NON-LIEE"),
    (_cpl, "ARS 53", {"statut": TS_ACTIF}, "E-STATUT"),
    (_cpl, "ARS 53", {"statut": TS_INACTIF}, "E-STATUT"),
    (_cpl, "ARS 53", {"statut": TS_ACTIF, "type_": HOSPITALIER}, "E-STATUT"),
    (_cpl, "ARS 53", {"valide": False}, "E-RPPS-INVALIDE"),
    (_cpl, "lecture", {}, "E-HORS-ARS"),
    (_cpl, "ARS 93", {}, "E-HORS-ARS"),  # the ARS that let it go, or a third one
    (_cpl, "national", {}, ""),
    (_cpl, "national", {"valide": False}, ""),
]
LIGNES = [
    pytest.param(*ligne, id=" ".join([ligne[0].__name__[1:].upper(), ligne[1], str(ligne[2]), "→", ligne[3] or "fait"]))
    for ligne in TABLE
]

COMMANDES = [un for un in LIGNES if un.values[2].get("choisis") != "aucun"]  # the command itself asks for one


@pytest.mark.parametrize(("construire", "qui", "cas", "attendus"), LIGNES)
def test_each_row_through_the_operation_and_its_preview(connection, session, construire, qui, cas, attendus):
    """SPEC §5, M14 to M21."""
    situation = construire(session, **cas)
    avant = m.empreinte(connection)

    vus = [] if situation.voir is None else [un.code for un in situation.voir(session, actor(qui)).refus]
    codes = _tenter(session, situation, actor(qui))

    assert codes == attendus.split()
    assert vus == (attendus.split() if situation.voir else [])
    assert (m.empreinte(connection) == avant) is bool(attendus)


def _tenter(session: Session, situation: Situation, qui: Actor) -> list[str]:
    try:
        with unit_of_work(qui, situation.code, session=session) as uow:
            situation.faire(uow)
    except OperationRefused as refus:
        return refus.codes
    return []


@pytest.mark.parametrize(("construire", "qui", "cas", "attendus"), COMMANDES)
def test_each_row_through_its_command(app, connection, session, utilisateur, construire, qui, cas, attendus):
    """Exit 5 and the codes on a refusal, as the account of the actor."""
    situation = construire(session, **cas)
    compte = utilisateur({"lecture": "lecture-53", "national": "national"}.get(qui) or actor(qui).login)
    session.commit()
    avant = m.empreinte(connection)

    acteur = ("--ars", actor(qui).ars_code or "national", "--login", compte.username)
    outcome = app.test_cli_runner().invoke(args=["operation", *situation.commande, *acteur])

    resultat = json.loads(outcome.stdout.splitlines()[-1])
    assert [un["code"] for un in resultat.get("refus", [])] == attendus.split()
    assert outcome.exit_code == (5 if attendus else 0)
    assert (m.empreinte(connection) == avant) is bool(attendus)
