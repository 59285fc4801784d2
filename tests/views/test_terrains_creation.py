"""« Créer » a terrain de stage on its screens: each type, each refusal and its way out (manual §1.6, S71–S80)."""

import re

import pytest
from sqlalchemy import func, select

from app.operations.praticiens import cle_valide
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage, TypeOrganisme
from tests import build
from tests.views.pages import Page

ORGANISME = {
    "type_organisme": "ASSOCIATION",
    "organisme_nom": "Maison de santé de Redon",
    "nom": "Soins primaires",
    "subdivision_code": "RENNES",
}
PRINCIPAL = {"adresse": "1 quai Neuf", "code_postal": "35300", "ville": "Fougères"}


def seul(session) -> TerrainDeStage:
    session.expire_all()
    return session.scalars(select(TerrainDeStage)).one()


def envoyer(client, adresse, /, **champs):
    """Sends the form of an address as shown, with some fields changed."""
    return client.post(adresse, data={**Page(client.get(adresse).text).formulaire, **champs})


def test_the_type_is_asked_first_and_each_has_its_form(connexion):
    """S71."""
    page = Page(connexion("gestionnaire-53").get("/terrains/creer").text)

    formulaires = [f"/terrains/creer/{type_}" for type_ in ("hospitalier", "praticien", "organisme")]
    assert [une for une in page.adresses if une.startswith("/terrains/creer/")] == formulaires


# --- Hospitalier ---


def test_a_terrain_hospitalier_is_created_from_its_etablissement(connexion, session):
    """S73, S75, TS-01: the principal block is shown, never sent."""
    et = build.etablissement(session, adresse="4 rue du Four", telephone="0299000000")
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/creer/hospitalier?etablissement={et.numero_finess}"
    page = client.get(adresse)

    reponse = envoyer(
        client, adresse, nom="Cardiologie", specialite_code="DES28", specialites_complementaires=["DES14", "DES15"],
        nombre_de_postes="3", responsable_nom="Le Goff",
    )  # fmt: skip

    terrain = seul(session)
    assert reponse.location == f"/terrains/{terrain.id}"
    assert (terrain.nom, terrain.statut, terrain.etablissement_id) == ("Cardiologie", StatutTerrain.ACTIF, et.id)
    assert (terrain.adresse, terrain.telephone, terrain.nombre_de_postes) == ("4 rue du Four", "0299000000", 3)
    assert {une.code for une in terrain.specialites_complementaires} == {"DES14", "DES15"}
    assert "4 rue du Four" in page.text
    assert not {"adresse", "telephone", "etablissement_id", "ars_code"} & Page(page.text).noms
    assert terrain.numero in client.get(reponse.location).text


def test_the_subdivision_of_the_commune_is_proposed_among_those_of_the_ars(connexion, session):
    """S75, I9."""
    et = build.etablissement(session, code_insee="29019")
    page = Page(connexion("gestionnaire-53").get(f"/terrains/creer/hospitalier?etablissement={et.numero_finess}").text)

    assert page.formulaire["subdivision_code"] == ["BREST"]
    assert page.options["subdivision_code"] == 3


def test_the_only_subdivision_of_an_ars_is_told_and_not_asked(connexion, session):
    """S75."""
    et = build.etablissement(session, ars_code="11", code_insee="75101")
    client = connexion("gestionnaire-11")
    adresse = f"/terrains/creer/hospitalier?etablissement={et.numero_finess}"

    assert "subdivision_code" not in Page(client.get(adresse).text).noms
    assert envoyer(client, adresse, nom="Cardiologie").status_code == 302
    assert seul(session).subdivision_code == "IDF"


@pytest.mark.parametrize(("categorie", "demande"), [("101", True), ("355", False)])
def test_stage_chu_is_asked_for_a_chu_only(connexion, session, categorie, demande):
    """S84."""
    et = build.etablissement(session, categorie_code=categorie)
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/creer/hospitalier?etablissement={et.numero_finess}"

    assert ("stage_chu" in Page(client.get(adresse).text).noms) is demande
    envoyer(client, adresse, nom="Cardiologie", stage_chu="oui")
    assert seul(session).stage_chu is (True if demande else None)


