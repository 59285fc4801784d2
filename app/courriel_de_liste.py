"""The mail that carries a list: headers without any text of a user, a body in French, the file or its address (S31)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from app import adresses, exports
from app.mail import POLITIQUE
from app.recherches.catalogue import RECHERCHES
from config import Settings
from models.envoi import Envoi

PARIS = ZoneInfo("Europe/Paris")
_BLANCS = re.compile(r"\s+")


@dataclass(frozen=True)
class Fichier:
    """The export, as the screen would have given it; `contenu` is None when it is too large to be attached."""

    nom: str
    lignes: int
    contenu: bytes | None


def composer(envoi: Envoi, fichier: Fichier, settings: Settings) -> EmailMessage:
    """The message; the same envoi always gets the same Message-ID, so that a second copy can be told from the first."""
    message = EmailMessage(policy=POLITIQUE)
    message["From"] = settings.expediteur
    message["To"] = ", ".join(envoi.destinataires)
    message["Reply-To"] = envoi.demandeur_courriel
    message["Subject"] = f"Terrains de stage : liste « {RECHERCHES[envoi.liste].titre} »"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{envoi.jeton}@{adresses.domaine(settings.expediteur)}>"
    message.set_content("\n".join(_texte(envoi, fichier, settings)))
    if fichier.contenu is not None:
        maintype, _, subtype = exports.TYPES_MIME[envoi.format].partition(";")[0].partition("/")
        message.add_attachment(fichier.contenu, maintype=maintype, subtype=subtype, filename=fichier.nom)
    return message


def _texte(envoi: Envoi, fichier: Fichier, settings: Settings) -> list[str]:
    nom, titre = _ligne(envoi.demandeur_nom), RECHERCHES[envoi.liste].titre
    criteres = [f"- {_ligne(libelle)} : {_ligne(valeur)}" for libelle, valeur in envoi.criteres_affiches]
    return [
        "Bonjour,",
        "",
        f"{nom} ({envoi.demandeur_courriel}) vous envoie la liste « {titre} » de l’application « Terrains de stage ».",
        *(["", "Son message :", "", envoi.message] if envoi.message else []),
        "",
        "Critères de la recherche :",
        *(criteres or ["- aucun : toute la France"]),
        "",
        f"Nombre de lignes : {fichier.lignes}",
        f"Demandée le {envoi.demande_le.astimezone(PARIS):%d/%m/%Y à %H:%M}.",
        "",
        *_acces(envoi, fichier, settings),
        "",
        "Pour répondre à l’expéditeur, répondez à ce message.",
    ]


def _acces(envoi: Envoi, fichier: Fichier, settings: Settings) -> list[str]:
    if fichier.contenu is not None:
        return [f"Fichier joint : {fichier.nom}"]
    taille = f"{settings.taille_max_piece_jointe / 1_000_000:.1f}".rstrip("0").rstrip(".").replace(".", ",")
    return [
        f"Le fichier dépasse {taille} Mo : il n’est pas joint. Avec un compte de l’application, téléchargez-le ici :",
        f"{settings.origine}{envoi.lien}",
    ]


def _ligne(texte: str) -> str:
    """One line, whatever was typed."""
    return _BLANCS.sub(" ", texte).strip()
