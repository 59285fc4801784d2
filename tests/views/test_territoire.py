"""« Modifier l’ARS du terrain de stage », « Modifier la subdivision », « Transférer le praticien » (§1.8 to §1.10)."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.calendrier import aujourd_hui, semestre_en_cours
from models.agrement import EtatDemande
from models.etats import StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import AncienNumero
from tests import build
from tests.views.pages import Page

PRATICIEN, TRANSFERE, INACTIF = TypeTerrain.PRATICIEN, StatutTerrain.TRANSFERE, StatutTerrain.INACTIF
JOUR = aujourd_hui()
B_ARS, B_SUBDIVISION, B_TRANSFERT = (
    "Modifier l’ARS du terrain de stage", "Modifier la subdivision", "Transférer le praticien",
)  # fmt: skip


def texte(reponse) -> str:
    return " ".join(" ".join(Page(reponse.text).textes).split())


def apercu(client, terrain, ecran, vers):
    return client.get(f"/terrains/{terrain.id}/{ecran}?vers={vers}")


def confirmer(client, terrain, ecran, vers, **change):
    formulaire = Page(apercu(client, terrain, ecran, vers).text).formulaire
    return client.post(f"/terrains/{terrain.id}/{ecran}", data={**formulaire, **change})


def boutons(client, terrain, page="") -> tuple[bool, bool, bool]:
    """Which of the three buttons lead somewhere."""
    adresses = Page(client.get(f"/terrains/{terrain.id}{page}").text).adresses
    return tuple(f"/terrains/{terrain.id}/{un}" in adresses for un in ("ars", "subdivision", "transferer"))


def etat(session, terrain) -> tuple[str, str, str | None, StatutTerrain]:
    session.expire_all()
    return terrain.ars_code, terrain.numero, terrain.subdivision_code, terrain.statut


@pytest.fixture
def guadeloupe(session):
    return build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")


@pytest.fixture
def nice(session):
    """A terrain praticien of Nice: one of the two subdivisions of PACA, shared with Corse."""
    return build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="NICE")


# --- Buttons of the cards ---


@pytest.mark.parametrize(("champs", "login", "attendu"), [
    ({"ars_code": "93", "subdivision_code": "NICE"}, "gestionnaire-93", (True, True)),
    ({"ars_code": "94", "subdivision_code": "NICE"}, "gestionnaire-94", (True, True)),
    ({"ars_code": "01", "subdivision_code": "ANTILLESGUYANE"}, "gestionnaire-01", (True, False)),
    ({"ars_code": "53"}, "gestionnaire-53", (False, True)),
    ({"ars_code": "11"}, "gestionnaire-11", (False, False)),
    ({"ars_code": "93", "subdivision_code": "NICE"}, "gestionnaire-53", (False, False)),
    ({"ars_code": "93", "subdivision_code": "NICE"}, "lecture-93", (False, False)),
    ({"ars_code": "93", "subdivision_code": "NICE"}, "national", (True, True)),
    ({"ars_code": "93", "subdivision_code": "NICE", "statut": INACTIF}, "gestionnaire-93", (True, True)),
])  # fmt: skip
def test_a_button_shows_where_there_is_something_to_choose(connexion, session, champs, login, attendu):
    """S111, S118, A30."""
    terrain = build.terrain(session, **champs)

    client = connexion(login)

    assert boutons(client, terrain) == (*attendu, False)
    page = texte(client.get(f"/terrains/{terrain.id}"))
    assert (B_ARS in page, B_SUBDIVISION in page) == attendu


def test_the_buttons_of_a_transferred_terrain_are_greyed_with_the_reason(connexion, session):
    """A30, N18; TS-26."""
    terrain = build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="NICE", statut=TRANSFERE)
    client = connexion("gestionnaire-93")

    page = texte(client.get(f"/terrains/{terrain.id}"))

    assert page.count("il se complète d’abord par « Transfert de praticien »") == 2
    assert boutons(client, terrain) == (False, False, False)


def test_a_practitioner_is_transferred_from_the_modification_card_only(connexion, session, nice):
    """S125, S144."""
    service = build.terrain(session, ars_code="93", subdivision_code="NICE")
    client = connexion("gestionnaire-93")

    assert boutons(client, nice)[2] is False
    assert boutons(client, nice, "/modifier") == (False, False, True)
    assert B_TRANSFERT not in texte(client.get(f"/terrains/{service.id}/modifier"))


@pytest.mark.parametrize("etat_demande", [EtatDemande.EN_INSTRUCTION, EtatDemande.EN_RECOURS])
def test_what_forbids_a_transfer_is_named_on_its_button(connexion, session, nice, etat_demande):
    """N18, S124; TS-21; scenario 9."""
    agrement, demande = build.agrement(session, nice), build.demande(session, nice, etat=etat_demande)
    client = connexion("gestionnaire-93")

    page = texte(client.get(f"/terrains/{nice.id}/modifier"))
    refuse = client.post(f"/terrains/{nice.id}/transferer", data={"vers": "53"})

    assert agrement.reference in page
    assert demande.reference in page
    assert (refuse.status_code, demande.reference in refuse.text) == (409, True)
    assert boutons(client, nice, "/modifier")[2] is False
    assert etat(session, nice)[0] == "93"


# --- Choice ---


@pytest.mark.parametrize(("ecran", "attendu"), [("ars", ["03", "02"]), ("subdivision", None)])
def test_the_choice_has_exactly_the_allowed_destinations(connexion, guadeloupe, ecran, attendu):
    """S112, S118: Antilles-Guyane has three ARS, each with one subdivision."""
    reponse = connexion("gestionnaire-01").get(f"/terrains/{guadeloupe.id}/{ecran}")

    offertes = [valeur for _, nom, valeur in Page(reponse.text).attributs if nom == "value" and len(valeur) == 2]
    assert offertes == (attendu or [])
    assert reponse.status_code == (200 if attendu else 409)


def test_a_practitioner_goes_to_any_ars_that_does_not_share_his_subdivision(connexion, nice):
    """S123, S126, A33: Corse is for « Modifier l’ARS », and the page says so."""
    client = connexion("gestionnaire-93")

    page = client.get(f"/terrains/{nice.id}/transferer")
    corse = apercu(client, nice, "transferer", "94")

    assert ('value="53"' in page.text, 'value="94"' in page.text, 'value="93"' in page.text) == (True, False, False)
    assert "ARS Corse : cette ARS partage la subdivision du terrain" in texte(page)
    assert corse.status_code == 422
    assert "utilisez « Modifier l’ARS du terrain de stage »" in texte(corse)


@pytest.mark.parametrize(("ecran", "vers"), [("ars", "53"), ("subdivision", "LYON"), ("transferer", "94"), ("ars", "")])
def test_a_forged_destination_is_refused(connexion, session, nice, ecran, vers):
    avant = etat(session, nice)
    client = connexion("gestionnaire-93")

    reponse = client.post(f"/terrains/{nice.id}/{ecran}", data={"vers": vers, "sceau": "0" * 64})

    assert reponse.status_code == 422
    assert etat(session, nice) == avant


@pytest.mark.parametrize("ecran", ["ars", "subdivision", "transferer"])
def test_a_transferred_terrain_does_not_move(connexion, session, ecran):
    """TS-22, TS-26."""
    terrain = build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="NICE", statut=TRANSFERE)
    client = connexion("gestionnaire-93")

    lecture, envoi = client.get(f"/terrains/{terrain.id}/{ecran}"), client.post(f"/terrains/{terrain.id}/{ecran}")

    assert (lecture.status_code, envoi.status_code) == (409, 409)


@pytest.mark.parametrize("type_", [TypeTerrain.HOSPITALIER, TypeTerrain.AUTRE])
def test_only_a_practitioner_is_transferred(connexion, session, type_):
    """TS-20."""
    terrain = build.terrain(session, type=type_)

    reponse = connexion("gestionnaire-53").get(f"/terrains/{terrain.id}/transferer")

    assert (reponse.status_code, "seul un praticien se transfère" in texte(reponse)) == (409, True)


# --- Preview ---


def test_the_preview_shows_the_terrain_and_what_stands_on_it(connexion, session, guadeloupe):
    """N1, S113, S114, A46: nothing is written yet."""
    en_cours = build.agrement(session, guadeloupe)
    prochain = build.agrement(session, guadeloupe, date_debut=JOUR + timedelta(days=9))
    echu = build.agrement(session, guadeloupe, date_fin=JOUR - timedelta(days=1))
    demande = build.demande(session, guadeloupe)
    build.semestre_internat(session, guadeloupe, semestre=semestre_en_cours(session))

    reponse = apercu(connexion("gestionnaire-01"), guadeloupe, "ars", "03")

    page = texte(reponse)
    assert f"Numéro {guadeloupe.numero} 03H00001" in page
    assert "Saint-Barthélemy ARS Guyane Numéro" in page
    assert (en_cours.reference in page, prochain.reference in page, echu.reference in page) == (True, True, False)
    assert "1 agrément échu reste comme il est" in page
    assert "Cette demande d’agrément est ouverte et garde l’ARS où elle a été déposée" in page
    assert demande.reference in page
    assert "1 interne y est affecté" in page
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


def test_a_stale_preview_does_nothing_and_is_shown_afresh(connexion, session, guadeloupe):
    """E-APERCU-PERIME: an agrément came since."""
    client = connexion("gestionnaire-01")
    formulaire = Page(apercu(client, guadeloupe, "ars", "03").text).formulaire
    agrement = build.agrement(session, guadeloupe)
    session.commit()

    perime = client.post(f"/terrains/{guadeloupe.id}/ars", data=formulaire)

    assert perime.status_code == 409
    assert "Les données ont changé depuis l’aperçu" in texte(perime)
    assert agrement.reference in texte(perime)
    assert etat(session, guadeloupe)[0] == "01"
    assert client.post(f"/terrains/{guadeloupe.id}/ars", data=Page(perime.text).formulaire).status_code == 302


@pytest.mark.parametrize("sceau", ["", "faux"])
def test_a_confirmation_without_its_preview_does_nothing(connexion, session, guadeloupe, sceau):
    reponse = confirmer(connexion("gestionnaire-01"), guadeloupe, "ars", "03", sceau=sceau)

    assert reponse.status_code == 409
    assert etat(session, guadeloupe)[0] == "01"


def test_the_screens_ask_few_statements(connexion, session, connection, guadeloupe):
    for _ in range(5):
        build.agrement(session, guadeloupe)
        build.demande(session, guadeloupe)
    client = connexion("gestionnaire-01")
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))
    nombres = []
    for adresse in ("", "/ars", "/ars?vers=03"):
        ordres.clear()
        client.get(f"/terrains/{guadeloupe.id}{adresse}")
        nombres.append(len([un for un in ordres if "SAVEPOINT" not in un]))

    assert nombres[0] <= 8
    assert nombres[1] <= 8
    assert nombres[2] <= 20


# --- Operation, result, undo ---


def test_the_ars_changes_and_the_former_number_still_finds_it(connexion, session, guadeloupe):
    """S113 to S115, N21; scenario 6."""
    ancien, agrement = guadeloupe.numero, build.agrement(session, guadeloupe)
    client = connexion("gestionnaire-01")

    fait = confirmer(client, guadeloupe, "ars", "03")

    assert etat(session, guadeloupe) == ("03", "03H00001", "ANTILLESGUYANE", StatutTerrain.ACTIF)
    resultat = client.get(fait.location)
    assert "Changement d’ARS : c’est fait" in texte(resultat)
    assert f"par son ancien numéro, {ancien}" in texte(resultat)
    assert agrement.reference in texte(resultat)
    assert guadeloupe.nom in texte(client.get(f"/terrains/?ars=&numero_terrain={ancien}"))
    assert f"ancien {ancien}" in texte(client.get(f"/terrains/?ars=&numero_terrain={ancien}"))
    assert "ARS Guadeloupe" in texte(client.get(f"/agrements/{agrement.id}"))
    assert [un.operation for un in session.scalars(select(Evenement))] == ["TS.changer_ars"]


def test_the_subdivision_changes_and_the_number_does_not(connexion, session):
    """S120, A32; scenario 7."""
    terrain = build.terrain(session, ars_code="93", subdivision_code="MARSEILLE")
    numero = terrain.numero
    client = connexion("gestionnaire-93")

    resultat = client.get(confirmer(client, terrain, "subdivision", "NICE").location)

    assert etat(session, terrain) == ("93", numero, "NICE", StatutTerrain.ACTIF)
    assert "Subdivision Aix-Marseille Nice" in texte(resultat)
    assert "ancien numéro" not in texte(resultat)


def test_a_practitioner_leaves_for_another_ars(connexion, session, nice):
    """S127, TS-19; scenario 8."""
    client = connexion("gestionnaire-93")

    resultat = client.get(confirmer(client, nice, "transferer", "53").location)

    assert etat(session, nice) == ("53", "53P00001", None, TRANSFERE)
    assert "Statut Actif Transféré" in texte(resultat)
    assert client.get(f"/terrains/{nice.id}/modifier").status_code == 404


@pytest.mark.parametrize(("ecran", "vers"), [("ars", "94"), ("subdivision", "MARSEILLE"), ("transferer", "53")])
def test_a_form_sent_twice_moves_once(connexion, session, nice, ecran, vers):
    """A-54: both answers lead to the same result."""
    client = connexion("gestionnaire-93")
    formulaire = Page(apercu(client, nice, ecran, vers).text).formulaire

    deux = [client.post(f"/terrains/{nice.id}/{ecran}", data=formulaire) for _ in range(2)]

    assert [un.status_code for un in deux] == [302, 302]
    assert deux[0].location == deux[1].location
    assert session.scalar(select(func.count()).select_from(Evenement)) == 1


def annuler(resultat: str) -> str:
    """Address of the undo of the operation that this page tells."""
    return f"/journal/{resultat.rpartition('/')[2]}/annuler"


def test_the_result_leads_to_the_undo(connexion, session, guadeloupe):
    """N2, M22: asked first; the former number is no longer a former one."""
    numero = guadeloupe.numero
    client = connexion("gestionnaire-01")
    resultat = confirmer(client, guadeloupe, "ars", "03").location

    demande = client.get(annuler(resultat))
    assert etat(session, guadeloupe)[0] == "03"
    fait = client.post(annuler(resultat))

    assert "retrouve les valeurs qu’il avait avant" in texte(demande)
    assert fait.location.startswith("/journal/")
    assert etat(session, guadeloupe)[:2] == ("01", numero)
    assert session.scalars(select(AncienNumero.numero)).all() == []


def test_an_undo_that_is_too_late_says_why(connexion, session, nice):
    """N2: the receiving ARS has completed it."""
    build.praticien(session, rpps=nice.rpps)
    resultat = confirmer(connexion("gestionnaire-93"), nice, "transferer", "11").location
    autre = connexion("gestionnaire-11")
    autre.post(
        f"/transferts-de-praticien/{nice.id}/completer",
        data=Page(autre.get(f"/transferts-de-praticien/{nice.id}/completer").text).formulaire,
    )
    client = connexion("gestionnaire-93")

    page, envoi = client.get(resultat), client.post(annuler(resultat))

    assert "a touché les mêmes objets" in texte(page)
    assert annuler(resultat) not in Page(page.text).adresses
    assert envoi.status_code == 422
    assert etat(session, nice)[0] == "11"


def test_the_result_is_for_the_ars_that_it_touches(connexion, session, nice):
    """M22, M23."""
    resultat = confirmer(connexion("gestionnaire-93"), nice, "transferer", "53").location

    lus = {login: connexion(login).get(resultat) for login in ("lecture-93", "gestionnaire-53", "national")}

    assert {un.status_code for un in lus.values()} == {200}
    assert "Annuler cette opération" not in texte(lus["lecture-93"])
    assert annuler(resultat) in Page(lus["national"].text).adresses
    assert "vos propres opérations" in texte(lus["gestionnaire-53"])
    assert connexion("gestionnaire-84").get(resultat).status_code == 403
    assert connexion("gestionnaire-53").post(annuler(resultat)).status_code == 422
    assert connexion("gestionnaire-53").get("/terrains/operations/999999999").status_code == 404
    assert etat(session, nice)[0] == "53"


# --- Ticked rows ---


def en_lot(client, *terrains, **champs):
    donnees = {"action": "transferer", "rowid": [un.id for un in terrains], **champs}
    return client.post("/terrains/action", data=donnees)


def test_practitioners_are_transferred_together_with_a_report(connexion, session, nice):
    """S145, N30: those that nothing holds back, one event, and the rows say what became of each."""
    second = build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="NICE")
    bloque = build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="NICE")
    service = build.terrain(session, ars_code="93", subdivision_code="NICE")
    demande = build.demande(session, bloque)
    client = connexion("gestionnaire-93")
    page = en_lot(client, nice, second, bloque, service)

    fait = client.post("/terrains/action", data={**Page(page.text).formulaire, "ars_code": "53"})

    assert "Transférer 2 terrains" in page.text
    assert [etat(session, un)[0] for un in (nice, second, bloque, service)] == ["53", "53", "93", "93"]
    rapport = texte(client.get(fait.location))
    assert "2 terrains , 2 refus" in rapport
    assert demande.reference in rapport
    assert "seul un praticien se transfère" in rapport
    assert [un.operation for un in session.scalars(select(Evenement))] == ["TS.transferer_praticien"]


def test_an_ars_of_the_same_subdivision_is_refused_row_by_row(connexion, session, nice):
    """A33."""
    marseille = build.terrain(session, type=PRATICIEN, ars_code="93", subdivision_code="MARSEILLE")
    client = connexion("gestionnaire-93")

    rapport = client.get(en_lot(client, nice, marseille, confirmer="1", ars_code="94").location)

    assert "0 terrain , 2 refus" in texte(rapport)
    assert etat(session, nice)[0] == "93"


@pytest.mark.parametrize("code", ["", "99", "93"])
def test_an_ars_is_asked_before_anything_is_done(connexion, session, nice, code):
    reponse = en_lot(connexion("gestionnaire-93"), nice, confirmer="1", ars_code=code)

    assert reponse.status_code == 422
    assert etat(session, nice)[0] == "93"


def test_a_foreign_terrain_stops_the_whole_transfer(connexion, session, nice):
    """A-04, M20."""
    etranger = build.terrain(session, type=PRATICIEN)

    reponse = en_lot(connexion("gestionnaire-93"), nice, etranger, confirmer="1", ars_code="11")

    assert reponse.status_code == 404
    assert [etat(session, un)[0] for un in (nice, etranger)] == ["93", "53"]
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0
