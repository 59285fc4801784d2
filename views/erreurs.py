"""Error pages (QUALITY A-84): French, with a reference number, without any detail of the program or of the database."""

import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from app.errors import OperationRefused
from views.debit import TropDeTentatives

log = logging.getLogger(__name__)

# Status → title, what happened, what to do.
PAGES = {
    400: (
        "Demande incorrecte",
        "La demande reçue est incomplète ou n’est pas valide.",
        "Revenez à la page précédente, rechargez-la, puis recommencez.",
    ),
    403: (
        "Accès refusé",
        "Votre rôle ne permet pas d’ouvrir cette page.",
        "Si vous en avez besoin, demandez ce droit à un administrateur national.",
    ),
    404: (
        "Page introuvable",
        "Cette page n’existe pas, ou la fiche n’est pas modifiable dans votre ARS de travail.",
        "Vérifiez l’adresse et l’ARS de travail, ou repartez de l’accueil.",
    ),
    405: (
        "Action impossible ici",
        "Cette adresse ne s’ouvre pas de cette façon.",
        "Repartez de l’accueil et utilisez les boutons de la page.",
    ),
    409: (
        "Modification impossible",
        "La fiche a changé depuis que vous l’avez affichée.",
        "Revenez à la page précédente, rechargez-la, puis refaites votre modification.",
    ),
    413: (
        "Envoi trop volumineux",
        "Le fichier ou le formulaire dépasse la taille permise.",
        "Envoyez un fichier plus petit ou compressé.",
    ),
    429: (
        "Trop de tentatives",
        "Trop de tentatives de connexion en peu de temps.",
        "Attendez quelques minutes avant de recommencer.",
    ),
    500: (
        "Erreur inattendue",
        "L’application a rencontré une erreur. Rien n’a été enregistré.",
        "Recommencez ; si l’erreur persiste, transmettez la référence ci-dessous à l’assistance.",
    ),
    503: (
        "Service momentanément indisponible",
        "L’application ne joint pas sa base de données. Rien n’a été enregistré.",
        "Attendez une minute, puis rechargez la page.",
    ),
}
CSRF_ABSENT = "Le formulaire a expiré ou ne vient pas de cette application."


def page(statut: int, *, phrase: str | None = None, refus: list[str] | None = None) -> tuple[str, int]:
    """The page of an error; its reference is logged with the cause."""
    connu = statut if statut in PAGES else 400 if statut < HTTPStatus.INTERNAL_SERVER_ERROR else 500
    titre, explication, remede = PAGES[connu]
    reference = secrets.token_hex(4).upper()
    log.warning("page %d, reference %s: %s %r", statut, reference, request.method, request.path)
    corps = render_template(
        "erreur.html",
        title=titre,
        statut=statut,
        explication=phrase or explication,
        remede=remede,
        refus=refus or [],
        reference=reference,
    )
    return corps, statut


def _http(erreur: HTTPException) -> ResponseReturnValue:
    statut = erreur.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return page(statut) if statut >= HTTPStatus.BAD_REQUEST else erreur.get_response()


def _hote_inconnu(_erreur: SecurityError) -> ResponseReturnValue:
    """A request under another name than ours has no address to link to: a bare sentence."""
    return "Ce nom d’hôte n’est pas celui de l’application.", 400, {"Content-Type": "text/plain; charset=utf-8"}


def _csrf(_erreur: CSRFError) -> ResponseReturnValue:
    return page(400, phrase=CSRF_ABSENT)


def _trop_de_tentatives(erreur: TropDeTentatives) -> ResponseReturnValue:
    minutes = -(-erreur.attente // 60)
    corps, statut = page(429, phrase=f"Trop de tentatives de connexion. Réessayez dans {minutes}\u00a0min.")
    return corps, statut, {"Retry-After": str(erreur.attente)}


def _operation_refusee(erreur: OperationRefused) -> ResponseReturnValue:
    return page(409, phrase="L’opération a été refusée.", refus=[refus.message for refus in erreur.refus])


def _fiche_perimee(_erreur: StaleDataError) -> ResponseReturnValue:
    return page(409)


def _valeur_illisible(_erreur: DataError) -> ResponseReturnValue:
    return page(400)


def _base_absente(erreur: Exception) -> ResponseReturnValue:
    log.error("database unavailable: %s", type(erreur).__name__)
    return page(503)


def refuser_l_illisible() -> ResponseReturnValue | None:
    """Bytes that are no text, and NUL, which PostgreSQL does not store: refused here, before anything reads them."""
    try:
        valeurs = [request.path, *(valeur for _, valeur in request.values.items(multi=True))]
    except UnicodeDecodeError:
        return page(400)
    return page(400) if any("\0" in valeur for valeur in valeurs) else None


PAGE_DE_L_ERREUR: dict[type[Exception], Callable[[Any], ResponseReturnValue]] = {
    HTTPException: _http,
    SecurityError: _hote_inconnu,
    CSRFError: _csrf,
    TropDeTentatives: _trop_de_tentatives,
    OperationRefused: _operation_refusee,
    StaleDataError: _fiche_perimee,
    DataError: _valeur_illisible,
    OperationalError: _base_absente,
    InterfaceError: _base_absente,
    PoolTimeoutError: _base_absente,
}


def installer(app: Flask) -> None:
    """Every way a request can fail leads to its page."""
    for erreur, afficher in PAGE_DE_L_ERREUR.items():
        app.register_error_handler(erreur, afficher)
    app.before_request(refuser_l_illisible)
