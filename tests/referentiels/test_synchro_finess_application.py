"""What a night brings to the EJ, ET and terrains of the application (SPEC §3.4), and to the journal."""

from datetime import date

import pytest
from sqlalchemy import select, update

from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from models.traitement import EtatTraitement
from tests import build
from tests.fichier_finess import JOUR_1, JOUR_2, JOUR_3, adresse, charger, contact, ecrire, ej, et

A, B, C = "350000022", "350000030", "350000048"
X, Y = "350000741", "350000758"
ACTIF, INACTIF, SUPPRIME = StatutEtablissement
SECONDAIRE = {
    "adresse_secondaire": "2 rue des Internes",
    "complement_secondaire": "Internat",
    "code_postal_secondaire": "35700",
    "ville_secondaire": "Rennes",
    "code_insee_secondaire": "35238",
    "telephone_secondaire": "0600000000",
    "telecopie_secondaire": "0600000001",
    "courriel_secondaire": "internes@exemple.fr",
}


@pytest.fixture
def hopital(session, tmp_path) -> Etablissement:
    """The ET X of the EJ A, as the registry of the first day describes it."""
    charger(ecrire(tmp_path, ej(A, et(X)), ej(C)))
    entite = build.entite_juridique(session, numero_finess=A)
    etablissement = build.etablissement(session, numero_finess=X, entite_juridique=entite)
    charger(ecrire(tmp_path, ej(A, et(X)), ej(C)))  # the copies of the registry replace those of the builder
    build.vider_le_journal(session)
    session.expire_all()
    return etablissement


def evenements(session) -> list[tuple[str, dict, dict]]:
    lignes = session.scalars(select(Evenement).order_by(Evenement.id))
    return [(un.operation, un.changements[0]["avant"], un.changements[0]["apres"]) for un in lignes]


