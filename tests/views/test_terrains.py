"""Screen « Rechercher un terrain de stage »: list, actions of the rows, exports, links (manual §1.6, §1.11)."""

import csv
import io
import re
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select

from models.etats import StatutTerrain, TypeTerrain
from models.journal import Evenement
from tests import build
from views.terrains_de_stage import TerrainDeStageView

PRATICIEN = {"type": TypeTerrain.PRATICIEN}
ENTETES = ("Numéro FINESS ET", "Numéro RPPS", "SIRET", "Code postal", "Code commune INSEE", "Département")


def numeros(page) -> list[str]:
    return re.findall(r'<td class="numero"><a[^>]*>(\w{8})</a>', page.text)


def ligne(page, numero: str) -> str:
    [trouvee] = [une for une in page.text.split("<tr>") if f">{numero}</a>" in une]
    return trouvee


# --- Search ---


def test_the_menu_leads_to_the_screen_which_opens_on_the_ars_de_travail(connexion, session):
    """S64, S27."""
    ici, _ailleurs = build.terrain(session), build.terrain(session, ars_code="93")
    client = connexion("lecture-53")

    reponse = client.get("/terrains/")

    assert reponse.location == "/terrains/?ars=53"
    assert 'href="/terrains/">Rechercher un terrain de stage</a>' in client.get("/").text
    assert numeros(client.get(reponse.location)) == [ici.numero]


def test_a_terrain_is_found_by_its_responsable_and_by_its_effective_city(connexion, session):
    """Scenario 13: `*DUPONT*` finds by responsable, the secondary city matches, the masked principal one does not."""
    terrain = build.terrain(
        session, responsable_nom="Lefèvre-Dupont", ville="VANNES", code_insee="56260", adresse_secondaire="1 quai",
        code_postal_secondaire="35400", ville_secondaire="Saint-Malo", code_insee_secondaire="35288",
    )  # fmt: skip
    build.terrain(session)
    client = connexion("gestionnaire-53")

    trouves = {
        critere: numeros(client.get(f"/terrains/?ars=53&{critere}"))
        for critere in ("nom=*DUPONT*", "nom=*lefevre*", "ville=saint-malo", "ville=vannes")
    }

    assert trouves == {
        "nom=*DUPONT*": [terrain.numero],
        "nom=*lefevre*": [terrain.numero],
        "ville=saint-malo": [terrain.numero],
        "ville=vannes": [],
    }


@pytest.mark.parametrize("page", ["/etablissements/?ars=", "/etablissements/{et}"])
def test_an_etablissement_leads_to_its_terrains_of_every_statut(connexion, session, page):
    """S62, S63: from each row and from the card."""
    et = build.etablissement(session)
    tous = {build.terrain(session, etablissement=et, statut=un).numero for un in ("ACTIF", "INACTIF")}
    build.terrain(session)
    client = connexion("gestionnaire-93")

    [lien] = re.findall(
        rf'href="(/terrains/\?etablissement={et.numero_finess})"', client.get(page.format(et=et.id)).text
    )

    assert set(numeros(client.get(lien))) == tous


@pytest.mark.parametrize(
    "requete",
    ["page=abc", "tri=zzz", "sens=zzz", "statut=zzz", "type=zzz", "rpps=zzz", "nom=%00", "nom=(((", "nom=*",
     "numero=%25_%5C'", "numero=*", "numero_terrain=%F4%8F%BF%BF", "ars=zz", "departement=999", "subdivision=zzz",
     "specialite='", "etablissement=*", "responsable=%5C", "x=1"],
)  # fmt: skip
def test_no_query_string_breaks_the_screen(connexion, session, requete):
    """A-34."""
    build.terrain(session)
    client = connexion("national")

    for ecran in ("/terrains/", "/terrains/export.csv"):
        assert client.get(f"{ecran}?{requete}").status_code in (200, 400)


def test_what_was_asked_stays_in_the_form_and_in_chips(connexion, session):
    """B-04."""
    page = connexion("lecture-53").get("/terrains/?ars=53&nom=*dupont*&type=AUTRE&rpps=errone&specialite=DES28").text

    assert 'name="nom" value="*dupont*"' in page
    assert re.search(r'name="type" value="AUTRE" checked', page)
    for puce in ("Type : Autre organisme", "RPPS : Signalé erroné", "Spécialité : Médecine générale", "ARS : Bretagne"):
        assert puce in page