def test_an_unknown_et_is_to_be_created_first_by_its_number(connexion):
    """S74."""
    reponse = connexion("gestionnaire-53").get("/terrains/creer/hospitalier?etablissement=350000022")

    assert reponse.status_code == 422
    assert "n’est pas dans l’application : créez-le d’abord" in reponse.text
    assert "/etablissements/creer?numero_finess=350000022" in Page(reponse.text).adresses


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"statut": StatutEtablissement.INACTIF}, "n’est pas actif"),
        ({"ars_code": "93"}, "n’est pas situé dans votre ARS"),
        ({"ars_code": None}, "n’est pas situé dans votre ARS"),
    ],
)
def test_another_et_is_refused_on_the_screen_and_by_a_forged_form(connexion, session, champs, phrase):
    """S72, C1."""
    et = build.etablissement(session, **champs)
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/creer/hospitalier?etablissement={et.numero_finess}"

    for reponse in (client.get(adresse), client.post(adresse, data={"nom": "X", "subdivision_code": "RENNES"})):
        assert reponse.status_code == 422
        assert phrase in reponse.text
        assert f"/etablissements/{et.id}" in Page(reponse.text).adresses
    assert session.scalar(select(func.count()).select_from(TerrainDeStage)) == 0


def test_choix_etablissement_lists_the_active_et_of_the_ars_de_travail(connexion, session):
    """S72: all ARS for a national administrator on « toutes »."""
    ici = build.etablissement(session)
    build.etablissement(session, statut=StatutEtablissement.INACTIF)
    ailleurs = build.etablissement(session, ars_code="93")

    def proposes(login, **options):
        client = connexion(login, **options)
        reponse = client.get("/selection/etablissements-actifs", headers={"Accept": "application/json"})
        return {un["valeur"] for un in reponse.json["resultats"]}

    assert proposes("gestionnaire-53") == {ici.numero_finess}
    assert proposes("national") == {ici.numero_finess, ailleurs.numero_finess}
    assert proposes("national", ars="93") == {ailleurs.numero_finess}


# --- Praticien ---


@pytest.fixture
def exercant(session):
    connu = build.praticien(session, nom="LE GOFF", prenom="Anne")
    build.activite(session, connu.rpps, raison="CABINET DU PORT", telephone="0299000000")
    return connu


def test_a_terrain_praticien_is_filled_from_rpps(connexion, session, exercant):
    """S77, S79, TS-02."""
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/creer/praticien?rpps={exercant.rpps}"
    page = client.get(adresse)

    reponse = envoyer(client, adresse, nature_exercice_locale="Salarié")

    terrain = seul(session)
    assert reponse.location == f"/terrains/{terrain.id}"
    assert (terrain.nom, terrain.rpps, terrain.type) == ("CABINET DU PORT", exercant.rpps, TypeTerrain.PRATICIEN)
    assert (terrain.nature_exercice, terrain.nature_exercice_locale) == ("Libéral", "Salarié")
    assert "Médecine générale" in page.text
    assert not {"praticien_nom", "nature_exercice", "adresse", "rpps"} & Page(page.text).noms


def test_of_several_practices_the_user_picks_one(connexion, session, exercant):
    """S79."""
    autre = build.activite(session, exercant.rpps, raison="CH DE BREST", mode="S", code_insee="29019")
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/creer/praticien?rpps={exercant.rpps}"
    page = Page(client.get(adresse).text)

    envoyer(client, adresse, activite=str(autre.cle))

    assert [valeur for nom, valeur in page.champs if nom == "activite"] != [str(autre.cle)]
    assert (seul(session).nom, seul(session).nature_exercice) == ("CH DE BREST", "Salarié")


def test_a_practice_of_somebody_else_is_refused(connexion, session, exercant):
    """S79."""
    ailleurs = build.activite(session, build.praticien(session).rpps)
    client = connexion("gestionnaire-53")

    reponse = envoyer(client, f"/terrains/creer/praticien?rpps={exercant.rpps}", activite=str(ailleurs.cle))

    assert reponse.status_code == 422
    assert "Choisissez une valeur de la liste." in reponse.text


def refus_praticien(connexion, rpps: str, login: str = "gestionnaire-53") -> str:
    reponse = connexion(login).get("/terrains/creer/praticien", query_string={"rpps": rpps})
    assert reponse.status_code == 422
    return reponse.text


def test_each_check_of_the_number_has_its_own_words(connexion, session):
    """S77, E-RPPS-*."""
    inconnu = build.rpps()
    fausse = next(un for un in (f"{inconnu[:-1]}{chiffre}" for chiffre in range(10)) if not cle_valide(un))
    parti = build.praticien(session, absent_depuis=build.datetime(2026, 3, 1).date())
    build.activite(session, parti.rpps)
    ailleurs = build.praticien(session)
    build.activite(session, ailleurs.rpps, code_insee="13055")

    assert "il a 11 chiffres" in refus_praticien(connexion, "123")
    assert "La clé de contrôle" in refus_praticien(connexion, fausse)
    assert "n’est pas dans le RPPS" in refus_praticien(connexion, inconnu)
    assert "n’est plus valide depuis le 01/03/2026" in refus_praticien(connexion, parti.rpps)
    assert "il exerce dans Provence-Alpes-Côte d’Azur" in refus_praticien(connexion, ailleurs.rpps)


