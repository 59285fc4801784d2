"""« Fusion d’établissements », « Transfert de service »: each step, what it shows and refuses (§1.7; N1, N2)."""

import re
from datetime import date

import pytest
from sqlalchemy import event, select

from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain
from models.journal import Evenement
from tests import build
from tests.views.pages import Page

ACTIF, INACTIF, SUPPRIME = StatutEtablissement.ACTIF, StatutEtablissement.INACTIF, StatutEtablissement.SUPPRIME
MAX_STATEMENTS = 11
FUSION, TRANSFERT = "/operations/fusion/", "/operations/transfert/"


def texte(reponse) -> str:
    return re.sub(r"\s+([,.])", r"\1", " ".join(Page(reponse.text).textes))


def deux_et(session, **origine):
    """An origin of Bretagne that is Inactif, and where its terrains may go."""
    return build.etablissement(session, **{"statut": INACTIF} | origine), build.etablissement(session, ville="BREST")


def des_terrains(session, etablissement, nombre):
    return [build.terrain(session, etablissement=etablissement) for _ in range(nombre)]


def confirmer(client, adresse, **champs):
    """Send the preview as it is shown."""
    formulaire = Page(client.get(adresse).text).formulaire
    return client.post(adresse, data={**formulaire, **champs})


def choix(page, et) -> str:
    """What the row of an établissement says of its choice."""
    [ligne] = [une for une in page.replace("</tr>", "<tr").split("<tr") if f'class="numero">{et.numero_finess}<' in une]
    return " ".join(Page(ligne[ligne.index('<td class="actions"') :]).textes)


# --- Search of the origin and of the destination ---


def test_the_search_of_the_origin_opens_on_what_is_inactive(connexion, session):
    """S98; a transfer opens on everything, and so does a fusion once its box is unticked."""
    actif, inactif = build.etablissement(session), build.etablissement(session, statut=INACTIF)
    client = connexion("gestionnaire-53")

    ouverture, sans_case = client.get(FUSION).text, client.get(f"{FUSION}?nom=&ville=&ars=").text

    assert Page(ouverture).formulaire["statut"] == ["INACTIF"]
    assert (actif.numero_finess in ouverture, inactif.numero_finess in ouverture) == (False, True)
    for page in (sans_case, client.get(TRANSFERT).text):
        assert "statut" not in Page(page).formulaire
        assert actif.numero_finess in page


def test_every_establishment_is_listed_and_says_why_it_cannot_be_the_origin(connexion, session):
    """S97, A14, A49; scenario 5: what is Supprimé is never listed."""
    mien, ailleurs = build.etablissement(session), build.etablissement(session, ars_code="93")
    supprime, inactif = build.etablissement(session, statut=SUPPRIME), build.etablissement(session, statut=INACTIF)
    plein = build.terrain(session).etablissement

    page = connexion("gestionnaire-53").get(f"{FUSION}?nom=hopital").text

    assert choix(page, plein) == choix(page, inactif) == "Choisir"
    assert choix(page, mien).startswith("Aucun terrain")
    assert choix(page, ailleurs).startswith("Hors de votre ARS de travail")
    assert "demandez-le à un administrateur national" in choix(page, ailleurs)
    assert supprime.numero_finess not in page


def test_a_national_administrator_chooses_anywhere(connexion, session):
    """S95, M15."""
    ailleurs = build.terrain(session, ars_code="93").etablissement

    assert choix(connexion("national").get(f"{FUSION}?nom=hopital").text, ailleurs) == "Choisir"


def test_an_establishment_without_terrain_has_nothing_to_transfer(connexion, session):
    vide = build.etablissement(session, statut=INACTIF)
    client = connexion("gestionnaire-53")

    assert choix(client.get(f"{TRANSFERT}?nom=hopital").text, vide).startswith("Aucun terrain")
    assert "n’a aucun terrain" in texte(client.get(f"{TRANSFERT}{vide.id}"))


def test_only_an_active_establishment_may_be_the_destination(connexion, session):
    """A16, S106; the origin itself is no destination."""
    origine, destination = deux_et(session, statut=ACTIF)
    des_terrains(session, origine, 1)
    inactif = build.etablissement(session, statut=INACTIF)
    client = connexion("gestionnaire-53")

    assert Page(client.get(f"{FUSION}{origine.id}").text).formulaire["statut"] == ["ACTIF"]
    page = client.get(f"{FUSION}{origine.id}?nom=hopital").text

    assert choix(page, destination) == "Choisir"
    assert choix(page, inactif).startswith("N’est pas actif")
    assert choix(page, origine).startswith("C’est l’origine")


