"""« Rechercher praticien »: what RPPS and the application know of a number, and whether it may be created (§1.6, S77).

Four checks, each with its own message and way out: format, validity in RPPS, practice in the ARS, uniqueness in the
whole country.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from stdnum import luhn

from app.errors import Refus
from app.operations.bloc_principal import activites_dans
from app.scope import Actor
from models.etats import StatutTerrain
from models.praticien import ActivitePraticien, Praticien
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Departement

NUMERO_RPPS = re.compile(r"[0-9]{11}")
CHAMP = "rpps"


@dataclass(frozen=True)
class PraticienCherche:
    """An RPPS number, with its practitioner, the terrain that already has it, and where he or she practises.

    `ars_code` is the ARS where the terrain would be; `ars_d_exercice` are those where RPPS says that he or she works.
    """

    rpps: str
    praticien: Praticien | None
    terrain: TerrainDeStage | None
    ars_code: str | None
    ars_d_exercice: tuple[Ars, ...]
    activites: Sequence[ActivitePraticien]


def rpps_propre(saisie: str) -> str:
    """A number as typed, without spaces."""
    return "".join(saisie.split())


def cle_valide(rpps: str) -> bool:
    """Check digit of an RPPS number: Luhn over its eleven digits."""
    return luhn.is_valid(rpps)


def chercher(session: Session, saisie: str, ars_code: str | None) -> PraticienCherche:
    """Everything there is to know of a number before creating its terrain in an ARS; read only.

    Without ARS (national administrator on the whole country), that of the practice, when there is only one.
    """
    rpps = rpps_propre(saisie)
    exercice = (
        select(Ars)
        .join(Departement, Departement.ars_code == Ars.code)
        .join(ActivitePraticien, ActivitePraticien.departement == Departement.code)
        .where(ActivitePraticien.rpps == rpps)
    )
    ars = tuple(session.scalars(exercice.distinct().order_by(Ars.code)))
    if ars_code is None and len(ars) == 1:
        ars_code = ars[0].code
    existant = select(TerrainDeStage).where(TerrainDeStage.rpps == rpps).options(joinedload(TerrainDeStage.ars))
    return PraticienCherche(
        rpps,
        session.get(Praticien, rpps),
        session.scalar(existant),
        ars_code,
        ars,
        activites_dans(session, rpps, ars_code) if ars_code else (),
    )


def refus(actor: Actor, cherche: PraticienCherche) -> list[Refus]:
    """Every reason not to create a terrain for this practitioner, in the order a user would check."""
    if raison := _refus_numero(cherche):
        return [raison]
    return [*_refus_validite(cherche), *_refus_exercice(actor, cherche), *_refus_unicite(cherche)]


def _refus_numero(cherche: PraticienCherche) -> Refus | None:
    """The registry is the authority: the key only helps with a number that it does not know."""
    rpps = cherche.rpps
    if not NUMERO_RPPS.fullmatch(rpps):
        message = f"« {rpps} » n’est pas un numéro RPPS : il a 11 chiffres, vérifiez-le."
        return Refus("E-RPPS-FORMAT", message, CHAMP)
    if cherche.praticien is not None or cherche.terrain is not None:
        return None
    if not cle_valide(rpps):
        return Refus("E-RPPS-FORMAT", f"La clé de contrôle du numéro RPPS {rpps} est fausse : vérifiez-le.", CHAMP)
    message = f"Le numéro {rpps} n’est pas dans le RPPS : vérifiez-le, ou attendez la prochaine mise à jour de nuit."
    return Refus("E-RPPS-INCONNU", message, CHAMP)


def _refus_validite(cherche: PraticienCherche) -> Iterator[Refus]:
    if cherche.praticien is None or not cherche.praticien.valide:
        depuis = f" depuis le {cherche.praticien.absent_depuis:%d/%m/%Y}" if cherche.praticien else ""
        message = (
            f"Le numéro RPPS {cherche.rpps} n’est plus valide{depuis} : ce praticien n’est plus autorisé à exercer. "
            "Vérifiez le numéro, ou attendez qu’il revienne dans le RPPS."
        )
        yield Refus("E-RPPS-INVALIDE", message, CHAMP)


def _refus_exercice(actor: Actor, cherche: PraticienCherche) -> Iterator[Refus]:
    ailleurs = ", ".join(un.nom.removeprefix("ARS ") for un in cherche.ars_d_exercice) or "aucune ARS"
    if cherche.ars_code is None and cherche.ars_d_exercice:
        message = f"Ce praticien exerce dans plusieurs ARS ({ailleurs}) : choisissez d’abord votre ARS de travail."
        yield Refus("E-ARS-A-CHOISIR", message, CHAMP)
    elif not cherche.activites or not actor.covers_ars({cherche.ars_code} if cherche.ars_code else set()):
        message = f"Ce praticien n’exerce pas dans votre ARS de travail : d’après le RPPS, il exerce dans {ailleurs}."
        yield Refus("E-RPPS-HORS-ARS", message, CHAMP)


def _refus_unicite(cherche: PraticienCherche) -> Iterator[Refus]:
    """One terrain per practitioner in the country; the message says who holds it, and what to do (A11)."""
    terrain = cherche.terrain
    if terrain is None:
        return
    nom = terrain.ars.nom
    if terrain.statut is StatutTerrain.TRANSFERE:
        message = f"Le terrain {terrain} est en cours de transfert vers l’{nom} : c’est elle qui le complète."
        yield Refus("E-TS-TRANSFERE", message, CHAMP)
    elif terrain.ars_code != cherche.ars_code:
        demande = "le transférer" if terrain.statut is StatutTerrain.ACTIF else "l’activer, puis de le transférer"
        etat = terrain.statut.value.lower()
        message = f"Ce praticien a déjà le terrain {terrain}, {etat}, dans l’{nom} : demandez-lui de {demande}."
        yield Refus("E-TS-EXISTE-AUTRE-ARS", message, CHAMP)
    elif terrain.statut is StatutTerrain.ACTIF:
        message = f"Ce praticien a déjà le terrain {terrain}, actif dans l’{nom} : modifiez-le au lieu de le recréer."
        yield Refus("E-TS-EXISTE-ACTIF", message, CHAMP)
    else:
        message = f"Ce praticien a déjà le terrain {terrain}, inactif : utilisez « Activer » au lieu de le recréer."
        yield Refus("E-TS-EXISTE-INACTIF", message, CHAMP)
