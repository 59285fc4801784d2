"""Reader of the CSV files, without database: every damage is named, or read exactly (QUALITY A-36, A-37)."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import FichierRefuse
from app.exports import CSV, exporter
from app.imports import octets
from app.imports.lecture import Colonne, Lecture, LigneLue
from app.imports.valeurs import CODE_ARS, NUMERO_TERRAIN, code, entier, jour, oui_non, parmi, texte
from models.agrement import EtatDemande
from models.interne import Saison
from models.registre import NUMERO_FINESS

COLONNES = (
    Colonne("reference", texte(12)),
    Colonne("numero_terrain", NUMERO_TERRAIN),
    Colonne("intitule", texte(40), exigee=False, remplie=False),
    Colonne("date_fin", jour),
)
ENTETE = "Référence;N° terrain;Intitulé;Date fin".replace("N° terrain", "Numéro_Terrain")
LIGNES = [f"AGR-{n};53H0000{n};Médecine générale;31/10/2027" for n in range(1, 6)]
SAIN = "\n".join([ENTETE, *LIGNES, ""])


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for thousands of examples."""
    return tmp_path_factory.mktemp("fuzz")


def ecrire(dossier: Path, contenu: bytes | str, nom: str = "fichier.csv") -> Path:
    chemin = dossier / nom
    chemin.write_bytes(contenu.encode() if isinstance(contenu, str) else contenu)
    return chemin


def lire(chemin: Path) -> tuple[Lecture, list[LigneLue]]:
    lecture = Lecture(chemin, COLONNES, ("reference",))
    return lecture, list(lecture)


def decrire(dossier: Path, contenu: bytes | str) -> tuple[int, int] | str:
    """What came of a file: lines taken and lines rejected, or the code of its refusal."""
    try:
        lecture, lignes = lire(ecrire(dossier, contenu))
    except FichierRefuse as refus:
        return refus.code if refus.message.endswith(".") else "a sentence without end"
    rejetees = [une for une in lignes if une.motif]
    assert lecture.lus == len(lignes)
    assert all(une.motif.endswith(".") for une in rejetees)
    return len(lignes) - len(rejetees), len(rejetees)


def archiver(contenu: bytes) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr("agrements.csv", contenu)
    return tampon.getvalue()


def remplacer(ligne: int, contenu: str) -> str:
    lignes = SAIN.split("\n")
    lignes[ligne] = contenu
    return "\n".join(lignes)


