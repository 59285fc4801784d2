"""« Envoyer par courriel » on the search screens, and « Mes envois » (SPEC S31, S45, A43, M2; QUALITY A-38, A-74)."""

import re
import uuid

import pytest
from sqlalchemy import func, select

from app import mail
from app.operations import envois
from app.recherches.catalogue import RECHERCHES
from jobs import envois as job
from jobs.journal import journaliser
from models.envoi import Envoi, EtatEnvoi
from models.journal import EntreeJournal, Evenement
from tests import build
from tests.serveur_smtp import port_libre
from tests.views.pages import Page
from views.recherche import RechercheView

MOI = "gestionnaire-53@exemple.fr"
ADRESSE = "/etablissements/envoi?ars=53&nom=ch&statut=ACTIF&tri=ville&sens=desc"


@pytest.fixture
def hopital(session):
    return build.etablissement(session, raison_sociale="CH DE REDON")


@pytest.fixture
def reglages(application, monkeypatch):
    """Changes settings of the site for the test."""

    def changer(**valeurs):
        lus = application.extensions["settings"].model_copy(update=valeurs)
        monkeypatch.setitem(application.extensions, "settings", lus)

    return changer


def envoyer(client, adresse=ADRESSE, **champs):
    return client.post(adresse, data={"destinataires": MOI, "format_": "csv", **champs})


def erreurs(reponse) -> list[str]:
    """Sentences of the summary of errors."""
    resume = re.search(r'id="resume-erreurs".*?</ul>', reponse.text, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", ligne) for ligne in re.findall(r"<li>(.*?)</li>", resume[0])] if resume else []


# --- The page ---


def test_the_page_shows_what_will_be_sent_and_proposes_ones_own_address(connexion, hopital):
    """A43."""
    page = Page(connexion("gestionnaire-53").get(ADRESSE).text)

    texte = " ".join(page.textes)
    assert "Nombre de lignes 1" in texte
    for critere in ("Bretagne", "ch", "ACTIF"):
        assert critere.lower() in texte.lower()
    assert MOI in page.textes
    assert {"destinataires", "format_", "message", "jeton"} <= page.noms


def test_each_search_screen_leads_there_with_its_criteria(connexion, hopital):
    """S31, S45."""
    client = connexion("gestionnaire-53")

    for ecran in ("etablissements", "entites-juridiques"):
        liens = Page(client.get(f"/{ecran}/?ars=53&tri=nom").text).adresses
        assert f"/{ecran}/envoi?ars=53&tri=nom" in liens


def test_every_search_screen_is_in_the_catalogue(app):
    """What makes the e-mail of a list come with the screen: a new one is named in app.recherches.catalogue."""
    ecrans = [vue for vue in app.appbuilder.baseviews if isinstance(vue, RechercheView)]

    assert len(ecrans) >= 2
    for ecran in ecrans:
        liste = RECHERCHES[ecran.nom_export]
        assert (liste.recherche, liste.criteres) == (ecran.recherche, ecran.criteres)


def test_a_reader_exports_but_does_not_send(connexion, hopital):
    """M2."""
    client = connexion("lecture-53")

    assert "Envoyer par courriel" not in client.get("/etablissements/?ars=53").text
    assert "Exporter en CSV" in client.get("/etablissements/?ars=53").text
    assert client.get(ADRESSE).status_code == 403


def test_a_site_that_sends_no_mail_says_why(app, connexion, hopital, reglages, session):
    """N18: the button is greyed, and the form refused."""
    reglages(environnement="production")
    client = connexion("gestionnaire-53")

    liste, page, reponse = client.get("/etablissements/?ars=53"), client.get(ADRESSE), envoyer(client)

    assert mail.NON_CONFIGURE in liste.text
    assert "/etablissements/envoi" not in liste.text
    assert mail.NON_CONFIGURE in page.text
    assert (reponse.status_code, erreurs(reponse)) == (422, [mail.NON_CONFIGURE])
    assert session.scalars(select(Envoi.id)).all() == []


def test_development_says_where_the_messages_go(connexion, hopital):
    assert "pas de serveur de messagerie" in connexion("gestionnaire-53").get(ADRESSE).text


# --- Sending ---


def test_the_request_is_kept_and_journaled_together(connexion, hopital, session):
    """A-74: who, to whom, criteria, rows, format."""
    reponse = envoyer(connexion("gestionnaire-53"), destinataires=f"{MOI}; Collegue@exemple.fr", message=" Bonjour ")

    [envoi] = session.scalars(select(Envoi)).all()
    assert reponse.location == "/envois/"
    assert (envoi.demandeur, envoi.demandeur_courriel, envoi.etat) == ("gestionnaire-53", MOI, EtatEnvoi.EN_ATTENTE)
    assert (envoi.tri, envoi.descendant, envoi.message, envoi.archives) == ("ville", True, "Bonjour", False)
    assert envoi.lien == "/etablissements/export.csv?ars=53&nom=ch&statut=ACTIF&tri=ville&sens=desc"
    [evenement] = session.scalars(select(Evenement)).all()
    assert (evenement.operation, evenement.acteur) == ("ET.envoyer", "gestionnaire-53")
    assert evenement.details == {
        "envoi": envoi.id,
        "destinataires": [MOI, "Collegue@exemple.fr"],
        "lignes": 1,
        "format": "csv",
        "ars": "53",
        "nom": "ch",
        "statut": ["ACTIF"],
    }


def test_the_journal_tells_it_in_french(connexion, hopital, session):
    envoyer(connexion("gestionnaire-53"), "/etablissements/envoi?ars=53")

    journaliser()

    [phrase] = session.scalars(select(EntreeJournal.phrase)).all()
    assert phrase.startswith("Envoi par courriel d’une liste d’établissements – ARS : 53, Destinataires : gestion")


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"destinataires": "b@gmail.com"}, "celles qui se terminent par @exemple.fr."),
        ({"destinataires": ""}, "Indiquez au moins une adresse de courriel."),
        ({"destinataires": "pas une adresse"}, "écrivez une adresse complète"),
        ({"destinataires": ",".join(f"a{rang}@exemple.fr" for rang in range(11))}, "10 destinataires au plus"),
        ({"message": "x" * 1001}, "1\u202f000 caractères au plus."),
        ({"format_": "pdf"}, "Choisissez une valeur de la liste."),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(connexion, hopital, session, champs, phrase):
    reponse = envoyer(connexion("gestionnaire-53"), **champs)

    assert reponse.status_code == 422
    assert phrase in " ".join(erreurs(reponse))
    assert session.scalar(select(func.count()).select_from(Envoi)) == 0
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


