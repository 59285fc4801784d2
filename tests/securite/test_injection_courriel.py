"""Nothing that a user types reaches the headers or the envelope of a mail (QUALITY A-38)."""

import pytest
from sqlalchemy import select

from jobs import envois
from models.envoi import Envoi
from models.utilisateur import Utilisateur
from tests import build
from tests.serveur_smtp import serveur_smtp

MOI = "gestionnaire-53@exemple.fr"
ENTETES = {
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip
FINS = [
    "\r\n", "\n", "\r", "\n\r", "%0d%0a", "%0A", "\\r\\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c\r\n",
    "\r\n ",
]  # fmt: skip
AJOUTS = [
    "Bcc: intrus@ailleurs.org", "To: intrus@ailleurs.org", "Subject: gagné", "X-Intrus: 1",
    "Content-Type: text/html",
    "\r\nContent-Type: text/html\r\n\r\n<script>",
    ".\r\nMAIL FROM:<intrus@ailleurs.org>", "RCPT TO:<intrus@ailleurs.org>",
]  # fmt: skip
CORPUS = [
    *(f"{fin}Bcc: intrus@ailleurs.org" for fin in FINS),
    *(f"\r\n{ajout}" for ajout in AJOUTS),
    *(f"\r\n\r\n{ajout}" for ajout in AJOUTS),
    "\r\n.\r\nRSET\r\nMAIL FROM:<intrus@ailleurs.org>\r\nRCPT TO:<intrus@ailleurs.org>\r\nDATA\r\n",
    "=?utf-8?q?a=0d=0aBcc:_intrus@ailleurs.org?=",
    "=?utf-8?b?DQpCY2M6IGludHJ1c0BhaWxsZXVycy5vcmc=?=",
    "<intrus@ailleurs.org>",
    '"x" <intrus@ailleurs.org>',
]  # fmt: skip


@pytest.fixture
def boite(monkeypatch, tmp_path):
    with serveur_smtp() as boite:
        for nom, valeur in {
            "DATA_DIR": tmp_path,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": boite.port,
            "SMTP_SECURITE": "aucune",
        }.items():
            monkeypatch.setenv(nom, str(valeur))
        yield boite


def envoyer(client, criteres=None, **champs):
    """Send the form, then the mail if there is one."""
    donnees = {"destinataires": MOI, "format_": "csv", **champs}
    reponse = client.post("/etablissements/envoi", query_string={"ars": "", **(criteres or {})}, data=donnees)
    envois.reprendre()
    return reponse


def intact(recu) -> bool:
    """Only our headers, each once; only our recipient."""
    noms = list(recu.message)
    return set(noms) <= ENTETES and len(noms) == len(set(noms)) and recu.destinataires == [MOI]


def test_the_corpus_is_large_enough():
    assert len(set(CORPUS)) >= 30


@pytest.mark.parametrize("charge", CORPUS)
def test_a_recipient_adds_no_header_and_no_recipient(session, connexion, boite, charge):
    build.etablissement(session)

    reponse = envoyer(connexion("gestionnaire-53"), destinataires=MOI + charge)

    assert reponse.status_code == 422
    assert boite.recus == []
    assert session.scalars(select(Envoi.id)).all() == []


@pytest.mark.parametrize("charge", CORPUS)
def test_a_message_a_name_a_criterion_and_a_token_add_no_header(session, connexion, utilisateur, boite, charge):
    build.etablissement(session)
    session.connection().exec_driver_sql(
        "UPDATE ab_user SET last_name = %(nom)s WHERE id = %(id)s",
        {"nom": charge[:64], "id": utilisateur("gestionnaire-53").id},
    )
    criteres = {"adresse": "", "tri": charge, "sens": charge, "departement": ""}

    reponse = envoyer(connexion("gestionnaire-53"), criteres, message=charge, jeton=charge)

    assert reponse.status_code == 302
    [recu] = boite.recus
    assert intact(recu)
    assert recu.message["Subject"] == "Terrains de stage : liste « Établissements »"
    assert recu.message["Reply-To"] == MOI
    assert recu.texte.startswith("Bonjour,")


@pytest.mark.parametrize("charge", CORPUS)
def test_a_criterion_stays_one_line_of_the_text(session, connexion, boite, charge):
    build.etablissement(session)

    envoyer(connexion("gestionnaire-53"), {"statut": ["ACTIF", charge]})

    [recu] = boite.recus
    [critere] = [ligne for ligne in recu.texte.splitlines() if ligne.startswith("- ")]
    assert critere.startswith("- Statut : Actif, ")
    assert intact(recu)


@pytest.mark.parametrize("charge", CORPUS)
def test_the_address_of_an_account_adds_no_header(session, connexion, utilisateur, boite, charge):
    """An administrator may have typed anything there: it is checked before it becomes « Reply-To »."""
    build.etablissement(session)
    compte: Utilisateur = utilisateur("gestionnaire-53")
    client = connexion("gestionnaire-53")
    adresse = (MOI + charge)[:320]
    session.connection().exec_driver_sql(
        "UPDATE ab_user SET email = %(courriel)s WHERE id = %(id)s", {"courriel": adresse, "id": compte.id}
    )

    reponse = envoyer(client)

    assert reponse.status_code == 422
    assert boite.recus == []
