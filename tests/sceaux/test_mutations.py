"""Every change of the journal made behind its back is found, and named (SPEC N28, QUALITY A-72)."""

import json
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from app.sceaux.verification import Rupture, verifier
from models.journal import EntreeJournal, Evenement, SceauJournal
from tests.sceaux.conftest import verification

MUTATIONS = 1000
TABLES: tuple[Table, ...] = (Evenement.__table__, EntreeJournal.__table__, SceauJournal.__table__)
LOIN = 10_000  # ids that nothing has


def test_a_thousand_mutations_out_of_a_thousand_are_found(faussaire, journal):
    journal(40)
    assert verification(faussaire).rupture is None
    hasard, trouvees, muettes = Random(20261125), Counter(), []

    for rang in range(MUTATIONS):
        mutation = (changer, changer, supprimer, intervertir, inserer)[rang % 5]
        with faussaire.connect() as connexion:
            quoi = mutation(connexion, hasard)
            rupture = rompue(connexion)
            connexion.rollback()
        trouvees[rupture.nature if rupture else ""] += 1
        muettes += [] if rupture else [quoi]

    assert muettes == []
    assert sum(trouvees.values()) == MUTATIONS
    assert verification(faussaire).rupture is None


def test_each_kind_of_change_is_named_with_its_event(faussaire, journal):
    journal(12)
    evenement, entree, sceau = TABLES
    with faussaire.connect() as connexion:
        avec_objets = connexion.scalars(
            select(entree.c.evenement_id).where(entree.c.rang == 1).order_by(entree.c.evenement_id)
        ).all()
        cinquieme, dernier = (
            connexion.scalar(select(sceau.c.evenement_id).where(sceau.c.rang == rang)) for rang in (5, 12)
        )
    vise = avec_objets[0]
    cas = {
        "événement modifié": update(evenement).where(evenement.c.id == vise).values(acteur="autre"),
        "événement manquant": delete(evenement).where(evenement.c.id == vise),
        "entrée modifié": update(entree).where(entree.c.evenement_id == vise, entree.c.rang == 1).values(phrase="x"),
        "entrée supprimée": delete(entree).where(entree.c.evenement_id == vise, entree.c.rang == 1),
        "entrée ajoutée": insert(entree).values(evenement_id=vise, rang=9, phrase="x"),
    }
    for nature, faux in cas.items():
        assert (nature, vise) == _dit(faussaire, faux), nature
    assert _dit(faussaire, delete(sceau).where(sceau.c.rang == 5)) == ("sceau manquant", cinquieme)
    assert _dit(faussaire, delete(sceau).where(sceau.c.rang == 12)) == ("non scellé", dernier)
    assert _dit(faussaire, update(sceau).where(sceau.c.rang == 5).values(entrees=7)) == ("sceau modifié", cinquieme)
    assert _dit(faussaire, insert(entree).values(evenement_id=LOIN, rang=0, phrase="x")) == ("entrée ajoutée", LOIN)


@pytest.mark.parametrize(
    ("table", "nature"),
    [(Evenement, "événement interverti"), (SceauJournal, "sceaux intervertis")],
)
def test_two_rows_that_changed_places_are_named(faussaire, journal, table, nature):
    journal(6)
    with faussaire.connect() as connexion:
        une, autre = connexion.execute(select(table.__table__).limit(2)).mappings().all()
        _echanger(connexion, table.__table__, une, autre)
        rupture = rompue(connexion)

    assert rupture is not None
    assert rupture.nature == nature


def _dit(moteur, instruction) -> tuple[str, int | None]:
    with moteur.connect() as connexion:
        connexion.execute(instruction)
        rupture = rompue(connexion)
        connexion.rollback()
    assert rupture is not None
    return rupture.nature, rupture.evenement


def rompue(connexion: Connection) -> Rupture | None:
    return verifier(Session(connexion)).rupture


# --- Mutations ---


def changer(connexion: Connection, hasard: Random) -> str:
    """One byte of one column of one row."""
    table, ligne = _ligne(connexion, hasard)
    colonne = hasard.choice(list(table.c))
    nouvelle = _autre(hasard, ligne[colonne.name], colonne.type.python_type)
    connexion.execute(update(table).where(_elle(table, ligne)).values({colonne: nouvelle}))
    return f"{table}.{colonne.name} {ligne[colonne.name]!r} → {nouvelle!r}"


def supprimer(connexion: Connection, hasard: Random) -> str:
    table, ligne = _ligne(connexion, hasard)
    connexion.execute(delete(table).where(_elle(table, ligne)))
    return f"{table} deleted {ligne}"


def intervertir(connexion: Connection, hasard: Random) -> str:
    table = hasard.choice(TABLES)
    une, autre = hasard.sample(connexion.execute(select(table)).mappings().all(), 2)
    _echanger(connexion, table, une, autre)
    return f"{table} {une} ↔ {autre}"


def inserer(connexion: Connection, hasard: Random) -> str:
    """A row that looks like another one."""
    table, ligne = _ligne(connexion, hasard)
    [cle] = table.primary_key
    fausse = {**ligne, cle.name: max(connexion.scalars(select(cle)).all()) + 1}
    connexion.execute(insert(table).values(fausse))
    return f"{table} inserted {fausse}"


def _ligne(connexion: Connection, hasard: Random) -> tuple[Table, dict[str, Any]]:
    table = hasard.choice(TABLES)
    return table, dict(hasard.choice(connexion.execute(select(table)).mappings().all()))


def _elle(table: Table, ligne: Any) -> Any:
    [cle] = table.primary_key
    return cle == ligne[cle.name]


def _echanger(connexion: Connection, table: Table, une: Any, autre: Any) -> None:
    [cle] = table.primary_key
    for place, contenu in ((une, autre), (autre, une)):
        valeurs = {nom: valeur for nom, valeur in contenu.items() if nom != cle.name}
        connexion.execute(update(table).where(_elle(table, place)).values(valeurs))


def _autre(hasard: Random, valeur: Any, type_: type) -> Any:
    """A value that differs by a byte, or by its smallest step."""
    match valeur:
        case None:
            return {int: 1, dict: {}, str: "x"}.get(type_, "x")
        case int():
            return valeur + LOIN
        case datetime():
            return valeur + timedelta(microseconds=1)
        case bytes():
            place = hasard.randrange(len(valeur))
            return valeur[:place] + bytes([valeur[place] ^ 1]) + valeur[place + 1 :]
        case str():
            return _une_lettre(hasard, valeur)
        case _:
            return _un_json(hasard, valeur)


def _une_lettre(hasard: Random, texte: str) -> str:
    place = hasard.randrange(len(texte)) if texte else 0
    return texte[:place] + ("x" if texte[place : place + 1] != "x" else "y") + texte[place + 1 :]


def _un_json(hasard: Random, valeur: Any) -> Any:
    """One character of its text, wherever that leaves a text of JSON."""
    texte = json.dumps(valeur, ensure_ascii=False)
    while texte not in ("[]", "{}"):
        try:
            autre = json.loads(_une_lettre(hasard, texte))
        except ValueError:
            continue
        if autre != valeur:
            return autre
    return ["x"]
