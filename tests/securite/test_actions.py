"""Single and bulk actions of a generated screen (docs/architecture.md, QUALITY A-04, A-05): the guard comes first."""

import pytest
from flask_appbuilder.actions import action

from app import factory, unit_of_work
from models.etablissement import Etablissement
from tests import build
from views.base import DROITS, RegistreInterface, RegistreView

faites: list[list[int]] = []


class EssaiView(RegistreView):
    """A screen with one action, as the next issues will have."""

    datamodel = RegistreInterface(Etablissement)
    route_base = "/essai"
    class_permission_name = "Etablissement"
    method_permission_name = {**DROITS, "essayer": "modifier"}
    exclude_route_methods = {"download", "list", "show", "add", "edit", "delete"}
    list_title = show_title = "Essai"
    list_columns = show_columns = search_columns = order_columns = ["numero_finess"]

    @action("essayer", "Essayer")
    def essayer(self, objets):
        objets = objets if isinstance(objets, list) else [objets]
        faites.append([objet.id for objet in objets])
        return "fait"


@pytest.fixture
def app(settings, connection, redis, monkeypatch):
    """An application of its own, with that screen, over the transaction of the test."""
    app = factory.create_app(settings)
    with app.app_context():
        monkeypatch.setitem(factory.db.engines, None, connection)
        app.appbuilder.add_view_no_menu(EssaiView)
    app.config["WTF_CSRF_ENABLED"] = False
    unit_of_work.configure(connection)
    faites.clear()
    return app


def test_an_action_runs_on_the_objects_of_the_ars_de_travail(connexion, session):
    un, autre = build.etablissement(session), build.etablissement(session)
    client = connexion("gestionnaire-53")

    assert client.post(f"/essai/{un.id}/action/essayer").text == "fait"
    assert client.post("/essai/action", data={"action": "essayer", "rowid": [un.id, autre.id]}).text == "fait"
    assert faites == [[un.id], [un.id, autre.id]]


@pytest.mark.parametrize("rang", [0, 1, 2])
def test_one_foreign_object_among_others_stops_the_whole_action(connexion, session, rang):
    """A-04: nothing is done; A-05: the answer is that of an object that does not exist."""
    ids = [build.etablissement(session).id for _ in range(2)]
    ids.insert(rang, build.etablissement(session, ars_code="93").id)
    client = connexion("gestionnaire-53")

    assert client.post("/essai/action", data={"action": "essayer", "rowid": ids}).status_code == 404
    assert client.post(f"/essai/{ids[rang]}/action/essayer").status_code == 404
    assert client.post("/essai/999999999/action/essayer").status_code == 404
    assert faites == []


def test_an_unknown_action_is_a_missing_page(connexion, session):
    un = build.etablissement(session)
    client = connexion("gestionnaire-53")

    assert client.post(f"/essai/{un.id}/action/inconnue").status_code == 404
    assert client.post("/essai/action", data={"action": "inconnue", "rowid": un.id}).status_code == 404
    assert client.post("/essai/action", data={"rowid": un.id}).status_code == 404


def test_an_action_needs_its_right_and_a_post(connexion, session):
    un = build.etablissement(session)
    client = connexion("lecture-53")

    assert client.post(f"/essai/{un.id}/action/essayer").status_code == 403
    assert client.post("/essai/action", data={"action": "essayer", "rowid": un.id}).status_code == 403
    assert connexion("gestionnaire-53").get(f"/essai/{un.id}/action/essayer").status_code == 405
    assert faites == []
