"""What EJ and ET searches share: territory, effective coordinates, statut, names and numbers (S27, S40–S44)."""

from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from app.recherches import PLAN_SELON_LA_SAISIE
from app.search import Colonne, contient, numero
from models.commune import BassinDeVie, Commune
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.territoire import Ars, Departement

CHOIX_PROPOSES = 20

ModeleRegistre = type[EntiteJuridique] | type[Etablissement]

_TERRITOIRES = select(true().label("est_ars"), Ars.code, Ars.nom).union_all(
    select(false(), Departement.code, Departement.code + " – " + Departement.nom)
)


@dataclass(frozen=True, kw_only=True)
class CriteresRegistre:
    """What a user asked for; an empty text or an empty group does not filter (S43).

    `archives` opens the Supprimés to a national administrator who ticks them (A48).
    """

    numero: str = ""
    nom: str = ""
    adresse: str = ""
    code_postal: str = ""
    ville: str = ""
    ars: str = ""
    departement: str = ""
    bassin_de_vie: str = ""
    statut: tuple[str, ...] = ()
    finess_errone: tuple[str, ...] = ()
    registre: tuple[str, ...] = ()
    archives: bool = False

    def remplis(self) -> dict[str, str | tuple[str, ...]]:
        """Criteria that filter, by name: what the journal and the chips of the screen show."""
        valeurs = {champ.name: getattr(self, champ.name) for champ in fields(self) if champ.name != "archives"}
        return {nom: valeur for nom, valeur in valeurs.items() if valeur}


def conditions_communes(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    """Conditions that mean the same on an EJ and on an ET."""
    return [
        _statuts(modele, criteres),
        *_textes(modele, criteres),
        *_territoire(modele, criteres),
        *_notices(modele, criteres),
    ]


def territoires(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The ARS by name and the départements by code, in one query, for the lists of the criteria."""
    lignes = session.execute(_TERRITOIRES).all()
    return (
        sorted(((code, nom) for est_ars, code, nom in lignes if est_ars), key=itemgetter(1)),
        sorted((code, nom) for est_ars, code, nom in lignes if not est_ars),
    )


def choisir(session: Session, modele: ModeleRegistre, saisie: str) -> list[Row[str, str, str | None]]:
    """First objects of the application by beginning of number or by name, for the pickers (S28, S40).

    One more than is shown, so that the screen can say that there are others.
    """
    session.execute(PLAN_SELON_LA_SAISIE)
    criteres = CriteresRegistre(numero=saisie) if saisie[:1].isdigit() else CriteresRegistre(nom=saisie)
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


def coordonnees_exportees(modele: ModeleRegistre) -> dict[str, Any]:
    """Columns of both exports: effective coordinates, and the territory they lie in (`avec_bassin_de_vie`)."""
    return {
        "Adresse": effectif(modele, "adresse"),
        "Complément": effectif(modele, "complement"),
        "Code postal": modele.code_postal_effectif,
        "Ville": effectif(modele, "ville"),
        "Code commune INSEE": modele.code_insee_effectif,
        "Département": modele.departement_effectif,
        "Bassin de vie": BassinDeVie.nom,
        "ARS": Ars.nom,
        "Téléphone": contact_effectif(modele, "telephone"),
        "Télécopie": contact_effectif(modele, "telecopie"),
        "Courriel": contact_effectif(modele, "courriel"),
    }


def signalement_exporte(modele: ModeleRegistre) -> dict[str, Any]:
    """Columns of both exports: the « FINESS erroné » flag."""
    return {
        "FINESS erroné": modele.finess_errone,
        "Commentaire (FINESS erroné)": modele.finess_errone_commentaire,
    }


def avec_bassin_de_vie(requete: Select[Any], modele: ModeleRegistre) -> Select[Any]:
    """The query, with the bassin de vie of the effective commune."""
    communes = requete.outerjoin(Commune, Commune.code == modele.code_insee_effectif)
    return communes.outerjoin(BassinDeVie, BassinDeVie.code == Commune.bassin_de_vie_code)


def effectif(modele: ModeleRegistre, champ: str) -> ColumnElement[Any]:
    """Effective value of an address field: the secondary block as a whole where it is filled (A19)."""
    secondaire, principal = getattr(modele, f"{champ}_secondaire"), getattr(modele, champ)
    return case((modele.adresse_secondaire.is_not(None), secondaire), else_=principal)


def contact_effectif(modele: ModeleRegistre, champ: str) -> ColumnElement[Any]:
    """Effective telephone, fax or e-mail: each on its own (A19)."""
    return func.coalesce(getattr(modele, f"{champ}_secondaire"), getattr(modele, champ))


def _statuts(modele: ModeleRegistre, criteres: CriteresRegistre) -> ColumnElement[bool]:
    """None ticked = all but the Supprimés, which are an archive (A48)."""
    colonne: Any = modele.statut
    vivants = [statut for statut in colonne.type.enum_class if statut.name != "SUPPRIME"]
    permis = list(colonne.type.enum_class) if criteres.archives else vivants
    condition: ColumnElement[bool] = colonne.in_([un for un in permis if un.name in criteres.statut] or vivants)
    return condition


def _textes(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    numeros = ((criteres.numero, modele.numero_finess), (criteres.code_postal, modele.code_postal_effectif))
    textes = (
        (criteres.nom, modele.nom_norme),
        (criteres.adresse, modele.adresse_norme),
        (criteres.ville, modele.ville_norme),
    )
    return [
        *(numero(colonne, saisie) for saisie, colonne in numeros if saisie.strip()),
        *(contient(colonne, saisie) for saisie, colonne in textes if saisie.strip()),
    ]


def _territoire(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    egalites = ((criteres.ars, modele.ars_code), (criteres.departement, modele.departement_effectif))
    resultat = [colonne == code for code, colonne in egalites if code]
    if criteres.bassin_de_vie.strip():
        resultat.append(modele.code_insee_effectif.in_(_communes_du_bassin(criteres.bassin_de_vie)))
    return resultat


def _notices(modele: ModeleRegistre, criteres: CriteresRegistre) -> list[ColumnElement[bool]]:
    """What the registry or a user reports of an object."""
    possibles = {"absent": modele.absent_depuis.is_not(None), "rouvert": modele.rouvert_le.is_not(None)}
    choisies = [possibles[cle] for cle in criteres.registre if cle in possibles]
    resultat: list[ColumnElement[bool]] = [or_(*choisies)] if choisies else []
    if len(criteres.finess_errone) == 1:
        resultat.append(modele.finess_errone.is_("oui" in criteres.finess_errone))
    return resultat


def _communes_du_bassin(saisie: str) -> Select[str]:
    return (
        select(Commune.code)
        .join(BassinDeVie, BassinDeVie.code == Commune.bassin_de_vie_code)
        .where(contient(func.normaliser(BassinDeVie.nom), saisie))
    )
