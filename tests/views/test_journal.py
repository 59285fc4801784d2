"""Screen « Journal », page of an operation, undo (SPEC S143, N2, N18, M22, M23; A-70, A-74)."""

import csv
import io
import re

import pytest
from sqlalchemy import event, select

from app import libelles
from app.operations import activation, fusion, suppression, territoire, transfert_praticien
from app.operations.fusion import Demande
from app.scope import Actor
from app.unit_of_work import Ecriture, unit_of_work
from jobs.journal import tout_journaliser
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import EntreeJournal, Evenement
from tests import build
from tests.views.pages import Page

AGENT = Actor("gestionnaire-53", "53")
NATIONAL = Actor("national", None, national=True)


def operer(session, actor, code, faire, *arguments):
    """Run an operation as its screen would, and return the number of its event."""
    with unit_of_work(actor, code, session=session) as uow:
        faire(uow, *arguments)
    return uow.evenement_id


def renommer(session, actor, et, ville):
    return operer(session, actor, "ET.modifier", lambda _: setattr(et, "ville", ville))


def trouvees(client, **criteres) -> list[int]:
    """Numbers of the operations of the list."""
    texte = client.get("/journal/", query_string={"ars": "", **criteres}).text
    return [int(numero) for numero in re.findall(r'aria-label="Consulter l’opération n° (\d+)"', texte)]


def texte(client, adresse) -> str:
    return " ".join(Page(client.get(adresse).text).textes)


# --- Search ---


def test_each_criterion_finds_what_it_should_and_nothing_else(connexion, session):
    """S143."""
    rennes, lyon = (
        build.etablissement(session, raison_sociale="HÔPITAL SUD"),
        build.etablissement(session, ars_code="84"),
    )
    un = renommer(session, Actor("camille", "53"), rennes, "BREST")
    deux = renommer(session, Actor("dominique", "84"), lyon, "LYON")
    trois = operer(session, Actor("camille", "53"), "ET.exporter", lambda uow: None)
    with unit_of_work(Actor("camille", "53"), "ET.exporter", session=session) as uow:
        uow.details = {"lignes": 3}
    quatre = uow.evenement_id
    tout_journaliser()
    client = connexion("national")

    assert trois is None
    assert trouvees(client) == [quatre, deux, un]
    for criteres, attendues in (
        ({"operation": "ET.exporter"}, [quatre]),
        ({"acteur": "dominique"}, [deux]),
        ({"acteur": "DOM*"}, [deux]),
        ({"acteur": "dom"}, []),
        ({"type_objet": "Etablissement"}, [deux, un]),
        ({"objet": "hopital sud"}, [un]),
        ({"objet": lyon.numero_finess}, [deux]),
        ({"objet": lyon.numero_finess, "type_objet": "Interne"}, []),
        ({"ars": "84"}, [deux]),
        ({"ars": "53", "operation": "ET.modifier"}, [un]),
        ({"tri": "le", "sens": "asc", "acteur": "camille"}, [un, quatre]),
    ):
        assert trouvees(client, **criteres) == attendues, criteres


@pytest.mark.parametrize(
    ("du", "au", "trouvee"),
    [
        ("2026-01-15", "2026-01-15", True),
        ("15/01/2026", "", True),
        ("2026-01-16", "", False),
        ("", "2026-01-14", False),
        ("demain", "", False),
        ("", "9999-12-31", False),
    ],
)
def test_days_are_those_of_paris(connexion, session, du, au, trouvee):
    """23:30 UTC on the 14th is the 15th in Paris."""
    session.add(Evenement(le="2026-01-14T23:30:00Z", operation="X", acteur="camille", source="écran", changements=[]))
    session.commit()

    assert bool(trouvees(connexion("national"), du=du, au=au)) is trouvee


