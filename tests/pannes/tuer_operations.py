"""Carries out operations in processes that are killed at every step; prints what became of each, one JSON per line.

    python -m tests.pannes.tuer_operations URL

A step is a statement sent, the commit about to be made, the commit made. A killed operation must have changed nothing,
or everything with its event; it is tried again until it gets to its end.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event, func, select
from sqlalchemy.orm import Session

from app import unit_of_work
from app.operations import activation, annulation, fusion, suppression, territoire, transfert_praticien
from app.operations.fusion import Demande
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etats import StatutEtablissement, TypeTerrain
from models.journal import Evenement
from tests import build
from tests.operations import monde as m

NATIONAL = Actor("admin", None, national=True)
Faire = Callable[[UnitOfWork], Any]


def operations(session: Session) -> dict[str, Faire]:
    """In their order, on objects of their own where they would meet."""
    origine = build.etablissement(session, statut=StatutEtablissement.INACTIF)
    destination, troisieme = (build.etablissement(session, ars_code=un) for un in ("93", "93"))
    terrains = [build.terrain(session, etablissement=origine) for _ in range(3)]
    for terrain in terrains:
        build.agrement(session, terrain)
    antilles = build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")
    build.agrement(session, antilles)
    cabinet = build.terrain(session, type=TypeTerrain.PRATICIEN)
    build.praticien(session, rpps=cabinet.rpps)
    un, cab, ant, nus = terrains[0].id, cabinet.id, antilles.id, [build.terrain(session).id for _ in range(2)]
    fusionner = Demande(origine.id, destination.id, None, "NICE")
    return {
        "ET.fusionner": lambda uow: fusion.executer(uow, fusionner),
        "TS.transferer_unite": lambda uow: fusion.executer(uow, Demande(destination.id, troisieme.id, (un,))),
        "TS.changer_ars": lambda uow: territoire.changer_ars(uow, ant, "03"),
        "TS.changer_subdivision": lambda uow: territoire.changer_subdivision(uow, un, "MARSEILLE"),
        "TS.transferer_praticien": lambda uow: transfert_praticien.transferer(uow, cab, "11"),
        "TS.completer": lambda uow: transfert_praticien.completer(uow, cab, SaisieTerrain(nom="Cabinet")),
        "TS.supprimer": lambda uow: suppression.supprimer(uow, nus),
        "TS.activer": lambda uow: activation.activer(uow, nus),
        "JOU.annuler": lambda uow: annulation.annuler(uow, dernier(uow.session)),
    }


def dernier(session: Session) -> int:
    return session.scalar(select(func.max(Evenement.id))) or 0


def mourir_a(engine: Engine, etape: int) -> None:
    """SIGKILL at that step of what this process does."""
    etapes = count(1)

    def passer(*_: Any, **__: Any) -> None:
        if next(etapes) == etape:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "after_cursor_execute", passer)
    event.listen(engine, "commit", passer)
    unit_of_work.committed.connect(passer, weak=False)


def essayer(url: str, code: str, faire: Faire, etape: int) -> int:
    """In a process of its own, killed at that step; 0 when it got to its end."""
    if enfant := os.fork():
        return os.waitpid(enfant, 0)[1]
    engine = create_engine(url, poolclass=NullPool)
    unit_of_work.configure(engine)
    mourir_a(engine, etape)
    with unit_of_work.unit_of_work(NATIONAL, code) as uow:
        faire(uow)
    os._exit(0)


def mener(url: str, engine: Engine, code: str, faire: Faire) -> dict[str, Any]:
    """One operation, killed at each of its steps in turn, until one gets to its end or was committed before it died."""
    with engine.connect() as connection:
        avant, evenements = m.empreinte(connection), _nombre(connection)
    for etape in count(1):
        statut = essayer(url, code, faire, etape)
        with engine.connect() as connection:
            apres, faits = m.empreinte(connection), _nombre(connection) - evenements
        if faits or statut == 0:
            return {"operation": code, "morts": etape, "evenements": faits, "entre_deux": _ecart(engine, avant, apres)}
        if apres != avant:
            return {"operation": code, "morts": etape, "evenements": faits, "entre_deux": ["sans événement"]}
    raise AssertionError


def _nombre(connection: Any) -> int:
    return connection.scalar(select(func.count()).select_from(Evenement)) or 0


def _ecart(engine: Engine, avant: m.Empreinte, apres: m.Empreinte) -> list[Any]:
    """Objects that changed and that the event does not tell, or the reverse: what is between before and after."""
    with Session(engine) as session:
        lu = session.get_one(Evenement, dernier(session))
        return sorted({(un["type"], un["id"]) for un in lu.changements} ^ m.changes(avant, apres))


def main(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with Session(engine, expire_on_commit=False) as session:
        a_faire = operations(session)
    for code, faire in a_faire.items():
        print(json.dumps(mener(url, engine, code, faire)), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(sys.argv[1])