def test_registry_fields_are_refreshed_and_journaled_once(session, tmp_path, hopital):
    """R6, I12: one event, in the transaction of the change; a form left open at night meets no conflict."""
    version = hopital.version
    change = {"adresse": [adresse(ligneAcheminement="CESSON")], "contact": [contact(telephone="1")]}

    traitement = charger(ecrire(tmp_path, ej(A, et(X, nomEgeCourt="NOUVEAU", **change)), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.raison_sociale, hopital.ville, hopital.telephone) == ("NOUVEAU", "CESSON", "1")
    assert (hopital.version, traitement.objets_modifies) == (version, 1)
    [evenement] = session.scalars(select(Evenement))
    assert (evenement.operation, evenement.acteur) == ("ET.synchroniser", "système")
    assert evenement.traitement_id == traitement.id
    assert evenement.changements == [
        {
            "type": "Etablissement",
            "id": str(hopital.id),
            "libelle": f"{X} – NOUVEAU",
            "ars": ["53"],
            "avant": {"raison_sociale": f"HOPITAL {X}", "ville": "RENNES", "telephone": "0299000000"},
            "apres": {"raison_sociale": "NOUVEAU", "ville": "CESSON", "telephone": "1"},
        }
    ]


def test_an_unchanged_registry_writes_nothing(session, tmp_path, hopital):
    version = hopital.version

    traitement = charger(ecrire(tmp_path, ej(A, et(X)), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.version, traitement.objets_modifies, evenements(session)) == (version, 0, [])


def test_the_secondary_block_is_never_written(session, tmp_path, hopital):
    """S11, I16: neither on the EJ, nor the ET, nor the terrain, whatever happens to the registry."""
    terrain = build.terrain(session, etablissement=hopital, coordonnees_de_finess=True)
    objets = (hopital, hopital.entite_juridique, terrain)
    for table in (Etablissement, EntiteJuridique, TerrainDeStage):
        session.execute(update(table).values(**SECONDAIRE))
    ailleurs = adresse(ligneAcheminement="BREST", cogCommune="29019", codePostal="29200", libelleVoie="NEUVE")
    change = {"adresse": [ailleurs], "contact": [contact(telephone="2", telecopie="3", courriel="x@y.fr")]}

    for jour, ouvert in ((JOUR_2, True), (JOUR_3, False)):
        charger(ecrire(tmp_path, ej(A, et(X, ouvert=ouvert, **change), ouvert=ouvert, **change), ej(C), genere_le=jour))

    session.expire_all()
    for objet in objets:
        assert {champ: getattr(objet, champ) for champ in SECONDAIRE} == SECONDAIRE
        assert objet.ville == "BREST"


@pytest.mark.parametrize(("cog", "ars"), [("29019", "53"), ("13055", "93"), ("97801", "01"), ("97502", None)])
def test_the_ars_follows_the_commune(session, tmp_path, hopital, cog, ars):
    """A35, R8; Saint-Pierre-et-Miquelon has no ARS."""
    charger(ecrire(tmp_path, ej(A, et(X, adresse=[adresse(cogCommune=cog)])), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert hopital.ars_code == ars


def test_the_ars_of_a_terrain_does_not_follow(session, tmp_path, hopital):
    terrain = build.terrain(session, etablissement=hopital)

    charger(ecrire(tmp_path, ej(A, et(X, adresse=[adresse(cogCommune="13055")])), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.ars_code, terrain.ars_code) == ("93", "53")


def test_an_address_that_disappears_leaves_the_ars(session, tmp_path, hopital):
    charger(ecrire(tmp_path, ej(A, et(X, adresse=[])), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.ars_code, hopital.ville) == ("53", None)


def test_a_terrain_follows_its_et_only_if_its_block_came_from_finess(session, tmp_path, hopital):
    """A22, TS-32."""
    copie = build.terrain(session, etablissement=hopital, coordonnees_de_finess=True, ville="RENNES")
    saisi = build.terrain(session, etablissement=hopital, coordonnees_de_finess=False, ville="SAISIE")

    charger(ecrire(tmp_path, ej(A, et(X, adresse=[adresse(ligneAcheminement="CESSON")])), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (copie.ville, saisi.ville) == ("CESSON", "SAISIE")
    assert [operation for operation, *_ in evenements(session)] == ["ET.synchroniser", "TS.synchroniser"]


@pytest.mark.parametrize("statut", list(StatutTerrain))
def test_no_terrain_changes_statut(session, tmp_path, hopital, statut):
    """TS-28, TS-29."""
    champs = {"etablissement": hopital}
    if statut is StatutTerrain.TRANSFERE:  # a praticien, then
        champs = {"etablissement": None, "type": TypeTerrain.PRATICIEN, "rpps": "10990000000"}
    terrain = build.terrain(session, statut=statut, **champs)

    for jour, ouvert in ((JOUR_2, False), (JOUR_3, True)):
        charger(ecrire(tmp_path, ej(A, et(X, ouvert=ouvert)), ej(C), genere_le=jour))

    session.expire_all()
    assert terrain.statut is statut


def test_an_et_moved_to_an_unknown_open_ej_takes_it_along(session, tmp_path, hopital):
    """R5, A6: the new EJ is created Active, the old one is Supprimée once it has no ET left."""
    ancienne = hopital.entite_juridique

    charger(ecrire(tmp_path, ej(A), ej(B, et(X), siren="263500076"), ej(C), genere_le=JOUR_2))

    session.expire_all()
    nouvelle = hopital.entite_juridique
    assert (nouvelle.numero_finess, nouvelle.siren, nouvelle.ars_code) == (B, "263500076", "53")
    assert (nouvelle.statut, ancienne.statut) == (StatutEntiteJuridique.ACTIF, StatutEntiteJuridique.SUPPRIME)
    assert hopital.statut is ACTIF
    assert evenements(session)[:2] == [
        ("EJ.synchroniser", {}, {"statut": "Actif"}),
        ("ET.synchroniser", {"entite_juridique_id": ancienne.id}, {"entite_juridique_id": nouvelle.id}),
    ]


def test_an_et_moved_to_a_supprimee_ej_revives_it(session, tmp_path, hopital):
    tombe = build.entite_juridique(session, numero_finess=B, statut=StatutEntiteJuridique.SUPPRIME)

    charger(ecrire(tmp_path, ej(A), ej(B, et(X)), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.entite_juridique_id, tombe.statut) == (tombe.id, StatutEntiteJuridique.ACTIF)
    assert ("EJ.synchroniser", {"statut": "Supprimé"}, {"statut": "Actif"}) in evenements(session)


@pytest.mark.parametrize(("n_ts", "statut", "statut_ej"), [(0, INACTIF, "INACTIF"), (1, INACTIF, "INACTIF")])
def test_an_et_moved_to_a_closed_ej_becomes_inactif(session, tmp_path, hopital, n_ts, statut, statut_ej):
    for _ in range(n_ts):
        build.terrain(session, etablissement=hopital)

    charger(ecrire(tmp_path, ej(A), ej(B, et(X), ouvert=False), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.statut, hopital.entite_juridique.statut.name) == (statut, statut_ej)


def test_an_et_that_moves_and_closes_without_terrain_is_supprime_and_creates_no_ej(session, tmp_path, hopital):
    charger(ecrire(tmp_path, ej(A), ej(B, et(X, ouvert=False)), ej(C), genere_le=JOUR_2))

    session.expire_all()
    assert (hopital.statut, hopital.entite_juridique.numero_finess) == (SUPPRIME, A)
    assert session.scalar(select(EntiteJuridique).where(EntiteJuridique.numero_finess == B)) is None


def test_reopening_is_a_notice_never_a_reactivation(session, tmp_path, hopital):
    """A5, R2, R4: scenario 3 of SPEC §7 up to « Créer »."""
    build.terrain(session, etablissement=hopital)
    entite = hopital.entite_juridique
    charger(ecrire(tmp_path, ej(A, et(X), ouvert=False), ej(C), genere_le=JOUR_2))
    session.expire_all()
    assert (hopital.statut, entite.statut.name, hopital.rouvert_le) == (INACTIF, "INACTIF", None)

    charger(ecrire(tmp_path, ej(A, et(X)), ej(C), genere_le=JOUR_3))

    session.expire_all()
    assert (hopital.statut, entite.statut.name) == (INACTIF, "INACTIF")
    assert (hopital.rouvert_le, entite.rouvert_le) == (date(2026, 11, 22), date(2026, 11, 22))

    charger(ecrire(tmp_path, ej(A, et(X), ouvert=False), ej(C), genere_le="2026-11-23T04:00:00Z"))
    session.expire_all()
    assert (hopital.rouvert_le, entite.rouvert_le) == (None, None)


def test_absence_is_flagged_on_the_application_too(session, tmp_path, hopital):
    charger(ecrire(tmp_path, ej(C), genere_le=JOUR_2))
    session.expire_all()
    assert (hopital.statut, hopital.absent_depuis) == (ACTIF, date(2026, 11, 21))
    assert hopital.entite_juridique.absent_depuis == date(2026, 11, 21)

    charger(ecrire(tmp_path, ej(A, et(X)), ej(C), genere_le=JOUR_3))
    session.expire_all()
    assert (hopital.absent_depuis, hopital.entite_juridique.absent_depuis) == (None, None)


def test_the_same_file_again_still_deletes_a_closed_et_that_was_emptied(session, tmp_path, hopital):
    """A15 and scenario 4: the registry did not move, the terrains did."""
    terrain = build.terrain(session, etablissement=hopital)
    autre = build.etablissement(session)
    fichier = ecrire(tmp_path, ej(A, et(X, ouvert=False)), ej(C), genere_le=JOUR_2)
    charger(fichier)
    session.execute(update(TerrainDeStage).where(TerrainDeStage.id == terrain.id).values(etablissement_id=autre.id))

    traitement = charger(fichier)

    session.expire_all()
    assert traitement.etat is EtatTraitement.DEJA_INTEGRE
    assert (hopital.statut, hopital.entite_juridique.statut.name) == (SUPPRIME, "SUPPRIME")


@pytest.mark.parametrize("jour", [JOUR_1, JOUR_2])
def test_a_simulation_leaves_the_application_alone(session, tmp_path, hopital, jour):
    traitement = charger(ecrire(tmp_path, ej(A, et(X, ouvert=False)), ej(C), genere_le=jour), simulation=True)

    session.expire_all()
    assert (traitement.etat, traitement.objets_modifies) == (EtatTraitement.SIMULE, 2)
    assert (hopital.statut, evenements(session)) == (ACTIF, [])
