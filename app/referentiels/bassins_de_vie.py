"""Bassins de vie of the communes, from INSEE's table (S56): the file is right for the communes it lists.

The table may be older or newer than our communes: an abolished code goes to the commune that took it over. The
arrondissements of Paris, Lyon and Marseille, which the table does not list, follow their commune.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, Subquery, Table, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from app.referentiels.copie import copier
from app.referentiels.insee import lire_bassins
from models.commune import AliasCommune, BassinDeVie, Commune


@dataclass(frozen=True)
class ResultatBassins:
    """What a load did: rows read, communes whose bassin changed, codes of the file that no commune has."""

    lus: int
    communes_modifiees: int
    codes_inconnus: tuple[str, ...]


def charger_bassins_de_vie(session: Session, chemin: Path) -> ResultatBassins:
    """Write the bassins of a file and give them to their communes; loading it again changes nothing."""
    lignes = ((une.commune, une.code, une.nom) for une in lire_bassins(chemin))
    copie = copier(session, ("commune", "code", "nom"), lignes)
    _ecrire_bassins(session, copie)
    resolue = _resolue(copie)
    modifiees = _attribuer(session, resolue)
    lus = session.scalar(select(func.count()).select_from(copie)) or 0
    inconnus = (
        select(resolue.c.code_lu).outerjoin(Commune, Commune.code == resolue.c.commune).where(Commune.code.is_(None))
    )
    codes_inconnus = session.scalars(inconnus.order_by(resolue.c.code_lu)).all()
    session.expire_all()
    return ResultatBassins(lus, modifiees, tuple(codes_inconnus))


def _ecrire_bassins(session: Session, copie: Table) -> None:
    lus = select(copie.c.code, func.min(copie.c.nom)).group_by(copie.c.code)
    ajout = insert(BassinDeVie).from_select(["code", "nom"], lus)
    session.execute(
        ajout.on_conflict_do_update(
            index_elements=["code"],
            set_={"nom": ajout.excluded.nom},
            where=BassinDeVie.nom != ajout.excluded.nom,
        )
    )


def _resolue(copie: Table) -> Subquery:
    """One bassin per commune of today: of those merged into it, the one that kept its code decides, else the first."""
    commune = func.coalesce(AliasCommune.commune_code, copie.c.commune).label("commune")
    return (
        select(commune, copie.c.commune.label("code_lu"), copie.c.code.label("bassin"))
        .select_from(copie)
        .outerjoin(AliasCommune, AliasCommune.ancien_code == copie.c.commune)
        .ext(distinct_on(commune))
        .order_by(commune, (commune == copie.c.commune).desc(), copie.c.commune)
        .subquery()
    )


def _attribuer(session: Session, resolue: Subquery) -> int:
    listee = func.coalesce(Commune.commune_mere_code, Commune.code)
    attribution = (
        update(Commune)
        .where(listee == resolue.c.commune, Commune.bassin_de_vie_code.is_distinct_from(resolue.c.bassin))
        .values(bassin_de_vie_code=resolue.c.bassin)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(attribution)).rowcount
