"""Errors a user can act on. Each refusal has a stable code: the same for screens, commands and tests (SPEC §5)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refus:
    """One reason to refuse: a stable code, a French sentence (what, why, what to do), and the field it concerns."""

    code: str
    message: str
    champ: str | None = None


CONFLIT = Refus(
    "E-CONFLIT", "Cette fiche a été modifiée entre-temps. Comparez les deux versions, puis enregistrez à nouveau."
)


class OperationRefused(Exception):  # noqa: N818
    """An operation that the user may correct or abandon; nothing was changed."""

    def __init__(self, *refus: Refus) -> None:
        super().__init__(" ".join(un.message for un in refus))
        self.refus = refus

    @property
    def codes(self) -> list[str]:
        return [un.code for un in self.refus]


class FichierRefuse(Exception):  # noqa: N818
    """A file that cannot be read as what it claims to be; nothing was written."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class FichierSuspect(FichierRefuse):
    """A file that can be read, but says too much at once to be believed; nothing was written."""