@pytest.mark.parametrize("adresse", [FUSION, f"{FUSION}{{et}}", f"{TRANSFERT}{{et}}", f"{TRANSFERT}{{et}}/destination"])
def test_a_longer_list_asks_no_more_of_the_database(connexion, session, connection, adresse):
    """QUALITY: a fixed number of statements a page."""
    client = connexion("gestionnaire-53")
    [terrain] = des_terrains(session, build.etablissement(session), 1)
    url = adresse.format(et=terrain.etablissement_id) + "?nom=hopital&terrains=tous"

    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    def nombre() -> int:
        ordres.clear()
        assert client.get(url).status_code == 200
        return sum(not un.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for un in ordres)

    premier = nombre()
    for _ in range(12):
        des_terrains(session, terrain.etablissement, 1)
        build.terrain(session)

    assert nombre() == premier <= MAX_STATEMENTS


# --- Fusion ---


def test_a_fusion_is_shown_then_done_then_told(connexion, session):
    """S91, S93, S100–S102, N1; scenario 1."""
    origine, destination = deux_et(session)
    terrains = des_terrains(session, origine, 3)
    deja, [agrement] = des_terrains(session, destination, 1), [build.agrement(session, terrains[0])]
    numeros = [un.numero for un in terrains]
    client = connexion("gestionnaire-53")
    adresse = f"{FUSION}{origine.id}/{destination.id}"

    apercu = client.get(adresse)
    lu = texte(apercu)
    assert "Fusionner 3 terrains" in lu
    assert "1 agrément ouvert suit son terrain et est à réexaminer" in lu
    assert f"{origine} est supprimé" in lu
    assert f"{origine.entite_juridique} est supprimée" in lu
    assert all(numero in lu for numero in numeros)
    reponse = confirmer(client, adresse)
    resultat = client.get(reponse.location)

    session.expire_all()
    assert reponse.status_code == 303
    assert [(un.etablissement_id, un.numero) for un in terrains] == [(destination.id, numero) for numero in numeros]
    assert (origine.statut, origine.entite_juridique.statut) == (SUPPRIME, StatutEntiteJuridique.SUPPRIME)
    assert agrement.a_reexaminer
    assert "L’établissement d’origine n’a plus aucun terrain" in texte(resultat)
    assert resultat.text.count('class="arrive"') == 3
    assert deja[0].numero in resultat.text
    assert "Nouvelle fusion" in resultat.text
    assert "a été supprimé, ainsi que son entité juridique" in texte(resultat)


def test_the_preview_counts_agrements_and_demandes_by_statut(connexion, session):
    """N1."""
    origine, destination = deux_et(session)
    [terrain] = des_terrains(session, origine, 1)
    build.agrement(session, terrain)
    for _ in range(2):
        build.agrement(session, terrain, date_debut=date(2020, 11, 1), date_fin=date(2021, 10, 31))
    build.demande(session, terrain)

    apercu = texte(connexion("gestionnaire-53").get(f"{FUSION}{origine.id}/{destination.id}"))

    assert "Agréments : 1 « Agrément en cours », 2 « Échu »." in apercu
    assert "Demandes d’agrément : 1 « En cours d’instruction »." in apercu


def test_an_active_origin_stays_and_the_result_says_so(connexion, session):
    """S93; scenario 2."""
    origine, destination = deux_et(session, statut=ACTIF)
    des_terrains(session, origine, 1)
    client = connexion("gestionnaire-53")

    resultat = client.get(confirmer(client, f"{FUSION}{origine.id}/{destination.id}").location)

    session.expire_all()
    assert origine.statut is ACTIF
    assert "L’établissement d’origine reste actif" in texte(resultat)


def test_a_form_sent_twice_leads_twice_to_the_same_result(connexion, session):
    """A-54."""
    origine, destination = deux_et(session)
    des_terrains(session, origine, 2)
    client = connexion("gestionnaire-53")
    adresse = f"{FUSION}{origine.id}/{destination.id}"
    formulaire = Page(client.get(adresse).text).formulaire

    premiere, seconde = (client.post(adresse, data=formulaire) for _ in range(2))

    [evenement] = session.scalars(select(Evenement)).all()
    assert premiere.location == seconde.location == f"{FUSION}resultats/{evenement.id}"