@pytest.mark.parametrize(
    ("contenu", "attendu"),
    [
        pytest.param(SAIN, (5, 0), id="sound"),
        pytest.param(b"", "E-FICHIER-VIDE", id="0 byte"),
        pytest.param(b"\n\n", "E-FICHIER-COLONNES", id="blank lines only"),
        pytest.param(ENTETE + "\n", (0, 0), id="header only"),
        pytest.param(SAIN[:-12], (4, 1), id="truncated mid-line"),
        pytest.param(SAIN.encode()[: SAIN.encode().rindex("é".encode()) + 1], "E-FICHIER-TRONQUE", id="cut in a char"),
        pytest.param("\n".join(SAIN.split("\n")[:4]) + "\n", (3, 0), id="truncated at line end"),
        pytest.param(SAIN.replace("Date fin", "Échéance"), "E-FICHIER-COLONNES", id="wrong columns"),
        pytest.param(SAIN.replace("Intitulé", "Référence"), "E-FICHIER-COLONNES", id="twice the same column"),
        pytest.param(SAIN.replace("\n", ";x\n"), (5, 0), id="extra column"),
        pytest.param("\n".join(";".join(un.split(";")[::-1]) for un in SAIN.split("\n")), (5, 0), id="shuffled"),
        pytest.param(SAIN.replace(";", ","), (5, 0), id="commas"),
        pytest.param(SAIN.replace(";", "\t"), (5, 0), id="tabs"),
        pytest.param(SAIN.replace(";", "|"), "E-FICHIER-COLONNES", id="another separator"),
        pytest.param(b"\xef\xbb\xbf" + SAIN.encode(), (5, 0), id="BOM"),
        pytest.param(SAIN.encode("latin-1"), (5, 0), id="latin-1"),
        pytest.param(SAIN.replace("Médecine", "Cœur – médecine").encode("cp1252"), (5, 0), id="cp1252"),
        pytest.param(SAIN.encode("utf-16"), "E-FICHIER-ENCODAGE", id="UTF-16"),
        pytest.param(SAIN.encode("utf-16-le"), "E-FICHIER-FORMAT", id="UTF-16 without BOM"),
        pytest.param(SAIN.encode() + LIGNES[0].encode("cp1252"), "E-FICHIER-ENCODAGE", id="two encodings"),
        pytest.param(SAIN.encode() + b"AGR-9;53H00009;\x81;31/10/2027\n", "E-FICHIER-ENCODAGE", id="no encoding"),
        pytest.param(SAIN.replace("\n", "\r\n"), (5, 0), id="CRLF"),
        pytest.param(SAIN.replace("\n", "\r"), "E-FICHIER-FORMAT", id="CR alone"),
        pytest.param(SAIN + "\n;;;\n  \n", (5, 0), id="blank lines at the end"),
        pytest.param(SAIN.replace("AGR-3", "AGR\0-3"), (4, 1), id="NUL"),
        pytest.param(SAIN.replace("AGR-3", "AGR\ufffd3"), (4, 1), id="lost character"),
        pytest.param(remplacer(2, '"AGR-2;53H00002;x;31/10/2027'), (4, 1), id="unclosed quote"),
        pytest.param(remplacer(2, '"'), (4, 1), id="quote alone"),
        pytest.param(remplacer(2, 'AGR-2;53H00002;"x"y;31/10/2027'), (4, 1), id="misplaced quote"),
        pytest.param(remplacer(2, 'AGR-2;53H00002;"x ; ""y""";31/10/2027'), (5, 0), id="quoted separator and quotes"),
        pytest.param(remplacer(2, 'AGR-2;53H00002;"x\ny";31/10/2027'), (4, 2), id="quoted end of line"),
        pytest.param(remplacer(2, f"AGR-2;53H00002;{'x' * 70_000};31/10/2027"), (4, 1), id="line too long"),
        pytest.param(remplacer(2, f"AGR-2;53H00002;{'x' * 41};31/10/2027"), (4, 1), id="field too long"),
        pytest.param(b"x" * 1_100_000, "E-FICHIER-FORMAT", id="no line at all"),
        pytest.param(SAIN.replace("31/10/2027", "31/11/2027", 1), (4, 1), id="wrong date"),
        pytest.param(SAIN.replace("31/10/2027", "10/31/2027", 1), (4, 1), id="American date"),
        pytest.param(SAIN.replace("31/10/2027", "2027-10-31", 1), (5, 0), id="ISO date"),
        pytest.param(SAIN.replace("53H00003", "1H00003"), (4, 1), id="lost leading zero"),
        pytest.param(b'{"version_schema": "1", "structures": []}', "E-FICHIER-FORMAT", id="FINESS"),
        pytest.param("Type d'identifiant PP|Identifiant PP|\n8|10000000011|\n", "E-FICHIER-COLONNES", id="RPPS"),
        pytest.param("<!DOCTYPE html>\n<html>503</html>", "E-FICHIER-HTML", id="HTML named .csv"),
        pytest.param(gzip.compress(SAIN.encode()), (5, 0), id="gzip"),
        pytest.param(gzip.compress(SAIN.encode())[:-10], "E-FICHIER-TRONQUE", id="gzip cut"),
        pytest.param(b"\x1f\x8b" + SAIN.encode(), "E-FICHIER-GZIP", id="gzip damaged"),
        pytest.param(archiver(SAIN.encode()), "E-FICHIER-ZIP", id="zip, or XLSX"),
        pytest.param(b"%PDF-1.7\n", "E-FICHIER-FORMAT", id="PDF"),
    ],
)
def test_a_damaged_file_is_named_or_read_exactly(tmp_path, contenu, attendu):
    assert decrire(tmp_path, contenu) == attendu


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for chemin in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(FichierRefuse) as refus:
            lire(chemin)

        assert refus.value.code == "E-FICHIER-ABSENT"


def test_a_file_too_large_once_inflated_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(octets, "TAILLE_MAX", len(SAIN))

    assert decrire(tmp_path, SAIN + LIGNES[0]) == "E-FICHIER-TAILLE"


def test_values_are_those_of_the_layout_whatever_the_file(tmp_path):
    """Order, separator, encoding and quotes are the file's business."""
    autre = 'Inutile\tDATE-FIN\tintitulé\tréférence\tNuméro terrain\r\n?\t"2027-10-31"\t\tAGR-1 \t53 h 00001\r\n'

    lecture, [ligne] = lire(ecrire(tmp_path, autre.encode("cp1252")))

    assert ligne.valeurs == ("AGR-1", "53H00001", None, "2027-10-31")
    assert (ligne.numero, ligne.cle, ligne.motif) == (2, "AGR-1", None)
    assert lecture.ignorees == ["Inutile"]


def test_a_column_that_may_lack_reads_as_empty(tmp_path):
    sans = "\n".join([ENTETE.replace("Intitulé;", ""), "AGR-1;53H00001;31/10/2027", ""])

    assert lire(ecrire(tmp_path, sans))[1][0].valeurs == ("AGR-1", "53H00001", None, "2027-10-31")


def test_a_reject_says_where_why_and_what(tmp_path):
    """The number is that of the line in the file, blank lines included."""
    _, lignes = lire(ecrire(tmp_path, "\n".join([ENTETE, "", "AGR-1;1H00001;;31/10/2027", "AGR-2;53H00001;;", ""])))

    assert [(une.numero, une.cle, une.brut) for une in lignes] == [
        (3, "AGR-1", "AGR-1;1H00001;;31/10/2027"),
        (4, "AGR-2", "AGR-2;53H00001;;"),
    ]
    assert "zéro initial : ce numéro de terrain s’écrit « 01H00001 »" in lignes[0].motif
    assert lignes[1].motif == "La colonne « date_fin » est vide."