def test_nothing_typed_is_lost_by_a_refusal(connexion, hopital):
    page = Page(envoyer(connexion("gestionnaire-53"), destinataires="b@gmail.com", message="À relire").text)

    assert {"b@gmail.com", "À relire"} <= set(page.textes)


def test_an_empty_list_is_not_sent(connexion, session):
    reponse = envoyer(connexion("gestionnaire-53"))

    assert reponse.status_code == 422
    assert erreurs(reponse)[0].startswith("Cette liste est vide")


def test_an_account_without_a_valid_address_cannot_send(connexion, hopital, session, utilisateur):
    client = connexion("gestionnaire-53")
    session.connection().exec_driver_sql("UPDATE ab_user SET email = 'gestionnaire' WHERE username = 'gestionnaire-53'")

    reponse = envoyer(client, destinataires="collegue@exemple.fr")

    assert "L’adresse de courriel de votre compte n’est pas valable" in erreurs(reponse)[0]


def test_a_form_sent_twice_makes_one_envoi(connexion, hopital, session):
    """A-54."""
    client = connexion("gestionnaire-53")
    jeton = dict(Page(client.get(ADRESSE).text).champs)["jeton"]

    reponses = [envoyer(client, jeton=jeton).location for _ in range(2)]

    assert reponses == ["/envois/"] * 2
    assert session.scalars(select(Envoi.jeton)).all() == [jeton]
    assert session.scalar(select(func.count()).select_from(Evenement)) == 1


def test_the_token_of_somebody_else_tells_nothing(connexion, hopital, session):
    jeton = str(uuid.uuid4())
    envoyer(connexion("gestionnaire-53"), jeton=jeton)

    reponse = envoyer(connexion("gestionnaire-84"), destinataires="gestionnaire-84@exemple.fr", jeton=jeton)

    assert erreurs(reponse) == ["Ce formulaire n’est plus valable : rouvrez-le depuis la recherche."]


def test_an_account_does_not_flood(connexion, hopital, session, monkeypatch):
    monkeypatch.setattr(envois, "PAR_HEURE", 2)
    client = connexion("gestionnaire-53")

    reponses = [envoyer(client) for _ in range(3)]

    assert [reponse.status_code for reponse in reponses] == [302, 302, 422]
    assert "attendez un peu" in erreurs(reponses[2])[0]


# --- « Mes envois » ---


def test_a_user_sees_his_own_envois_only(connexion, hopital):
    envoyer(connexion("gestionnaire-53"), message="confidentiel")

    mien = connexion("gestionnaire-53").get("/envois/").text
    autre = connexion("national").get("/envois/").text

    assert MOI in mien
    assert "En attente" in mien
    assert MOI not in autre
    assert "Vous n’avez encore envoyé aucune liste." in autre


def test_a_failure_is_told_to_the_user(connexion, hopital, session, monkeypatch, tmp_path):
    """A-63: clear state."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(port_libre()))
    client = connexion("gestionnaire-53")
    envoyer(client)
    etapes = []
    for _ in range(4):
        job.reprendre()
        etapes.append(client.get("/envois/").text)
        session.connection().exec_driver_sql("UPDATE envoi SET prochaine_le = prochaine_le - interval '1 hour'")

    assert "Nouvel essai le" in etapes[0]
    assert "Échec" in etapes[3]
    assert f"{mail.INJOIGNABLE} Rien n’est parti" in etapes[3]
