"""Bassins de vie: INSEE's table in its three shapes (S56)."""

import csv
import gzip

import pytest
from click.testing import Result
from flask import Flask
from openpyxl import Workbook
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from app.referentiels.bassins_de_vie import ResultatBassins, charger_bassins_de_vie
from app.referentiels.graines import chemin_graine
from app.referentiels.insee import BassinDeCommune, lire_bassins
from models.commune import BassinDeVie, Commune

LIGNES = [
    ["CODGEO", "LIBGEO", "DEP", "REG", "BV2022", "LIBBV2022"],
    ["2B033", "Bastia", "2B", "94", "2B033", "Bastia"],
    ["75056", "Paris", "75", "11", "75056", "Paris"],
    ["97801", "Saint-Martin", "978", "01", "ZZZZZ", "Sans objet"],
]
ATTENDUES = [BassinDeCommune("2B033", "2B033", "Bastia"), BassinDeCommune("75056", "75056", "Paris")]


def _csv(chemin, lignes, separateur=","):
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        csv.writer(flux, delimiter=separateur).writerows(lignes)
    return chemin


def _classeur(chemin, lignes, feuille="Composition_communale"):
    """As INSEE publishes it: a cover sheet, then the header on the sixth row."""
    classeur = Workbook()
    classeur.active.title = "Lisez-moi"
    page = classeur.create_sheet(feuille)
    for rang, ligne in enumerate(lignes, start=6):
        for colonne, valeur in enumerate(ligne, start=1):
            page.cell(rang, colonne, valeur)
    page["A1"] = "Bassins de vie 2022"
    classeur.save(chemin)
    return chemin


def test_a_csv_file(tmp_path):
    assert list(lire_bassins(_csv(tmp_path / "bv.csv", LIGNES))) == ATTENDUES


def test_a_csv_file_with_semicolons_and_another_vintage(tmp_path):
    entete = ["CODGEO", "LIBGEO", "DEP", "REG", "BV2032", "LIBBV2032"]

    assert list(lire_bassins(_csv(tmp_path / "bv.csv", [entete, *LIGNES[1:]], ";"))) == ATTENDUES


def test_a_compressed_csv_file(tmp_path):
    compresse = tmp_path / "bv.csv.gz"
    compresse.write_bytes(gzip.compress(_csv(tmp_path / "bv.csv", LIGNES).read_bytes()))

    assert list(lire_bassins(compresse)) == ATTENDUES


def test_the_workbook_of_insee(tmp_path):
    assert list(lire_bassins(_classeur(tmp_path / "BV2022.xlsx", LIGNES))) == ATTENDUES


def test_a_workbook_without_the_sheet_is_refused(tmp_path):
    with pytest.raises(FichierRefuse, match="Composition_communale"):
        list(lire_bassins(_classeur(tmp_path / "autre.xlsx", LIGNES, feuille="Autre")))


@pytest.mark.parametrize(
    ("nom", "contenu", "code"),
    [
        ("vide.csv", b"", "E-COLONNES"),
        ("page.csv", b"<!doctype html><html></html>", "E-COLONNES"),
        ("latin.csv", "CODGEO,BV2022,LIBBV2022\n01001,01001,Ambérieu".encode("latin-1"), "E-FICHIER-ILLISIBLE"),
        ("faux.csv.gz", b"CODGEO,BV2022,LIBBV2022", "E-FICHIER-ILLISIBLE"),
        ("tronque.csv.gz", gzip.compress(b"CODGEO,BV2022,LIBBV2022\n" * 50)[:-12], "E-FICHIER-ILLISIBLE"),
        ("faux.xlsx", b"PK\x03\x04", "E-FICHIER-ILLISIBLE"),
    ],
)
def test_a_file_that_is_not_the_table_is_refused(tmp_path, nom, contenu, code):
    (tmp_path / nom).write_bytes(contenu)

    with pytest.raises(FichierRefuse) as refus:
        list(lire_bassins(tmp_path / nom))

    assert refus.value.code == code


def test_communes_receive_their_bassin_and_a_second_load_changes_nothing(session: Session):
    chemin = chemin_graine("bassins_de_vie_demonstration")

    premier, second = charger_bassins_de_vie(session, chemin), charger_bassins_de_vie(session, chemin)

    arrondissements = 20 + 9 + 16  # of Paris, Lyon and Marseille: they follow their commune
    assert premier == ResultatBassins(75, 75 + arrondissements, ())
    assert second == ResultatBassins(75, 0, ())
    assert session.get_one(Commune, "75112").bassin_de_vie_code == "75056"
    assert session.get_one(Commune, "2B033").bassin_de_vie is session.get_one(BassinDeVie, "2B033")


def test_abolished_codes_go_to_their_successor_and_unknown_ones_are_told(session: Session, tmp_path):
    """01340 was merged into 01015, which kept its own code: that one decides."""
    lignes = [
        LIGNES[0],
        *(
            [code, "", "", "", bassin, f"Bassin {bassin}"]
            for code, bassin in (
                ("01340", "01004"),
                ("01015", "01034"),
                ("99999", "01004"),
                ("97127", "97801"),
            )
        ),
    ]

    resultat = charger_bassins_de_vie(session, _csv(tmp_path / "bv.csv", lignes))

    assert resultat == ResultatBassins(4, 2, ("99999",))
    assert session.get_one(Commune, "01015").bassin_de_vie_code == "01034"
    assert session.get_one(Commune, "97801").bassin_de_vie_code == "97801"


def test_the_command_tells_what_it_did(app: Flask, tmp_path):
    chemin = _csv(tmp_path / "bv.csv", LIGNES)

    resultat: Result = app.test_cli_runner().invoke(args=["referentiel", "charger", "bassins-de-vie", str(chemin)])

    assert resultat.exit_code == 0
    assert '"lus": 2' in resultat.output


def test_the_command_refuses_a_file_that_is_not_the_table(app: Flask, tmp_path):
    (tmp_path / "bv.csv").write_text("rien")

    resultat = app.test_cli_runner().invoke(args=["referentiel", "charger", "bassins-de-vie", str(tmp_path / "bv.csv")])

    assert resultat.exit_code == 4
    assert "E-COLONNES" in resultat.output
