"""Établissements, forms and events of fusions and transfers in the matrix of rights (SPEC §4, M14 to M17, M22)."""

from typing import Any

from sqlalchemy.orm import Session

from app.operations import fusion
from app.operations.fusion import Demande
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.etablissement import Etablissement
from tests import build

INCONNU = 999_999_999
NATIONAL = Actor("agent", None, national=True)


class ObjetsDeplaces:
    """Mixed into the scene of a line: terrains go from an ET of the situation to one of ours, or away from ours."""

    session: Session
    situation: str
    adresse_brute: str
    valeurs: dict[str, Any]

    def _origine(self) -> dict[str, Any]:
        if self.situation == "inexistant":
            return {"origine": INCONNU, "terrains": "1"}
        ars_code = "93" if self.situation == "autre ARS" else "53"
        terrain = build.terrain(self.session, ars_code=ars_code)
        return {"origine": terrain.etablissement_id, "terrains": terrain.id}

    def _destination(self) -> dict[str, Any]:
        ars_code = "93" if self.situation == "vers une autre ARS" else "53"
        return {"destination": build.etablissement(self.session, ars_code=ars_code).id}

    def _deplacement(self) -> dict[str, Any]:
        """The event of a fusion or of a transfer that may be undone."""
        if self.situation == "inexistant":
            return {"deplacement": INCONNU}
        ars_code = "93" if self.situation == "autre ARS" else "53"
        terrain = build.terrain(self.session, ars_code=ars_code)
        arrivee: Etablissement = build.etablissement(self.session, ars_code=ars_code)
        transfert = "/transfert/" in self.adresse_brute
        ids = (terrain.id,) if transfert else None
        code = "TS.transferer_unite" if transfert else "ET.fusionner"
        with unit_of_work(Actor("gestionnaire-53", ars_code), code) as uow:
            fusion.executer(uow, Demande(terrain.etablissement_id or 0, arrivee.id, ids))
        return {"deplacement": uow.evenement_id}

    def corps_confirmation(self) -> dict[str, Any]:
        """The form of a preview, with its true seal: what is refused is not refused for want of one."""
        if self.situation == "inexistant":
            return {"sceau": ""}
        ids = (self.valeurs["terrains"],) if "/transfert/" in self.adresse_brute else None
        subdivision = "MARSEILLE" if self.situation == "vers une autre ARS" else None
        demande = Demande(self.valeurs["origine"], self.valeurs["destination"], ids, subdivision)
        sceau = fusion.apercu(self.session, NATIONAL, demande).plan.sceau
        return {"sceau": sceau, "subdivision": subdivision or ""}

    def corps_terrains_a_transferer(self) -> dict[str, Any]:
        return {"terrain": str(self.valeurs["terrains"])}
