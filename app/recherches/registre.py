"""What EJ and ET searches share: statut, names, numbers and notices of the registry (S27, S40–S44)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from app.recherches import PLAN_SELON_LA_SAISIE
from app.recherches.coordonnees import CriteresLocalises, conditions_localisees, effectif
from app.search import Colonne, contient, numero
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.territoire import Ars

CHOIX_PROPOSES = 20

ModeleRegistre = type[EntiteJuridique] | type[Etablissement]


@dataclass(frozen=True, kw_only=True)
class CriteresRegistre(CriteresLocalises):
    """What a user asked for; `archives` opens the Supprimés to a national administrator who ticks them (A48)."""

    numero: str = ""
    nom: str = ""
    statut: tuple[str, ...] = ()
    finess_errone: tuple[str, ...] = ()
    registre: tuple[str, ...] = ()


def conditions_communes(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    """Conditions that mean the same on an EJ and on an ET."""
    return [
        _statuts(modele, criteres),
        *_textes(modele, criteres),
        *conditions_localisees(modele, criteres),
        *_notices(modele, criteres),
    ]


def choisir(
    session: Session, modele: ModeleRegistre, saisie: str, *, statut: tuple[str, ...] = (), ars: str = ""
) -> list[Row[str, str, str | None]]:
    """First objects of the application by beginning of number or by name, for the pickers (S28, S40, S72).

    One more than is shown, so that the screen can say that there are others.
    """
    session.execute(PLAN_SELON_LA_SAISIE)
    est_un_numero = saisie[:1].isdigit()
    criteres = CriteresRegistre(
        numero=saisie if est_un_numero else "", nom="" if est_un_numero else saisie, statut=statut, ars=ars
    )
    return list(
        session.execute(
            select(modele.numero_finess, modele.raison_sociale, effectif(modele, "ville"))
            .where(*conditions_communes(modele, criteres))
            .order_by(modele.nom_norme, modele.id)
            .limit(CHOIX_PROPOSES + 1)
        )
    )


def colonnes_de_la_liste(modele: ModeleRegistre) -> list[Colonne]:
    """What the lists of EJ and ET both show of an object; the query joins its ARS."""
    return [
        modele.id,
        modele.numero_finess,
        modele.raison_sociale,
        modele.code_postal_effectif.label("code_postal"),
        effectif(modele, "ville").label("ville"),
        modele.ars_code,
        modele.statut,
        modele.finess_errone,
        modele.absent_depuis,
        modele.rouvert_le,
        Ars.nom.label("ars"),
    ]


def signalement_exporte(modele: ModeleRegistre) -> dict[str, Any]:
    """Columns of both exports: the « FINESS erroné » flag."""
    return {
        "FINESS erroné": modele.finess_errone,
        "Commentaire (FINESS erroné)": modele.finess_errone_commentaire,
    }


def _statuts(modele: ModeleRegistre, criteres: CriteresRegistre) -> ColumnElement[bool]:
    """None ticked = all but the Supprimés, which are an archive (A48)."""
    colonne: Any = modele.statut
    vivants = [statut for statut in colonne.type.enum_class if statut.name != "SUPPRIME"]
    permis = list(colonne.type.enum_class) if criteres.archives else vivants
    condition: ColumnElement[bool] = colonne.in_([un for un in permis if un.name in criteres.statut] or vivants)
    return condition


def _textes(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    resultat = [numero(modele.numero_finess, criteres.numero)] if criteres.numero.strip() else []
    return [*resultat, contient(modele.nom_norme, criteres.nom)] if criteres.nom.strip() else resultat


def _notices(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    """What the registry or a user reports of an object."""
    possibles = {"absent": modele.absent_depuis.is_not(None), "rouvert": modele.rouvert_le.is_not(None)}
    choisies = [possibles[cle] for cle in criteres.registre if cle in possibles]
    resultat: list[ColumnElement[bool]] = [or_(*choisies)] if choisies else []
    if len(criteres.finess_errone) == 1:
        resultat.append(modele.finess_errone.is_("oui" in criteres.finess_errone))
    return resultat