def test_a_row_says_who_holds_the_terrain_and_what_the_registry_says(connexion, session):
    """S65, S66, R13, R14."""
    hopital = build.terrain(session, nom="Cardiologie", ville="RENNES", code_postal="35000")
    avis = {"rpps_invalide_depuis": date(2026, 1, 1), "rpps_hors_ars_depuis": date(2026, 1, 1), "rpps_errone": True}
    praticien = build.terrain(session, **PRATICIEN, **avis)
    autre = build.terrain(session, type=TypeTerrain.AUTRE, siret="26350005100014")

    page = connexion("lecture-53").get("/terrains/?ars=53")

    attendus = {
        hopital: ["Cardiologie", hopital.etablissement.numero_finess, hopital.etablissement.raison_sociale, "RENNES"],
        praticien: [praticien.rpps, "FICTIVE Camille", "RPPS invalide", "N’exerce plus dans l’ARS", "RPPS erroné"],
        autre: ["26350005100014", "Association fictive", "Autre organisme", "Bretagne", "Rennes", "Actif"],
    }
    for terrain, mots in attendus.items():
        assert [mot for mot in mots if mot not in ligne(page, terrain.numero)] == []


# --- Actions of the rows ---


@pytest.mark.parametrize(
    ("statut", "possibles"),
    [("ACTIF", {"modifier", "supprimer"}), ("INACTIF", {"activer"}), ("TRANSFERE", set())],
)
def test_the_actions_of_a_row_follow_its_statut(app, connexion, session, statut, possibles):
    """S70: the others carry their reason."""
    terrain = build.terrain(session, **PRATICIEN, statut=StatutTerrain[statut])
    client = connexion("gestionnaire-53")

    [raisons] = _raisons(app, client, terrain).values()

    assert {"modifier", "supprimer", "activer"} - raisons.keys() == possibles
    assert all(phrase.endswith(".") for phrase in raisons.values())


@pytest.mark.parametrize(
    ("login", "permis"), [("gestionnaire-53", True), ("gestionnaire-93", False), ("national", True)]
)
def test_the_actions_of_a_row_follow_its_ars(app, connexion, session, login, permis):
    """M11–M13."""
    terrain = build.terrain(session)

    [raisons] = _raisons(app, connexion(login), terrain).values()

    assert ("modifier" not in raisons) is permis
    assert permis or set(raisons.values()) == {"Hors de votre ARS de travail : consultation seulement."}


def _raisons(app, client, *terrains):
    vue = next(une for une in app.appbuilder.baseviews if isinstance(une, TerrainDeStageView))
    with client:
        client.get("/terrains/?ars=")
        return vue.raisons(terrains)


def test_what_a_row_may_not_do_is_greyed_with_the_reason_and_rows_may_be_ticked(connexion, session):
    """N18, N30."""
    actif = build.terrain(session)
    transfere = build.terrain(session, **PRATICIEN, statut=StatutTerrain.TRANSFERE)
    client = connexion("gestionnaire-53")

    page = client.get("/terrains/?ars=53")

    assert f'href="/terrains/{actif.id}/modifier"' in ligne(page, actif.numero)
    assert f'href="/terrains/{actif.id}/supprimer"' in ligne(page, actif.numero)
    assert 'Modifier Supprimer Activer<span class="lecteur">, impossible. Terrain transféré' in ligne(
        page, transfere.numero
    )
    assert re.findall(r'name="rowid" value="(\d+)"', page.text) == [str(actif.id)]
    assert '<button name="action" value="activer">Activer</button>' in page.text
    lecture = connexion("lecture-53").get("/terrains/?ars=53").text
    assert "Modifier" not in lecture
    assert "rowid" not in lecture


def test_a_row_leads_to_its_internes_of_the_semester_and_to_its_agrements(connexion, session):
    """S134–S136, whatever the statut and the ARS."""
    terrain = build.terrain(session, statut=StatutTerrain.INACTIF)

    page = connexion("lecture-93").get("/terrains/?ars=")

    liens = re.findall(r'href="([^"]+)"', ligne(page, terrain.numero))
    assert liens == [
        *[f"/terrains/{terrain.id}"] * 2,
        f"/semestres-internat/?terrain={terrain.numero}&amp;semestre=en-cours",
        f"/agrements/?terrain={terrain.numero}",
    ]


