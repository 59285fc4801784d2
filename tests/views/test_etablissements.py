"""Screens of EJ and ET: search, exports, cards, « Créer », conventions, pickers (manual §1.4, §1.5)."""

import csv
import io
import re

import pytest
from sqlalchemy import event, func, select

from models.coordonnees import CHAMPS_COORDONNEES
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from models.journal import Evenement
from models.universite import ConventionUfr
from tests import build

SAISIE = {
    "adresse_secondaire": "2 place Neuve",
    "code_postal_secondaire": "35000",
    "ville_secondaire": "Rennes",
    "telephone_secondaire": "0299222222",
}


def numeros(page) -> list[str]:
    return re.findall(r'<td class="numero"><a[^>]*>([0-9A-Z]{9})</a>', page.text)


# --- Search ---


def test_the_screen_opens_on_the_ars_de_travail_and_says_so_in_the_url(connexion, session):
    """S27: a result can be bookmarked and sent."""
    ici, _ailleurs = build.etablissement(session), build.etablissement(session, ars_code="93")
    client = connexion("gestionnaire-53")

    reponse = client.get("/etablissements/")

    assert reponse.location == "/etablissements/?ars=53"
    assert numeros(client.get(reponse.location)) == [ici.numero_finess]


def test_the_whole_country_may_be_searched(connexion, session):
    """M1."""
    tous = {build.etablissement(session, ars_code=code).numero_finess for code in ("53", "93", None)}

    assert set(numeros(connexion("lecture-53").get("/etablissements/?ars="))) == tous


def test_a_link_reproduces_the_result(connexion, session):
    """B-04: same criteria, same order, whoever follows it."""
    noms = ["CH BETA", "CH ALPHA", "CH GAMMA"]
    for nom in noms:
        build.etablissement(session, raison_sociale=nom)
    lien = "/etablissements/?ars=&nom=ch&statut=ACTIF&tri=nom&sens=desc"

    pages = [connexion(login).get(lien) for login in ("gestionnaire-53", "lecture-93", "national")]

    assert len({tuple(numeros(page)) for page in pages}) == 1
    assert len(numeros(pages[0])) == 3


@pytest.mark.parametrize(
    "requete",
    ["page=abc", "page=-1", "page=99999999999999", "taille=-1", "taille=100000", "tri=zzz", "sens=zzz", "statut=zzz",
     "nom=%00", "nom=(((", "numero=%25_%5C'", "ars=zz", "departement=999", "registre=zzz", "q=(((", "x=1", "nom=*"],
)  # fmt: skip
def test_no_query_string_breaks_the_screen(connexion, session, requete):
    """ARCHITECTURE §5.9, A-34."""
    client = connexion("national")

    for ecran in ("/etablissements/", "/entites-juridiques/", "/etablissements/export.csv"):
        assert client.get(f"{ecran}?{requete}").status_code in (200, 400)


def test_deleted_et_show_to_a_national_administrator_who_ticks_them(connexion, session):
    """A48."""
    supprime = build.etablissement(session, statut=StatutEtablissement.SUPPRIME)
    lien = "/etablissements/?ars=&statut=SUPPRIME"

    assert numeros(connexion("gestionnaire-53").get(lien)) == []
    assert numeros(connexion("national").get(lien)) == [supprime.numero_finess]


def test_what_the_user_may_not_modify_is_greyed_with_the_reason(connexion, session):
    """N18."""
    build.etablissement(session, ars_code="93")

    page = connexion("gestionnaire-53").get("/etablissements/?ars=")

    assert "Hors de votre ARS de travail" in page.text
    assert "/modifier" not in page.text


def test_a_reader_is_not_offered_what_he_may_not_do(connexion, session):
    build.etablissement(session)

    page = connexion("lecture-53").get("/etablissements/?ars=53")

    assert "Modifier" not in page.text
    assert "Créer" not in page.text.split("</header>")[1].split("Aucun")[0]


@pytest.mark.parametrize("ecran", ["/etablissements/?ars=53", "/entites-juridiques/?ars=53"])
def test_a_list_takes_few_statements_and_stays_light(connexion, session, connection, ecran):
    """Issue « Socle »: at most 8 SQL statements and 40 KiB a page, no long list of options."""
    for _ in range(30):
        build.etablissement(session)
    client = connexion("gestionnaire-53")
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    page = client.get(ecran)

    assert len([ordre for ordre in ordres if "SAVEPOINT" not in ordre]) <= 8
    assert len(page.data) <= 40 * 1024
    assert all(un.count("<option") <= 200 for un in page.text.split("<select")[1:])


# --- Exports ---


