"""« FINESS erroné » on an EJ or an ET, « RPPS erroné » on a terrain Praticien (manual §1.4, S38, S88; SPEC §5, ERR)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.errors import OperationRefused, Refus
from app.operations.lot import Ligne, Rapport
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import TypeTerrain
from models.terrain_de_stage import TerrainDeStage

Signalable = EntiteJuridique | Etablissement | TerrainDeStage


@dataclass(frozen=True)
class Signalement:
    """The flag to set or lift, with what is to be told to the correspondent of the registry."""

    errone: bool
    commentaire: str | None = None


def refus(actor: Actor, objet: Signalable) -> list[Refus]:
    """Every reason why `actor` may not flag this object."""
    raisons = []
    if objet.statut.name == "SUPPRIME":
        raisons.append(Refus("E-STATUT", f"{objet} est supprimé : il ne se signale plus."))
    if isinstance(objet, TerrainDeStage) and objet.type is not TypeTerrain.PRATICIEN:
        message = f"{objet} n’est pas un terrain praticien : il n’a pas de numéro RPPS à signaler."
        raisons.append(Refus("E-TYPE", message))
    if not actor.covers(objet):
        raisons.append(Refus("E-HORS-ARS", f"{objet} n’est pas dans votre ARS de travail."))
    return raisons


def signaler(objet: Signalable, auteur: str, *, errone: bool, commentaire: str | None) -> None:
    """Set or lift the flag, with who and when; the author and the date are those of the first report."""
    prefixe = "rpps_errone" if isinstance(objet, TerrainDeStage) else "finess_errone"
    if errone and not getattr(objet, prefixe):
        setattr(objet, f"{prefixe}_le", datetime.now(UTC))
        setattr(objet, f"{prefixe}_par", auteur)
    if not errone:
        setattr(objet, f"{prefixe}_le", None)
        setattr(objet, f"{prefixe}_par", None)
    setattr(objet, prefixe, errone)
    setattr(objet, f"{prefixe}_commentaire", commentaire if errone else None)


def signaler_en_lot(uow: UnitOfWork, modele: type[Signalable], ids: Sequence[int], signalement: Signalement) -> Rapport:
    """Flag selected rows; each is checked, and the report says what was refused and why (S145, N30)."""
    objets = uow.lock(modele, *sorted(set(ids)))
    if not uow.actor.covers(*objets):
        etrangers = ", ".join(str(un) for un in objets if not uow.actor.covers(un))
        message = f"Rien n’a été signalé, car hors de votre ARS de travail : {etrangers}."
        raise OperationRefused(Refus("E-HORS-ARS", message))
    rapport = examiner(uow.actor, objets)
    for objet, ligne in zip(objets, rapport.lignes, strict=True):
        if not ligne.refus:
            signaler(objet, uow.actor.login, errone=signalement.errone, commentaire=signalement.commentaire)
    return rapport


def examiner(actor: Actor, objets: Sequence[Signalable]) -> Rapport:
    """What flagging these objects would do, row by row; changes nothing. For the preview."""
    return Rapport(tuple(Ligne(un.id, str(un), tuple(refus(actor, un)), _deja_signale(un)) for un in objets))


def _deja_signale(objet: Signalable) -> tuple[str, ...]:
    """Flagged before: author and date stay those of the first report, the comment becomes the new one."""
    errone = objet.rpps_errone if isinstance(objet, TerrainDeStage) else objet.finess_errone
    return ("Déjà signalé : son commentaire sera remplacé.",) if errone else ()
