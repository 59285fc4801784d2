"""Damaged RPPS files (A-36): a named refusal, quarantine, or the exact result. No line is lost in silence."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.errors import FichierRefuse
from app.referentiels import rpps, rpps_blocs, rpps_source
from app.referentiels.empreintes import Empreintes
from app.referentiels.rpps import LectureRpps
from app.referentiels.rpps_source import SourceRpps
from models.praticien import ActivitePraticien, Praticien
from models.traitement import EtatTraitement, TraitementRejet
from tests.fichier_rpps import (
    COLONNES,
    JOUR_1,
    JOUR_2,
    charger,
    comptes,
    ecrire,
    ecrire_octets,
    ligne,
    nom_du_jour,
)

A, B = "10000000011", "10000000029"
N = 40
RPPS = [f"1000000{n:04}" for n in range(N)]
COMMUNES = ["01053" if n < 4 else "44109" for n in range(N)]
LIGNES = [
    ligne(rpps, nom="LÉVÊQUE", structure=f"R{rpps}", code_insee=commune, code_postal="01000")
    for rpps, commune in zip(RPPS, COMMUNES, strict=True)
]
SAIN = "".join(f"{une}\n" for une in ("|".join(COLONNES), *LIGNES)).encode()
APPLIQUE, QUARANTAINE, REFUSE = EtatTraitement.APPLIQUE, EtatTraitement.QUARANTAINE, EtatTraitement.REFUSE


def corps(transformer: Callable[[str], str]) -> bytes:
    """The sound file with each line but the header transformed."""
    entete, *lignes = SAIN.decode().splitlines()
    return "".join(f"{une}\n" for une in (entete, *map(transformer, lignes))).encode()


def colonnes(transformer: Callable[[list[str]], list[str]]) -> bytes:
    return "".join("|".join(transformer(une.split("|"))) + "\n" for une in SAIN.decode().splitlines()).encode()


INCHANGE = (APPLIQUE, None, {"lus": N, "inchanges": N})


@pytest.mark.parametrize(
    ("octets", "attendu"),
    [
        pytest.param(b"", (REFUSE, "E-FICHIER-VIDE", {}), id="zero byte"),
        pytest.param(SAIN.split(b"\n")[0], (REFUSE, "E-FICHIER-SANS-LIGNE", {}), id="header only"),
        pytest.param(
            SAIN[:-60], (APPLIQUE, None, {"lus": N, "inchanges": N - 1, "rejetes": 1}), id="truncated mid-line"
        ),
        pytest.param(
            b"".join(SAIN.splitlines(keepends=True)[:-6]),
            (QUARANTAINE, "E-FREIN-VOLUME", {}),
            id="truncated at line end",
        ),
        pytest.param(SAIN[:-1], INCHANGE, id="no last newline"),
        pytest.param(
            SAIN.replace(b"Identifiant PP|", b"Numero|", 1), (REFUSE, "E-FICHIER-COLONNES", {}), id="wrong columns"
        ),
        pytest.param(colonnes(lambda un: [*un, "x"]), INCHANGE, id="extra column"),
        pytest.param(colonnes(lambda un: un[::-1]), INCHANGE, id="shuffled columns"),
        pytest.param(SAIN.replace(b"\n", b"|\n"), INCHANGE, id="trailing separator"),
        pytest.param(
            SAIN.replace(b"\n", b"|\n").replace(b"|\n", b"\n", 1), INCHANGE, id="trailing separator, not header"
        ),
        pytest.param(b"\xef\xbb\xbf" + SAIN, INCHANGE, id="BOM"),
        pytest.param(SAIN.decode().encode("latin-1"), (REFUSE, "E-FICHIER-ENCODAGE", {}), id="latin-1"),
        pytest.param(
            SAIN.split(b"\n", 1)[0] + b"\n" + SAIN.split(b"\n", 1)[1].decode().encode("cp1252"),
            (REFUSE, "E-FICHIER-SANS-LIGNE", {}),
            id="cp1252 under a sound header",
        ),
        pytest.param(SAIN.replace(b"\n", b"\r\n"), INCHANGE, id="CRLF"),
        pytest.param(
            SAIN.replace("LÉ".encode(), b"L\0", 1),
            (APPLIQUE, None, {"lus": N, "inchanges": N - 1, "rejetes": 1}),
            id="NUL",
        ),
        pytest.param(
            SAIN.replace("LÉVÊQUE".encode(), b'"LEVEQUE', 1),
            (APPLIQUE, None, {"lus": N, "modifies": 1, "inchanges": N - 1}),
            id="unclosed quote",
        ),
        pytest.param(
            SAIN + f"{LIGNES[0]}\n".encode(), (APPLIQUE, None, {"lus": N + 1, "inchanges": N + 1}), id="duplicate line"
        ),
        pytest.param(
            SAIN.replace(f"8|{RPPS[0]}|".encode(), b"8|2026-13-45|", 1),
            (APPLIQUE, None, {"lus": N, "inchanges": N - 1, "rejetes": 1, "absents": 1}),
            id="a date for a number",
        ),
        pytest.param(
            corps(lambda un: un.replace("|01000|", "|1000|")),
            (REFUSE, "E-FICHIER-SANS-LIGNE", {}),
            id="lost leading zeros",
        ),
        pytest.param(
            corps(lambda un: un.replace("|01053|", "|1053|")),
            (APPLIQUE, None, {"lus": N, "inchanges": N - 4, "rejetes": 4}),
            id="lost leading zeros of communes",
        ),
        pytest.param(
            b'{"schemaVersion": "v1.0.0", "generatedAt": "2026-11-21T04:00:00Z", "pmej": []}',
            (REFUSE, "E-FICHIER-COLONNES", {}),
            id="FINESS file",
        ),
        pytest.param(
            b"\n".join(SAIN.splitlines()[: 1 + N * 7 // 10]), (QUARANTAINE, "E-FREIN-VOLUME", {}), id="30 % missing"
        ),
        pytest.param(
            b"\n".join(une for une in SAIN.splitlines() if b"|01053|" not in une),
            (APPLIQUE, None, {"lus": N - 4, "inchanges": N - 4, "absents": 4}),
            id="one small département missing",
        ),
        pytest.param(b"<!DOCTYPE html><html>503</html>", (REFUSE, "E-FICHIER-HTML", {}), id="HTML page"),
        pytest.param(gzip.compress(SAIN)[:-30], (REFUSE, "E-FICHIER-TRONQUE", {}), id="gzip cut"),
        pytest.param(b"x" * 200_000, (REFUSE, "E-FICHIER-FORMAT", {}), id="no line at all"),
        pytest.param(SAIN.replace(b"|", b";"), (REFUSE, "E-FICHIER-COLONNES", {}), id="another separator"),
    ],
)
def test_a_damaged_file_is_named_or_read_exactly(session, tmp_path, octets, attendu):
    assert charger(ecrire_octets(tmp_path, SAIN)).etat is APPLIQUE

    traitement = charger(ecrire_octets(tmp_path, octets, jour=JOUR_2))

    etat, code, nombres = attendu
    assert (traitement.etat, traitement.motif_code) == (etat, code)
    assert comptes(traitement) == nombres
    valides = session.scalar(select(func.count()).select_from(Praticien).where(Praticien.absent_depuis.is_(None)))
    assert valides == N - nombres.get("absents", 0)
    assert session.scalar(select(func.count()).select_from(ActivitePraticien)) == N


def test_a_reject_says_where_it_is(session, tmp_path):
    charger(ecrire_octets(tmp_path, SAIN[:-60]))

    [rejet] = session.scalars(select(TraitementRejet))
    assert (rejet.position, rejet.numero) == (str(N + 1), RPPS[-1])
    assert rejet.motif.startswith("Cette ligne a ")


def test_the_file_of_the_day_before_is_refused(session, tmp_path):
    charger(ecrire(tmp_path, ligne(A), jour=JOUR_2))

    traitement = charger(ecrire(tmp_path, ligne(A), ligne(B), jour=JOUR_1))

    assert (traitement.etat, traitement.motif_code) == (REFUSE, "E-FICHIER-ANCIEN")


def test_a_missing_file_is_refused(session, tmp_path):
    assert charger(tmp_path / nom_du_jour()).motif_code == "E-FICHIER-ABSENT"


@pytest.mark.parametrize(("perdues", "etat"), [(5, APPLIQUE), (6, QUARANTAINE)])
def test_the_volume_brake_at_its_threshold(session, tmp_path, perdues, etat):
    charger(ecrire_octets(tmp_path, SAIN))

    assert charger(ecrire(tmp_path, *LIGNES[perdues:], jour=JOUR_2)).etat is etat


@pytest.mark.parametrize(("disparus", "etat"), [(50, APPLIQUE), (51, QUARANTAINE)])
def test_the_brake_on_disappearances_at_its_threshold(session, tmp_path, disparus, etat):
    """Others take their place: the volume alone would say nothing."""
    hier = [ligne(f"1000001{n:04}") for n in range(200)]
    demain = [*hier[disparus:], *(ligne(f"1000002{n:04}") for n in range(disparus))]
    charger(ecrire(tmp_path, *hier))

    traitement = charger(ecrire(tmp_path, *demain, jour=JOUR_2))

    assert traitement.etat is etat


def test_rejects_and_lines_of_one_practitioner_take_bounded_memory(session, tmp_path, monkeypatch):
    """Past a limit the file is stopped; a practitioner of a thousand lines is read piece by piece."""
    monkeypatch.setattr(rpps_blocs, "_BLOC_MAX", 500)
    monkeypatch.setattr(rpps_blocs, "_TRANCHE", 500)
    assert comptes(charger(ecrire(tmp_path, *[ligne(A, structure=f"R{n % 3}") for n in range(7)]))) == {
        "lus": 7,
        "crees": 7,
    }
    monkeypatch.setattr(rpps, "_REJETS_MAX", 3)

    traitement = charger(ecrire(tmp_path, *["x"] * 4, jour=JOUR_2))

    assert (traitement.etat, traitement.motif_code) == (QUARANTAINE, "E-FREIN-REJETS")
    assert session.scalar(select(func.count()).select_from(ActivitePraticien)) == 3


# --- Archives ---


def archiver(dossier: Path, membres: dict[str, bytes]) -> Path:
    chemin = dossier / "PS_LibreAcces_202611210730.zip"
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in membres.items():
            archive.writestr(nom, octets)
    return chemin


def test_the_archive_of_the_publisher_is_read_in_the_stream(session, tmp_path):
    autres = {"PS_LibreAcces_SavoirFaire_202611210730.txt": b"x", "PS_LibreAcces_Dipl_AutExerc_202611210730.txt": b"y"}
    charger(ecrire_octets(tmp_path, SAIN))

    traitement = charger(archiver(tmp_path, {**autres, nom_du_jour(JOUR_2): SAIN}))

    assert (traitement.etat, comptes(traitement)) == (APPLIQUE, {"lus": N, "inchanges": N})
    assert f"{traitement.donnees_du:%Y%m%d%H%M}" == JOUR_2
    assert charger(tmp_path / "PS_LibreAcces_202611210730.zip").etat is EtatTraitement.DEJA_INTEGRE


@pytest.mark.parametrize(
    "membres",
    [
        {"ailleurs.txt": SAIN},
        {f"../{nom_du_jour()}": SAIN},
        {nom_du_jour(JOUR_1): SAIN, nom_du_jour(JOUR_2): SAIN},
        {nom_du_jour(): SAIN, **{f"{n}.txt": b"" for n in range(4)}},
        {nom_du_jour(): SAIN + b" " * 10_000_000},
    ],
    ids=["other name", "folder", "two extracts", "five members", "bomb"],
)
def test_another_archive_is_refused(session, tmp_path, membres):
    traitement = charger(archiver(tmp_path, membres))

    assert (traitement.etat, traitement.motif_code) == (REFUSE, "E-FICHIER-ZIP")


@pytest.mark.parametrize("coupe", [slice(None, -30), slice(None, 200)])
def test_a_cut_archive_is_refused(session, tmp_path, coupe):
    chemin = archiver(tmp_path, {nom_du_jour(): SAIN})
    chemin.write_bytes(chemin.read_bytes()[coupe])

    assert charger(chemin).motif_code == "E-FICHIER-ZIP"


def test_an_archive_whose_content_is_damaged_is_refused(session, tmp_path):
    chemin = archiver(tmp_path, {nom_du_jour(): SAIN})
    octets = bytearray(chemin.read_bytes())
    octets[400:420] = bytes(20)
    chemin.write_bytes(octets)

    assert charger(chemin).motif_code == "E-FICHIER-ZIP"


def test_a_file_too_large_is_refused(session, tmp_path, monkeypatch):
    monkeypatch.setattr(rpps_source, "TAILLE_MAX", len(SAIN) - 1)

    assert charger(ecrire_octets(tmp_path, SAIN)).motif_code == "E-FICHIER-TAILLE"
    assert charger(archiver(tmp_path, {nom_du_jour(): SAIN})).motif_code == "E-FICHIER-TAILLE"


def test_the_date_of_an_extract_without_one_in_its_name_is_that_of_the_file(tmp_path):
    for nom in ("ps-libreacces-personne-activite.txt", "rpps_202613450730.txt"):
        chemin = tmp_path / nom
        chemin.write_bytes(SAIN)

        assert SourceRpps(chemin).genere_le().timestamp() == pytest.approx(chemin.stat().st_mtime)


# --- Fuzzing ---


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    coups=st.lists(st.tuples(st.integers(0, len(SAIN) - 1), st.binary(max_size=4)), max_size=6),
    pas=st.integers(1, 5000),
)
def test_any_bytes_are_refused_or_counted(coups, pas):
    """A-37: whatever the bytes, and however they are cut in chunks."""
    octets = bytearray(SAIN)
    for position, remplacant in coups:
        octets[position : position + len(remplacant)] = remplacant
    abime = bytes(octets)

    try:
        lecture = LectureRpps((abime[debut : debut + pas] for debut in range(0, len(abime), pas)), Empreintes())
        lignes = sum(lot.lignes.total() for lot in lecture)
    except FichierRefuse:
        return

    assert lecture.lus == lignes + lecture.hors_champ + lecture.rejetes
