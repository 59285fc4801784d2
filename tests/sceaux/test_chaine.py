"""The chain goes on whatever happens to its workers, and the database refuses to write it again (N28, A-71, A-72)."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app import schema
from app.sceaux import racines
from app.sceaux.verification import verifier
from jobs.journal import ecrire_la_racine, journaliser, tout_journaliser
from models.journal import EntreeJournal, Evenement, EvenementArs, SceauJournal
from tests.conftest import database
from tests.sceaux.conftest import changement, evenements, verification

ROOT = Path(__file__).resolve().parents[2]
TRAVAILLER = "from jobs.worker import prepare; from jobs.journal import tout_journaliser; prepare(); tout_journaliser()"
FIGES = ("evenement", "entree_journal", "sceau_journal")


def test_every_handled_event_is_sealed_with_its_entries(base_propre, journal):
    journal(25)

    bilan = verification(base_propre)

    with base_propre.connect() as connexion:
        entrees = connexion.scalar(select(func.count()).select_from(EntreeJournal))
    assert (bilan.evenements, bilan.entrees, bilan.en_attente, bilan.rupture) == (25, entrees, 0, None)


def test_the_order_of_the_chain_is_that_of_the_sealing(base_propre, journal):
    """Commits come out of order: the id does not say which event was sealed first."""
    journal(3, traiter=False)
    with base_propre.connect() as connexion:
        ids = connexion.scalars(select(Evenement.id).order_by(Evenement.id)).all()

    journaliser(ids[2])
    tout_journaliser()

    with base_propre.connect() as connexion:
        chaine = connexion.scalars(select(SceauJournal.evenement_id).order_by(SceauJournal.rang)).all()
    assert chaine == [ids[2], ids[0], ids[1]]
    assert verification(base_propre).rupture is None


def test_two_workers_seal_each_event_once(base_propre, journal):
    journal(400, traiter=False)
    with base_propre.connect() as connexion:
        ids = connexion.scalars(select(Evenement.id)).all()

    with ThreadPoolExecutor(4) as ouvriers:
        balayages = [ouvriers.submit(tout_journaliser) for _ in range(2)]
        un_par_un = list(ouvriers.map(journaliser, ids))
        total = sum(un_par_un) + sum(un.result() for un in balayages)

    bilan = verification(base_propre)
    assert (total, bilan.evenements, bilan.rupture) == (400, 400, None)


def test_a_killed_worker_leaves_no_event_half_done(base_propre, journal, redis_url):
    """A-59: entries, mark and seal are one transaction."""
    journal(6000, traiter=False)
    environ = os.environ | {
        "DATABASE_URL": base_propre.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
    }
    for patience in (0.9, 1.1, 1.3, 1.6):
        with subprocess.Popen([sys.executable, "-c", TRAVAILLER], cwd=ROOT, env=environ) as ouvrier:
            time.sleep(patience)
            ouvrier.kill()
        assert verification(base_propre).rupture is None

    tout_journaliser()

    bilan = verification(base_propre)
    assert (bilan.evenements, bilan.en_attente, bilan.rupture) == (6000, 0, None)


@pytest.mark.parametrize("table", FIGES)
@pytest.mark.parametrize(
    "instruction",
    ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {colonne} = {colonne}"],
)
def test_the_database_refuses_to_change_or_to_empty_the_journal(base_propre, journal, table, instruction):
    journal(2)
    colonne = {"evenement": "acteur", "entree_journal": "phrase", "sceau_journal": "sceau"}[table]

    with base_propre.connect() as connexion, pytest.raises(ProgrammingError, match="append-only"):
        connexion.execute(text(instruction.format(table, colonne=colonne)))


def test_the_mark_of_the_worker_is_set_once_and_alone(base_propre, journal):
    journal(1, traiter=False)
    marquer = "UPDATE evenement SET traite_le = now()"

    with base_propre.connect() as connexion, pytest.raises(ProgrammingError, match="append-only"):
        connexion.execute(text(f"{marquer}, acteur = 'autre'"))
    with base_propre.begin() as connexion:
        connexion.execute(text(marquer))
    for encore in (f"{marquer} + interval '1 s'", "UPDATE evenement SET traite_le = NULL"):
        with base_propre.connect() as connexion, pytest.raises(ProgrammingError, match="append-only"):
            connexion.execute(text(encore))


# --- Daily roots ---


def test_a_root_is_written_once_a_day(base_propre, journal, tmp_path):
    with Session(base_propre) as session:
        assert racines.ecrire(session, tmp_path, date(2026, 3, 14)) is None
        journal(3)

        ecrite = racines.ecrire(session, tmp_path, date(2026, 3, 14))
        journal(3)
        racines.ecrire(session, tmp_path, date(2026, 3, 14))

        [(chemin, racine)] = racines.lire(tmp_path)
        assert (chemin, racine.rang) == (ecrite, 3)
        assert verifier(session, racines.lire(tmp_path)).rupture is None


def test_the_clock_has_the_root_of_today_written(base_propre, journal, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    journal(2)

    ecrire_la_racine()
    ecrire_la_racine()

    [(chemin, racine)] = racines.lire(tmp_path)
    assert chemin.parent == tmp_path / "journal"
    assert (racine.jour, racine.rang) == (datetime.now(UTC).date().isoformat(), 2)


def test_a_chain_rewritten_whole_contradicts_its_root(faussaire, journal, tmp_path):
    """Whoever owns the database can seal again what he changed; the file outside still knows."""
    journal(5)
    with Session(faussaire) as session:
        racines.ecrire(session, tmp_path, date(2026, 3, 14))
    with faussaire.begin() as connexion:
        connexion.execute(text("DELETE FROM sceau_journal"))
        connexion.execute(text("DELETE FROM evenement_ars"))
        connexion.execute(text("DELETE FROM entree_journal"))
        connexion.execute(text("UPDATE evenement SET acteur = 'innocent', traite_le = NULL"))
    tout_journaliser()

    with Session(faussaire) as session:
        assert verifier(session).rupture is None
        rupture = verifier(session, racines.lire(tmp_path)).rupture

    assert rupture.nature == "racine contredite"


@pytest.mark.parametrize("faux", ["", "{}", '{"jour": "2026-03-15", "rang": 1, "evenement": 1, "sceau": ""}'])
def test_a_file_that_is_not_a_root_any_more_is_told(base_propre, tmp_path, faux):
    dossier = racines.dossier(tmp_path)
    dossier.mkdir()
    (dossier / "racine-2026-03-14.json").write_text(faux)

    with Session(base_propre) as session:
        rupture = verifier(session, racines.lire(tmp_path)).rupture

    assert rupture.nature == "racine illisible"


# --- What was there before the seals ---


def test_the_migration_seals_what_was_already_handled(serveur_postgresql, base_modele):
    with database(serveur_postgresql) as url:
        moteur = create_engine(url)
        schema.migrate(moteur, "0006")
        with moteur.begin() as connexion:
            connexion.execute(text("INSERT INTO ars (code, nom) VALUES ('53', 'Bretagne'), ('84', 'Rhône')"))
            connexion.execute(insert(Evenement), [{**un, "traite_le": datetime.now(UTC)} for un in evenements(8)])
            connexion.execute(insert(Evenement), evenements(2))
            connexion.execute(
                text(
                    "INSERT INTO entree_journal (evenement_id, rang, phrase, apres) SELECT id, n, 'Éà « ' || n, details"
                    " FROM evenement, generate_series(0, 2) n WHERE traite_le IS NOT NULL"
                )
            )

        schema.migrate(moteur)

        bilan = verification(moteur)
        with moteur.connect() as connexion:
            ars = connexion.execute(select(EvenementArs.ars_code, func.count()).group_by(EvenementArs.ars_code)).all()
        moteur.dispose()
    assert (bilan.evenements, bilan.entrees, bilan.en_attente, bilan.rupture) == (8, 24, 2, None)
    assert {code for code, _ in ars} == {"53", "84"}


def test_users_of_an_ars_see_what_left_it(session):
    """M23: the ARS that an object had, and the one it has."""
    parti = changement(1, ars=["84"], avant={"ars_code": "53"}, apres={"ars_code": "84"})
    session.execute(insert(Evenement), {**evenements(1)[0], "ars_travail_code": None, "changements": [parti]})

    tout_journaliser()

    assert sorted(session.scalars(select(EvenementArs.ars_code))) == ["53", "84"]
