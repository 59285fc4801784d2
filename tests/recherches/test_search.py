"""`*` is the only wildcard, accents and case never count (SPEC S68, A23; QUALITY A-33)."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import String, column, func, literal, select, values
from sqlalchemy.orm import Session

from app.search import contient, numero

NOMS = [
    "CHU DE NANTES",
    "Centre hospitalier Saint-Éloi",
    "100% santé_plus",
    "L'Hôpital \\ du Cœur",
    "*ÉTOILE*",
    "Clinique Dupont-Durand",
]


def trouves(session: Session, saisie: str, textes: list[str]) -> list[str]:
    table = values(column("texte", String), name="t").data([(texte,) for texte in textes])
    return list(session.scalars(select(table.c.texte).where(contient(func.normaliser(table.c.texte), saisie))))


@pytest.mark.parametrize(
    ("saisie", "attendus"),
    [
        ("nantes", ["CHU DE NANTES"]),
        ("nantes chu", ["CHU DE NANTES"]),
        ("saint eloi", ["Centre hospitalier Saint-Éloi"]),
        ("ÉLOI", ["Centre hospitalier Saint-Éloi"]),
        ("*dupont*", ["Clinique Dupont-Durand"]),
        ("dupont*", []),
        ("clinique*", ["Clinique Dupont-Durand"]),
        ("*nantes", ["CHU DE NANTES"]),
        ("chu*nantes", ["CHU DE NANTES"]),
        ("100%", ["100% santé_plus"]),
        ("sante_plus", ["100% santé_plus"]),
        ("h_pital", []),
        ("chu%", []),
        ("\\", ["L'Hôpital \\ du Cœur"]),
        ("coeur", ["L'Hôpital \\ du Cœur"]),
        ("'", ["L'Hôpital \\ du Cœur"]),
    ],
)
def test_what_each_search_finds(session, saisie, attendus):
    assert trouves(session, saisie, NOMS) == attendus


def modele(session: Session, saisie: str, textes: list[str]) -> list[str]:
    """The same rule in Python, over texts normalised by the database."""
    norme = {texte: session.scalar(select(func.normaliser(literal(texte)))) for texte in (*textes, saisie)}
    mots = [norme[saisie].strip()] if "*" in saisie else [f"*{mot}*" for mot in norme[saisie].split()]
    motifs = [re.compile(".*".join(re.escape(part) for part in mot.split("*")), re.DOTALL) for mot in mots]
    return [texte for texte in textes if all(motif.fullmatch(norme[texte]) for motif in motifs)]


lettres = st.text(alphabet="aéÉxœ%_\\'* 1&;", min_size=0, max_size=6)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    saisie=lettres.filter(lambda texte: texte.strip() != ""),
    textes=st.lists(lettres, min_size=1, max_size=6, unique=True),
)
def test_the_result_is_that_of_a_plain_model(session, saisie, textes):
    """A-33: only `*` is a wildcard, whatever is typed."""
    assert sorted(trouves(session, saisie, textes)) == sorted(modele(session, saisie, textes))


@pytest.mark.parametrize(
    ("saisie", "trouve"),
    [
        ("2A0000154", True),
        ("2a 0000", True),
        ("0000", False),
        ("*0154", True),
        ("2A%", False),
        ("2A_", False),
        ("3", False),
    ],
)
def test_a_number_is_searched_by_its_beginning(session, saisie, trouve):
    table = values(column("texte", String), name="t").data([("2A0000154",)])

    assert bool(session.scalars(select(table.c.texte).where(numero(table.c.texte, saisie))).all()) is trouve
