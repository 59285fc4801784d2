"""Limit on login attempts (QUALITY A-14): per account, per address, and for the whole site, over five minutes.

Counters live in Redis when one is configured, so that every web process shares them; else, and while Redis is down, in
the memory of the process.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from time import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

PAR_COMPTE = PAR_ADRESSE = RateLimitItemPerMinute(10, 5)
POUR_TOUS = RateLimitItemPerMinute(1000, 5)

log = logging.getLogger(__name__)


class TropDeTentatives(Exception):  # noqa: N818 - reads as what happened, like OperationRefused
    """Too many attempts; `attente` is the number of seconds before the next one."""

    def __init__(self, attente: int) -> None:
        super().__init__(f"retry after {attente} s")
        self.attente = attente


class Debit:
    """Counts the attempts. A success clears the counter of its account; only failures count against an address, which
    a whole office may share, and no success clears them."""

    def __init__(self, redis_url: str | None) -> None:
        self._secours = MovingWindowRateLimiter(MemoryStorage())
        self._limites = self._secours
        if redis_url:
            adresse = f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url  # the name `limits` gives it
            self._limites = MovingWindowRateLimiter(storage_from_string(adresse, wrap_exceptions=True))

    def tentative(self, login: str, adresse: str) -> None:
        """One more attempt, refused by TropDeTentatives when there were too many."""
        self._exiger(PAR_ADRESSE, _adresse(adresse), MovingWindowRateLimiter.test)
        self._exiger(PAR_COMPTE, _compte(login), MovingWindowRateLimiter.hit)
        self._exiger(POUR_TOUS, "connexion", MovingWindowRateLimiter.hit)

    def echec(self, adresse: str) -> None:
        """The attempt failed."""
        self._partout(lambda limites: limites.hit(PAR_ADRESSE, _adresse(adresse)))

    def reussite(self, login: str) -> None:
        """The attempt was that of the owner of the account."""
        self._partout(lambda limites: limites.clear(PAR_COMPTE, _compte(login)))

    def _exiger(self, limite: RateLimitItem, cle: str, verifier: Callable[..., bool]) -> None:
        try:
            _exiger(self._limites, limite, cle, verifier)
        except StorageError:
            log.warning("login throttling falls back to the memory of this process: Redis does not answer")
            _exiger(self._secours, limite, cle, verifier)

    def _partout(self, noter: Callable[[MovingWindowRateLimiter], object]) -> None:
        for limites in {self._limites, self._secours}:
            with suppress(StorageError):
                noter(limites)


def _exiger(limites: MovingWindowRateLimiter, limite: RateLimitItem, cle: str, verifier: Callable[..., bool]) -> None:
    if not verifier(limites, limite, cle):
        reprise = limites.get_window_stats(limite, cle).reset_time
        raise TropDeTentatives(max(1, round(reprise - time())))


def _compte(login: str) -> str:
    return f"connexion:compte:{login.lower()}"


def _adresse(adresse: str) -> str:
    return f"connexion:adresse:{adresse}"
