"""Lists sent by e-mail, on a real SMTP server: the file, the retries, one message and no more (S31, A-38, A-63)."""

import io
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from openpyxl import load_workbook
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.operations import envois as operation
from app.recherches.etablissements import CriteresEtablissement
from app.scope import Actor
from app.unit_of_work import unit_of_work
from jobs import envois, queue
from models.envoi import Envoi, EtatEnvoi
from models.etats import StatutEtablissement
from tests import build
from tests.conftest import creer_utilisateur
from tests.serveur_smtp import port_libre, serveur_smtp

MOI = "gestionnaire-53@exemple.fr"
COLLEGUE = "collegue@exemple.fr"
NULLE_PART = "redis://127.0.0.1:1"
MINUTES = [1, 5, 15]


@pytest.fixture
def reglages(monkeypatch, tmp_path):
    """Settings of the job, as a worker reads them."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_SECURITE", "aucune")
    monkeypatch.setenv("COURRIEL_EXPEDITEUR", "terrains@exemple.fr")
    monkeypatch.setenv("ADRESSE_PUBLIQUE", "https://terrains.exemple.fr")
    return monkeypatch


@pytest.fixture
def boite(reglages):
    with serveur_smtp() as boite:
        reglages.setenv("SMTP_PORT", str(boite.port))
        yield boite


@pytest.fixture
def panne(reglages):
    """A port where nothing listens."""
    reglages.setenv("SMTP_PORT", str(port_libre()))


def demander(session, *, acteur=None, **champs) -> int:
    """An envoi in the queue, of the list of ET unless told otherwise."""
    acteur = acteur or Actor("gestionnaire-53", "53")
    valeurs = {
        "liste": "etablissements",
        "criteres": CriteresEtablissement(ars="53", archives=acteur.national),
        "criteres_affiches": (("ARS", "Bretagne"),),
        "tri": "nom",
        "descendant": False,
        "format_": "csv",
        "lien": "/etablissements/export.csv?ars=53&tri=nom&sens=asc",
        "destinataires": (MOI,),
    }
    with unit_of_work(acteur, "ET.envoyer", session=session) as uow:
        return operation.envoyer(uow, operation.Demande(**valeurs | champs), ("exemple.fr",))


@pytest.fixture
def liste(session, utilisateur):
    """An account, and two établissements to send."""
    utilisateur("gestionnaire-53")
    return [build.etablissement(session, raison_sociale=nom) for nom in ("HÔPITAL D’ÉVREUX", "CLINIQUE DE L’ŒUVRE")]


def relire(session, numero) -> Envoi:
    session.expire_all()
    return session.get_one(Envoi, numero)


def avancer(session, numero):
    """Let the time of the next attempt come."""
    envoi = relire(session, numero)
    envoi.prochaine_le = datetime.now(UTC) - timedelta(seconds=1)
    session.commit()


# --- The file ---


def test_the_attachment_is_the_export_byte_for_byte(session, connexion, liste, boite):
    """S31: same filters, same columns, same order as the screen."""
    build.etablissement(session, ars_code="93")
    criteres = "ars=53&nom=e&tri=nom&sens=desc"
    client = connexion("gestionnaire-53")
    export = client.get(f"/etablissements/export.csv?{criteres}", buffered=True)

    client.post(f"/etablissements/envoi?{criteres}", data={"destinataires": MOI, "format_": "csv"})
    envois.reprendre()

    [recu] = boite.recus
    assert recu.fichier == (export.headers["Content-Disposition"].split('"')[1], export.data)
    assert recu.fichier[1].decode("utf-8-sig").index("HÔPITAL D’ÉVREUX") < recu.fichier[1].decode().index("CLINIQUE")


def test_the_xlsx_opens_with_its_accents(session, liste, boite):
    envois.envoyer(demander(session, format_="xlsx"))

    nom, contenu = boite.recus[0].fichier
    rangees = list(load_workbook(io.BytesIO(contenu)).active.iter_rows(values_only=True))
    assert nom.endswith(".xlsx")
    assert [rangee[1] for rangee in rangees] == ["Raison sociale", "CLINIQUE DE L’ŒUVRE", "HÔPITAL D’ÉVREUX"]


def test_the_message_says_who_sends_what(session, liste, boite):
    """A43: in French, and no text of a user in its headers."""
    numero = demander(session, message="Pour la réunion\nde jeudi.", destinataires=(MOI, COLLEGUE))

    envois.envoyer(numero)

    [recu] = boite.recus
    entetes = {nom: recu.message[nom] for nom in ("From", "To", "Reply-To", "Subject")}
    assert entetes == {
        "From": "terrains@exemple.fr",
        "To": f"{MOI}, {COLLEGUE}",
        "Reply-To": MOI,
        "Subject": "Terrains de stage : liste « Établissements »",
    }
    assert (recu.expediteur, recu.destinataires) == ("terrains@exemple.fr", [MOI, COLLEGUE])
    for attendu in (f"Camille gestionnaire-53 ({MOI})", "Pour la réunion\nde jeudi.", "- ARS : Bretagne", "lignes : 2"):
        assert attendu in recu.texte.replace("\r\n", "\n")
    envoi = relire(session, numero)
    assert (envoi.etat, envoi.servis, envoi.joint, envoi.lignes) == (EtatEnvoi.ENVOYE, [MOI, COLLEGUE], True, 2)


def test_above_the_size_cap_the_mail_holds_a_link_to_the_login(session, client, connexion, liste, boite, reglages):
    """A-38."""
    reglages.setenv("TAILLE_MAX_PIECE_JOINTE", "100")

    envois.envoyer(demander(session))

    [recu] = boite.recus
    [lien] = [ligne for ligne in recu.texte.splitlines() if ligne.startswith("https://")]
    chemin = lien.removeprefix("https://terrains.exemple.fr")
    assert list(recu.message.iter_attachments()) == []
    assert client.get(chemin).location.startswith("/connexion?")
    assert len(connexion("lecture-84").get(chemin, buffered=True).text.splitlines()) == 3


def test_a_file_of_exactly_the_cap_is_attached(session, connexion, liste, boite, reglages):
    taille = len(connexion("gestionnaire-53").get("/etablissements/export.csv?ars=53", buffered=True).data)
    reglages.setenv("TAILLE_MAX_PIECE_JOINTE", str(taille))

    envois.envoyer(demander(session))

    assert len(boite.recus[0].fichier[1]) == taille


@pytest.mark.parametrize(("national", "lignes"), [(True, 1), (False, 0)])
def test_the_file_follows_the_rights_that_the_user_had(session, utilisateur, liste, boite, national, lignes):
    """A48: only a national administrator sees the Supprimés."""
    utilisateur("national")
    build.etablissement(session, raison_sociale="DISPARU", statut=StatutEtablissement.SUPPRIME)
    acteur = Actor("national" if national else "gestionnaire-53", "53", national=national)
    statuts = ("ACTIF", "SUPPRIME")

    criteres = CriteresEtablissement(ars="53", statut=statuts, archives=national)
    envois.envoyer(demander(session, acteur=acteur, criteres=criteres, destinataires=(COLLEGUE,)))

    assert boite.recus[0].fichier[1].decode().count("DISPARU") == lignes


def test_a_criterion_that_no_longer_exists_never_widens_the_list(session, liste, boite):
    """A new version that drops a criterion may find old envois."""
    numero = demander(session)
    envoi = relire(session, numero)
    envoi.criteres = {**envoi.criteres, "ancien_critere": "x"}
    session.commit()

    with pytest.raises(TypeError, match="ancien_critere"):
        envois.envoyer(numero)

    assert boite.recus == []
    envoi = relire(session, numero)
    assert (envoi.etat, envoi.tentatives) == (EtatEnvoi.EN_ATTENTE, 1)


# --- Once ---


def test_it_goes_through_the_queue(session, liste, boite, connexion, redis, redis_url):
    queue.configure(redis_url)
    client = connexion("gestionnaire-53")

    client.post("/etablissements/envoi?ars=53", data={"destinataires": MOI, "format_": "csv"})
    SimpleWorker([queue.COURTE], connection=redis, serializer=JSONSerializer).work(burst=True)

    assert len(boite.recus) == 1
    assert session.scalars(select(Envoi.etat)).all() == [EtatEnvoi.ENVOYE]


def test_without_redis_the_sweep_of_the_clock_sends_it(session, liste, boite, connexion, redis_url):
    """The row is the outbox: the lost message only makes it late."""
    client = connexion("gestionnaire-53")
    queue.configure(NULLE_PART)

    reponse = client.post("/etablissements/envoi?ars=53", data={"destinataires": MOI, "format_": "csv"})
    queue.configure(redis_url)
    envois.reprendre()

    assert reponse.status_code == 302
    assert len(boite.recus) == 1


def test_running_twice_sends_once(session, liste, boite):
    numero = demander(session)

    envois.envoyer(numero)
    envois.envoyer(numero)
    envois.reprendre()

    assert len(boite.recus) == 1


def test_workers_that_run_together_send_once(base_propre, boite, monkeypatch):
    """The attempt is taken under lock, and the row stays locked while the message leaves, however long it takes."""
    monkeypatch.setattr(envois, "REPRISES", (timedelta(0),) * 3)  # always due
    with Session(base_propre) as session:
        creer_utilisateur(session, "gestionnaire-53")
        build.etablissement(session)
        numero = demander(session)
        session.commit()
    boite.lenteur = 0.5

    with ThreadPoolExecutor(4) as equipe:
        list(equipe.map(envois.envoyer, [numero] * 8))

    assert len(boite.recus) == 1


def test_a_worker_that_dies_during_an_attempt_leaves_it_to_the_next(session, liste, boite):
    """The attempt was counted before: it neither repeats at once nor for ever."""
    numero = demander(session)
    assert envois._prendre(numero)  # then nothing more: killed

    envois.reprendre()
    trop_tot = len(boite.recus)
    avancer(session, numero)
    envois.reprendre()

    assert (trop_tot, len(boite.recus)) == (0, 1)
    assert relire(session, numero).tentatives == 2


def test_workers_that_always_die_end_in_a_clear_state(session, liste, boite):
    numero = demander(session)
    for _ in range(4):
        assert envois._prendre(numero)
        avancer(session, numero)

    envois.reprendre()

    envoi = relire(session, numero)
    assert (envoi.etat, envoi.derniere_erreur) == (EtatEnvoi.ECHEC, envois.INTERROMPU)
    assert boite.recus == []


@contextmanager
def serveur_qui_coupe(reponse_a_quit: bytes):
    """A server that accepts the message, then ends the conversation badly."""
    ecoute = socket.create_server(("127.0.0.1", 0))
    recus: list[bytes] = []

    def parler():
        connexion, _ = ecoute.accept()
        with connexion, connexion.makefile("rb") as lignes:
            connexion.sendall(b"220 pret\r\n")
            for ligne in lignes:
                verbe = ligne.split()[0].upper()
                if verbe == b"QUIT":
                    connexion.sendall(reponse_a_quit)
                    return
                if verbe == b"DATA":
                    connexion.sendall(b"354 allez\r\n")
                    recus.append(b"".join(iter(lignes.readline, b".\r\n")))
                connexion.sendall(b"250 OK\r\n")

    fil = Thread(target=parler)
    fil.start()
    with ecoute:
        yield ecoute.getsockname()[1], recus
        fil.join(10)


@pytest.mark.parametrize("reponse_a_quit", [b"", b"500 non\r\n", b"\xff\xfe\r\n"])
def test_what_the_server_says_after_it_accepted_sends_nothing_again(session, liste, reglages, reponse_a_quit):
    numero = demander(session)

    with serveur_qui_coupe(reponse_a_quit) as (port, recus):
        reglages.setenv("SMTP_PORT", str(port))
        envois.envoyer(numero)

    assert len(recus) == 1
    assert relire(session, numero).etat is EtatEnvoi.ENVOYE


# --- Failures ---


def test_a_server_that_is_down_is_tried_again_after_1_5_and_15_minutes(session, liste, panne):
    """A-63."""
    numero = demander(session)
    attentes = []

    for _ in MINUTES:
        envois.reprendre()
        envoi = relire(session, numero)
        assert (envoi.etat, envoi.derniere_erreur) == (EtatEnvoi.EN_ATTENTE, mail.INJOIGNABLE)
        attentes.append(round((envoi.prochaine_le - datetime.now(UTC)).total_seconds() / 60, 1))
        envois.envoyer(numero)  # not its time yet, whoever asks
        avancer(session, numero)
    envois.reprendre()

    envoi = relire(session, numero)
    assert attentes == MINUTES
    assert (envoi.etat, envoi.tentatives, envoi.derniere_erreur) == (EtatEnvoi.ECHEC, 4, mail.INJOIGNABLE)


def test_a_server_that_comes_back_gets_the_message(session, liste, boite, reglages):
    numero = demander(session)
    reglages.setenv("SMTP_PORT", str(port_libre()))
    envois.envoyer(numero)
    reglages.setenv("SMTP_PORT", str(boite.port))
    avancer(session, numero)

    envois.reprendre()

    envoi = relire(session, numero)
    assert (envoi.etat, envoi.tentatives, envoi.derniere_erreur) == (EtatEnvoi.ENVOYE, 2, None)
    assert len(boite.recus) == 1


def test_a_refused_recipient_does_not_keep_it_from_the_others(session, liste, boite):
    boite.refus[COLLEGUE] = "550 5.1.1 No such user"
    numero = demander(session, destinataires=(MOI, COLLEGUE))

    envois.envoyer(numero)
    envois.envoyer(numero)

    envoi = relire(session, numero)
    assert [recu.destinataires for recu in boite.recus] == [[MOI]]
    assert (envoi.etat, envoi.servis) == (EtatEnvoi.ENVOYE, [MOI])
    assert envoi.refuses == {COLLEGUE: "Refusé par le serveur de messagerie (code 550)."}


def test_a_recipient_to_be_tried_later_is_tried_alone(session, liste, boite):
    boite.refus[COLLEGUE] = "451 4.7.1 Try again later"
    numero = demander(session, destinataires=(MOI, COLLEGUE))
    envois.envoyer(numero)
    en_attente = relire(session, numero).etat
    boite.refus.clear()
    avancer(session, numero)

    envois.reprendre()

    envoi = relire(session, numero)
    assert en_attente is EtatEnvoi.EN_ATTENTE
    assert [recu.destinataires for recu in boite.recus] == [[MOI], [COLLEGUE]]
    assert (envoi.etat, sorted(envoi.servis)) == (EtatEnvoi.ENVOYE, [COLLEGUE, MOI])
    assert len({recu.message["Message-ID"] for recu in boite.recus}) == 1


def test_a_recipient_never_accepted_is_told_at_the_end(session, liste, boite):
    boite.refus[COLLEGUE] = "451 4.7.1 Try again later"
    numero = demander(session, destinataires=(MOI, COLLEGUE))

    for _ in range(4):
        envois.reprendre()
        avancer(session, numero)

    envoi = relire(session, numero)
    assert (envoi.etat, list(envoi.refuses)) == (EtatEnvoi.ENVOYE, [COLLEGUE])
    assert len(boite.recus) == 1


@pytest.mark.parametrize(("reponse", "etat"), [("554 Spam", EtatEnvoi.ECHEC), ("452 Full", EtatEnvoi.EN_ATTENTE)])
def test_a_message_refused_for_good_is_not_tried_again(session, liste, boite, reponse, etat):
    boite.reponse = reponse
    numero = demander(session)

    envois.envoyer(numero)

    envoi = relire(session, numero)
    assert (envoi.etat, envoi.tentatives) == (etat, 1)
    assert reponse[:3] in envoi.derniere_erreur


def test_all_recipients_refused_is_a_failure(session, liste, boite):
    boite.refus[MOI] = "550 5.1.1 No such user"
    numero = demander(session)

    envois.envoyer(numero)

    assert relire(session, numero).etat is EtatEnvoi.ECHEC


# --- Where it goes ---


def test_nothing_leaves_in_clear_when_encryption_is_asked_for(session, liste, boite, reglages):
    """A server that offers no STARTTLS, or an intruder who hides it, gets nothing."""
    reglages.setenv("SMTP_SECURITE", "starttls")
    numero = demander(session)

    envois.envoyer(numero)

    assert boite.recus == []
    assert relire(session, numero).derniere_erreur == mail.INJOIGNABLE


def test_development_without_server_writes_files(session, liste, reglages, tmp_path):
    reglages.setenv("SMTP_HOST", "")
    numero = demander(session)

    envois.envoyer(numero)

    [fichier] = (tmp_path / "courriels").iterdir()
    assert fichier.suffix == ".eml"
    assert f"To: {MOI}\r\n".encode() in fichier.read_bytes()
    assert relire(session, numero).etat is EtatEnvoi.ENVOYE


def test_production_without_server_sends_nothing_and_says_why(session, liste, reglages):
    for nom, valeur in {
        "SMTP_HOST": "",
        "ENVIRONNEMENT": "production",
        "SECRET_KEY": "q7JmZr2TgkP0sXw4vBnY8dLhC5fRa1Ue",
        "DATABASE_URL": "postgresql://base.exemple.fr/terrains",
        "REDIS_URL": "redis://file.exemple.fr",
        "TRUSTED_HOSTS": "terrains.exemple.fr",
    }.items():
        reglages.setenv(nom, valeur)
    numero = demander(session)

    envois.envoyer(numero)

    assert relire(session, numero).derniere_erreur == mail.NON_CONFIGURE
