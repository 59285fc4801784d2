"""Limit on login attempts (QUALITY A-14): per account, per address, and for the whole site, over five minutes.

Counters live in Redis when one is configured, so that every web process shares them; else, and while Redis is down, in
the memory of the process.
"""

import logging
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
    """Counts the attempts; a successful one clears the counters of its account and address."""

    def __init__(self, redis_url: str | None) -> None:
        self._secours = MovingWindowRateLimiter(MemoryStorage())
        self._limites = self._secours
        if redis_url:
            adresse = f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url  # the name `limits` gives it
            self._limites = MovingWindowRateLimiter(storage_from_string(adresse, wrap_exceptions=True))

    def compter(self, login: str, adresse: str) -> None:
        for limite, cle in self._compteurs(login, adresse):
            try:
                self._compter(self._limites, limite, cle)
            except StorageError:
                log.warning("login throttling falls back to the memory of this process: Redis does not answer")
                self._compter(self._secours, limite, cle)

    def _compter(self, limites: MovingWindowRateLimiter, limite: RateLimitItem, cle: str) -> None:
        if not limites.hit(limite, cle):
            reprise = limites.get_window_stats(limite, cle).reset_time
            raise TropDeTentatives(max(1, round(reprise - time())))

    def oublier(self, login: str, adresse: str) -> None:
        for limite, cle in self._compteurs(login, adresse)[:2]:
            for limites in {self._limites, self._secours}:
                try:
                    limites.clear(limite, cle)
                except StorageError:
                    continue

    def _compteurs(self, login: str, adresse: str) -> list[tuple[RateLimitItem, str]]:
        return [
            (PAR_COMPTE, f"connexion:compte:{login.lower()}"),
            (PAR_ADRESSE, f"connexion:adresse:{adresse}"),
            (POUR_TOUS, "connexion"),
        ]