def test_an_ars_sees_its_operations_and_those_that_touched_its_objects(connexion, session):
    """M23: whatever the address asks; readers as well."""
    la, ailleurs = build.etablissement(session), build.etablissement(session, ars_code="93")
    sienne = renommer(session, Actor("camille", "53"), la, "BREST")
    touchee = renommer(session, NATIONAL, la, "REDON")
    etrangere = renommer(session, NATIONAL, ailleurs, "ARLES")
    compte = operer(session, Actor("national", "53", national=True), "UTI.creer", lambda _: setattr(la, "ville", "X"))
    tout_journaliser()

    for login in ("lecture-53", "gestionnaire-53"):
        client = connexion(login)
        for criteres in ({}, {"ars": "93"}, {"ars": ""}):
            assert trouvees(client, **criteres) == [touchee, sienne]
        codes = [client.get(f"/journal/{un}").status_code for un in (sienne, touchee, etrangere, compte)]
        assert codes == [200, 200, 403, 403]
        exportees = list(csv.reader(io.StringIO(client.get("/journal/export.csv?ars=93").text), delimiter=";"))
        assert [int(ligne[0]) for ligne in exportees[1:]] == [touchee, sienne]
    assert trouvees(connexion("national"))[-4:] == [compte, etrangere, touchee, sienne]


def test_of_an_operation_done_elsewhere_an_ars_sees_its_objects_only(connexion, session):
    """M23: the history of an object of another ARS is closed, on this page too."""
    la, ailleurs = build.etablissement(session), build.etablissement(session, ars_code="93")

    def deux(uow):
        la.ville = ailleurs.ville = "NANTES"
        uow.details = {"fichier": "registre.csv"}

    numero = operer(session, NATIONAL, "ET.modifier", deux)

    vu = texte(connexion("lecture-53"), f"/journal/{numero}")
    assert str(la) in vu
    assert str(ailleurs) not in vu
    assert "registre.csv" not in vu
    assert "1 autre objet est d’ailleurs" in vu
    assert str(ailleurs) in texte(connexion("national"), f"/journal/{numero}")


def test_the_pages_stop_where_counting_would_take_long(connexion, session, monkeypatch):
    """A journal of millions: the list says that there is more, and exports go on to the end."""
    monkeypatch.setattr("app.recherches.journal.PLAFOND", 50)
    monkeypatch.setattr("views.journal.PLAFOND", 50)
    session.add_all(Evenement(operation="X", acteur="a", source="x", changements=[]) for _ in range(60))
    session.commit()
    client = connexion("national")

    assert "Plus de 50 opérations" in texte(client, "/journal/?ars=")
    assert len(trouvees(client, page="99")) == 25
    assert client.get("/journal/export.csv?ars=").text.count("\r\n") == 62  # its own event, journaled first, is in it


def test_the_lag_of_the_worker_shows_to_national_administrators(connexion, session):
    session.add(Evenement(operation="X", acteur="a", source="x", changements=[]))
    session.commit()

    assert "1 opération attend d’être écrite et scellée" in texte(connexion("national"), "/journal/?ars=")
    assert "scellée" not in texte(connexion("lecture-53"), "/journal/?ars=53")


def test_a_page_takes_few_statements(connexion, session, connection):
    """A-26; one more for what would forbid the undo."""
    et = build.etablissement(session)
    numero = operer(session, AGENT, "TS.activer", lambda _: setattr(et, "ville", "BREST"))
    tout_journaliser()
    client, instructions = connexion("national"), []
    event.listen(connection, "before_cursor_execute", lambda *a: instructions.append(a[2]))

    for adresse in ("/journal/?ars=53&objet=hopital&acteur=gestionnaire-53&du=2020-01-01", f"/journal/{numero}"):
        client.get(adresse)
        session.expire_all()
        instructions.clear()
        assert client.get(adresse).status_code == 200
        lues = [une for une in instructions if not une.startswith(("SAVEPOINT", "RELEASE"))]
        assert len(lues) <= (9 if str(numero) in adresse else 8), lues


# --- Page of an operation ---


