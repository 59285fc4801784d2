"""The elements of a JSON array are the same whatever the layout of the document and the cuts of the stream."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import FichierRefuse
from app.referentiels.flux_json import FluxJson

TEXTES = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(['"', "\\", "}", "]", '"},{"', "\n  }"])
VALEURS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTES,
    lambda enfants: st.lists(enfants, max_size=3) | st.dictionaries(TEXTES, enfants, max_size=3),
    max_leaves=8,
)
MISES_EN_PAGE: list[dict[str, Any]] = [
    {"indent": 2},
    {"indent": 1, "ensure_ascii": False},
    {"indent": 0},
    {"indent": "\t"},
    {},
    {"separators": (",", ":")},
]


def morceaux(octets: bytes, taille: int) -> Iterator[bytes]:
    return (octets[i : i + taille] for i in range(0, len(octets), taille))


def elements(octets: bytes, taille: int = 7) -> list[Any]:
    return [un.valeur for un in FluxJson(morceaux(octets, taille), "liste")]


@given(liste=st.lists(VALEURS, max_size=5), page=st.sampled_from(MISES_EN_PAGE), taille=st.integers(1, 40))
def test_every_layout_and_every_cut_give_the_same_elements(liste, page, taille):
    octets = json.dumps({"avant": [1, {"x": [2]}], "liste": liste, "apres": {"y": 3}}, **page).encode()

    assert elements(octets, taille) == liste


@given(st.binary(max_size=60) | st.text('{}[]",:\\ \nlistea1', max_size=60).map(str.encode))
def test_any_bytes_are_either_read_or_refused(octets):
    with suppress(FichierRefuse):
        elements(octets)


@given(st.lists(VALEURS, min_size=1, max_size=3), st.sampled_from(MISES_EN_PAGE), st.data())
def test_a_document_cut_anywhere_is_refused(liste, page, data):
    octets = json.dumps({"liste": liste, "fin": "z"}, **page).encode()
    coupe = octets[: data.draw(st.integers(0, len(octets) - 1))]

    with pytest.raises(FichierRefuse):
        elements(coupe)


def test_an_object_with_the_same_indentation_inside_is_read_whole():
    octets = b'{"liste": [\n{\n"a": {\n}\n,"b": 1\n}\n]}'

    assert elements(octets) == [{"a": {}, "b": 1}]


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "E-FICHIER-VIDE"),
        (b" \n ", "E-FICHIER-VIDE"),
        (b"\xef\xbb\xbf", "E-FICHIER-VIDE"),
        (b"<!DOCTYPE html><html></html>", "E-FICHIER-HTML"),
        (b"[1]", "E-FICHIER-FORMAT"),
        (b"finess;etalab;51;2026-05-12", "E-FICHIER-FORMAT"),
        (b'{"liste": [1, 2', "E-FICHIER-TRONQUE"),
        (b'{"liste": [1, 2]', "E-FICHIER-TRONQUE"),
        (b'{"liste": [{"a": 1', "E-FICHIER-TRONQUE"),
        (b'{"liste": [1 2]}', "E-FICHIER-FORMAT"),
        (b'{"liste": [{"a" 1}]}', "E-FICHIER-FORMAT"),
        (b'{"liste": ["\xff"]}', "E-FICHIER-FORMAT"),
        (b'{"liste": []} {"liste": []}', "E-FICHIER-FORMAT"),
        (b'{"liste": [' + b"[" * 5000 + b"]" * 5000 + b"]}", "E-FICHIER-FORMAT"),
    ],
)
def test_each_kind_of_damage_has_its_name(octets, code):
    with pytest.raises(FichierRefuse) as refus:
        elements(octets)

    assert refus.value.code == code


def test_a_byte_order_mark_is_skipped():
    assert elements(b'\xef\xbb\xbf{"liste": [1]}') == [1]


def test_the_scalars_of_the_root_are_kept_wherever_they_are():
    flux = FluxJson([b'{"a": "x", "autres": [[1], {"a": 2}], "o": {"a": 3}, "liste": [], "b": 4}'], "liste")

    assert (list(flux), flux.entete, flux.tableau_present) == ([], {"a": "x", "b": 4}, True)


def test_an_element_already_known_is_not_parsed():
    octets = json.dumps({"liste": [{"a": 1}, {"a": 2}]}, indent=1).encode()
    premier, _ = FluxJson([octets], "liste")

    lus = list(FluxJson([octets], "liste", connues={premier.empreinte}))

    assert [(un.connu, un.valeur) for un in lus] == [(True, None), (False, {"a": 2})]


def test_what_is_insignificant_does_not_change_the_hash():
    def empreintes(maj: str, version: bytes = b"1") -> list[bytes]:
        octets = json.dumps({"liste": [{"a": 1, "maj": maj}]}, indent=1).encode()
        flux = FluxJson([octets], "liste", insignifiant=re.compile(rb'"maj": "[^"]*"'), version=version)
        return [un.empreinte for un in flux]

    assert empreintes("hier") == empreintes("demain") != empreintes("hier", b"2")
