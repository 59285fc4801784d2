"""A journal of every kind of event, committed and sealed."""

from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from app.sceaux.verification import Bilan, verifier
from jobs.journal import tout_journaliser
from models.journal import Evenement

_rang = count(1)


def changement(rang: int, **suite: object) -> dict[str, object]:
    return {
        "type": "Etablissement",
        "id": str(rang),
        "libelle": f'35000{rang:04} HÔPITAL « L’Été », dit "(B)" n° {rang}',
        "ars": ["53"],
        "avant": {"ville": "RENNES", "siret": None},
        "apres": {"ville": f"BREST {rang}", "siret": "26350005100014"},
    } | suite


def evenements(nombre: int) -> list[dict[str, object]]:
    """Events with no object, one, or several; with and without details."""
    return [
        {
            "operation": ("UTI.connecter", "ET.modifier", "ET.fusionner", "ET.exporter")[rang % 4],
            "acteur": f"agent-{rang % 7}",
            "ars_travail_code": ("53", "84", None)[rang % 3],
            "source": "écran",
            "requete_id": f"requete-{rang}",
            "changements": [changement(rang * 10 + objet) for objet in range((0, 1, 3, 0)[rang % 4])],
            "details": {"lignes": rang, "ville": 'Saint-Brieuc, (22) \\ "'} if rang % 4 == 3 else None,
        }
        for rang in (next(_rang) for _ in range(nombre))
    ]


@pytest.fixture
def journal(base_propre: Engine) -> Callable[[int], None]:
    """Adds committed events, and lets the worker handle them."""

    def ecrire(nombre: int, *, traiter: bool = True) -> None:
        with base_propre.begin() as connexion:
            connexion.execute(insert(Evenement), evenements(nombre))
        if traiter:
            tout_journaliser()

    return ecrire


@pytest.fixture
def faussaire(base_propre: Engine) -> Engine:
    """The database once its owner has taken every guard away: triggers and constraints of the journal."""
    with base_propre.begin() as connexion:
        for table in ("evenement", "entree_journal", "sceau_journal"):
            connexion.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for table in ("evenement_ars", "entree_journal", "sceau_journal", "evenement"):
            noms = text(
                "SELECT conname FROM pg_constraint WHERE conrelid = CAST(:nom AS regclass) AND contype IN ('f', 'u')"
            )
            for nom in connexion.scalars(noms, {"nom": table}).all():
                connexion.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {nom}"))
    return base_propre


def verification(moteur: Engine) -> Bilan:
    with Session(moteur) as session:
        return verifier(session)
