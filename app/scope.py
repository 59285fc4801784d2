"""Who acts, and on what: reading is national, writing is limited to the ARS de travail (SPEC §4, S141)."""

from dataclasses import dataclass

from models.base import Journalise

SYSTEME = "système"


@dataclass(frozen=True)
class Actor:
    """A user at work. `ars_code` is the ARS de travail; with `national`, it is only the context of the work."""

    login: str
    ars_code: str | None = None
    national: bool = False
    ecriture: bool = True

    def covers(self, *objets: Journalise) -> bool:
        """Whether the actor may write every one of these objects."""
        return all(self.covers_ars(objet.ars_codes()) for objet in objets)

    def covers_ars(self, codes: set[str]) -> bool:
        """Whether the actor may write an object that belongs to these ARS; none = national only."""
        if not self.ecriture:
            return False
        return self.national or self.ars_code in codes

    def sees_journal_of(self, objet: Journalise) -> bool:
        """Whether the actor may read the history of this object: that of its own ARS, readers included (M23)."""
        return self.national or self.ars_code in objet.ars_codes()


def systeme(traitement: str = SYSTEME) -> Actor:
    """The actor of background work: covers everything, under the name of the job."""
    return Actor(traitement, national=True)