@pytest.mark.parametrize("ecran", ["etablissements", "entites-juridiques"])
def test_the_export_is_the_whole_result_in_the_order_of_the_screen(connexion, session, ecran):
    """S30: all pages, same filters, same order; journaled (A-74)."""
    for rang in range(30):
        build.etablissement(session, raison_sociale=f"CH {rang:02}")
    client = connexion("gestionnaire-53")
    lien = "?ars=53&tri=numero&sens=desc"

    contenu = client.get(f"/{ecran}/export.csv{lien}")

    lignes = list(csv.reader(io.StringIO(contenu.data.decode("utf-8-sig")), delimiter=";"))[1:]
    ecrans = numeros(client.get(f"/{ecran}/{lien}")) + numeros(client.get(f"/{ecran}/{lien}&page=2"))
    assert [ligne[0] for ligne in lignes] == ecrans
    assert re.search(r'attachment; filename="\w+_ARS-53_\d{4}-\d\d-\d\d\.csv"', contenu.headers["Content-Disposition"])
    evenement = session.scalars(select(Evenement).order_by(Evenement.id.desc())).first()
    assert evenement.details == {"lignes": 30, "format": "csv", "ars": "53"}


# --- Cards ---


@pytest.mark.parametrize("login", ["lecture-53", "gestionnaire-93", "national"])
def test_a_card_is_consulted_from_everywhere(connexion, session, login):
    """M1."""
    et = build.etablissement(session)
    client = connexion(login)

    assert et.raison_sociale in client.get(f"/etablissements/{et.id}").text
    assert client.get(f"/entites-juridiques/{et.entite_juridique_id}").status_code == 200


def test_the_card_shows_both_blocks_the_effective_one_and_the_derived_territory(connexion, session):
    """S34, S56, B-11."""
    et = build.etablissement(
        session, ville="FOUGERES", adresse_secondaire="1 quai", code_postal_secondaire="20200",
        ville_secondaire="Bastia", code_insee_secondaire="2B033",
    )  # fmt: skip

    page = connexion("lecture-53").get(f"/etablissements/{et.id}").text

    assert "FOUGERES" in page
    assert re.search(r"Bastia\s*<span class=\"retenu\"", page)
    assert "2B – Haute-Corse" in page


@pytest.mark.parametrize("ecran", ["etablissements", "entites-juridiques"])
def test_the_secondary_block_is_saved_and_registry_fields_cannot_be_posted(connexion, session, ecran):
    """S53, A-06."""
    et = build.etablissement(session, categorie_code="355")
    objet = et if ecran == "etablissements" else et.entite_juridique
    interdits = {champ: "PIRATE" for champ in CHAMPS_COORDONNEES} | {
        "raison_sociale": "PIRATE", "statut": "SUPPRIME", "ars_code": "93", "ars": "93", "numero_finess": "000000000",
        "categorie_code": "101", "id": "1", "absent_depuis": "2026-01-01", "entite_juridique_id": "1",
    }  # fmt: skip
    avant = {cle: getattr(objet, cle, None) for cle in interdits}

    reponse = connexion("gestionnaire-53").post(
        f"/{ecran}/{objet.id}/modifier", data=SAISIE | interdits | {"version": objet.version}
    )

    session.refresh(objet)
    assert reponse.status_code == 302
    assert objet.ville_secondaire == "Rennes"
    assert {cle: getattr(objet, cle, None) for cle in interdits} == avant


def test_nothing_typed_is_lost_on_a_refusal(connexion, session):
    """S36, B-09."""
    et = build.etablissement(session)

    reponse = connexion("gestionnaire-53").post(
        f"/etablissements/{et.id}/modifier", data=SAISIE | {"ville_secondaire": " ", "version": et.version}
    )

    assert reponse.status_code == 422
    assert "Indiquez la ville" in reponse.text
    for valeur in ("2 place Neuve", "35000", "0299222222"):
        assert f'value="{valeur}"' in reponse.text


def test_an_ambiguous_town_gives_a_list_to_choose_from(connexion, session):
    """S55, A20; scenario 14."""
    et = build.etablissement(session)
    client = connexion("gestionnaire-53")
    saisie = SAISIE | {"code_postal_secondaire": "51300", "ville_secondaire": "Ville inconnue", "version": et.version}

    refus = client.post(f"/etablissements/{et.id}/modifier", data=saisie)
    accepte = client.post(f"/etablissements/{et.id}/modifier", data=saisie | {"code_insee_secondaire": "51649"})

    assert '<option value="51649"' in refus.text
    assert accepte.status_code == 302
    session.refresh(et)
    assert et.code_insee_secondaire == "51649"


def test_a_stale_save_shows_both_versions_and_keeps_what_was_typed(connexion, session):
    """A-53."""
    et = build.etablissement(session)
    version = et.version
    client = connexion("gestionnaire-53")
    client.post(f"/etablissements/{et.id}/modifier", data=SAISIE | {"version": version})

    refus = client.post(
        f"/etablissements/{et.id}/modifier", data=SAISIE | {"adresse_secondaire": "9 rue Tardive", "version": version}
    )
    session.refresh(et)
    reprise = client.post(
        f"/etablissements/{et.id}/modifier",
        data=SAISIE
        | {
            "adresse_secondaire": "9 rue Tardive",
            "version": re.search(r'name="version"[^>]*value="(\d+)"', refus.text)[1],
        },
    )

    assert refus.status_code == 409
    assert "Version enregistrée" in refus.text
    assert "9 rue Tardive" in refus.text
    assert et.adresse_secondaire == "2 place Neuve"
    assert reprise.status_code == 302


