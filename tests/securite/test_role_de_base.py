"""The database role of docs/exploitation.md: the application works with it, and cannot rewrite the journal (A-71)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app import unit_of_work
from app.sceaux.verification import verifier
from app.scope import Actor
from jobs.journal import tout_journaliser
from models.journal import Evenement
from tests import build

DOCUMENT = Path(__file__).parents[2] / "docs" / "exploitation.md"
ROLE = "terrains_application"
MOT_DE_PASSE = "essai"


@pytest.fixture
def application_seule(base_propre: Engine) -> Iterator[Engine]:
    """The database as the services reach it; the role goes away with its rights."""
    [sql] = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    with base_propre.begin() as connexion:
        connexion.exec_driver_sql(sql)
        connexion.exec_driver_sql(sql)  # repeatable
        connexion.execute(text(f"ALTER ROLE {ROLE} PASSWORD '{MOT_DE_PASSE}'"))
    moteur = create_engine(base_propre.url.set(username=ROLE, password=MOT_DE_PASSE), poolclass=NullPool)
    unit_of_work.configure(moteur)
    yield moteur
    with base_propre.begin() as connexion:
        connexion.execute(text(f"DROP OWNED BY {ROLE}"))
        connexion.execute(text(f"DROP ROLE {ROLE}"))


def test_operations_worker_and_verification_need_no_more(application_seule):
    with Session(application_seule, expire_on_commit=False) as session:
        et = build.etablissement(session)
    with unit_of_work.unit_of_work(Actor("agent", "53"), "ET.modifier") as uow:
        uow.session.get_one(type(et), et.id).ville = "BREST"

    assert tout_journaliser() == 1

    with unit_of_work.transaction() as session:
        assert session.get_one(Evenement, uow.evenement_id).traite_le is not None
        assert verifier(session).rupture is None


@pytest.mark.parametrize("table", ["evenement", "entree_journal", "sceau_journal"])
@pytest.mark.parametrize(
    "instruction",
    [
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER USER",
        "DROP TABLE {} CASCADE",
        "UPDATE {} SET {cle} = {cle}",
    ],
)
def test_the_journal_is_out_of_its_reach(application_seule, table, instruction):
    cle = "rang" if table == "sceau_journal" else "id"

    with (
        application_seule.connect() as connexion,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connexion.execute(text(instruction.format(table, cle=cle)))
