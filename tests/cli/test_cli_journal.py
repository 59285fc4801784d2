"""`flask journal verifier`: 0 when the chain holds, 6 and the first broken link when it does not (A-72)."""

import json

import pytest
from sqlalchemy import text

from jobs.journal import tout_journaliser
from tests import build
from tests.jobs.test_journal import modifier


@pytest.fixture
def verifier(app, tmp_path, monkeypatch):
    reglages = app.extensions["settings"].model_copy(update={"data_dir": tmp_path})
    monkeypatch.setitem(app.extensions, "settings", reglages)

    def run() -> tuple[int, dict]:
        outcome = app.test_cli_runner().invoke(args=["journal", "verifier"])
        return outcome.exit_code, json.loads(outcome.stdout.splitlines()[-1])

    return run


def test_a_chain_that_holds_is_counted(verifier, session):
    modifier(session, build.etablissement(session), "BREST")
    tout_journaliser()

    code, bilan = verifier()

    assert (code, bilan["evenements"], bilan["entrees"], bilan["rupture"]) == (0, 1, 1, None)
    assert len(bilan["sceau"]) == 64


def test_the_first_broken_link_is_told(verifier, session):
    et = build.etablissement(session)
    for ville in ("A", "B", "C"):
        modifier(session, et, ville)
    tout_journaliser()
    session.execute(text("ALTER TABLE evenement DISABLE TRIGGER USER"))
    session.execute(text("UPDATE evenement SET acteur = 'autre' WHERE id = (SELECT min(id) + 1 FROM evenement)"))

    code, bilan = verifier()

    assert (code, bilan["evenements"]) == (6, 1)
    assert (bilan["rupture"]["nature"], bilan["rupture"]["rang"]) == ("événement modifié", 2)
