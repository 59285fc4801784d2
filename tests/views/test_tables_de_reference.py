"""Generated screens of the reference tables (SPEC §4 M26): journaled writes, French refusals, lists that never fail."""

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from models.commune import Commune
from models.journal import Evenement
from models.territoire import Ars, Interregion, Subdivision
from tests import build
from tests.views.pages import Page
from views.tables_de_reference import TABLES

REQUETES = (
    *("", "page=abc", "page=-1", "page=999999999", "taille=100000", "tri=zzz&sens=zzz"),
    *("q=(((", "q=%25_%5C'", "q=*a*", "x=1"),
)


def test_a_row_is_created_modified_and_deleted_and_each_step_is_journaled(connexion, session):
    client = connexion("national")

    creation = client.post("/reference/interregions/nouveau", data={"code": "ILES", "nom": "Îles"})
    client.post(f"{creation.location}/modifier", data={"nom": "  Îles et mers  "})

    assert session.get(Interregion, "ILES").nom == "Îles et mers"

    client.post(f"{creation.location}/supprimer")

    session.expire_all()
    assert session.get(Interregion, "ILES") is None
    operations = session.scalars(select(Evenement.operation).order_by(Evenement.id)).all()
    assert operations == ["REF.creer", "REF.modifier", "REF.supprimer"]


def test_the_links_of_a_subdivision_with_its_ars_are_edited(connexion, session):
    """DATA-FORMATS §5: many-to-many."""
    client = connexion("national")
    code = session.scalars(select(Subdivision.code)).first()
    formulaire = Page(client.get(f"/reference/subdivisions/{code}/modifier").text).formulaire

    reponse = client.post(
        f"/reference/subdivisions/{code}/modifier", data=MultiDict({**formulaire, "ars": ["53", "94"]})
    )

    assert reponse.status_code == 302
    session.expire_all()
    assert {ars.code for ars in session.get(Subdivision, code).ars} == {"53", "94"}


@pytest.mark.parametrize(
    ("adresse", "saisie", "phrase"),
    [
        ("ars/nouveau", {"code": "53", "nom": "Autre"}, "Code : Cette valeur est déjà utilisée"),
        ("interregions/nouveau", {"code": "XX", "nom": "   "}, "Nom : Ce champ est obligatoire."),
        ("interregions/nouveau", {"code": "é'", "nom": "X"}, "Code : Utilisez des majuscules"),
        ("interregions/nouveau", {"code": "X" * 21, "nom": "X"}, "Code : "),
        ("ufr/nouveau", {"nom": "X", "ville": "X", "filiere": "ZZZ"}, "Filière : Choisissez une valeur de la liste."),
        ("ufr/nouveau", {"nom": "X", "ville": "X", "subdivision": "ZZZ"}, "Subdivision : Ce champ est obligatoire."),
        ("circonscriptions/nouveau", {"nom": "Sans territoire"}, "n’est pas cohérente"),
        ("semestres/nouveau", {"annee": "abc", "saison": "ETE"}, "Année : "),
    ],
)
def test_a_refused_form_says_why_on_the_field_and_keeps_what_was_typed(connexion, session, adresse, saisie, phrase):
    """B-09: and nothing is written."""
    client = connexion("national")

    reponse = client.post(f"/reference/{adresse}", data=saisie)

    page = Page(reponse.text)
    assert reponse.status_code == 422
    assert phrase in " ".join(page.textes).replace(" :", " :").replace("  ", " "), page.textes
    assert "SQL" not in reponse.text
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


def test_a_row_in_use_is_not_deleted(connexion, session):
    client = connexion("national")

    reponse = client.post("/reference/ars/53/supprimer", follow_redirects=True)

    assert "Suppression impossible" in reponse.text
    assert session.get(Ars, "53") is not None


@pytest.mark.parametrize("vue", TABLES, ids=lambda vue: vue.__name__)
@pytest.mark.parametrize("requete", REQUETES)
def test_no_query_string_breaks_a_list(connexion, session, vue, requete):
    """ARCHITECTURE §5.9: whatever is typed in the address, a page of at most 200 rows."""
    build.semestre(session)

    reponse = connexion("national").get(f"{vue.route_base}/?{requete}")

    assert reponse.status_code == 200
    assert reponse.text.count("<tr>") <= 201


@pytest.mark.parametrize("pk", ["0", "-1", "abc", "1%20OR%201=1", "99999999999999999999", "é", "1/2", "../1"])
@pytest.mark.parametrize("table", ["ufr", "ars", "communes"])
def test_an_unknown_key_is_a_missing_page(connexion, table, pk):
    assert connexion("national").get(f"/reference/{table}/{pk}").status_code == 404


def test_the_communes_are_searched_without_accents_and_paged(connexion, session):
    """No list holds more than a page, whatever the size of the table."""
    assert session.scalar(select(func.count()).select_from(Commune)) > 30_000
    client = connexion("national")

    trouvees = client.get("/reference/communes/?q=saint etienne du rouv").text
    toutes = client.get("/reference/communes/").text

    assert "Saint-Étienne-du-Rouvray" in trouvees
    assert len(toutes) < 40 * 1024


def test_sorting_and_paging_keep_the_criteria(connexion):
    client = connexion("national")

    page = Page(client.get("/reference/communes/?q=saint&tri=nom&sens=desc&page=2").text)

    assert "/reference/communes/?q=saint&tri=nom&sens=desc&page=3" in page.adresses
    assert "/reference/communes/?q=saint&tri=nom&sens=asc" in page.adresses
