"""Races (QUALITY A-50 to A-54): requests that meet between the check of the screen and the write.

Each test has a database of its own, with real commits, and makes every thread wait for the others just before the
operation: what the screens checked is then stale for all of them but one.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import factory
from app.operations import conventions, creation, creation_terrain, modification, modification_terrain, suppression
from app.referentiels import suivi
from app.roles import NATIONAL
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Interregion
from models.traitement import Traitement
from models.universite import ConventionUfr
from models.utilisateur import Role, Utilisateur
from tests import build
from tests.conftest import creer_utilisateur
from tests.views.pages import Page
from views.base import RegistreInterface

FILS = 4
PATIENCE = 10.0


@dataclass
class Site:
    """The application on a database of its own."""

    app: Flask
    session: Session

    def client(self, login: str, ars: str = "53") -> FlaskClient:
        compte = self.session.scalar(select(Utilisateur).where(Utilisateur.username == login))
        if compte is None:
            compte = creer_utilisateur(self.session, login)
        self.session.commit()
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(_user_id=str(compte.id), _fresh=True, version=1, debut=int(time()), vue=int(time()), ars=ars)
        return client

    def ensemble(self, *envois: Callable[[], TestResponse]) -> list[TestResponse]:
        """All at once, one thread each."""
        with ThreadPoolExecutor(len(envois)) as executeur:
            reponses = [futur.result() for futur in [executeur.submit(envoi) for envoi in envois]]
        self.session.rollback()
        self.session.expire_all()
        return reponses

    def nombre(self, modele) -> int:
        return self.session.scalar(select(func.count()).select_from(modele)) or 0


@pytest.fixture
def site(base_propre: Engine, settings) -> Iterator[Site]:
    url = base_propre.url.render_as_string(hide_password=False)
    app = factory.create_app(settings.model_copy(update={"database_url": url}))
    app.config["WTF_CSRF_ENABLED"] = False
    with Session(base_propre, expire_on_commit=False) as session:
        yield Site(app, session)
    with app.app_context():
        factory.db.engine.dispose()


@pytest.fixture
def rendez_vous(monkeypatch) -> Callable[..., None]:
    """Makes FILS callers of a function wait for each other before any of them goes on."""

    def poser(module: object, nom: str) -> None:
        barriere, fonction = threading.Barrier(FILS), getattr(module, nom)

        def attendre(*args, **options):
            barriere.wait(PATIENCE)
            return fonction(*args, **options)

        monkeypatch.setattr(module, nom, attendre)

    return poser


def codes(reponses: list[TestResponse]) -> Counter[int]:
    return Counter(reponse.status_code for reponse in reponses)


def test_an_etablissement_created_by_several_users_at_once_is_created_once(site, rendez_vous):
    """S50, S52: one ET, one EJ; the others are told, with the link to the card."""
    finess = build.finess_et(site.session)
    clients = [site.client(f"gestionnaire-53-{rang:02}") for rang in range(FILS)]
    rendez_vous(creation, "creer_etablissement")

    reponses = site.ensemble(
        *(lambda un=un: un.post(f"/etablissements/creer?numero_finess={finess.numero}") for un in clients)
    )

    assert codes(reponses) == {302: 1, 422: FILS - 1}
    assert all("déjà actif" in reponse.text for reponse in reponses if reponse.status_code == 422)
    assert (site.nombre(Etablissement), site.nombre(EntiteJuridique)) == (1, 1)
    assert site.session.scalars(select(Evenement.operation)).all() == ["ET.creer"]


def test_a_double_submit_creates_once(site, rendez_vous):
    """A-54."""
    finess = build.finess_et(site.session)
    client = site.client("gestionnaire-53")
    rendez_vous(creation, "creer_etablissement")

    reponses = site.ensemble(
        *[lambda: client.post(f"/etablissements/creer?numero_finess={finess.numero}", data={})] * FILS
    )

    assert codes(reponses) == {302: 1, 422: FILS - 1}
    assert site.nombre(Etablissement) == 1


def test_etablissements_of_one_new_entite_juridique_share_it(site, rendez_vous):
    ej = build.finess_ej(site.session)
    numeros = [build.finess_et(site.session, numero_ej=ej.numero).numero for _ in range(FILS)]
    client = site.client("gestionnaire-53")
    rendez_vous(creation, "creer_etablissement")

    reponses = site.ensemble(
        *(lambda un=un: client.post(f"/etablissements/creer?numero_finess={un}") for un in numeros)
    )

    assert codes(reponses) == {302: FILS}
    assert (site.nombre(Etablissement), site.nombre(EntiteJuridique)) == (FILS, 1)


def test_an_inactif_reactivated_by_several_users_keeps_what_the_first_one_typed(site, rendez_vous):
    """S51, E-DEJA-ACTIF: the others have read it Inactif, and must not write over it."""
    finess = build.finess_et(site.session)
    ej = build.entite_juridique(site.session, numero_finess=finess.numero_ej)
    et = build.etablissement(
        site.session, numero_finess=finess.numero, entite_juridique=ej, statut=StatutEtablissement.INACTIF
    )
    clients = [site.client(f"gestionnaire-53-{rang:02}") for rang in range(FILS)]
    adresse = f"/etablissements/creer?numero_finess={finess.numero}"
    rendez_vous(creation, "creer_etablissement")

    reponses = site.ensemble(
        *(
            lambda rang=rang, un=un: un.post(adresse, data={"telephone_secondaire": f"029900000{rang}"})
            for rang, un in enumerate(clients)
        )
    )

    assert codes(reponses) == {302: 1, 422: FILS - 1}
    gagnant = [reponse.status_code for reponse in reponses].index(302)
    site.session.refresh(et)
    assert et.telephone_secondaire == f"029900000{gagnant}"
    assert site.session.scalars(select(Evenement.operation)).all() == ["ET.reactiver"]


def test_of_several_edits_of_one_card_one_is_saved_and_the_others_see_both_versions(site, rendez_vous):
    """A-53."""
    et = build.etablissement(site.session)
    clients = [site.client(f"gestionnaire-53-{rang:02}") for rang in range(FILS)]
    rendez_vous(modification, "modifier")

    reponses = site.ensemble(
        *(
            lambda rang=rang, un=un: un.post(
                f"/etablissements/{et.id}/modifier", data={"version": 1, "telephone_secondaire": f"029900000{rang}"}
            )
            for rang, un in enumerate(clients)
        )
    )

    assert codes(reponses) == {302: 1, 409: FILS - 1}
    for rang, reponse in enumerate(reponses):
        assert reponse.status_code == 302 or f"029900000{rang}" in reponse.text
    gagnant = [reponse.status_code for reponse in reponses].index(302)
    site.session.refresh(et)
    assert (et.version, et.telephone_secondaire) == (2, f"029900000{gagnant}")


def test_of_several_edits_of_one_terrain_one_is_saved(site, rendez_vous):
    """A-53."""
    terrain = build.terrain(site.session)
    clients = [site.client(f"gestionnaire-53-{rang:02}") for rang in range(FILS)]
    rendez_vous(modification_terrain, "modifier")

    reponses = site.ensemble(
        *(
            lambda rang=rang, un=un: un.post(
                f"/terrains/{terrain.id}/modifier", data={"version": 1, "nom": f"Service {rang}"}
            )
            for rang, un in enumerate(clients)
        )
    )

    assert codes(reponses) == {302: 1, 409: FILS - 1}
    gagnant = [reponse.status_code for reponse in reponses].index(302)
    site.session.refresh(terrain)
    assert (terrain.version, terrain.nom) == (2, f"Service {gagnant}")


def test_interleaved_edits_of_one_terrain_lose_nothing(site):
    """A-53: whatever the order in which two users open and save, each version was saved over the one before it."""
    terrain = build.terrain(site.session)
    deux = [site.client(f"gestionnaire-53-{rang:02}") for rang in range(2)]
    hasard, ouvertes, sauves = random.Random(20261125), [1, 1], []

    for tour in range(200):
        qui = hasard.randrange(2)
        if hasard.random() < 0.5:
            site.session.refresh(terrain)
            ouvertes[qui] = terrain.version
            site.session.commit()
            continue
        envoi = {"version": ouvertes[qui], "nom": f"Service {tour}"}
        if deux[qui].post(f"/terrains/{terrain.id}/modifier", data=envoi).status_code == 302:
            sauves.append((ouvertes[qui], f"Service {tour}"))

    site.session.refresh(terrain)
    assert [version for version, _ in sauves] == list(range(1, terrain.version))
    assert terrain.nom == sauves[-1][1]
    assert len(sauves) > 20


@pytest.mark.parametrize("type_", ["hospitalier", "praticien", "organisme"])
def test_a_form_sent_twenty_times_at_once_creates_one_terrain(site, type_):
    """A-54: every answer leads to it."""
    rpps = build.praticien(site.session).rpps
    build.activite(site.session, rpps)
    adresse = {
        "hospitalier": f"/terrains/creer/hospitalier?etablissement={build.etablissement(site.session).numero_finess}",
        "praticien": f"/terrains/creer/praticien?rpps={rpps}",
        "organisme": "/terrains/creer/organisme",
    }[type_]
    client = site.client("gestionnaire-53")
    envoi = {
        **Page(client.get(adresse).text).formulaire,
        "nom": "Cardiologie", "organisme_nom": "Association neuve", "type_organisme": "ASSOCIATION",
        "subdivision_code": "RENNES",
    }  # fmt: skip

    reponses = site.ensemble(*[lambda: client.post(adresse, data=envoi)] * 20)

    assert codes(reponses) == {302: 20}
    assert len({reponse.location for reponse in reponses}) == site.nombre(TerrainDeStage) == 1
    assert site.session.scalars(select(Evenement.operation)).all() == ["TS.creer"]


def test_one_practitioner_gets_one_terrain_from_several_users(site, rendez_vous):
    """S77: the others are told who has it."""
    rpps = build.praticien(site.session).rpps
    build.activite(site.session, rpps)
    clients = [site.client(f"gestionnaire-53-{rang:02}") for rang in range(FILS)]
    rendez_vous(creation_terrain, "creer_praticien")

    reponses = site.ensemble(
        *(
            lambda un=un: un.post(f"/terrains/creer/praticien?rpps={rpps}", data={"subdivision_code": "RENNES"})
            for un in clients
        )
    )

    assert codes(reponses) == {302: 1, 422: FILS - 1}
    assert all("Ce praticien a déjà le terrain" in reponse.text for reponse in reponses if reponse.status_code == 422)
    assert site.nombre(TerrainDeStage) == 1


def test_one_selection_confirmed_several_times_is_deleted_once(site, rendez_vous):
    """N30: the reports of the others say that it was already done."""
    ids = [build.terrain(site.session).id for _ in range(5)]
    client = site.client("gestionnaire-53")
    rendez_vous(suppression, "supprimer")

    reponses = site.ensemble(
        *[lambda: client.post("/terrains/action", data={"action": "supprimer", "rowid": ids, "confirmer": "1"})] * FILS
    )

    assert codes(reponses) == {302: FILS}
    faits = site.session.scalars(select(Evenement.details["faits"].as_integer())).all()
    assert sorted(faits) == [0] * (FILS - 1) + [5]


def test_a_convention_is_added_once_and_removed_once(site, rendez_vous):
    et = build.etablissement(site.session, categorie_code="101")
    client = site.client("gestionnaire-53")
    paire = conventions.paires_offertes(site.session, et)[0].id
    site.session.commit()
    rendez_vous(conventions, "ajouter")
    rendez_vous(conventions, "retirer")

    ajouts = site.ensemble(
        *[lambda: client.post(f"/etablissements/{et.id}/conventions", data={"ufr_formation": paire})] * FILS
    )
    [convention] = site.session.scalars(select(ConventionUfr.id)).all()
    site.session.commit()
    retraits = site.ensemble(*[lambda: client.post(f"/etablissements/{et.id}/conventions/{convention}/retirer")] * FILS)

    assert codes(ajouts) == codes(retraits) == {302: 1, 409: FILS - 1}
    assert site.nombre(ConventionUfr) == 0


def test_a_line_of_a_reference_table_is_added_once_and_removed_once(site, rendez_vous):
    client = site.client("national")
    avant = site.nombre(Interregion)
    rendez_vous(RegistreInterface, "operation")

    ajouts = site.ensemble(
        *[lambda: client.post("/reference/interregions/nouveau", data={"code": "NEUVE", "nom": "Neuve"})] * FILS
    )
    retraits = site.ensemble(*[lambda: client.post("/reference/interregions/NEUVE/supprimer")] * FILS)

    assert codes(ajouts) == {302: 1, 422: FILS - 1}
    assert codes(retraits)[302] == 1
    assert codes(retraits).keys() <= {302, 404, 409}
    assert site.nombre(Interregion) == avant


def test_one_account_is_made_of_several_requests_for_the_same_login(site, rendez_vous):
    client = site.client("national")
    role = site.session.scalar(select(Role.id).where(Role.name == NATIONAL))
    site.session.commit()
    compte = {
        "username": "double", "mot_de_passe": "quatre chevaux sur la lande", "last_name": "Double", "first_name": "A",
        "email": "double@exemple.fr", "roles": role, "active": "y",
    }  # fmt: skip
    rendez_vous(RegistreInterface, "operation")

    reponses = site.ensemble(*[lambda: client.post("/utilisateurs/nouveau", data=compte)] * FILS)

    assert codes(reponses) == {302: 1, 422: FILS - 1}


def test_one_synchronisation_is_launched_by_several_clicks(site, rendez_vous, settings, tmp_path):
    """A-58."""
    (tmp_path / "finess-structures-journalier-20260101.json").write_text("{}")
    site.app.extensions["settings"] = settings.model_copy(update={"depot_dir": tmp_path})
    client = site.client("national")
    rendez_vous(suivi, "lancer")

    reponses = site.ensemble(
        *[lambda: client.post("/referentiels/lancer", data={"fichier": "finess-structures-journalier-20260101.json"})]
        * FILS
    )

    assert codes(reponses) == {302: FILS}
    assert site.nombre(Traitement) == 1


def test_an_export_gives_its_connection_back(site):
    """Else some exports in a row leave none for the pages."""
    build.etablissement(site.session)
    client = site.client("lecture-53")

    for format_ in ("csv", "xlsx"):
        client.get(f"/etablissements/export.{format_}?ars=", buffered=True)

    with site.app.app_context():
        assert factory.db.engine.pool.checkedout() == 0
