"""« Supprimer », « Activer » and flags, on one object or on ticked rows (§1.12, S137–S140, S145; TS-05 to TS-13)."""

import csv
import io
import random
from datetime import date

import pytest
from sqlalchemy import event, func, select, update

from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.interne import Semestre
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from tests import build
from tests.views.pages import Page

INACTIF, ACTIF = StatutTerrain.INACTIF, StatutTerrain.ACTIF


def action(client, nom, *objets, liste="/terrains/", criteres="", **champs):
    return client.post(f"{liste}action{criteres}", data={"action": nom, "rowid": [un.id for un in objets], **champs})


def texte(reponse) -> str:
    return " ".join(Page(reponse.text).textes)


def statuts(session, *terrains) -> list[StatutTerrain]:
    session.expire_all()
    return [un.statut for un in terrains]


# --- One terrain ---


def test_a_terrain_is_deleted_after_a_confirmation(connexion, session):
    """S137, TS-05."""
    terrain = build.terrain(session)
    client = connexion("gestionnaire-53")

    confirmation = client.get(f"/terrains/{terrain.id}/supprimer")
    assert "il reste consultable avec son numéro" in texte(confirmation)
    assert statuts(session, terrain) == [ACTIF]
    assert client.post(f"/terrains/{terrain.id}/supprimer").location == "/terrains/"

    assert statuts(session, terrain) == [INACTIF]
    assert session.scalars(select(Evenement.operation)).all() == ["TS.supprimer"]


def test_what_blocks_is_listed_and_nothing_may_be_confirmed(connexion, session):
    """S138, TS-06; scenario 10."""
    terrain = build.terrain(session)
    agrement, demande = build.agrement(session, terrain), build.demande(session, terrain)
    client = connexion("gestionnaire-53")

    lecture, envoi = client.get(f"/terrains/{terrain.id}/supprimer"), client.post(f"/terrains/{terrain.id}/supprimer")

    assert (lecture.status_code, envoi.status_code) == (200, 409)
    for reponse in (lecture, envoi):
        assert agrement.reference in reponse.text
        assert demande.reference in reponse.text
        assert '<button class="danger">' not in reponse.text
    assert statuts(session, terrain) == [ACTIF]


def test_internes_are_a_warning(connexion, session):
    """S139."""
    terrain = build.terrain(session)
    semestre = build.semestre_internat(session, terrain=terrain).semestre_id
    session.execute(update(Semestre).where(Semestre.id == semestre).values(date_fin=date(2999, 4, 30)))

    assert "1 interne y est affecté" in texte(connexion("gestionnaire-53").get(f"/terrains/{terrain.id}/supprimer"))


def test_a_terrain_is_activated_after_a_confirmation(connexion, session):
    """S140, TS-09."""
    terrain = build.terrain(session, statut=INACTIF)
    client = connexion("gestionnaire-53")

    assert "redevient actif" in texte(client.get(f"/terrains/{terrain.id}/activer"))
    assert client.post(f"/terrains/{terrain.id}/activer").location == f"/terrains/{terrain.id}"
    assert statuts(session, terrain) == [ACTIF]


@pytest.mark.parametrize("verbe", ["activer", "supprimer"])
@pytest.mark.parametrize("statut", list(StatutTerrain))
def test_the_statut_decides(connexion, session, verbe, statut):
    """TS-07, TS-08, TS-12, TS-13."""
    praticien = build.praticien(session)
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, rpps=praticien.rpps, statut=statut)
    permis = {"activer": INACTIF, "supprimer": ACTIF}[verbe]

    reponse = connexion("gestionnaire-53").post(f"/terrains/{terrain.id}/{verbe}")

    assert reponse.status_code == (302 if statut is permis else 409)


# --- Ticked rows ---


def test_a_preview_says_row_by_row_what_will_be_done(connexion, session):
    """B-07, N30: nothing is done yet, and the button carries the count."""
    libre, autre, bloque = build.terrain(session), build.terrain(session), build.terrain(session)
    agrement = build.agrement(session, bloque)

    reponse = action(connexion("gestionnaire-53"), "supprimer", libre, autre, bloque)

    assert reponse.status_code == 200
    assert "Supprimer 2 terrains" in reponse.text
    assert agrement.reference in reponse.text
    assert statuts(session, libre, autre, bloque) == [ACTIF] * 3
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


