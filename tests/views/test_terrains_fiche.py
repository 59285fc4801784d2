"""Cards of a terrain: consultation, modification, coordinates of the ET taken again (manual §1.6, S81–S90)."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, inspect

from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from tests import build
from tests.views.pages import Page

TYPES = list(TypeTerrain)
SECONDAIRE = {
    "adresse_secondaire": "2 place Neuve",
    "code_postal_secondaire": "35000",
    "ville_secondaire": "Rennes",
    "telephone_secondaire": "0299222222",
}
SUIVI = {"modifie_le", "version", "rpps_errone_le", "rpps_errone_par"}


def page(client, adresse) -> Page:
    reponse = client.get(adresse)
    assert reponse.status_code == 200, reponse.text
    return Page(reponse.text)


def modifier(client, terrain, /, **champs):
    adresse = f"/terrains/{terrain.id}/modifier"
    return client.post(adresse, data={**page(client, adresse).formulaire, **champs})


def texte(une: Page) -> str:
    return " ".join(une.textes)


# --- Consultation ---


def test_the_card_of_a_hospitalier_leads_to_its_etablissement(connexion, session):
    et = build.etablissement(session, categorie_code="101", raison_sociale="CHU DE RENNES")
    terrain = build.terrain(session, etablissement=et, stage_chu=True, specialite_code="DES28", nombre_de_postes=0)

    fiche = page(connexion("lecture-53"), f"/terrains/{terrain.id}")

    assert f"/etablissements/{et.id}" in fiche.adresses
    for attendu in ("CHU DE RENNES", "Hospitalier", "Stage CHU Oui", "Nombre de postes 0", terrain.numero):
        assert attendu in texte(fiche)


def test_the_card_of_a_praticien_shows_the_local_value_beside_that_of_rpps(connexion, session):
    """A27: both, and which one counts."""
    terrain = build.terrain(
        session, type=TypeTerrain.PRATICIEN, praticien_nom="LE GOFF", praticien_prenom="Anne",
        responsable_nom="KERVELLA", nature_exercice="Libéral", specialite_exercice_code="SM54",
    )  # fmt: skip

    lu = texte(page(connexion("lecture-53"), f"/terrains/{terrain.id}"))

    assert "Responsable Anne LE GOFF KERVELLA retenu" in lu
    assert "Nature d’exercice Libéral retenu" in lu
    assert "Médecine générale" in lu


def test_the_card_of_an_organisme_and_its_former_numbers(connexion, session):
    """N21."""
    terrain = build.terrain(
        session, type=TypeTerrain.AUTRE, organisme_nom="Labo du Port", autre_numero="W1", autre_numero_nature="RNA"
    )
    build._ajouter(session, AncienNumero(terrain_id=terrain.id, numero="93A00001", jusqu_au=datetime.now(UTC)))

    lu = texte(page(connexion("lecture-53"), f"/terrains/{terrain.id}"))

    for attendu in ("Labo du Port", "RNA W1", "Ancien numéro 93A00001", "Coordonnées principales (saisies)"):
        assert attendu in lu


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"rpps_invalide_depuis": date(2026, 3, 1)}, "depuis le 01/03/2026 : ce praticien n’est plus autorisé"),
        ({"rpps_hors_ars_depuis": date(2026, 3, 1)}, "faut-il un transfert de praticien ?"),
        ({"rpps_errone": True, "rpps_errone_commentaire": "Faux", "rpps_errone_par": "anne",
          "rpps_errone_le": datetime(2026, 3, 1, tzinfo=UTC)}, "signalé le 01/03/2026 à 01:00 par anne : Faux"),
        ({"statut": StatutTerrain.TRANSFERE, "subdivision_code": None}, "en cours de transfert"),
    ],
)  # fmt: skip
def test_what_awaits_somebody_is_said_at_the_top_of_the_card(connexion, session, champs, phrase):
    """A9, A10, S88."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, **champs)

    assert phrase in texte(page(connexion("lecture-53"), f"/terrains/{terrain.id}"))


def test_a_terrain_being_transferred_is_not_advised_to_be_transferred(connexion, session):
    """TS-31."""
    champs = {"statut": StatutTerrain.TRANSFERE, "rpps_hors_ars_depuis": date(2026, 3, 1)}
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, **champs)

    assert "faut-il un transfert" not in texte(page(connexion("lecture-53"), f"/terrains/{terrain.id}"))


