"""Damaged files of INSEE and La Poste: a named refusal or the exact result, never a silent loss (QUALITY A-36)."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from app.referentiels.lecture_csv import LectureCsv
from models.commune import AliasCommune
from tests import fichier_finess
from tests.fichier_insee import ENTETE_MVT, charger, comptes, ecrire_mouvements, mouvement, texte
from tests.fichier_rpps import COLONNES as COLONNES_RPPS

RENNES = "35238"
ANCIENS = [f"359{rang:02}" for rang in range(20)]
LIGNES = [mouvement("32", "2001-01-01", ancien, RENNES) for ancien in ANCIENS]
LIGNES[0][7] = "Étrelles-sur-l’Œuf"
ENTIER = texte(ENTETE_MVT, LIGNES).encode()


def echanger(lignes: list[list[str]], entete: tuple[str, ...] = ENTETE_MVT) -> bytes:
    """The same columns from the last to the first."""
    return texte(entete[::-1], [ligne[::-1] for ligne in lignes]).encode()


def remplacer(ancien: str, nouveau: str) -> bytes:
    return ENTIER.decode().replace(ancien, nouveau, 1).encode()


REFUSES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "E-FICHIER-VIDE"),
    "header only": (ENTIER.splitlines(keepends=True)[0], "E-FICHIER-SANS-LIGNE"),
    "cut in the middle of a line": (ENTIER[:-60], "E-FICHIER-TRONQUE"),
    "cut inside a quote of the last column": (ENTIER[:-5], "E-FICHIER-TRONQUE"),
    "cut in the middle of a letter": (ENTIER[: ENTIER.index("É".encode()) + 1], "E-FICHIER-TRONQUE"),
    "a missing column": (remplacer("DATE_EFF", "DATE"), "E-FICHIER-COLONNES"),
    "a column twice": (remplacer("TNCC_AV", "COM_AV"), "E-FICHIER-COLONNES"),
    "no header": (b"\n".join(ENTIER.splitlines()[1:]), "E-FICHIER-COLONNES"),
    "nul": (ENTIER.replace(b"35903", b"3590\0"), "E-FICHIER-ENCODAGE"),
    "utf-16": (ENTIER.decode().encode("utf-16"), "E-FICHIER-ENCODAGE"),
    "utf-8 and cp1252 mixed": (ENTIER.replace(b"Nom 35905", b"N\xe9m"), "E-FICHIER-ENCODAGE"),
    "utf-8 converted twice": (ENTIER.decode().encode().decode("cp1252", "ignore").encode(), "E-FICHIER-ENCODAGE"),
    "letters lost": (ENTIER.replace("É".encode(), "\ufffd".encode()), "E-FICHIER-ENCODAGE"),
    "html": (b"<!DOCTYPE html><html><body>503</body></html>", "E-FICHIER-HTML"),
    "xml with a mark": (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "E-FICHIER-HTML"),
    "gzip cut": (gzip.compress(ENTIER)[:-12], "E-FICHIER-TRONQUE"),
    "gzip damaged": (gzip.compress(ENTIER)[:30] + b"\xff" * 99, "E-FICHIER-GZIP"),
    "FINESS": (b'{"schemaVersion": "v1.0.0", "pmej": []}', "E-FICHIER-COLONNES"),
    "RPPS": ("|".join(COLONNES_RPPS).encode() + b"\n", "E-FICHIER-COLONNES"),
    "zip": (b"PK\x03\x04 archive", "E-FICHIER-COLONNES"),
    "every date wrong": (ENTIER.replace(b"2001-01-01", b"01/01/2001"), "E-FICHIER-SANS-LIGNE"),
    "zeros lost": (ENTIER.replace(b'"359', b'"3'), "E-FICHIER-SANS-LIGNE"),
    "a third of the lines damaged": (ENTIER.replace(b'"3590', b'"59'), "E-FREIN-REJETS"),
}
TOUTES = {"crees": 20}
EXACTS: dict[str, tuple[bytes, dict[str, int]]] = {
    "whole": (ENTIER, TOUTES),
    "gzip": (gzip.compress(ENTIER), TOUTES),
    "byte order mark": (b"\xef\xbb\xbf" + ENTIER, TOUTES),
    "cp1252": (ENTIER.decode().encode("cp1252"), TOUTES),
    "latin-1": (ENTIER.decode().replace("’", "'").replace("Œ", "O").encode("latin-1"), TOUTES),
    "unix lines": (ENTIER.replace(b"\r\n", b"\n"), TOUTES),
    "blank lines": (ENTIER.replace(b"\r\n", b"\r\n\r\n"), TOUTES),
    "no end of line": (ENTIER.rstrip(), TOUTES),
    "semicolons": (texte(ENTETE_MVT, LIGNES, separateur=";").encode(), TOUTES),
    "no quotes": (ENTIER.replace(b'"', b""), TOUTES),
    "columns in another order": (echanger(LIGNES), TOUTES),
    "titles in small letters": (ENTIER.replace(b"DATE_EFF", b"date_eff"), TOUTES),
    "one more column": (ENTIER.replace(b"\r\n", b',"x"\r\n').replace(b',"x"', b',"NOTE"', 1), TOUTES),
    "cut at the end of a line": (b"".join(ENTIER.splitlines(keepends=True)[:11]), {"crees": 10}),
    "a third of the lines missing": (b"".join(ENTIER.splitlines(keepends=True)[:15]), {"crees": 14}),
    "a line twice": (ENTIER + ENTIER.splitlines(keepends=True)[1], TOUTES | {"doublons": 1}),
    "a wrong date": (remplacer("2001-01-01", "2001-02-30"), {"crees": 19, "rejetes": 1}),
    "a zero lost": (remplacer('"35900"', '"3590"'), {"crees": 19, "rejetes": 1}),
    "a quote left open": (remplacer('"35900"', '"35900'), {"crees": 19, "rejetes": 1}),
    "a quote inside": (remplacer("Étrelles", 'Étr"elles'), {"crees": 19, "rejetes": 1}),
    "a line with a column less": (remplacer(',"35900"', ""), {"crees": 19, "rejetes": 1}),
    "a line with a column more": (remplacer('"35900"', '"35900",""'), {"crees": 19, "rejetes": 1}),
}


def deposer(dossier: Path, octets: bytes) -> Path:
    chemin = dossier / "v_mvt_commune_2026.csv"
    chemin.write_bytes(octets)
    return chemin


@pytest.mark.parametrize("defaut", REFUSES)
def test_a_file_that_is_wrong_as_a_whole_is_refused_by_name(session: Session, tmp_path, defaut: str):
    octets, code = REFUSES[defaut]

    with pytest.raises(FichierRefuse) as refus:
        charger(session, "mouvements", deposer(tmp_path, octets))

    assert refus.value.code == code
    assert refus.value.message.endswith(".")
    assert session.scalars(select(AliasCommune).where(AliasCommune.ancien_code.in_(ANCIENS))).all() == []


@pytest.mark.parametrize("defaut", EXACTS)
def test_a_file_that_can_be_read_gives_the_exact_result(session: Session, tmp_path, defaut: str):
    octets, attendu = EXACTS[defaut]

    resultat = charger(session, "mouvements", deposer(tmp_path, octets))

    assert comptes(resultat) == attendu
    assert resultat.lus == sum(attendu.values())
    ecrits = session.scalars(select(AliasCommune).where(AliasCommune.ancien_code.in_(ANCIENS))).all()
    assert len(ecrits) == attendu["crees"]


def test_the_same_file_again_changes_nothing(session: Session, tmp_path):
    fichier = ecrire_mouvements(tmp_path, LIGNES)

    charger(session, "mouvements", fichier)

    assert comptes(charger(session, "mouvements", fichier)) == {"inchanges": 20}


@pytest.mark.parametrize(
    "contenu",
    [
        lambda dossier: dossier / "absent.csv",
        lambda dossier: dossier,
        lambda dossier: fichier_finess.ecrire(dossier, fichier_finess.ej("350000022"), nom="v_mvt.csv"),
    ],
    ids=["absent", "folder", "FINESS"],
)
def test_what_is_not_such_a_file_is_refused(session: Session, tmp_path, contenu: Callable[[Path], Path]):
    with pytest.raises(FichierRefuse):
        charger(session, "mouvements", contenu(tmp_path))


def test_a_quote_left_open_does_not_swallow_the_lines_that_follow(tmp_path):
    """Line numbers are those of the file, whatever a line holds."""
    fichier = tmp_path / "a.csv"
    fichier.write_bytes(b'a,b\n1,"2\n3,4\n5,6,7\n\n"8",9\n')

    lecture = LectureCsv(fichier, {"a": ("a",), "b": ("b",)})

    assert [(ligne.numero, ligne["a"], ligne["b"]) for ligne in lecture] == [(3, "3", "4"), (6, "8", "9")]
    assert [(un.ligne, un.valeur) for un in lecture.rejets] == [(2, '1,"2'), (4, "5,6,7")]
    assert lecture.lus == 4


def test_a_file_that_inflates_without_end_is_stopped(tmp_path):
    """A gzip of a few kilobytes does not fill the memory (A-35)."""
    fichier = tmp_path / "a.csv.gz"
    fichier.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * (20 * 2**20)))

    with pytest.raises(FichierRefuse) as refus:
        LectureCsv(fichier, {"a": ("a",)})

    assert refus.value.code == "E-FICHIER-TAILLE"