def test_the_preview_leads_to_the_operation_and_its_report(connexion, session):
    """N30, TS-05, TS-06: the report can be reloaded, downloaded, and goes back to the same list."""
    libre, bloque = build.terrain(session), build.terrain(session)
    agrement = build.agrement(session, bloque)
    client = connexion("gestionnaire-53")
    apercu = action(client, "supprimer", libre, bloque, criteres="?ars=53&nom=x")

    fait = client.post("/terrains/action?ars=53&nom=x", data=Page(apercu.text).formulaire)

    assert statuts(session, libre, bloque) == [INACTIF, ACTIF]
    rapport = client.get(fait.location)
    assert "/terrains/?ars=53&nom=x" in Page(rapport.text).adresses
    assert f"{libre.numero} – Service fictif Fait" in texte(rapport)
    assert agrement.reference in rapport.text
    fichier = client.get(f"{fait.location.partition('?')[0]}.csv").get_data(as_text=True)
    lignes = list(csv.DictReader(io.StringIO(fichier.removeprefix("\ufeff")), delimiter=";"))
    assert [(ligne["Objet"][:8], ligne["Résultat"]) for ligne in lignes] == [
        (bloque.numero, "Refusé"),
        (libre.numero, "Fait"),
    ]
    assert agrement.reference in lignes[0]["Motif"]


def test_terrains_are_activated_together(connexion, session):
    """TS-09, TS-10, TS-12: what is already active is reported, not an error."""
    ferme = build.etablissement(session, statut=StatutEtablissement.INACTIF)
    a_faire = [build.terrain(session, statut=INACTIF) for _ in range(3)]
    actif, refuse = build.terrain(session), build.terrain(session, etablissement=ferme, statut=INACTIF)
    client = connexion("gestionnaire-53")
    apercu = action(client, "activer", *a_faire, actif, refuse)

    client.post("/terrains/action", data=Page(apercu.text).formulaire)

    assert "Activer 3 terrains" in apercu.text
    assert statuts(session, *a_faire, actif, refuse) == [ACTIF] * 4 + [INACTIF]


def test_nothing_ticked_is_told(connexion):
    reponse = action(connexion("gestionnaire-53"), "supprimer", criteres="?ars=53")

    assert reponse.location == "/terrains/?ars=53"
    assert (
        "Cochez au moins une ligne"
        in connexion("gestionnaire-53").post("/terrains/action", data={"action": "activer"}, follow_redirects=True).text
    )


def test_a_selection_without_a_possible_row_has_no_button(connexion, session):
    """B-14."""
    reponse = action(connexion("gestionnaire-53"), "activer", build.terrain(session))

    assert "Aucune ligne ne peut être traitée" in texte(reponse)
    assert 'name="confirmer"' not in reponse.text


def test_one_foreign_or_missing_terrain_stops_the_whole_selection(connexion, session):
    """A-04, A-05: whatever its place, no partial effect, and the answer of an object that does not exist."""
    miens = [build.terrain(session) for _ in range(4)]
    etranger = build.terrain(session, ars_code="93")
    client, hasard = connexion("gestionnaire-53"), random.Random(20261125)

    for tour in range(40):
        choisis = hasard.sample([un.id for un in miens], k=hasard.randrange(1, 4))
        choisis.insert(hasard.randrange(len(choisis) + 1), etranger.id if tour % 2 else 999_999_999)
        donnees = {"action": hasard.choice(["supprimer", "activer", "signaler"]), "rowid": choisis, "confirmer": "1"}
        assert client.post("/terrains/action", data=donnees).status_code == 404

    assert statuts(session, *miens, etranger) == [ACTIF] * 5
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


def test_a_selection_is_read_in_few_statements(connexion, session, connection):
    """The guard asks for all rows at once."""
    terrains = [build.terrain(session, statut=INACTIF) for _ in range(30)]
    client = connexion("gestionnaire-53")
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    action(client, "activer", *terrains)

    assert len([ordre for ordre in ordres if "SAVEPOINT" not in ordre]) <= 10


