"""Principal block of a terrain: where it is copied from (manual §1.6, S73, S79, A22).

Hospitalier: the coordinates that count of its établissement. Praticien: one practice of RPPS. Autre organisme: typed.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.geographie import code_actuel
from models.coordonnees import CHAMPS_COORDONNEES, valeur_effective
from models.praticien import NATURES_EXERCICE, ActivitePraticien, Praticien
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Departement

_LIBERAL = "L"
_ORDINALE = "S:"


def de_l_etablissement(etablissement: Any) -> dict[str, Any]:
    """Columns of the block copied from an ET, or from its row: secondary coordinates where filled, else FINESS (S73).

    A block that owes nothing to a user is followed by the synchronisation when FINESS changes (A22).
    """
    secondaires = (getattr(etablissement, f"{champ}_secondaire") for champ in CHAMPS_COORDONNEES)
    return {
        **{champ: valeur_effective(etablissement, champ) for champ in CHAMPS_COORDONNEES},
        "coordonnees_de_finess": not any(secondaires),
    }


def activites_dans(session: Session, rpps: str, ars_code: str) -> Sequence[ActivitePraticien]:
    """Practices of a practitioner in an ARS, the one to propose first: private practice before any other."""
    dans_l_ars = select(Departement.code).where(Departement.ars_code == ars_code)
    lues = session.scalars(
        select(ActivitePraticien).where(ActivitePraticien.rpps == rpps, ActivitePraticien.departement.in_(dans_l_ars))
    )
    return sorted(lues, key=_preference)


def _preference(activite: ActivitePraticien) -> tuple[bool, bool, str, int]:
    """The order of the synchronisation (app.referentiels.rpps_repercussion): both must choose the same practice."""
    return activite.mode != _LIBERAL, activite.structure is None, activite.structure or "", activite.cle


def du_praticien(
    session: Session, praticien: Praticien, activite: ActivitePraticien, specialite_actuelle: str | None = None
) -> dict[str, Any]:
    """Columns of a terrain copied from RPPS: identity, nature and spécialité d’exercice, place of practice (S79)."""
    valeurs = {
        "praticien_nom": praticien.nom,
        "praticien_prenom": praticien.prenom,
        "nature_exercice": nature_exercice(activite.mode),
        "rpps_structure": activite.structure,
        "specialite_exercice_code": specialite_exercice(praticien.savoirs_faire, specialite_actuelle),
        **{champ: getattr(activite, champ) for champ in CHAMPS_COORDONNEES},
        "code_insee": code_actuel(session, activite.code_insee),
    }
    return {champ: _couper(champ, valeur) for champ, valeur in valeurs.items()}


def nature_exercice(mode: str | None) -> str | None:
    """French label of a mode of practice; an unknown code is shown as it is."""
    return None if mode is None else NATURES_EXERCICE.get(mode, mode)


def specialite_exercice(savoirs_faire: Iterable[str], actuelle: str | None = None) -> str | None:
    """Spécialité ordinale among the savoir-faire: that of the terrain while it lasts, else the first by code."""
    ordinales = [un.removeprefix(_ORDINALE) for un in savoirs_faire if un.startswith(_ORDINALE)]
    return actuelle if actuelle in ordinales else min(ordinales, default=None)


def nom_de_cabinet(praticien: Praticien, activite: ActivitePraticien) -> str:
    """Name to propose for the terrain: that of the practice, else of the practitioner."""
    nom = activite.raison_sociale or f"Cabinet {praticien.nom} {praticien.prenom or ''}".rstrip()
    return _couper("nom", nom) or nom


def _couper(champ: str, valeur: str | None) -> str | None:
    """RPPS has no limit of length, the columns of a terrain have one."""
    largeur: int = TerrainDeStage.__table__.c[champ].type.length  # type: ignore[attr-defined]
    return None if valeur is None else valeur[:largeur]