def test_a_second_user_is_told_that_things_changed_and_sees_what_is_there_now(connexion, session):
    """E-APERCU-PERIME; scenario 15."""
    origine, destination = deux_et(session)
    [terrain] = des_terrains(session, origine, 1)
    autre = build.etablissement(session)
    client = connexion("gestionnaire-53")
    formulaire = Page(client.get(f"{FUSION}{origine.id}/{autre.id}").text).formulaire
    confirmer(client, f"{FUSION}{origine.id}/{destination.id}")

    reponse = client.post(f"{FUSION}{origine.id}/{autre.id}", data=formulaire)

    session.expire_all()
    assert reponse.status_code == 409
    assert "E-APERCU-PERIME" in texte(reponse)
    assert "est déjà supprimé" in texte(reponse)
    assert terrain.etablissement_id == destination.id
    assert session.scalars(select(Evenement.operation)).all() == ["ET.fusionner"]


@pytest.mark.parametrize("sceau", ["", "0" * 64])
def test_nothing_is_done_that_was_not_shown(connexion, session, sceau):
    """N1: without the seal of the preview, or with another one; the new preview may then be confirmed."""
    origine, destination = deux_et(session)
    [terrain] = des_terrains(session, origine, 1)
    client = connexion("gestionnaire-53")
    adresse = f"{FUSION}{origine.id}/{destination.id}"

    reponse = confirmer(client, adresse, sceau=sceau)
    session.expire_all()
    assert (reponse.status_code, terrain.etablissement_id) == (409, origine.id)
    assert client.post(adresse, data=Page(reponse.text).formulaire).status_code == 303


def test_a_forged_fusion_with_another_ars_is_refused_and_told_in_the_journal(connexion, session):
    """S95, M15; scenario 5: the page shows no button, and the form is refused all the same."""
    origine, _ = deux_et(session, ars_code="84", code_insee="69123")
    paca = build.etablissement(session, ars_code="93")
    [terrain] = des_terrains(session, origine, 1)
    client = connexion("gestionnaire-84")
    adresse = f"{FUSION}{origine.id}/{paca.id}"

    apercu = client.get(adresse)
    reponse = client.post(adresse, data={"sceau": "0" * 64})

    session.expire_all()
    assert '<button class="principal">' not in apercu.text
    assert "E-HORS-ARS" in texte(apercu)
    assert (reponse.status_code, terrain.etablissement_id) == (409, origine.id)
    [evenement] = session.scalars(select(Evenement)).all()
    assert (evenement.operation, evenement.acteur, evenement.changements) == (
        "ET.fusion_refusee",
        "gestionnaire-84",
        [],
    )
    assert evenement.details["destination"] == str(paca)


def test_between_two_ars_the_administrator_chooses_the_subdivision(connexion, session):
    """A31: the new numbers and territory are shown before."""
    origine, _ = deux_et(session)
    destination = build.etablissement(session, ars_code="93")
    [terrain] = des_terrains(session, origine, 1)
    ancien = terrain.numero
    client = connexion("national")
    adresse = f"{FUSION}{origine.id}/{destination.id}"

    sans = client.get(adresse)
    assert "Choisissez la subdivision" in texte(sans)
    assert "Fusionner 1 terrain" not in texte(sans)
    avec = f"{adresse}?subdivision=NICE"
    assert "93H00001" in texte(client.get(avec))
    resultat = client.get(confirmer(client, avec).location)

    session.expire_all()
    assert (terrain.ars_code, terrain.subdivision_code, terrain.numero) == ("93", "NICE", "93H00001")
    assert ancien not in texte(resultat)
    assert "93H00001" in texte(resultat)


def test_an_unknown_establishment_is_a_missing_page(connexion, session):
    origine, _ = deux_et(session)
    client = connexion("gestionnaire-53")

    for suite in ("999999999", f"{origine.id}/999999999", "resultats/999999999", f"{origine.id}/99999999999999999999"):
        assert client.get(f"{FUSION}{suite}").status_code == 404
    assert client.post(f"{FUSION}{origine.id}/999999999").status_code == 404


