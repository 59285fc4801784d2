"""« Activer » a terrain: Inactif → Actif, its principal block taken again from its registry (manual §1.6, S140; A22).

SPEC TS-09 to TS-13: a terrain hospitalier needs its ET Actif (A8), a praticien needs to be valid in RPPS (A9).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refus
from app.operations import bloc_principal
from app.operations.lot import Ligne, Rapport, est_parmi, exiger_la_portee, parmi, verrouiller
from app.scope import Actor
from app.unit_of_work import Ecriture, UnitOfWork
from models.coordonnees import CHAMPS_COORDONNEES
from models.etablissement import Etablissement
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.praticien import Praticien
from models.terrain_de_stage import TerrainDeStage

_COPIES = (
    *CHAMPS_COORDONNEES,
    "coordonnees_de_finess",
    "praticien_nom",
    "praticien_prenom",
    "nature_exercice",
    "rpps_structure",
    "specialite_exercice_code",
)


_TERRAIN = [
    getattr(TerrainDeStage, nom)
    for nom in ("id", "numero", "nom", "type", "statut", "ars_code", "etablissement_id", "rpps", *_COPIES)
]
_ETABLISSEMENT = [
    getattr(Etablissement, nom)
    for nom in (
        *("id", "numero_finess", "raison_sociale", "statut"),
        *CHAMPS_COORDONNEES,
        *(f"{champ}_secondaire" for champ in CHAMPS_COORDONNEES),
    )
]


@dataclass(frozen=True)
class Faits:
    """What the rule looks at of a selection: the rows, the ET and the practitioners behind them."""

    terrains: Sequence[Any]
    etablissements: dict[int, Any]
    praticiens: dict[str, Praticien]


def examiner(session: Session, actor: Actor, ids: Sequence[int]) -> Rapport:
    """What activating these terrains would do, row by row; changes nothing. For greyed buttons and the preview."""
    return _rapport(actor, _lire(session, ids))


def activer(uow: UnitOfWork, ids: Sequence[int]) -> Rapport:
    """Make Actifs the terrains that may be; the others are reported with their reasons."""
    verrouiller(uow, ids)
    faits = _lire(uow.session, ids)
    exiger_la_portee(uow.actor, faits.terrains, "activé")
    rapport = _rapport(uow.actor, faits)
    lignes = {une.id: une for une in faits.terrains}
    blocs = _Blocs(uow.session, faits)
    ecritures = [_ecriture(lignes[une.id], blocs.de(lignes[une.id])) for une in rapport.faites]
    uow.ecrire_en_lot(TerrainDeStage, ecritures)
    return rapport


def _lire(session: Session, ids: Sequence[int]) -> Faits:
    terrains = session.execute(parmi(ids).with_only_columns(*_TERRAIN)).all()
    porteurs = {une.etablissement_id for une in terrains if une.etablissement_id}
    numeros = {une.rpps for une in terrains if une.rpps}
    etablissements = session.execute(select(*_ETABLISSEMENT).where(est_parmi(Etablissement.id, porteurs)))
    praticiens = session.scalars(select(Praticien).where(Praticien.rpps.in_(numeros)))
    return Faits(terrains, {un.id: un for un in etablissements}, {un.rpps: un for un in praticiens})


def _rapport(actor: Actor, faits: Faits) -> Rapport:
    return Rapport(
        tuple(Ligne(une.id, f"{une.numero} – {une.nom}", tuple(_refus(actor, une, faits))) for une in faits.terrains)
    )


def _refus(actor: Actor, terrain: Any, faits: Faits) -> Iterable[Refus]:
    if terrain.statut is StatutTerrain.ACTIF:
        yield Refus("E-STATUT", "Ce terrain est déjà actif : il n’y a rien à faire.")
    if terrain.statut is StatutTerrain.TRANSFERE:
        yield Refus("E-STATUT", "Ce terrain est en cours de transfert : complétez-le par « Transfert de praticien ».")
    if not actor.covers_ars({terrain.ars_code}):
        yield Refus("E-HORS-ARS", "Ce terrain n’est pas dans votre ARS de travail.")
    if terrain.type is TypeTerrain.HOSPITALIER:
        etablissement = faits.etablissements[terrain.etablissement_id]
        if etablissement.statut is not StatutEtablissement.ACTIF:
            message = (
                f"{etablissement} est {etablissement.statut.value.lower()} : fusionnez-le ou transférez ce terrain."
            )
            yield Refus("E-ET-INACTIF", message)
    if terrain.type is TypeTerrain.PRATICIEN:
        praticien = faits.praticiens.get(terrain.rpps)
        if (praticien is None or not praticien.valide) and not actor.national:  # who may override (A9)
            message = f"Le numéro RPPS {terrain.rpps} n’est plus valide : ce praticien n’est plus autorisé à exercer."
            yield Refus("E-RPPS-INVALIDE", message)


class _Blocs:
    """Principal block that each terrain gets; that of an ET is computed once for all its terrains."""

    def __init__(self, session: Session, faits: Faits) -> None:
        self._session = session
        self._faits = faits
        self._des_et: dict[int, dict[str, Any]] = {}

    def de(self, terrain: Any) -> dict[str, Any]:
        if terrain.etablissement_id:
            return self._de_l_et(terrain.etablissement_id)
        if terrain.type is TypeTerrain.PRATICIEN:
            return self._du_praticien(terrain)
        return {}

    def _de_l_et(self, etablissement_id: int) -> dict[str, Any]:
        if etablissement_id not in self._des_et:
            etablissement = self._faits.etablissements[etablissement_id]
            self._des_et[etablissement_id] = bloc_principal.de_l_etablissement(etablissement)
        return self._des_et[etablissement_id]

    def _du_praticien(self, terrain: Any) -> dict[str, Any]:
        """The practice that the terrain had if it is still there, else the first one; none in the ARS: as it was."""
        activites = bloc_principal.activites_dans(self._session, terrain.rpps, terrain.ars_code)
        gardee = next((une for une in activites if une.structure == terrain.rpps_structure), None)
        activite = gardee or next(iter(activites), None)
        if activite is None:
            return {}
        praticien = self._faits.praticiens[terrain.rpps]
        return bloc_principal.du_praticien(self._session, praticien, activite, terrain.specialite_exercice_code)


def _ecriture(terrain: Any, bloc: dict[str, Any]) -> Ecriture:
    change = {champ: valeur for champ, valeur in bloc.items() if getattr(terrain, champ) != valeur}
    apres = {"statut": StatutTerrain.ACTIF, **change}
    avant = {champ: getattr(terrain, champ) for champ in apres}
    return Ecriture(terrain.id, f"{terrain.numero} – {terrain.nom}", (terrain.ars_code,), avant, apres)
