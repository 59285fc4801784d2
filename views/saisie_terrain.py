"""What the forms of a terrain offer: spécialités, subdivisions, communes; and the coordinates that are copied."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import libelles
from app.operations import coordonnees
from app.operations.coordonnees import BlocSecondaire
from models.commune import Commune
from models.coordonnees import CHAMPS_COORDONNEES
from models.nomenclature import DES, Specialite
from models.territoire import Subdivision, SubdivisionArs

Choix = list[tuple[str, str]]


def specialites(session: Session, gardees: Iterable[str | None] = ()) -> Choix:
    """The DES of the third cycle by name; `gardees` are those that the terrain already has, whatever they are."""
    libelle = func.concat_ws(" – ", Specialite.nom, func.nullif(Specialite.filiere, "Médecine"))
    offertes = or_(Specialite.nature == DES, Specialite.code.in_([un for un in gardees if un]))
    lues = session.execute(select(Specialite.code, libelle).where(offertes).order_by(func.normaliser(Specialite.nom)))
    return [(code, nom) for code, nom in lues]


def subdivisions(session: Session, ars_code: str | None) -> Choix:
    """The subdivisions of an ARS by name; all of them without ARS."""
    toutes = select(Subdivision.code, Subdivision.nom).order_by(Subdivision.nom)
    if ars_code is not None:
        toutes = toutes.join(SubdivisionArs).where(SubdivisionArs.ars_code == ars_code)
    return [(code, nom) for code, nom in session.execute(toutes)]


def communes_a_choisir(
    session: Session, blocs: Iterable[tuple[BlocSecondaire, BlocSecondaire | None]]
) -> dict[str, Sequence[Commune]]:
    """Communes among which the user picks, by block, when postal code and town leave a doubt (S55, A20).

    `blocs` are pairs: as typed, as it was before.
    """
    return {saisi.suffixe: coordonnees.localiser(session, saisi, connu).choix for saisi, connu in blocs}


def coordonnees_reprises(valeurs: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """A principal block as labels and values."""
    return [(libelles.champ(champ), valeurs[champ]) for champ in CHAMPS_COORDONNEES]
