"""Search of internes: criteria, columns of the list and of the exports."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, select, union_all
from sqlalchemy.orm import Session, aliased

from app.recherches import PLAN_SELON_LA_SAISIE, CriteresDeRecherche, Recherche
from app.recherches.registre import CHOIX_PROPOSES
from app.search import contient, reference
from models.interne import Interne
from models.nomenclature import Specialite
from models.territoire import Subdivision, SubdivisionArs


@dataclass(frozen=True, kw_only=True)
class CriteresInterne(CriteresDeRecherche):
    """Criteria of the screen; an interne has no ARS: the criterion stands for the subdivisions of the ARS."""

    identifiant: str = ""
    nom: str = ""
    specialite: str = ""
    subdivision: str = ""


_interne, _exact = aliased(Interne), aliased(Interne)


def conditions(criteres: CriteresInterne) -> list[ColumnElement[bool]]:
    """What the criteria mean, on the table of internes alone."""
    egalites = ((criteres.specialite, Interne.specialite_code), (criteres.subdivision, Interne.subdivision_code))
    resultat = [colonne == code for code, colonne in egalites if code]
    if criteres.identifiant.strip():
        resultat.append(reference(Interne.identifiant, criteres.identifiant))
    if criteres.nom.strip():
        resultat.append(contient(Interne.nom_norme, criteres.nom))
    if criteres.ars:
        de_l_ars = select(SubdivisionArs.subdivision_code).where(SubdivisionArs.ars_code == criteres.ars)
        resultat.append(Interne.subdivision_code.in_(de_l_ars))
    return resultat


def designes(saisie: str) -> Any:
    """Ids of the internes that what was typed designates: a whole identifier is that of one interne, and no other."""
    exact = select(_interne.id).where(_interne.identifiant == saisie.strip())
    par_debut_ou_nom = _par_debut_ou_nom(saisie, ~exists().where(_exact.identifiant == saisie.strip()))
    return union_all(exact, *par_debut_ou_nom)


def _par_debut_ou_nom(saisie: str, *conditions: ColumnElement[bool]) -> tuple[Select[int], ...]:
    """By beginning of identifier, and by name: each by its own index."""
    ids = select(_interne.id).where(*conditions)
    return ids.where(reference(_interne.identifiant, saisie)), ids.where(contient(_interne.nom_norme, saisie))


def choisir_internes(session: Session, saisie: str) -> list[Row[str, str, str, str]]:
    """First internes by identifier or name, for the pickers: identifier, names, spécialité. One more than is shown."""
    session.execute(PLAN_SELON_LA_SAISIE)
    requete = (
        select(Interne.identifiant, Interne.nom, Interne.prenom, Specialite.nom)
        .join(Specialite, Specialite.code == Interne.specialite_code)
        .order_by(Interne.nom_norme, Interne.id)
        .limit(CHOIX_PROPOSES + 1)
    )
    if saisie.strip():
        requete = requete.where(Interne.id.in_(union_all(*_par_debut_ou_nom(saisie))))
    return list(session.execute(requete))


def _avec_libelles(*colonnes: Any) -> Select[Any]:
    return (
        select(*colonnes)
        .select_from(Interne)
        .join(Specialite, Specialite.code == Interne.specialite_code)
        .join(Subdivision, Subdivision.code == Interne.subdivision_code)
    )


_AFFICHAGE = _avec_libelles(
    Interne.id,
    Interne.identifiant,
    Interne.nom,
    Interne.prenom,
    Specialite.nom.label("specialite"),
    Subdivision.nom.label("subdivision"),
)

_EXPORT: dict[str, Any] = {
    "Identifiant": Interne.identifiant,
    "Nom": Interne.nom,
    "Prénom": Interne.prenom,
    "Spécialité": Specialite.nom,
    "Subdivision": Subdivision.nom,
}

RECHERCHE = Recherche(
    modele=Interne,
    conditions=conditions,
    tris={
        "identifiant": Interne.identifiant,
        "nom": Interne.nom_norme,
        "specialite": Interne.specialite_code,
        "subdivision": Interne.subdivision_code,
    },
    affichage=_AFFICHAGE,
    export=_avec_libelles(*_EXPORT.values()),
    entetes=tuple(_EXPORT),
)
