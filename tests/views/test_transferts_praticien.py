"""« Transfert de praticien »: what awaits an ARS, its completion, what it sent (§1.10, S129–S133; N16, A9, A29)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from app.journal import entrees
from models.etats import StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from tests import build
from tests.views.pages import Page

PRATICIEN, TRANSFERE, ACTIF = TypeTerrain.PRATICIEN, StatutTerrain.TRANSFERE, StatutTerrain.ACTIF
ECRAN = "/transferts-de-praticien/"
SECONDAIRE = {
    "adresse_secondaire": "9 quai du Port",
    "code_postal_secondaire": "06000",
    "ville_secondaire": "Nice",
    "code_insee_secondaire": "06088",
}


def texte(reponse) -> str:
    return " ".join(" ".join(Page(reponse.text).textes).split())


def transfere(session, *, jours=3, **champs) -> TerrainDeStage:
    """A practitioner whom PACA has transferred to Bretagne, where he now practises."""
    praticien = build.praticien(session, nom="KERVELLA")
    terrain = build.terrain(
        session,
        **{
            "type": PRATICIEN,
            "statut": TRANSFERE,
            "rpps": praticien.rpps,
            "praticien_nom": "KERVELLA",
            "subdivision_code": None,
            "ville": "NICE",
        }
        | champs,
    )
    build.activite(session, praticien.rpps, voie="4 rue Neuve", telephone="0299000001")
    le = datetime.now(UTC) - timedelta(days=jours)
    session.add(AncienNumero(terrain=terrain, numero=f"93P9{terrain.id:04}", jusqu_au=le))
    session.commit()
    return terrain


def ouvrir(client, terrain):
    return client.get(f"{ECRAN}{terrain.id}/completer")


def completer(client, terrain, **champs):
    formulaire = Page(ouvrir(client, terrain).text).formulaire
    return client.post(f"{ECRAN}{terrain.id}/completer", data={**formulaire, **champs})


@pytest.fixture
def bretagne(connexion):
    return connexion("gestionnaire-53")


# --- The list ---


def test_the_receiving_ars_sees_what_awaits_it_and_since_when(bretagne, session):
    """S129, N16: the oldest first; not those of others."""
    recent, ancien = transfere(session), transfere(session, jours=45)
    ailleurs = transfere(session, ars_code="11", subdivision_code="IDF")

    page = texte(bretagne.get(ECRAN))

    assert "2 terrains transférés" in page
    assert "45 jours" in page
    assert page.index(ancien.numero) < page.index(recent.numero)
    assert "Provence-Alpes-Côte d’Azur" in page
    assert ailleurs.numero not in page
    assert "À choisir" in page


def test_the_count_of_the_home_page_leads_to_the_screen(bretagne, session):
    """B-12."""
    transfere(session)

    adresses = Page(bretagne.get("/").text).adresses

    [adresse] = [un for un in adresses if un.startswith(f"{ECRAN}?")]
    assert "1 terrain transféré" in texte(bretagne.get(adresse))


def test_a_national_administrator_sees_them_all(connexion, session):
    """S129; a link of the home page narrows to one ARS."""
    deux = [transfere(session), transfere(session, ars_code="11", subdivision_code="IDF")]
    client = connexion("national")

    toutes, une = texte(client.get(ECRAN)), texte(client.get(f"{ECRAN}?ars=11"))

    assert [un.numero in toutes for un in deux] == [True, True]
    assert [un.numero in une for un in deux] == [False, True]


def test_an_ars_does_not_see_that_of_another_by_its_address(bretagne, session):
    terrain = transfere(session, ars_code="11", subdivision_code="IDF")

    assert terrain.numero not in texte(bretagne.get(f"{ECRAN}?ars=11"))


def test_the_origin_sees_what_it_sent_and_how_far_it_is(connexion, session):
    """N16: waiting, then completed with the day; nothing to click but the card."""
    attendu, fini = transfere(session), transfere(session)
    completer(connexion("gestionnaire-53"), fini, subdivision_code="RENNES")
    session.add_all(entrees(session.scalars(select(Evenement)).one()))
    session.commit()
    client = connexion("gestionnaire-93")

    reponse = client.get(ECRAN)

    page = texte(reponse)
    assert "Aucun terrain transféré n’attend" in page
    assert page.index(f"{attendu.numero} ancien") < page.index(f"{fini.numero} ancien")
    assert "en attente de l’ARS Bretagne" in page
    assert "Complété" in page
    assert not [un for un in Page(reponse.text).adresses if un.endswith("/completer")]


def test_a_completion_of_long_ago_is_no_longer_shown(connexion, session):
    fini = transfere(session, jours=400, statut=ACTIF, subdivision_code="RENNES")
    changement = {"type": "TerrainDeStage", "id": str(fini.id), "libelle": str(fini), "ars": ["53"]}
    evenement = Evenement(
        operation="TS.completer",
        acteur="agent",
        ars_travail_code="53",
        source="écran",
        le=datetime.now(UTC) - timedelta(days=200),
        changements=[changement | {"avant": {"statut": "Transféré"}, "apres": {"statut": "Actif"}}],
    )
    session.add(evenement)
    session.flush()
    session.add_all(entrees(evenement))
    session.commit()

    assert fini.numero not in texte(connexion("gestionnaire-93").get(ECRAN))


def test_a_reader_sees_the_list_and_completes_nothing(connexion, session):
    """M21."""
    terrain = transfere(session)
    client = connexion("lecture-53")

    page = client.get(ECRAN)

    assert terrain.numero in texte(page)
    assert "Compléter" not in texte(page)
    assert ouvrir(client, terrain).status_code == 403


def test_the_screen_asks_few_statements(bretagne, session, connection):
    for _ in range(30):
        transfere(session)
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    bretagne.get(ECRAN)
    liste = len([un for un in ordres if "SAVEPOINT" not in un])
    ordres.clear()
    ouvrir(bretagne, session.scalars(select(TerrainDeStage).limit(1)).one())
    formulaire = len([un for un in ordres if "SAVEPOINT" not in un])

    assert liste <= 8
    assert formulaire <= 16


# --- Completion ---


def test_the_terrain_is_completed_with_what_rpps_says_of_it_here(bretagne, session):
    """S130 to S133, TS-16; scenario 8."""
    terrain = transfere(session)

    page = ouvrir(bretagne, terrain)
    fait = completer(bretagne, terrain, nom="Cabinet neuf")

    assert "Ville NICE Rennes" in texte(page)
    assert Page(page.text).formulaire["subdivision_code"] == ["RENNES"]
    assert fait.location == f"/terrains/{terrain.id}"
    session.expire_all()
    assert (terrain.statut, terrain.nom, terrain.subdivision_code) == (ACTIF, "Cabinet neuf", "RENNES")
    assert (terrain.adresse, terrain.ville, terrain.departement_effectif) == ("4 rue Neuve", "Rennes", "35")
    assert "Transfert complété" in texte(bretagne.get(fait.location))
    assert "Modifier" in texte(bretagne.get(fait.location))
    assert session.scalars(select(Evenement.operation)).all() == ["TS.completer"]


@pytest.mark.parametrize(("champs", "attendu"), [
    ({"subdivision_code": ""}, "subdivision"),
    ({"nom": " "}, "Indiquez le nom du terrain"),
    ({"subdivision_code": "NICE"}, "Choisissez une valeur de la liste"),
    ({"nombre_de_postes": "-1"}, "nombre entier"),
])  # fmt: skip
def test_what_is_missing_is_asked_and_nothing_typed_is_lost(bretagne, session, champs, attendu):
    """TS-17, B-09."""
    terrain = transfere(session)

    reponse = completer(bretagne, terrain, **{"nom": "Cabinet neuf", "responsable_nom": "MORVAN"} | champs)

    assert reponse.status_code == 422
    assert attendu in texte(reponse)
    assert "MORVAN" in reponse.text
    session.expire_all()
    assert terrain.statut is TRANSFERE


def test_the_old_secondary_block_is_emptied_unless_it_is_confirmed(bretagne, session):
    """A29."""
    vide, garde = transfere(session, **SECONDAIRE), transfere(session, **SECONDAIRE)

    page = texte(ouvrir(bretagne, vide))
    completer(bretagne, vide)
    completer(bretagne, garde, secondaires="garder")

    assert "à confirmer" in page
    assert "9 quai du Port" in page
    session.expire_all()
    assert (vide.adresse_secondaire, vide.departement_effectif) == (None, "35")
    assert (garde.adresse_secondaire, garde.departement_effectif) == ("9 quai du Port", "06")


def test_without_an_old_block_there_is_no_question(bretagne, session):
    assert "à confirmer" not in texte(ouvrir(bretagne, transfere(session)))


def test_without_a_practice_here_the_coordinates_stay(connexion, session):
    """A10: RPPS may be late."""
    terrain = transfere(session, ars_code="11", subdivision_code="IDF")
    client = connexion("gestionnaire-11")

    page = texte(ouvrir(client, terrain))
    completer(client, terrain)

    assert "ne donne aucun lieu d’exercice dans l’ARS Île-de-France" in page
    session.expire_all()
    assert (terrain.statut, terrain.ville) == (ACTIF, "NICE")


def test_who_is_no_longer_valid_is_for_a_national_administrator(connexion, session):
    """A9, TS-34: with a box to tick."""
    terrain = transfere(session, rpps=build.praticien(session, absent_depuis=date(2026, 3, 1)).rpps)
    client = connexion("gestionnaire-53")

    liste, page = texte(client.get(ECRAN)), ouvrir(client, terrain)
    envoi = client.post(f"{ECRAN}{terrain.id}/completer", data={"nom": "Cabinet", "subdivision_code": "RENNES"})
    national = connexion("national")
    sans_accord = completer(national, terrain, subdivision_code="RENNES")

    assert "RPPS invalide" in liste
    assert (page.status_code, envoi.status_code, sans_accord.status_code) == (409, 422, 422)
    assert "Cochez cette case" in texte(sans_accord)
    session.expire_all()
    assert terrain.statut is TRANSFERE
    assert completer(national, terrain, subdivision_code="RENNES", malgre_rpps="y").status_code == 302
    session.expire_all()
    assert terrain.statut is ACTIF


def test_nobody_else_completes_it(connexion, session):
    """M21, TS-18: the origin ARS least of all; a reader and an unknown id neither."""
    terrain = transfere(session)
    donnees = {"nom": "Pris", "subdivision_code": "NICE", "ars_code": "93"}

    for login in ("gestionnaire-93", "gestionnaire-84"):
        client = connexion(login)
        assert ouvrir(client, terrain).status_code == 404
        assert client.post(f"{ECRAN}{terrain.id}/completer", data=donnees).status_code == 404
    assert connexion("lecture-53").post(f"{ECRAN}{terrain.id}/completer", data=donnees).status_code == 403
    assert connexion("gestionnaire-53").get(f"{ECRAN}999999999/completer").status_code == 404
    session.expire_all()
    assert (terrain.statut, terrain.nom) == (TRANSFERE, "Service fictif")


def test_a_terrain_that_is_not_transferred_has_nothing_to_complete(bretagne, session):
    terrain = build.terrain(session, type=PRATICIEN)

    assert ouvrir(bretagne, terrain).status_code == 409
    assert bretagne.post(f"{ECRAN}{terrain.id}/completer", data={"nom": "Pris"}).status_code == 422


def test_a_form_sent_twice_completes_once(bretagne, session):
    """A-54."""
    terrain = transfere(session)
    formulaire = Page(ouvrir(bretagne, terrain).text).formulaire

    deux = [bretagne.post(f"{ECRAN}{terrain.id}/completer", data=formulaire) for _ in range(2)]

    assert [un.location for un in deux] == [f"/terrains/{terrain.id}"] * 2
    assert session.scalar(select(func.count()).select_from(Evenement)) == 1
