"""« Créer » a terrain de stage, of one of the three types (manual §1.6, S71–S80; SPEC §5, C1 to C3).

The type is chosen first and never changes. The terrain is Actif at once, in the ARS of its établissement, of the
practice of its practitioner or of its creator, with a number of that ARS.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.geographie import subdivision_proposee
from app.operations import bloc_principal, coordonnees, doublons, praticiens, saisie_terrain
from app.operations.doublons import DoublonsPossibles
from app.operations.numerotation import tirer
from app.operations.praticiens import PraticienCherche
from app.operations.saisie_terrain import SaisieTerrain
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etablissement import Etablissement
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.praticien import ActivitePraticien
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Subdivision, SubdivisionArs


def refus_hospitalier(actor: Actor, etablissement: Etablissement) -> list[Refus]:
    """Every reason not to create a terrain on this établissement (S72)."""
    raisons = []
    if etablissement.statut is not StatutEtablissement.ACTIF:
        message = (
            f"{etablissement} n’est pas actif : réactivez-le par « Créer un établissement », ou choisissez-en un autre."
        )
        raisons.append(Refus("E-ET-INACTIF", message, "etablissement"))
    if not etablissement.ars_code or not actor.covers(etablissement):
        message = (
            f"{etablissement} n’est pas situé dans votre ARS de travail : choisissez un établissement de votre ARS."
        )
        raisons.append(Refus("E-HORS-ARS", message, "etablissement"))
    return raisons


def etablissement_choisi(session: Session, numero: str) -> Etablissement:
    """The établissement of a FINESS number as typed; it must be in the application before its terrains (S74)."""
    propre = "".join(numero.split()).upper()
    trouve = session.scalar(select(Etablissement).where(Etablissement.numero_finess == propre))
    if trouve is None:
        message = f"L’établissement {propre} n’est pas dans l’application : créez-le d’abord avec son numéro FINESS."
        raise OperationRefused(Refus("E-ET-INCONNU", message, "etablissement"))
    return trouve


def refus_subdivision(
    session: Session, ars_code: str, liees: Sequence[str], subdivision_code: str | None, code_insee: str | None
) -> list[Refus]:
    """Reason to refuse the subdivision: missing where the ARS has several, or not one of `liees`, those it has (I9)."""
    if subdivision_code is None and len(liees) > 1:
        proposee = subdivision_proposee(session, code_insee, ars_code) if code_insee else None
        indice = f" D’après la commune, ce serait {session.get_one(Subdivision, proposee)}." if proposee else ""
        message = f"Choisissez la subdivision : votre ARS en a plusieurs.{indice}"
        return [Refus("E-INCOMPLET", message, "subdivision_code")]
    if subdivision_code is not None and subdivision_code not in liees:
        message = f"La subdivision {subdivision_code} n’est pas de cette ARS : choisissez parmi {', '.join(liees)}."
        return [Refus("E-SUBDIV-NON-LIEE", message, "subdivision_code")]
    return []


def subdivisions_de(session: Session, ars_code: str) -> list[str]:
    """Codes of the subdivisions of an ARS."""
    liees = select(SubdivisionArs.subdivision_code).where(SubdivisionArs.ars_code == ars_code)
    return list(session.scalars(liees.order_by(SubdivisionArs.subdivision_code)))


def creer_hospitalier(
    uow: UnitOfWork, etablissement_id: int, saisie: SaisieTerrain, subdivision_code: str | None = None
) -> TerrainDeStage:
    """Create a service on an ET Actif; its principal block is a copy of the coordinates that count of the ET (S73)."""
    [etablissement] = uow.lock(Etablissement, etablissement_id)
    bloc = bloc_principal.de_l_etablissement(etablissement)
    raisons = refus_hospitalier(uow.actor, etablissement)
    if raisons or etablissement.ars_code is None:
        raise OperationRefused(*raisons)
    propres = {
        **bloc,
        "etablissement_id": etablissement.id,
        "stage_chu": saisie.stage_chu if etablissement.est_chu else None,
    }
    return _creer(uow, TypeTerrain.HOSPITALIER, etablissement.ars_code, saisie, subdivision_code, propres)


def creer_praticien(
    uow: UnitOfWork,
    rpps: str,
    saisie: SaisieTerrain,
    subdivision_code: str | None = None,
    activite_cle: int | None = None,
) -> TerrainDeStage:
    """Create the terrain of a practitioner; `activite_cle` is the practice that was picked, else the first one."""
    uow.serialiser(f"rpps {praticiens.rpps_propre(rpps)}")
    uow.session.expire_all()  # whoever was first may have changed what the screen read
    cherche = praticiens.chercher(uow.session, rpps, uow.actor.ars_code)
    activite = _activite(cherche, activite_cle)
    if (raisons := praticiens.refus(uow.actor, cherche)) or activite is None:
        raise OperationRefused(*raisons or [_ADRESSE_PERIMEE])
    assert cherche.praticien is not None
    assert cherche.ars_code is not None  # `refus` has just checked both
    propres = {**bloc_principal.du_praticien(uow.session, cherche.praticien, activite), "rpps": cherche.rpps}
    saisie = replace(saisie, nom=saisie.nom or bloc_principal.nom_de_cabinet(cherche.praticien, activite))
    return _creer(uow, TypeTerrain.PRATICIEN, cherche.ars_code, saisie, subdivision_code, propres)


def creer_organisme(
    uow: UnitOfWork, saisie: SaisieTerrain, subdivision_code: str | None = None, *, malgre_doublons: bool = True
) -> TerrainDeStage:
    """Create the terrain of another organisme, a hospital across the border included; no registry knows it (S80).

    Without `malgre_doublons`, one that looks like another terrain is refused, so that the user decides (N9).
    """
    ars_code = uow.actor.ars_code or _ars_de_la_subdivision(uow.session, subdivision_code)
    if ars_code is None:
        message = "Choisissez d’abord votre ARS de travail : elle sera celle du terrain."
        raise OperationRefused(Refus("E-ARS-A-CHOISIR", message))
    if not uow.actor.covers_ars({ars_code}):
        raise OperationRefused(Refus("E-HORS-ARS", "Votre compte ne crée pas de terrain dans cette ARS."))
    saisie = replace(saisie, nom=saisie.nom or saisie.organisme_nom)
    terrain = _creer(uow, TypeTerrain.AUTRE, ars_code, saisie, subdivision_code, {})
    if not malgre_doublons and (trouves := doublons.chercher(uow.session, terrain)):
        raise DoublonsPossibles(trouves)
    return terrain


_ADRESSE_PERIMEE = Refus(
    "E-ADRESSE-PERIMEE",
    "Le lieu d’exercice choisi n’est plus dans le RPPS : relancez « Rechercher praticien » et choisissez-en un autre.",
    "activite",
)


def _creer(
    uow: UnitOfWork,
    type_: TypeTerrain,
    ars_code: str,
    saisie: SaisieTerrain,
    subdivision_code: str | None,
    propres: dict[str, Any],
) -> TerrainDeStage:
    """What the three types have in common; `propres` are the columns of one of them."""
    session = uow.session
    terrain = TerrainDeStage(type=type_, statut=StatutTerrain.ACTIF, ars_code=ars_code, **propres)
    code_insee = terrain.code_insee or coordonnees.localiser(session, saisie.principal).code_insee
    raisons = saisie_terrain.refus_saisie(session, terrain, saisie)
    liees = subdivisions_de(session, ars_code)
    raisons += refus_subdivision(session, ars_code, liees, subdivision_code, code_insee)
    if raisons:
        raise OperationRefused(*raisons)
    terrain.subdivision_code = subdivision_code or liees[0]
    terrain.numero = tirer(uow, ars_code, type_)
    saisie_terrain.appliquer(session, terrain, saisie)
    session.add(terrain)
    session.flush()
    return terrain


def _activite(cherche: PraticienCherche, cle: int | None) -> ActivitePraticien | None:
    """The practice that was picked; the first one when none was."""
    choisies = (une for une in cherche.activites if cle is None or une.cle == cle)
    return next(choisies, None)


def _ars_de_la_subdivision(session: Session, subdivision_code: str | None) -> str | None:
    """The only ARS of a subdivision, for a national administrator who works on the whole country."""
    liees = session.scalars(
        select(SubdivisionArs.ars_code).where(SubdivisionArs.subdivision_code == subdivision_code)
    ).all()
    return liees[0] if len(liees) == 1 else None