# --- Flags ---


def test_praticiens_are_flagged_together_with_one_comment(connexion, session):
    """S88, S145; a hospitalier among them is refused."""
    praticien, service = build.terrain(session, type=TypeTerrain.PRATICIEN), build.terrain(session)
    client = connexion("gestionnaire-53")
    apercu = action(client, "signaler", praticien, service)

    fait = client.post("/terrains/action", data={**Page(apercu.text).formulaire, "commentaire": "Parti à Brest"})

    assert "Signaler 1 terrain" in apercu.text
    session.expire_all()
    assert (praticien.rpps_errone, praticien.rpps_errone_commentaire) == (True, "Parti à Brest")
    assert "n’est pas un terrain praticien" in client.get(fait.location).text


@pytest.mark.parametrize(
    ("liste", "construire", "bouton"),
    [
        ("/etablissements/", build.etablissement, "Signaler 2 établissements"),
        ("/entites-juridiques/", build.entite_juridique, "Signaler 2 entités juridiques"),
    ],
)
def test_finess_is_flagged_on_ticked_rows(connexion, session, liste, construire, bouton):
    """S38, S145."""
    deux = [construire(session), construire(session)]
    client = connexion("gestionnaire-53")
    cases = Page(client.get(f"{liste}?ars=53").text)
    apercu = action(client, "signaler", *deux, liste=liste)

    fait = client.post(f"{liste}action", data={**Page(apercu.text).formulaire, "commentaire": "Adresse fausse"})

    assert "rowid" in cases.noms
    assert bouton in apercu.text
    session.expire_all()
    assert [(un.finess_errone, un.finess_errone_commentaire) for un in deux] == [(True, "Adresse fausse")] * 2
    assert client.get(fait.location).status_code == 200


def test_a_comment_that_is_too_long_is_not_lost(connexion, session):
    """B-09."""
    et = build.etablissement(session)
    commentaire = "x" * 2001

    reponse = action(
        connexion("gestionnaire-53"), "signaler", et, liste="/etablissements/", confirmer="1", commentaire=commentaire
    )

    assert reponse.status_code == 422
    assert commentaire in reponse.text


def test_the_boxes_of_foreign_rows_cannot_be_ticked_and_a_reader_has_none(connexion, session):
    """N18."""
    build.etablissement(session, ars_code="93")

    assert 'name="rowid"' in connexion("gestionnaire-53").get("/etablissements/?ars=93").text
    assert "rowid" not in Page(connexion("gestionnaire-53").get("/etablissements/?ars=93").text).noms
    assert 'name="rowid"' not in connexion("lecture-53").get("/etablissements/?ars=93").text


# --- Reports ---


def test_a_report_is_that_of_its_ars(connexion, session):
    """M23."""
    terrain = build.terrain(session)
    client = connexion("gestionnaire-53")
    adresse = action(client, "supprimer", terrain, confirmer="1").location

    assert connexion("lecture-53").get(adresse).status_code == 200
    assert connexion("national").get(adresse).status_code == 200
    assert connexion("gestionnaire-84").get(adresse).status_code == 403


def test_another_event_is_no_report(connexion, session):
    et = build.etablissement(session)
    terrain = build.terrain(session)
    client = connexion("gestionnaire-53")
    client.post(f"/terrains/{terrain.id}/supprimer")
    action(client, "signaler", et, liste="/etablissements/", confirmer="1")

    for evenement in session.scalars(select(Evenement.id)):
        assert client.get(f"/terrains/rapports/{evenement}").status_code == 404
    assert client.get("/terrains/rapports/999999999").status_code == 404


def test_rows_already_as_asked_are_counted_apart(connexion, session):
    """N30: a second flag with the same comment changes nothing."""
    et = build.etablissement(session)
    client = connexion("gestionnaire-53")
    envoi = {"liste": "/etablissements/", "confirmer": "1", "commentaire": "Faux"}
    action(client, "signaler", et, **envoi)

    rapport = client.get(action(client, "signaler", et, **envoi).location)

    assert "0 établissement , 1 déjà dans cet état" in texte(rapport)
    assert session.scalar(select(func.count()).select_from(TerrainDeStage)) == 0