def test_an_operation_tells_who_when_where_and_what_changed(connexion, session):
    """A-70."""
    et = build.etablissement(session, ville="RENNES")
    numero = renommer(session, Actor("camille", "53"), et, "BREST")
    attente = texte(connexion("national"), f"/journal/{numero}")
    tout_journaliser()

    page = connexion("national").get(f"/journal/{numero}").text

    vu = " ".join(Page(page).textes)
    evenement = session.get_one(Evenement, numero)
    for dit in (
        "Modification",
        "camille",
        "Bretagne",
        "écran",
        evenement.requete_id,
        "Ville : RENNES → BREST",
        "n° 1 –",
    ):
        assert dit in vu
    assert f'href="/etablissements/{et.id}"' in page
    assert "pas encore scellé" in attente


def test_keys_are_told_by_the_names_of_what_they_designate(connexion, session):
    origine, destination = build.etablissement(session, statut=INACTIF), build.etablissement(session)
    build.terrain(session, etablissement=origine)

    numero = operer(session, AGENT, "ET.fusionner", fusion.executer, Demande(origine.id, destination.id, None, None))

    vu = texte(connexion("gestionnaire-53"), f"/journal/{numero}")
    nom = f"{origine.numero_finess} {origine.raison_sociale} → {destination.numero_finess} {destination.raison_sociale}"
    assert f"Établissement : {nom}" in vu


def test_an_operation_on_thousands_of_objects_comes_in_pages(connexion, session):
    ets = [build.etablissement(session) for _ in range(3)]
    lot = [Ecriture(et.id, f"{et} {rang}", ("53",), {"ville": "A"}, {"ville": "B"}) for rang in range(20) for et in ets]
    changements = [{"type": "Etablissement", "id": str(un.id), "libelle": un.libelle, "ars": ["53"],
                    "avant": un.avant, "apres": un.apres} for un in lot]  # fmt: skip
    session.add(Evenement(operation="ET.modifier", acteur="x", source="x", changements=changements))
    session.commit()
    [numero] = session.scalars(select(Evenement.id))
    client = connexion("national")

    premiere, derniere = (client.get(f"/journal/{numero}?page={page}").text for page in (1, 3))

    assert (premiere.count("Ville : A → B"), derniere.count("Ville : A → B")) == (25, 10)
    assert len(premiere.encode()) < 40_000


def test_an_object_that_no_longer_exists_has_no_link(connexion, session):
    poste = build.semestre_internat(session, build.terrain(session))
    cle = poste.id
    numero = operer(session, NATIONAL, "SEM.supprimer", lambda uow: uow.session.delete(poste))

    assert f"/semestres-internat/{cle}" not in connexion("national").get(f"/journal/{numero}").text


# --- Undo ---


def _fusion(session):
    origine, destination = (build.etablissement(session, statut=un) for un in (INACTIF, ACTIF))
    terrain = build.terrain(session, etablissement=origine)
    avant = origine.id
    numero = operer(session, AGENT, "ET.fusionner", fusion.executer, Demande(origine.id, destination.id, None, None))
    return numero, terrain, "etablissement_id", avant


def _transfert(session):
    origine, destination = build.etablissement(session), build.etablissement(session)
    terrain = build.terrain(session, etablissement=origine)
    demande = Demande(origine.id, destination.id, (terrain.id,), None)
    return (
        operer(session, AGENT, "TS.transferer_unite", fusion.executer, demande),
        terrain,
        "etablissement_id",
        origine.id,
    )


def _activation(session):
    terrain = build.terrain(session, statut=StatutTerrain.INACTIF)
    numero = operer(session, AGENT, "TS.activer", activation.activer, [terrain.id])
    return numero, terrain, "statut", StatutTerrain.INACTIF


def _suppression(session):
    terrain = build.terrain(session)
    numero = operer(session, AGENT, "TS.supprimer", suppression.supprimer, [terrain.id])
    return numero, terrain, "statut", StatutTerrain.ACTIF


def _ars(session):
    terrain = build.terrain(session, ars_code="93")
    actor = Actor("gestionnaire-93", "93")
    return operer(session, actor, "TS.changer_ars", territoire.changer_ars, terrain.id, "94"), terrain, "ars_code", "93"


def _subdivision(session):
    terrain = build.terrain(session)
    numero = operer(session, AGENT, "TS.changer_subdivision", territoire.changer_subdivision, terrain.id, "BREST")
    return numero, terrain, "subdivision_code", "RENNES"