def test_buttons_that_are_not_possible_say_why(connexion, session):
    """N18: modification needs an active terrain of the ARS, activation an active établissement."""
    et = build.etablissement(session, statut=StatutEtablissement.INACTIF)
    inactif = build.terrain(session, etablissement=et, statut=StatutTerrain.INACTIF)
    ailleurs = build.terrain(session, ars_code="93")
    client = connexion("gestionnaire-53")

    lu = texte(page(client, f"/terrains/{inactif.id}"))
    assert "est inactif : activez-le avant de le modifier." in lu
    assert "est inactif : fusionnez-le ou transférez ce terrain." in lu
    assert "vous pouvez seulement le consulter" in texte(page(client, f"/terrains/{ailleurs.id}"))


def test_a_reader_is_offered_no_write(connexion, session):
    terrain = build.terrain(session, statut=StatutTerrain.INACTIF)

    fiche = page(connexion("lecture-53"), f"/terrains/{terrain.id}")

    assert not [une for une in fiche.adresses if une.endswith(("/modifier", "/activer", "/supprimer", "/creer"))]


def test_the_accesses_carry_the_number_of_the_terrain(connexion, session):
    """§1.11, A41."""
    terrain = build.terrain(session)

    fiche = page(connexion("lecture-53"), f"/terrains/{terrain.id}")

    assert f"/agrements/?terrain={terrain.numero}" in fiche.adresses
    assert f"/semestres-internat/?terrain={terrain.numero}&semestre=en-cours" in fiche.adresses


@pytest.mark.parametrize("type_", TYPES)
def test_a_card_takes_few_statements(connexion, session, connection, type_):
    terrain = build.terrain(session, type=type_, statut=StatutTerrain.INACTIF)
    client = connexion("gestionnaire-53")
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    reponse = client.get(f"/terrains/{terrain.id}")

    assert len([ordre for ordre in ordres if "SAVEPOINT" not in ordre]) <= 8
    assert len(reponse.data) <= 40 * 1024


# --- Modification ---


def test_a_hospitalier_is_modified_but_not_its_registry(connexion, session):
    """S81, S82, S86, TS-14."""
    terrain = build.terrain(session, etablissement=build.etablissement(session), nombre_de_postes=2)

    reponse = modifier(
        connexion("gestionnaire-53"), terrain, nom="Cardiologie B", nombre_de_postes="", responsable_nom="Morvan",
        specialite_code="DES28", specialites_complementaires=["DES14"], **SECONDAIRE,
    )  # fmt: skip

    session.refresh(terrain)
    assert reponse.location == f"/terrains/{terrain.id}"
    assert (terrain.nom, terrain.nombre_de_postes, terrain.responsable_nom) == ("Cardiologie B", None, "Morvan")
    assert (terrain.ville_secondaire, terrain.code_insee_secondaire) == ("Rennes", "35238")
    assert [une.code for une in terrain.specialites_complementaires] == ["DES14"]


