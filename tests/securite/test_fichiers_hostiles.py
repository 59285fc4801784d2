"""Names that lead elsewhere: deposited files, downloads, addresses in the log (QUALITY A-35, A-39, A-75)."""

import io
import re

import pytest
from sqlalchemy import select

from models.traitement import Traitement


@pytest.mark.parametrize(
    "ars", ['53"; filename="x.exe', "53\r\nSet-Cookie: a=1", "../../etc/passwd", "é", "A" * 90, "53%0d%0aX: y"]
)
def test_a_download_is_named_without_any_text_of_the_user(connexion, ars):
    """A-39."""
    reponse = connexion("lecture-53").get("/etablissements/export.csv", query_string={"ars": ars}, buffered=True)

    nom = reponse.headers["Content-Disposition"].removeprefix('attachment; filename="')
    assert nom.startswith("etablissements_France_2")
    assert "a=1" not in str(reponse.headers)


NOMS_DE_FICHIERS = [
    "../../evade.json", "..\\..\\evade.json", "/etc/evade.json", "C:\\evade.json", "a/../../evade.json",
    "....//evade.json", ".evade.json", "..json", ".json", "evade.json/", "evade.json/.", "evade.json\x00.exe",
    "evade\r\nX: y.json", "evade;ls.json", "`evade`.json", "$(evade).json", "e\u202evade.json", "é" * 300 + ".json",
    "x" * 300 + ".json", "CON.json", "-rf.json", "~.json",
]  # fmt: skip


@pytest.mark.parametrize("nom", NOMS_DE_FICHIERS)
def test_a_deposited_file_stays_in_its_folder_under_a_plain_name(connexion, depot, nom):
    """A-35: whatever name the browser sends."""
    depot.mkdir()
    client = connexion("national", ars="53")

    reponse = client.post("/referentiels/depot", data={"fichier": (io.BytesIO(b"{}"), nom)})

    assert reponse.status_code in (302, 400)
    crees = [chemin.relative_to(depot.parent).as_posix() for chemin in depot.parent.rglob("*") if chemin.is_file()]
    assert len(crees) <= 1
    assert all(re.fullmatch(r"depot/[a-z0-9_][a-z0-9._-]*\.json", cree) and len(cree) < 200 for cree in crees), crees


@pytest.mark.parametrize("nom", ["../secret.json", "/etc/passwd", "secret.json", "..", "", ".", "depot/../secret.json"])
def test_only_a_deposited_file_is_launched(session, connexion, depot, nom):
    depot.mkdir()
    (depot.parent / "secret.json").write_text("{}")
    (depot / "permis.json").write_text("{}")

    connexion("national", ars="53").post("/referentiels/lancer", data={"fichier": nom})

    assert session.scalars(select(Traitement)).all() == []


def test_an_address_forges_no_line_of_the_log(app, caplog):
    """A-75."""
    app.test_client().get("/rien%0aCRITICAL page 200%0d%1b[2J")

    assert len(caplog.records) == 1
    assert caplog.messages[0].isprintable()