def _praticien(session):
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN)
    numero = operer(session, AGENT, "TS.transferer_praticien", transfert_praticien.transferer, terrain.id, "93")
    return numero, terrain, "ars_code", "53"


INACTIF, ACTIF = StatutEtablissement.INACTIF, StatutEtablissement.ACTIF
ANNULABLES = [_fusion, _transfert, _activation, _suppression, _ars, _subdivision, _praticien]


@pytest.mark.parametrize("preparer", ANNULABLES)
def test_each_exceptional_operation_is_undone_from_its_page(connexion, session, preparer):
    """N2, M22: by who did it; the undo has its own page, and cannot be sent twice."""
    numero, terrain, champ, avant = preparer(session)
    tout_journaliser()
    client = connexion(session.get_one(Evenement, numero).acteur)
    assert f"/journal/{numero}/annuler" in client.get(f"/journal/{numero}").text
    assert client.get(f"/journal/{numero}/annuler").status_code == 200

    reponse = client.post(f"/journal/{numero}/annuler", follow_redirects=True)

    session.expire_all()
    assert getattr(terrain, champ) == avant
    assert f"Opération n° {numero} annulée" in reponse.text
    assert f'<a href="/journal/{numero}">Opération n° {numero}</a>' in reponse.text
    assert client.post(f"/journal/{numero}/annuler").status_code == 422


def test_an_undo_that_comes_too_late_names_the_later_operation(connexion, session):
    """N2, N18: on the page, on the confirmation, and when it is sent all the same."""
    numero, terrain, _, _ = _transfert(session)
    operer(session, Actor("camille", "53"), "TS.modifier", lambda _: setattr(terrain, "nom", "Autre nom"))
    tout_journaliser()
    client = connexion("gestionnaire-53")

    page = client.get(f"/journal/{numero}").text
    envoi = client.post(f"/journal/{numero}/annuler")

    assert f'href="/journal/{numero}/annuler"' not in page
    for vu in (page, client.get(f"/journal/{numero}/annuler").text, envoi.text):
        assert "« Modification » a touché les mêmes objets" in vu
        assert "par camille" in vu
    assert envoi.status_code == 422
    assert '<form method="post">' not in envoi.text


def test_the_undo_is_for_who_did_it_or_a_national_administrator(connexion, session):
    """M22."""
    numero, terrain, champ, avant = _transfert(session)

    assert "/annuler" not in connexion("lecture-53").get(f"/journal/{numero}").text
    assert connexion("lecture-53").post(f"/journal/{numero}/annuler").status_code == 403
    assert connexion("gestionnaire-84").post(f"/journal/{numero}/annuler").status_code == 403
    collegue = connexion("gestionnaire-53-93", ars="53")
    assert "que vos propres opérations" in collegue.post(f"/journal/{numero}/annuler").text

    assert connexion("national").post(f"/journal/{numero}/annuler").status_code == 302
    session.expire_all()
    assert getattr(terrain, champ) == avant


def test_what_cannot_be_undone_is_greyed_with_its_reason(connexion, session):
    """N18."""
    numero = renommer(session, AGENT, build.etablissement(session), "BREST")

    vu = texte(connexion("gestionnaire-53"), f"/journal/{numero}")

    assert "ne s’annule pas : corrigez par l’opération contraire." in vu


def test_an_export_of_the_journal_is_in_the_journal(connexion, session):
    """A-74."""
    connexion("gestionnaire-53").get("/journal/export.xlsx?ars=53&operation=ET.creer")
    tout_journaliser()

    [entree] = session.scalars(select(EntreeJournal)).all()
    assert entree.phrase == "Export du journal – ARS : 53, Format : xlsx, Lignes : 0, Opération : ET.creer"


def test_the_list_of_operations_tells_them_apart():
    """S143: « Modification » is of an établissement, of an entité juridique or of a terrain."""
    noms = [nom for _, nom in libelles.operations_distinctes()]

    assert sorted(set(noms)) == sorted(noms)
    assert "Modification – terrain de stage" in noms