def test_a_praticien_keeps_local_values_and_reports_its_registry(connexion, session):
    """S85, S88, A27."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, nature_exercice="Libéral", praticien_nom="LE GOFF")

    modifier(
        connexion("gestionnaire-53"), terrain, responsable_nom="KERVELLA", nature_exercice_locale="Salarié",
        rpps_errone="y", rpps_errone_commentaire="Adresse fausse",
    )  # fmt: skip

    session.refresh(terrain)
    assert (terrain.responsable_nom, terrain.praticien_nom) == ("KERVELLA", "LE GOFF")
    assert (terrain.nature_exercice_locale, terrain.nature_exercice) == ("Salarié", "Libéral")
    assert (terrain.rpps_errone, terrain.rpps_errone_par) == (True, "gestionnaire-53")


def test_the_principal_block_of_an_organisme_is_its_user_s(connexion, session):
    """S89, S90, A21."""
    terrain = build.terrain(session, type=TypeTerrain.AUTRE)

    modifier(
        connexion("gestionnaire-53"), terrain, organisme_nom="Association neuve", siret="35600000048694",
        adresse="1 quai Neuf", code_postal="35300", ville="Fougères",
    )  # fmt: skip

    session.refresh(terrain)
    assert (terrain.organisme_nom, terrain.siret) == ("Association neuve", "35600000048694")
    assert (terrain.adresse, terrain.code_insee) == ("1 quai Neuf", "35115")


def test_a_refused_form_keeps_what_was_typed(connexion, session):
    """B-09."""
    terrain = build.terrain(session, etablissement=build.etablissement(session))

    reponse = modifier(
        connexion("gestionnaire-53"), terrain, nom="", adresse_secondaire="2 place Neuve", responsable_nom="Morvan"
    )

    formulaire = Page(reponse.text).formulaire
    assert reponse.status_code == 422
    assert (formulaire["adresse_secondaire"], formulaire["responsable_nom"]) == (["2 place Neuve"], ["Morvan"])
    assert "Indiquez le nom du terrain de stage" in reponse.text
    assert "Indiquez la ville" in reponse.text


def test_a_stale_save_shows_both_versions_in_words(connexion, session):
    """A-53."""
    terrain = build.terrain(session, etablissement=build.etablissement(session, categorie_code="101"))
    client = connexion("gestionnaire-53")
    ouverte = page(client, f"/terrains/{terrain.id}/modifier").formulaire
    modifier(client, terrain, specialite_code="DES28", specialites_complementaires="DES14", stage_chu="oui")

    reponse = client.post(f"/terrains/{terrain.id}/modifier", data={**ouverte, "nom": "Le mien", "stage_chu": "non"})

    lu = texte(Page(reponse.text))
    assert reponse.status_code == 409
    assert "Nom du service ou de l’unité Le mien Service fictif" in lu
    assert "Stage CHU Non Oui" in lu
    assert "Prénom du responsable –" not in lu  # the fields that do not differ would bury the others
    session.refresh(terrain)
    assert (terrain.nom, terrain.specialite_code) == ("Service fictif", "DES28")
    suite = client.post(f"/terrains/{terrain.id}/modifier", data=Page(reponse.text).formulaire)
    assert suite.status_code == 302
    session.refresh(terrain)
    assert terrain.nom == "Le mien"


@pytest.mark.parametrize("statut", [StatutTerrain.INACTIF, StatutTerrain.TRANSFERE])
def test_a_terrain_that_is_not_active_is_not_modified(connexion, session, statut):
    """TS-15, TS-18; what was typed before it was deleted by another one is not lost."""
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN, statut=statut)
    client = connexion("gestionnaire-53")

    lecture = client.get(f"/terrains/{terrain.id}/modifier")
    envoi = client.post(f"/terrains/{terrain.id}/modifier", data={"version": 1, "nom": "Saisi", "responsable_nom": "X"})

    assert (lecture.status_code, envoi.status_code) == (409, 422)
    assert Page(envoi.text).formulaire["nom"] == ["Saisi"]
    session.refresh(terrain)
    assert terrain.nom == "Service fictif"


@pytest.mark.parametrize("type_", TYPES)
def test_no_column_outside_the_form_ever_changes(connexion, session, connection, type_):
    """A-06: statut, numero, ars, établissement, registry block… whatever is posted with the form."""
    terrain = build.terrain(session, type=type_)
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/{terrain.id}/modifier"
    ouverte = page(client, adresse)
    colonnes = [une.key for une in inspect(TerrainDeStage).columns]
    etrangeres = [une for une in colonnes if une not in ouverte.noms]
    relations = [une.key for une in inspect(TerrainDeStage).relationships if une.key not in ouverte.noms]
    poisons = st.sampled_from(["1", "93", "93H00001", "ACTIF", "INACTIF", "2020-01-01", "x", "", "350000022"])
    avant = {nom: getattr(terrain, nom) for nom in etrangeres}

    @settings(
        max_examples=50, deadline=None, database=None, derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip
    @given(st.dictionaries(st.sampled_from([*etrangeres, *relations]), poisons, min_size=1))
    def essayer(ajouts):
        point = connection.begin_nested()
        reponse = client.post(adresse, data={**ouverte.formulaire, "nom": "Changé", **ajouts})
        session.expire_all()
        apres = {nom: getattr(terrain, nom) for nom in etrangeres}
        point.rollback()
        session.expire_all()
        assert reponse.status_code == 302, ajouts
        assert {nom for nom in etrangeres if apres[nom] != avant[nom]} <= SUIVI | {"nom_norme"}

    essayer()


# --- Coordinates of the établissement ---


def test_the_coordinates_of_the_et_are_taken_again_on_demand(connexion, session):
    """A22: offered when they differ, after a page that shows both."""
    et = build.etablissement(session, telephone="0299000000")
    terrain = build.terrain(session, etablissement=et, telephone="0299111111")
    client = connexion("gestionnaire-53")
    adresse = f"/terrains/{terrain.id}/reprendre"

    assert adresse in page(client, f"/terrains/{terrain.id}").adresses
    assert "Téléphone 0299111111 0299000000" in texte(page(client, adresse))
    assert client.post(adresse).location == f"/terrains/{terrain.id}"

    session.refresh(terrain)
    assert (terrain.telephone, terrain.coordonnees_de_finess) == ("0299000000", True)
    assert adresse not in page(client, f"/terrains/{terrain.id}").adresses


def test_a_praticien_has_no_coordinates_to_take_again(connexion, session):
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN)

    reponse = connexion("gestionnaire-53").post(f"/terrains/{terrain.id}/reprendre")

    assert reponse.status_code == 409
    assert "Seul un terrain hospitalier" in reponse.text