def test_a_last_line_without_end_is_taken_and_told(tmp_path):
    lecture, lignes = lire(ecrire(tmp_path, SAIN.removesuffix("\n")))

    assert [une.motif for une in lignes] == [None] * 5
    assert "La dernière ligne (6) n’a pas de fin" in lecture.avertissements[0]


def test_a_file_without_any_line_is_told(tmp_path):
    lecture, lignes = lire(ecrire(tmp_path, ENTETE + "\n"))

    assert (lignes, lecture.avertissements) == ([], ["Ce fichier n’a aucune ligne sous son en-tête."])


def test_our_own_export_reads_back_exactly(tmp_path):
    """A-30: the apostrophe that neutralises a formula is ours, and goes away."""
    lignes = [["AGR-1", "53H00001", "-1 + 1", "2027-10-31"], ["'=AGR", "53H00002", '=x;"y"', "2027-10-31"]]
    export = b"".join(exporter(CSV, [un.nom for un in COLONNES], lignes))

    _, lues = lire(ecrire(tmp_path, export))

    assert [une.valeurs[2] for une in lues] == ["-1 + 1", '=x;"y"']


@pytest.mark.parametrize(
    ("lecteur", "valeur", "lu"),
    [
        (jour, "01/02/2026", "2026-02-01"),
        (jour, "29/02/2027", None),
        (jour, "1/2/2026", None),
        (jour, "2026-2-1", None),
        (jour, "20260201", None),
        (jour, "01/02/26", None),
        (jour, "46054", None),
        (jour, "0026-02-01", None),
        (jour, "٠١/٠٢/٢٠٢٦", None),
        (CODE_ARS, "01", "01"),
        (CODE_ARS, "1", None),
        (code(NUMERO_FINESS, "numéro FINESS", "010000024"), "2a0000154", "2A0000154"),
        (code(NUMERO_FINESS, "numéro FINESS", "010000024"), "10000024", None),
        (code(NUMERO_FINESS, "numéro FINESS", "010000024"), "1,0E+07", None),
        (entier(0, 99), "007", "7"),
        (entier(0, 99), "100", None),
        (entier(0, 99), "1.5", None),
        (parmi(EtatDemande), "en cours d'instruction", "EN_INSTRUCTION"),
        (parmi(EtatDemande), "Perdue", None),
        (parmi(Saison), "ETE", "ETE"),
        (parmi(Saison), "été", "ETE"),
        (oui_non, "OUI", "true"),
        (oui_non, "1", None),
    ],
)
def test_a_value_is_taken_strictly_or_refused(tmp_path, lecteur, valeur, lu):
    chemin = ecrire(tmp_path, f"x\n{valeur}\n")

    [ligne] = Lecture(chemin, [Colonne("x", lecteur)], ("x",))

    assert (ligne.valeurs[0], ligne.motif is None) == (lu, lu is not None)


@settings(max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    coups=st.lists(st.tuples(st.integers(0, len(SAIN.encode()) - 1), st.binary(max_size=4)), max_size=8),
    coupe=st.integers(0, len(SAIN.encode())),
    comprime=st.booleans(),
)
def test_any_bytes_are_refused_or_counted(dossier, coups, coupe, comprime):
    """A-37: only FichierRefuse, and each line is taken or rejected."""
    abime = bytearray(SAIN.encode())
    for position, remplacant in coups:
        abime[position : position + len(remplacant)] = remplacant
    texte_abime = bytes(abime[:coupe])

    resultat = decrire(dossier, gzip.compress(texte_abime, 1)[: -coupe % 7 or None] if comprime else texte_abime)

    assert isinstance(resultat, str) or sum(resultat) <= texte_abime.count(b"\n")


@settings(max_examples=2000, deadline=None)
@given(lignes=st.lists(st.lists(st.text(max_size=8), min_size=4, max_size=4), max_size=5))
def test_any_text_written_by_a_csv_writer_keeps_its_lines(dossier, lignes):
    """A line of another program is taken as it was, or rejected; it never runs into the next."""
    tampon = io.StringIO()
    redacteur = csv.writer(tampon, delimiter=";", lineterminator="\n")
    redacteur.writerow(["reference", "numero_terrain", "intitule", "date_fin"])
    for une in lignes:
        redacteur.writerow([une[0], "53H00001", une[2], "2027-10-31"])
    chemin = ecrire(dossier, tampon.getvalue().encode("utf-8", "replace"))

    lues = [une.valeurs for une in lire(chemin)[1] if une.motif is None]

    possibles = [(_lu(une[0]), "53H00001", _lu(une[2]) or None, "2027-10-31") for une in lignes]
    assert all(une in possibles for une in lues)


def _lu(champ: str) -> str:
    propre = champ.strip()
    return propre[1:] if propre.startswith(("'=", "'+", "'-", "'@")) else propre