# --- Exports ---


def test_the_export_is_the_whole_result_in_the_order_of_the_screen(connexion, session):
    """A39, B-06: all pages, same filters, same order; journaled (A-74)."""
    for _ in range(30):
        build.terrain(session)
    build.terrain(session, statut=StatutTerrain.INACTIF)
    client = connexion("gestionnaire-53")
    lien = "?ars=53&statut=ACTIF&tri=numero&sens=desc"

    contenu = client.get(f"/terrains/export.csv{lien}")

    lignes = _csv(contenu.data)
    assert [une["Numéro de terrain"] for une in lignes] == numeros(client.get(f"/terrains/{lien}")) + numeros(
        client.get(f"/terrains/{lien}&page=2")
    )
    assert re.search(r'filename="terrains_ARS-53_\d{4}-\d\d-\d\d\.csv"', contenu.headers["Content-Disposition"])
    evenement = session.scalars(select(Evenement).order_by(Evenement.id.desc())).first()
    assert evenement.operation == "TS.exporter"
    assert evenement.details == {"lignes": 30, "format": "csv", "ars": "53", "statut": ["ACTIF"]}


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_identifiers_come_out_of_an_export_as_they_are(connexion, session, format_):
    """A-31: leading zeros, Corsica, fourteen digits."""
    lieu = {"code_postal": "01000", "code_insee": "01053", "ville": "BOURG-EN-BRESSE"}
    et = build.etablissement(session, numero_finess="010000024", ars_code="84")
    corse = build.etablissement(session, numero_finess="2A0000154", ars_code="94")
    build.terrain(session, numero="84H00001", etablissement=et, ars_code="84", **lieu)
    build.terrain(
        session, numero="94H00001", etablissement=corse, ars_code="94", code_insee="2A004", code_postal="20000"
    )
    build.terrain(session, numero="53P00001", **PRATICIEN, rpps="10003456789")
    build.terrain(session, numero="53A00001", type=TypeTerrain.AUTRE, siret="00635000510001")

    contenu = connexion("national").get(f"/terrains/export.{format_}?ars=").data

    relus = {une["Numéro de terrain"]: {nom: une[nom] for nom in ENTETES} for une in LECTEURS[format_](contenu)}
    rennes = {"Code postal": "", "Code commune INSEE": "", "Département": ""}
    vide = {"Numéro FINESS ET": "", "Numéro RPPS": "", "SIRET": ""}
    assert relus == {
        "84H00001": vide
        | {"Numéro FINESS ET": "010000024", "Code postal": "01000", "Code commune INSEE": "01053", "Département": "01"},
        "94H00001": vide
        | {"Numéro FINESS ET": "2A0000154", "Code postal": "20000", "Code commune INSEE": "2A004", "Département": "2A"},
        "53P00001": vide | rennes | {"Numéro RPPS": "10003456789"},
        "53A00001": vide | rennes | {"SIRET": "00635000510001"},
    }


def _csv(contenu: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(contenu.decode("utf-8-sig"), newline=""), delimiter=";"))


def _xlsx(contenu: bytes) -> list[dict[str, str]]:
    entetes, *lignes = load_workbook(io.BytesIO(contenu)).active.iter_rows()
    noms = [cellule.value for cellule in entetes]
    assert {cellule.data_type for une in lignes for cellule in une if cellule.value is not None} == {"s"}
    return [dict(zip(noms, [cellule.value or "" for cellule in une], strict=True)) for une in lignes]


LECTEURS = {"csv": _csv, "xlsx": _xlsx}


# --- Cost ---


def test_a_list_takes_few_statements_and_stays_light(connexion, session, connection):
    """Issue « Terrains de stage »: at most 8 SQL statements and 40 KiB a page, no long list of options."""
    for rang in range(30):
        build.terrain(session, ville="RENNES", **(PRATICIEN if rang % 2 else {}))
    client = connexion("gestionnaire-53")
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    page = client.get("/terrains/?ars=53&nom=f&numero=9*&ville=rennes")

    assert len(numeros(page)) == 15
    assert len([ordre for ordre in ordres if "SAVEPOINT" not in ordre]) <= 8
    assert len(page.data) <= 40 * 1024
    assert all(un.count("<option") <= 200 for un in page.text.split("<select")[1:])
