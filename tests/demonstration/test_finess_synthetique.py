"""Synthetic registry: the layout of the real files, valid and fictitious identifiers, always the same bytes."""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from stdnum import luhn

from app.demonstration.finess_fichier import ecrire_fichier
from app.demonstration.finess_synthetique import lendemain, registre, territoires
from app.geographie import code_departement
from app.operations.creation import cle_valide
from app.referentiels.graines import lire_graine
from bench.generateur_finess import generer

REGISTRE_REEL = Path("../shared/data/finess/finess-structures-journalier-20261120.json.gz")
JOUR, LENDEMAIN = date(2026, 1, 5), date(2026, 1, 6)


@pytest.fixture(scope="module")
def entites():
    return list(registre(territoires(), nombre_ej=200, nombre_et=600))


@pytest.fixture(scope="module")
def fichier(entites, tmp_path_factory):
    chemin = tmp_path_factory.mktemp("finess") / "jour.json.gz"
    assert ecrire_fichier(chemin, entites, genere_le=datetime(2026, 1, 5, 4, tzinfo=UTC)) == (200, 600)
    return json.loads(gzip.decompress(chemin.read_bytes()))


def _cles(objet, prefixe=""):
    """Every path of keys of a JSON document, in order."""
    if isinstance(objet, dict):
        for cle, valeur in objet.items():
            yield f"{prefixe}/{cle}"
            yield from _cles(valeur, f"{prefixe}/{cle}")
    elif isinstance(objet, list):
        for valeur in objet:
            yield from _cles(valeur, f"{prefixe}[]")


def test_identifiers_are_unique_valid_and_of_a_series_that_finess_does_not_use(entites):
    numeros = [objet.numero for ej in entites for objet in (ej, *ej.ets)]

    assert len(set(numeros)) == 800
    assert all(cle_valide(numero) and numero[2] == "9" for numero in numeros)
    assert all(luhn.is_valid(ej.siren) for ej in entites)
    assert all(luhn.is_valid(et.siret) and et.siret.startswith(ej.siren) for ej in entites for et in ej.ets)


def test_the_whole_country_is_there_with_a_chu_in_each_ars(entites):
    ars = {ligne["code"]: ligne["ars_code"] for ligne in lire_graine("departements")}
    chu = {ars[code_departement(et.adresse.code_insee)] for ej in entites for et in ej.ets if et.categorie == "101"}

    assert len(chu) == 18


def test_closed_entities_cedex_addresses_and_several_sizes_are_there(entites):
    ets = [et for ej in entites for et in ej.ets]

    assert any(ej.date_fermeture for ej in entites)
    assert all(et.date_fermeture for ej in entites if ej.date_fermeture for et in ej.ets)
    assert 10 < sum(et.date_fermeture is not None for et in ets) < 100
    assert any(" CEDEX" in et.adresse.acheminement for et in ets)
    assert {0, 1, 2} < {len(ej.ets) for ej in entites}


def test_the_file_says_what_the_registry_says(entites, fichier):
    assert fichier["generatedAt"] == "2026-01-05T04:00:00Z"
    lues = {
        ej["informationsGeneralesPMEJ"]["numFinessPm"]: [
            (et["informationsGeneralesEGE"]["numFinessEge"], et["etatObjet"]) for et in ej["ege"]
        ]
        for ej in fichier["pmej"]
    }
    assert lues == {ej.numero: [(et.numero, "I" if et.date_fermeture else "A") for et in ej.ets] for ej in entites}


@pytest.mark.skipif(not REGISTRE_REEL.exists(), reason="the real registry is not on this machine")
def test_the_layout_is_that_of_the_real_file(fichier):
    reel = json.loads(gzip.decompress(REGISTRE_REEL.read_bytes()))

    assert list(dict.fromkeys(_cles(fichier))) == list(dict.fromkeys(_cles(reel)))


def test_the_text_is_indented_like_a_serialised_document(entites, tmp_path):
    chemin = tmp_path / "jour.json"
    ecrire_fichier(chemin, entites[:20], genere_le=datetime(2026, 1, 5, tzinfo=UTC), indentation=1)
    texte = chemin.read_text(encoding="utf-8")

    assert texte == json.dumps(json.loads(texte), indent=1, ensure_ascii=False)


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    for nom in ("un.json.gz", "deux.json.gz"):
        generer(tmp_path / nom, ej=50, et=100, jour=2)

    assert (tmp_path / "un.json.gz").read_bytes() == (tmp_path / "deux.json.gz").read_bytes()


def test_a_registry_without_entities_is_still_a_file(tmp_path):
    ecrire_fichier(tmp_path / "vide.json", [], genere_le=datetime(2026, 1, 5, tzinfo=UTC))

    assert json.loads((tmp_path / "vide.json").read_text())["pmej"] == []


def test_the_next_day_changes_a_known_share_and_loses_nothing(entites):
    avant = {et.numero: (ej.numero, et) for ej in entites for et in ej.ets}
    suivantes = list(lendemain(entites, LENDEMAIN, taux=0.05))
    apres = {et.numero: (ej.numero, et) for ej in suivantes for et in ej.ets}
    changes = {numero for numero in avant if avant[numero] != apres[numero]}

    assert avant.keys() == apres.keys()
    assert [ej.numero for ej in suivantes] == [ej.numero for ej in entites]
    assert 20 <= len(changes) <= 30
    assert any(avant[un][0] != apres[un][0] for un in changes)
    assert any(avant[un][1].telephone != apres[un][1].telephone for un in changes)
    assert any(avant[un][1].nom != apres[un][1].nom for un in changes)
    assert any(apres[un][1].date_fermeture == "2026-01-06" for un in changes)
    assert any(ej.date_fermeture == "2026-01-06" for ej in suivantes)
