"""Objects and forms of the lines about changes of territory and transfers of practitioners (M18 to M22)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.operations import territoire, transfert_praticien
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.etats import StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage
from models.territoire import SubdivisionArs
from tests import build
from tests.securite.objets_nationaux import INCONNU

QUI_VOIT_TOUT = Actor("essai", national=True)
TRANSFERES = {"transféré", "parti"}


class Deplacements:
    """Mixed into the scene of a line."""

    session: Session
    situation: str
    utilisateur: Callable[[str], Any]

    def _cabinet(self) -> dict[str, Any]:
        """A terrain praticien that may go anywhere; « parti »: transferred by us, it waits in another ARS (M21)."""
        if self.situation == "inexistant":
            return {"cabinet": INCONNU}
        return {"cabinet": self._praticien().id}

    def _praticien(self) -> TerrainDeStage:
        # Our subdivision has another ARS, as those of the Antilles have: else nothing could be chosen.
        self.session.execute(insert(SubdivisionArs).values(subdivision_code="RENNES", ars_code="52"))
        statut = StatutTerrain.TRANSFERE if self.situation in TRANSFERES else StatutTerrain.ACTIF
        self.cabinet = build.terrain(
            self.session,
            type=TypeTerrain.PRATICIEN,
            rpps=build.praticien(self.session).rpps,
            statut=StatutTerrain.INACTIF if self.situation == "inactif" else statut,
            ars_code="93" if self.situation in ("autre ARS", "parti") else "53",
        )
        return self.cabinet

    def _operation(self) -> dict[str, Any]:
        """A change of subdivision, by us or by another ARS."""
        if self.situation == "inexistant":
            return {"operation": INCONNU}
        cabinet = self._praticien()
        vers = "NICE" if self.situation == "autre ARS" else "BREST"
        actor = Actor(self.utilisateur(f"gestionnaire-{cabinet.ars_code}").username, cabinet.ars_code)
        self.session.commit()
        with unit_of_work(actor, "TS.changer_subdivision") as uow:  # in a session of its own: it expires what it read
            territoire.changer_subdivision(uow, cabinet.id, vers)
        return {"operation": uow.evenement_id}

    # -- forms -------------------------------------------------------------------------------------------------------

    def corps_deplacement_ars(self) -> dict[str, Any]:
        return self._confirmation(territoire.apercu_ars, "94" if self.situation == "autre ARS" else "52")

    def corps_deplacement_subdivision(self) -> dict[str, Any]:
        vers = "NICE" if self.situation == "autre ARS" else "BREST"
        return self._confirmation(territoire.apercu_subdivision, vers)

    def corps_deplacement_praticien(self) -> dict[str, Any]:
        return self._confirmation(transfert_praticien.apercu, "11")

    def corps_completion(self) -> dict[str, Any]:
        """As a forged form would say it: with the ARS of who sends it."""
        subdivision = "MARSEILLE" if self.situation in ("autre ARS", "parti") else "RENNES"
        return {"nom": "Cabinet neuf", "subdivision_code": subdivision, "ars_code": "53", "statut": "ACTIF"}

    def corps_transfert_en_lot(self) -> dict[str, Any]:
        """Two ticked rows, ours and that of the situation."""
        mien = build.terrain(self.session, type=TypeTerrain.PRATICIEN)
        [autre] = self._cabinet().values()
        return {"action": "transferer", "rowid": [mien.id, autre], "confirmer": "1", "ars_code": "11"}

    def _confirmation(self, apercu: Callable[..., Any], vers: str) -> dict[str, Any]:
        """What the preview sends, with the ARS that a forged form would give."""
        connu = self.situation != "inexistant"
        sceau = apercu(self.session, QUI_VOIT_TOUT, self.cabinet.id, vers).plan.sceau if connu else ""
        return {"vers": vers, "sceau": sceau, "ars_code": "53"}
