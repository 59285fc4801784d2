"""Objects and forms of the national data in the matrix of rights: agréments, demandes, internes and their semestres."""

from typing import Any

from sqlalchemy.orm import Session

from app.operations.donnees_nationales import version_de
from models.terrain_de_stage import TerrainDeStage
from tests import build

INCONNU = 999_999_999


class ObjetsNationaux:
    """Mixed into the scene of a line: each object is on a terrain of ours, or of another ARS."""

    session: Session
    situation: str
    objet: Any = None

    def _agr(self) -> dict[str, Any]:
        return self._national("agr", lambda terrain: build.agrement(self.session, terrain))

    def _dem(self) -> dict[str, Any]:
        return self._national("dem", lambda terrain: build.demande(self.session, terrain))

    def _int(self) -> dict[str, Any]:
        return self._national("int", lambda _: build.interne(self.session))

    def _sem(self) -> dict[str, Any]:
        return self._national("sem", lambda terrain: build.semestre_internat(self.session, terrain))

    def _national(self, nom: str, construire: Any) -> dict[str, Any]:
        if self.situation == "inexistant":
            return {nom: INCONNU}
        self.objet = construire(self._terrain())
        return {nom: self.objet.id}

    def _terrain(self) -> TerrainDeStage:
        return build.terrain(self.session, ars_code="93" if self.situation == "autre ARS" else "53")

    def _avec_version(self, champs: dict[str, Any]) -> dict[str, Any]:
        return {**champs, "version": version_de(self.objet) if self.objet else ""}

    def corps_agrement(self) -> dict[str, Any]:
        return self._avec_version(
            {
                "reference": "AGR-NEUF",
                "terrain": self._terrain().numero,
                "specialite": "DES28",
                "type": "PRINCIPAL",
                "decision": "AGREE",
                "date_debut": "2026-11-02",
                "date_fin": "2031-10-31",
                "ars_code": "93",
            }
        )

    def corps_demande(self) -> dict[str, Any]:
        terrain = self._terrain().numero
        champs = {"reference": "DEM-NEUVE", "terrain": terrain, "specialite": "DES28", "etat": "EN_RECOURS"}
        return self._avec_version({**champs, "deposee_le": "2026-11-02"})

    def corps_interne(self) -> dict[str, Any]:
        champs = {"identifiant": "INT-NEUF", "nom": "FICTIF", "prenom": "Camille"}
        return self._avec_version({**champs, "specialite": "DES28", "subdivision": "RENNES"})

    def corps_semestre(self) -> dict[str, Any]:
        semestre = self.objet.semestre if self.objet else build.semestre(self.session)
        interne, terrain = build.interne(self.session).identifiant, self._terrain().numero
        return self._avec_version({"interne": interne, "semestre": semestre.id, "terrain": terrain})