@pytest.mark.parametrize("methode", ["get", "post"])
def test_a_foreign_card_and_a_missing_one_get_the_same_answer_in_modification(connexion, session, methode):
    """A-05, M5."""
    etranger = build.etablissement(session, ars_code="93")
    client = connexion("gestionnaire-53")

    corps = []
    for pk in (etranger.id, 999999999):
        adresse = f"/etablissements/{pk}/modifier"
        reponse = getattr(client, methode)(adresse, data={"version": 1})
        assert reponse.status_code == 404
        corps.append(re.sub(r'nonce="[^"]*"|value="[^"]*"|<code>\w+</code>', "", reponse.text.replace(adresse, "")))

    assert corps[0] == corps[1]


def test_the_history_of_another_ars_stays_closed(connexion, session):
    """M23."""
    et = build.etablissement(session)

    assert connexion("lecture-53").get(f"/etablissements/{et.id}/historique").status_code == 200
    assert connexion("gestionnaire-93").get(f"/etablissements/{et.id}/historique").status_code == 403


# --- « Créer » ---


def test_creer_asks_the_number_then_shows_the_registry_then_creates(connexion, session):
    """S47–S50."""
    finess = build.finess_et(session, raison_sociale="CH DE REDON")
    client = connexion("gestionnaire-53")

    question = client.get("/etablissements/creer")
    apercu = client.get(f"/etablissements/creer?numero_finess={finess.numero}")
    creation = client.post(f"/etablissements/creer?numero_finess={finess.numero}", data=SAISIE)

    assert "Numéro FINESS de l’établissement" in question.text
    assert "CH DE REDON" in apercu.text
    et = session.scalar(select(Etablissement).where(Etablissement.numero_finess == finess.numero))
    assert creation.location == f"/etablissements/{et.id}"
    assert et.code_insee_secondaire == "35238"


def test_creer_refuses_with_a_sentence_and_a_link_to_the_card(connexion, session):
    """S52."""
    finess = build.finess_et(session)
    et = build.etablissement(session, numero_finess=finess.numero)
    nombre = session.scalar(select(func.count()).select_from(Etablissement))

    for methode in ("get", "post"):
        reponse = getattr(connexion("gestionnaire-53"), methode)(f"/etablissements/creer?numero_finess={finess.numero}")
        assert reponse.status_code == 422
        assert "déjà actif" in reponse.text
        assert f"/etablissements/{et.id}" in reponse.text
    assert session.scalar(select(func.count()).select_from(Etablissement)) == nombre


# --- Conventions ---


def test_conventions_show_for_a_chu_only_and_are_added_and_removed(connexion, session):
    """S57, S58."""
    ej = build.entite_juridique(session, numero_finess="350005179")
    chu, autre = build.etablissement(session, entite_juridique=ej), build.etablissement(session)
    client = connexion("gestionnaire-53")
    page = client.get(f"/etablissements/{chu.id}").text
    paire = re.search(r'name="ufr_formation">\s*<option value="(\d+)"', page)[1]

    client.post(f"/etablissements/{chu.id}/conventions", data={"ufr_formation": paire})
    [convention] = session.scalars(select(ConventionUfr)).all()
    client.post(f"/etablissements/{chu.id}/conventions/{convention.id}/retirer")

    assert "Conventions UFR" not in client.get(f"/etablissements/{autre.id}").text
    assert session.scalar(select(func.count()).select_from(ConventionUfr)) == 0


def test_conventions_of_another_ars_are_out_of_reach(connexion, session):
    """M5."""
    ej = build.entite_juridique(session, numero_finess="350005179")
    chu = build.etablissement(session, entite_juridique=ej)
    client = connexion("gestionnaire-93")

    assert client.post(f"/etablissements/{chu.id}/conventions", data={"ufr_formation": "1"}).status_code == 404
    assert "Ajouter une convention UFR" not in client.get(f"/etablissements/{chu.id}").text


# --- Pickers ---


def test_the_pickers_answer_a_dialog_and_a_plain_page(connexion, session):
    """S28, S35."""
    et = build.etablissement(session, raison_sociale="CH DE REDON")
    client = connexion("lecture-53")

    boite = client.get("/selection/etablissements?q=redon", headers={"Accept": "application/json"})
    page = client.get("/selection/etablissements?q=redon")

    assert [un["valeur"] for un in boite.json["resultats"]] == [et.numero_finess]
    assert et.numero_finess in page.text


@pytest.mark.parametrize(("saisie", "code"), [("35000", "35238"), ("bastia", "2B033"), ("75112", "75112")])
def test_the_insee_helper_searches_by_postal_code_name_or_code(connexion, session, saisie, code):
    """S35."""
    reponse = connexion("lecture-53").get(f"/selection/communes?q={saisie}", headers={"Accept": "application/json"})

    assert code in [un["valeur"] for un in reponse.json["resultats"]]


def test_the_insee_helper_says_when_there_are_more(connexion, session):
    """S35."""
    reponse = connexion("lecture-53").get("/selection/communes?q=saint", headers={"Accept": "application/json"})

    assert (len(reponse.json["resultats"]), reponse.json["suite"]) == (20, True)