def annuler(resultat: str) -> str:
    """Address of the undo of the operation that this page tells."""
    return f"/journal/{resultat.rpartition('/')[2]}/annuler"


def test_an_operation_is_undone_from_its_result(connexion, session):
    """N2, B-08."""
    origine, destination = deux_et(session)
    [terrain] = des_terrains(session, origine, 1)
    client = connexion("gestionnaire-53")
    resultat = confirmer(client, f"{FUSION}{origine.id}/{destination.id}").location

    client.post(annuler(resultat))

    session.expire_all()
    assert (terrain.etablissement_id, origine.statut) == (origine.id, INACTIF)
    page = client.get(resultat)
    assert "a été annulée le" in texte(page)
    assert annuler(resultat) not in Page(page.text).adresses


def test_what_forbids_to_undo_is_said_and_nothing_is_undone(connexion, session):
    """N2, N18: only who did it, and not once another operation has touched the same terrains."""
    origine, destination = deux_et(session, statut=ACTIF)
    [terrain] = des_terrains(session, origine, 1)
    client = connexion("gestionnaire-53")
    resultat = confirmer(client, f"{FUSION}{origine.id}/{destination.id}").location
    confirmer(client, f"{FUSION}{destination.id}/{origine.id}")

    page, reponse = client.get(resultat), client.post(annuler(resultat))

    session.expire_all()
    for une in (page, reponse):
        assert "a touché les mêmes objets" in texte(une)
    assert reponse.status_code == 422
    assert terrain.etablissement_id == origine.id


def test_the_result_of_another_ars_stays_closed(connexion, session):
    """M23."""
    origine, destination = deux_et(session)
    des_terrains(session, origine, 1)
    resultat = confirmer(connexion("gestionnaire-53"), f"{FUSION}{origine.id}/{destination.id}").location

    assert connexion("gestionnaire-84").get(resultat).status_code == 403
    assert connexion("gestionnaire-84").post(annuler(resultat)).status_code == 403
    assert connexion("lecture-53").get(resultat).status_code == 403
    assert connexion("national").get(resultat).status_code == 200
    assert connexion("national").get(resultat.replace("fusion", "transfert")).status_code == 404


def test_a_big_fusion_is_shown_in_pages(connexion, session):
    """N1: the totals are those of the whole, the detail comes 200 by 200."""
    origine, destination = deux_et(session)
    des_terrains(session, origine, 205)
    client = connexion("gestionnaire-53")

    premiere, seconde = (client.get(f"{FUSION}{origine.id}/{destination.id}?page={page}") for page in (1, 2))

    assert "Fusionner 205 terrains" in texte(premiere)
    assert [une.text.count("Avant : </span>" + origine.numero_finess) for une in (premiere, seconde)] == [200, 5]


# --- Transfer of units ---


def test_chosen_terrains_are_transferred_and_the_origin_stays(connexion, session):
    """S92, S94, S104–S108, A15; scenario 4."""
    origine, destination = deux_et(session)
    premier, deuxieme, reste = des_terrains(session, origine, 3)
    client = connexion("gestionnaire-53")

    cocher = client.post(f"{TRANSFERT}{origine.id}", data={"terrain": [premier.id, deuxieme.id]})
    destinations = client.get(f"{cocher.location}&nom=hopital")
    adresse = next(une for une in Page(destinations.text).adresses if f"/{destination.id}?" in une)
    assert "Transférer 2 terrains" in texte(client.get(adresse))
    resultat = client.get(confirmer(client, adresse).location)

    session.expire_all()
    assert {premier.etablissement_id, deuxieme.etablissement_id} == {destination.id}
    assert (reste.etablissement_id, origine.statut) == (origine.id, INACTIF)
    assert resultat.text.count('class="arrive"') == 2
    assert reste.numero in texte(resultat)
    assert "Nouveau transfert" in texte(resultat)


def test_at_least_one_terrain_is_chosen(connexion, session):
    """S105, E-SELECTION-VIDE."""
    origine, destination = deux_et(session)
    des_terrains(session, origine, 1)
    client = connexion("gestionnaire-53")

    reponse = client.post(f"{TRANSFERT}{origine.id}", data={})

    assert reponse.status_code == 422
    assert "Choisissez au moins un terrain" in texte(reponse)
    assert client.get(f"{TRANSFERT}{origine.id}/destination").location == f"{TRANSFERT}{origine.id}"
    assert "E-SELECTION-VIDE" in texte(client.get(f"{TRANSFERT}{origine.id}/{destination.id}"))


