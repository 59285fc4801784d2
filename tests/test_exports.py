"""Exports: opened by a spreadsheet, every cell is the text that was stored (QUALITY A-30, A-31, B-06)."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import Boolean, Date, DateTime, Integer, Select, String, cast, column, select, values

from app import exports
from models.base import enum_column
from models.terrain_de_stage import TypeOrganisme

FORMULES = ("=", "+", "-", "@", "\t", "\r", "\n")
textes = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def relire_csv(contenu: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(contenu.decode("utf-8-sig"), newline=""), delimiter=";"))


def relire_xlsx(contenu: bytes) -> list[list[str]]:
    feuille = load_workbook(io.BytesIO(contenu)).active
    return [[cellule.value or "" for cellule in rangee] for rangee in feuille.iter_rows()]


LECTEURS = {"csv": relire_csv, "xlsx": relire_xlsx}


def exporter(format_: str, lignes: list[list[object]]) -> bytes:
    return b"".join(exports.exporter(format_, ["Un", "Deux"], lignes))


@pytest.mark.parametrize("format_", LECTEURS)
def test_identifiers_keep_their_zeros_and_dates_are_french(format_):
    """A-31."""
    contenu = exporter(format_, [["010000024", "2A0000154"], ["01000", date(2026, 11, 22)], [True, None]])

    assert LECTEURS[format_](contenu) == [
        ["Un", "Deux"],
        ["010000024", "2A0000154"],
        ["01000", "22/11/2026"],
        ["Oui", ""],
    ]


def test_the_csv_opens_in_french_excel():
    """S30: BOM, semicolon, CRLF."""
    contenu = exporter("csv", [["Hôpital d’Évreux", "x;y"]])

    assert contenu == '\ufeffUn;Deux\r\nHôpital d’Évreux;"x;y"\r\n'.encode()


@settings(max_examples=500, deadline=None)
@given(lignes=st.lists(st.tuples(textes, textes).map(list), max_size=8))
@pytest.mark.parametrize("format_", LECTEURS)
def test_no_cell_becomes_a_formula_and_the_rest_is_unchanged(format_, lignes):
    """A-30: registry texts do begin with « - »."""
    relues = LECTEURS[format_](exporter(format_, lignes))[1:]

    assert len(relues) == len(lignes)
    for ligne, relue in zip(lignes, relues, strict=True):
        for valeur, cellule in zip(ligne, relue, strict=True):
            attendue = exports.texte(valeur)
            assert cellule.replace("\r\n", "\n").replace("\r", "\n") == attendue.replace("\r\n", "\n").replace(
                "\r", "\n"
            )
            assert not cellule.startswith(FORMULES)


stockables = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.text(
    '\\\x1e\x1f\x08\x0b\t\r\n;"=é N.', max_size=6
)


def requete(lignes: list[tuple[str, ...]]) -> Select[Any]:
    """A query that gives these rows, as an export asks for them."""
    colonnes = (column("un", String), column("deux", String))
    table = values(*colonnes, column("rang", Integer), name="t").data(
        [(*ligne, rang) for rang, ligne in enumerate(lignes)]
    )
    return select(exports.en_texte(table.c.un), exports.en_texte(table.c.deux)).order_by(table.c.rang)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(lignes=st.lists(st.tuples(stockables, stockables), min_size=1, max_size=8))
@pytest.mark.parametrize("format_", LECTEURS)
def test_a_query_gives_the_file_of_its_rows(session, format_, lignes):
    """A-30: whatever COPY escapes, and whatever the cells hold."""
    contenu = b"".join(exports.exporter_requete(session, format_, ["Un", "Deux"], requete(lignes)))

    assert LECTEURS[format_](contenu) == LECTEURS[format_](exporter(format_, [list(ligne) for ligne in lignes]))


def test_a_download_given_up_leaves_the_session_usable(session):
    """A reader who closes the page in the middle of a file."""
    lignes = [("long " * 100, str(rang)) for rang in range(3000)]
    contenu = exports.exporter_requete(session, "csv", ["Un", "Deux"], requete(lignes))
    next(contenu), next(contenu)

    contenu.close()
    session.rollback()

    assert session.scalar(select(1)) == 1


@pytest.mark.parametrize("format_", LECTEURS)
@pytest.mark.parametrize(
    ("valeur", "relue"),
    [
        ("a\x1eb\x1fc", "abc"),
        ("\x1f=1", "'=1"),
        ("\ud800x\ufffe", "x"),
        ("  au large ", "  au large "),
        ('dit « "oui" » ; non', 'dit « "oui" » ; non'),
        ("<b>&amp;", "<b>&amp;"),
        (None, ""),
        (False, "Non"),
        (0, "0"),
    ],
)
def test_a_rare_value_changes_nothing_around_it(format_, valeur, relue):
    """A-30, A-32: rows are handled by hundreds, separators of our own between the cells."""
    autour = ["É ", "- x"]
    lignes = [autour] * 600 + [[valeur, "+33"]] + [autour] * 600

    relues = LECTEURS[format_](exporter(format_, lignes))[1:]

    assert relues[600] == [relue, "'+33"]
    assert relues[:600] == relues[601:] == [["É ", "'- x"]] * 600


def test_a_cell_of_a_sheet_is_cut_where_excel_would_refuse_the_file():
    """32 767 characters."""
    [_, ligne] = relire_xlsx(exporter("xlsx", [["é" * 40_000, "fin"]]))

    assert ligne == ["é" * 32_767, "fin"]


@pytest.mark.parametrize(
    ("type_", "valeurs"),
    [
        (String(), ["010000024", 'É;"', "", None]),
        (Integer(), [0, -3, 12_345, None]),
        (Boolean(), [True, False, None]),
        (Date(), [date(2026, 11, 22), date(1998, 1, 2), None]),
        (DateTime(timezone=True), [datetime(2026, 11, 22, 23, 59, tzinfo=UTC), None]),
        (enum_column(TypeOrganisme), [*TypeOrganisme, None]),
    ],
)
def test_the_database_writes_a_value_as_we_do(session, type_, valeurs):
    """S30: one text for one value, whoever writes it."""
    table = values(column("valeur", type_), column("rang", Integer), name="t").data(
        [(valeur, rang) for rang, valeur in enumerate(valeurs)]
    )
    colonne = cast(table.c.valeur, type_)

    ecrits = session.scalars(select(exports.en_texte(colonne)).order_by(table.c.rang)).all()

    assert ecrits == [
        str(valeur) if isinstance(valeur, int) and valeur < 0 else exports.texte(valeur) for valeur in valeurs
    ]


def test_memory_stays_flat():
    """The file is produced piece by piece: the first one comes before the last row is read."""
    lus = 0

    def lignes():
        nonlocal lus
        for _ in range(10_000):
            lus += 1
            yield ["a", "b"]

    for format_ in LECTEURS:
        lus = 0
        next(iter(exports.exporter(format_, ["Un", "Deux"], lignes())))
        assert lus < 10_000


@pytest.mark.parametrize(("ars", "attendu"), [("53", "ARS-53"), ("", "France"), ('"; x="', "France")])
def test_the_name_of_the_file_has_no_user_text(ars, attendu):
    """A-39."""
    assert f"_{attendu}_" in exports.nom_de_fichier("etablissements", ars, "csv")