def test_an_inactive_terrain_of_the_ars_is_to_be_activated(connexion, session, exercant):
    """S78."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, rpps=exercant.rpps, statut=StatutTerrain.INACTIF)

    page = refus_praticien(connexion, exercant.rpps)

    assert "utilisez « Activer »" in page
    assert {f"/terrains/{terrain.id}", f"/terrains/{terrain.id}/activer"} <= set(Page(page).adresses)


@pytest.mark.parametrize("statut", [StatutTerrain.ACTIF, StatutTerrain.INACTIF])
def test_who_holds_the_terrain_of_a_practitioner_is_told(connexion, session, exercant, statut):
    """S77, A11; scenario 12."""
    terrain = build.terrain(
        session, type=TypeTerrain.PRATICIEN, rpps=exercant.rpps, statut=statut, ars_code="93",
    )  # fmt: skip

    page = refus_praticien(connexion, exercant.rpps)

    assert f"a déjà le terrain {terrain}, {statut.value.lower()}, dans l’ARS Provence-Alpes-Côte d’Azur" in page
    assert f"/terrains/{terrain.id}" in Page(page).adresses
    assert f"/terrains/{terrain.id}/activer" not in Page(page).adresses


# --- Autre organisme ---


def test_an_autre_organisme_is_typed_by_the_user(connexion, session):
    """S80, S89, A21, TS-03."""
    client = connexion("gestionnaire-53")

    reponse = envoyer(
        client, "/terrains/creer/organisme", **ORGANISME, **PRINCIPAL, siret="356 000 000 48694",
        autre_numero="W353001", autre_numero_nature="numéro d’association",
    )  # fmt: skip

    terrain = seul(session)
    assert reponse.location == f"/terrains/{terrain.id}"
    assert (terrain.organisme_nom, terrain.nom) == ("Maison de santé de Redon", "Soins primaires")
    assert (terrain.siret, terrain.autre_numero, terrain.code_insee) == ("35600000048694", "W353001", "35115")
    assert (terrain.ars_code, terrain.subdivision_code, terrain.numero) == ("53", "RENNES", "53A00001")


def test_a_hopital_frontalier_is_an_autre_organisme(connexion, session):
    """S76."""
    frontalier = {**ORGANISME, "type_organisme": "HOPITAL_FRONTALIER"}

    envoyer(connexion("gestionnaire-53"), "/terrains/creer/organisme", **frontalier)

    assert seul(session).type_organisme is TypeOrganisme.HOPITAL_FRONTALIER


def test_what_is_missing_is_named_at_once_and_nothing_typed_is_lost(connexion, session):
    """B-09."""
    saisie = {
        "siret": "123", "nombre_de_postes": "-2", "autre_numero": "W1", "adresse": "1 quai Neuf",
        "telephone_secondaire": "0299000000", "specialite_code": "DES28", "specialites_complementaires": "DES14",
    }  # fmt: skip
    client = connexion("gestionnaire-53")

    page = Page(envoyer(client, "/terrains/creer/organisme", **{**saisie, "nombre_de_postes": "2"}).text)

    for nom in ("type_organisme", "organisme_nom", "siret", "autre_numero_nature", "code_postal", "ville"):
        assert f"#{nom}" in page.adresses
    assert "#subdivision_code" in page.adresses
    for nom, valeur in {**saisie, "nombre_de_postes": "2"}.items():
        assert page.formulaire[nom] == [valeur]
    assert session.scalar(select(func.count()).select_from(TerrainDeStage)) == 0


@pytest.mark.parametrize("postes", ["-2", "deux", "1.5", "99999"])
def test_a_number_of_posts_is_a_whole_number(connexion, session, postes):
    """S82."""
    reponse = envoyer(connexion("gestionnaire-53"), "/terrains/creer/organisme", **ORGANISME, nombre_de_postes=postes)

    assert reponse.status_code == 422
    assert "Indiquez un nombre" in reponse.text
    assert Page(reponse.text).formulaire["nombre_de_postes"] == [postes]


def test_an_ambiguous_town_is_chosen_from_a_list_in_each_block(connexion, session):
    """S55, A20; scenario 14."""
    client = connexion("gestionnaire-53")
    lieu = {"adresse": "4 rue du Four", "code_postal": "35500", "ville": "Le Bourg"}
    secondaire = {f"{nom}_secondaire": valeur for nom, valeur in lieu.items()}

    page = Page(envoyer(client, "/terrains/creer/organisme", **ORGANISME, **lieu, **secondaire).text)
    assert page.options["code_insee"] == page.options["code_insee_secondaire"] > 2
    choisies = {"code_insee": "35360", "code_insee_secondaire": "35360"}
    client.post("/terrains/creer/organisme", data={**page.formulaire, **choisies})

    assert (seul(session).code_insee, seul(session).code_insee_secondaire) == ("35360", "35360")


@pytest.mark.parametrize(
    ("connu", "proche"),
    [
        ({"siret": "35600000048694", "ars_code": "93"}, True),
        ({"autre_numero": "w 353 001", "autre_numero_nature": "numéro", "ars_code": "93"}, True),
        ({"organisme_nom": "MAISON DE SANTE REDON"}, True),
        ({"organisme_nom": "MAISON DE SANTE REDON", "ars_code": "93"}, False),
        ({"organisme_nom": "MAISON DE SANTE REDON", "ars_code": "52", "code_insee": "35115"}, True),
        ({"organisme_nom": "Centre hospitalier de Lausanne"}, False),
    ],
)
def test_what_looks_like_another_organisme_is_shown_before_it_is_created(connexion, session, connu, proche):
    """N9: same number anywhere, or close name in the ARS or the commune; never blocking."""
    existant = build.terrain(session, type=TypeTerrain.AUTRE, **connu)
    client = connexion("gestionnaire-53")

    reponse = envoyer(
        client, "/terrains/creer/organisme", **ORGANISME, **PRINCIPAL, siret="35600000048694",
        autre_numero="W353001", autre_numero_nature="numéro d’association",
    )  # fmt: skip

    assert reponse.status_code == (422 if proche else 302)
    if proche:
        page = Page(reponse.text)
        assert f"/terrains/{existant.id}" in page.adresses
        assert "Créer quand même" in reponse.text
        assert session.scalar(select(func.count()).select_from(TerrainDeStage)) == 1
        suite = client.post("/terrains/creer/organisme", data={**page.formulaire, "malgre_doublons": "1"})
        assert suite.status_code == 302
    assert session.scalar(select(func.count()).select_from(TerrainDeStage)) == 2


def test_on_the_whole_country_the_subdivision_gives_the_ars(connexion, session):
    """A30."""
    client = connexion("national")

    assert "choisissez d’abord votre ARS" in envoyer(
        client, "/terrains/creer/organisme", **{**ORGANISME, "subdivision_code": "MARSEILLE"}
    ).text.replace("Choisissez", "choisissez")
    envoyer(client, "/terrains/creer/organisme", **ORGANISME)

    assert seul(session).ars_code == "53"


# --- Sent twice ---


@pytest.mark.parametrize("type_", ["hospitalier", "praticien", "organisme"])
def test_a_form_sent_twice_leads_to_the_same_terrain(connexion, session, exercant, type_):
    """A-54."""
    et = build.etablissement(session)
    client = connexion("gestionnaire-53")
    adresse = {
        "hospitalier": f"/terrains/creer/hospitalier?etablissement={et.numero_finess}",
        "praticien": f"/terrains/creer/praticien?rpps={exercant.rpps}",
        "organisme": "/terrains/creer/organisme",
    }[type_]
    champs = {**Page(client.get(adresse).text).formulaire, **ORGANISME}

    premiere, seconde = client.post(adresse, data=champs), client.post(adresse, data=champs)

    assert premiere.status_code == seconde.status_code == 302
    assert premiere.location == seconde.location == f"/terrains/{seul(session).id}"


def test_the_token_of_one_form_serves_one_user(connexion, session):
    """A-54: somebody else's token creates, and leads nowhere else."""
    champs = {**Page(connexion("gestionnaire-53").get("/terrains/creer/organisme").text).formulaire, **ORGANISME}

    lieux = {connexion(login).post("/terrains/creer/organisme", data={**champs, "malgre_doublons": "1"}).location
             for login in ("gestionnaire-53", "gestionnaire-53-84")}  # fmt: skip

    assert len(lieux) == 2
    assert all(re.fullmatch(r"/terrains/\d+", un) for un in lieux)