def test_all_of_them_may_be_chosen_and_a_fusion_is_proposed(connexion, session):
    """S105."""
    origine, destination = deux_et(session)
    terrains = des_terrains(session, origine, 2)
    client = connexion("gestionnaire-53")

    suite = client.post(f"{TRANSFERT}{origine.id}", data={"tous": "1"}).location
    page = client.get(suite, follow_redirects=True)
    confirmer(client, f"{TRANSFERT}{origine.id}/{destination.id}?terrains=tous")

    session.expire_all()
    assert f'href="{FUSION}{origine.id}"' in page.text
    assert {un.etablissement_id for un in terrains} == {destination.id}
    assert origine.statut is INACTIF


def test_ticked_terrains_stay_ticked_from_page_to_page(connexion, session):
    """S104: 200 a page."""
    origine, _ = deux_et(session)
    terrains = des_terrains(session, origine, 201)
    client = connexion("gestionnaire-53")

    seconde = client.post(f"{TRANSFERT}{origine.id}", data={"terrain": [terrains[0].id, terrains[2].id], "page": "2"})
    formulaire = Page(client.get(seconde.location).text).formulaire
    suite = client.post(f"{TRANSFERT}{origine.id}", data={**formulaire, "terrain": [terrains[200].id]}).location

    choisis = f"{terrains[0].id},{terrains[2].id},{terrains[200].id}"
    assert suite == f"{TRANSFERT}{origine.id}/destination?terrains={choisis}"
    assert "3 terrains à transférer" in texte(client.get(suite, follow_redirects=True))


def test_terrains_of_another_establishment_are_refused(connexion, session):
    """E-TS-AUTRE-ET: by the address, as by a forged form."""
    origine, destination = deux_et(session)
    [terrain], etranger = des_terrains(session, origine, 1), build.terrain(session)
    client = connexion("gestionnaire-53")
    adresse = f"{TRANSFERT}{origine.id}/{destination.id}?terrains={terrain.id},{etranger.id}"

    assert "E-TS-AUTRE-ET" in texte(client.get(adresse))
    assert client.post(adresse, data={"sceau": "0" * 64}).status_code == 409

    session.expire_all()
    assert {terrain.etablissement_id, etranger.etablissement_id}.isdisjoint({destination.id})


@pytest.mark.parametrize("terrains", ["", "abc", "1-", "9-1", "1-999999999", "-", "99999999999", "%F0%9F%92%A3"])
def test_an_address_typed_at_random_never_fails(connexion, session, terrains):
    origine, destination = deux_et(session)

    reponse = connexion("gestionnaire-53").get(f"{TRANSFERT}{origine.id}/{destination.id}?terrains={terrains}")

    assert reponse.status_code == 200
    assert "n’est pas possible" in texte(reponse)


# --- From the other screens ---


def test_a_fusion_starts_from_a_row_or_from_a_card(connexion, session):
    mien, ailleurs = build.etablissement(session), build.etablissement(session, ars_code="93")
    client = connexion("gestionnaire-53")

    for page in (client.get("/etablissements/?ars="), client.get(f"/etablissements/{mien.id}")):
        assert f'href="{FUSION}{mien.id}"' in page.text
        assert f'href="{FUSION}{ailleurs.id}"' not in page.text
    assert "Fusionner" not in connexion("lecture-53").get("/etablissements/?ars=").text


def test_a_transfer_starts_from_ticked_terrains_of_one_establishment(connexion, session):
    """Bulk action; E-TS-AUTRE-ET said plainly otherwise."""
    un, deux = des_terrains(session, build.etablissement(session), 2)
    ailleurs = build.terrain(session, statut=StatutTerrain.INACTIF)
    client = connexion("gestionnaire-53")

    def transferer(*terrains):
        return client.post("/terrains/action", data={"action": "transferer_unites", "rowid": [t.id for t in terrains]})

    assert transferer(un, deux).location == (f"{TRANSFERT}{un.etablissement_id}/destination?terrains={un.id}-{deux.id}")
    for choisis in ((un, ailleurs), ()):
        assert transferer(*choisis).location == "/terrains/"
    assert "part d’un seul établissement" in texte(client.get("/terrains/?ars=53"))
