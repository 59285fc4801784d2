"""What operations that move terrains share: a plan of each object before and after, shown, then applied as it is.

The preview shows the plan and carries its seal; the operation locks the rows, computes the plan again, and refuses to
act when the seal is no longer that of what the user saw (SPEC N1, E-APERCU-PERIME). Preview = effect by construction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, literal, select
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from app.errors import OperationRefused, Refus
from app.geographie import code_departement
from app.operations.lot import est_parmi, verrouiller_lignes
from app.unit_of_work import Ecriture, UnitOfWork
from models.agrement import (
    ETATS_OUVERTS,
    Agrement,
    AgrementHistorique,
    DemandeAgrement,
    EtatDemande,
    StatutAgrement,
    agrement_au_statut_sql,
    agrement_ouvert_sql,
)
from models.commune import Commune
from models.coordonnees import CHAMPS_COORDONNEES
from models.interne import Semestre, SemestreInternat
from models.terrain_de_stage import AncienNumero, TerrainDeStage

GEOGRAPHIE = ("ars_code", "subdivision_code", "departement_code", "bassin_de_vie_code", "numero_terrain")
# A change of these opens the agréments to re-examination (N31).
_A_REEXAMINER = frozenset({"etablissement_id", "adresse", "code_postal", "ville", "responsable_nom"})
_COLONNES = [
    getattr(TerrainDeStage, nom)
    for nom in (
        *(
            "id",
            "numero",
            "nom",
            "type",
            "statut",
            "ars_code",
            "subdivision_code",
            "etablissement_id",
            "rpps",
            "version",
        ),
        *("stage_chu", "coordonnees_de_finess", "code_insee_effectif", "adresse_secondaire", *CHAMPS_COORDONNEES),
    )
]


@dataclass(frozen=True)
class Plan:
    """Everything that an operation will write: terrains, their open agréments, and what becomes of an ET or an EJ."""

    terrains: tuple[Ecriture, ...]
    agrements: tuple[Ecriture, ...] = ()
    etablissements: tuple[Ecriture, ...] = ()
    entites: tuple[Ecriture, ...] = ()
    avertissements: tuple[str, ...] = ()
    bilan: Mapping[str, int] = field(default_factory=dict)  # what the preview counts: demandes, internes, conventions

    @property
    def agrements_par_statut(self) -> list[tuple[str, int]]:
        return [(un.value, nombre) for un in StatutAgrement if (nombre := self.bilan[f"agrements_{un.name.lower()}"])]

    @property
    def demandes_par_etat(self) -> list[tuple[str, int]]:
        return [(un.value, nombre) for un in EtatDemande if (nombre := self.bilan[f"demandes_{un.name.lower()}"])]

    @property
    def sceau(self) -> str:
        """What the preview carries, and the operation compares: any other value of any object gives another one."""
        somme = sha256(repr((self.avertissements, sorted(self.bilan.items()))).encode())
        for une in chain(self.terrains, self.agrements, self.etablissements, self.entites):
            somme.update(f"{une.id} {une.libelle!r} {une.avant!r} {une.apres!r}\n".encode())
        return somme.hexdigest()


APERCU_PERIME = Refus(
    "E-APERCU-PERIME",
    "Les données ont changé depuis l’aperçu : rien n’a été modifié. Relisez le nouvel aperçu, puis confirmez.",
)


def exiger_le_sceau(plan: Plan, vu: str | None) -> None:
    """Refuse to act on something else than what was shown; None comes from a command, which shows nothing."""
    if vu is not None and vu != plan.sceau:
        raise OperationRefused(APERCU_PERIME)


def verrouiller(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Lock terrains, then their open agréments: after the établissements, before the counters of numbers.

    Without the second, an agrément withdrawn or deleted meanwhile would be written all the same.
    """
    uow.session.flush()
    verrouiller_lignes(uow.session, TerrainDeStage.id, est_parmi(TerrainDeStage.id, ids))
    ouverts = est_parmi(Agrement.terrain_id, ids) & agrement_ouvert_sql(aujourd_hui())
    verrouiller_lignes(uow.session, Agrement.id, ouverts)
    uow.session.expire_all()


def lire_terrains(session: Session, ids: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows of the terrains of an operation, in ascending id."""
    choisis = select(*_COLONNES).where(est_parmi(TerrainDeStage.id, ids))
    return session.execute(choisis.order_by(TerrainDeStage.id)).all()


def terrains_sur(session: Session, etablissement_id: int) -> list[int]:
    """Ids of the terrains of an ET, of any statut (A14)."""
    sur_l_et = select(TerrainDeStage.id).where(TerrainDeStage.etablissement_id == etablissement_id)
    return list(session.scalars(sur_l_et.order_by(TerrainDeStage.id)))


def deplacer(terrain: Any, apres: Mapping[str, Any]) -> Ecriture | None:
    """One terrain before and after; None when it already is as it would become."""
    avant, change = _difference(terrain, apres)
    if not change:
        return None
    ars = tuple(sorted({terrain.ars_code, change.get("ars_code", terrain.ars_code)}))
    return Ecriture(terrain.id, f"{terrain.numero} – {terrain.nom}", ars, avant, change)


def agrements_qui_suivent(
    session: Session, terrains: Sequence[Any], deplaces: Iterable[Ecriture]
) -> tuple[Ecriture, ...]:
    """Open agréments of the moved terrains, with the territory they get; the échus never change (S114, I10)."""
    lignes = {un.id: un for un in terrains}
    par_id = {une.id: une for une in deplaces}
    if not par_id:
        return ()
    bassins = _bassins(session, {_commune_apres(lignes[un], par_id[un]) for un in par_id})
    ouverts = (
        select(Agrement.id, Agrement.reference, Agrement.terrain_id, Agrement.a_reexaminer, *_colonnes_geographiques())
        .where(est_parmi(Agrement.terrain_id, par_id), agrement_ouvert_sql(aujourd_hui()))
        .order_by(Agrement.id)
    )
    suites = {cle: _suite(lignes[cle], deplace, bassins) for cle, deplace in par_id.items()}
    suivent = (_suivre(un, par_id[un.terrain_id], suites[un.terrain_id]) for un in session.execute(ouverts))
    return tuple(un for un in suivent if un is not None)


def compter(session: Session, ids: Sequence[int]) -> dict[str, int]:
    """What the preview counts beside the plan (N1): agréments and demandes by statut, present internes.

    `demandes` are those still open: they do not follow their terrain (A46).
    """
    jour = aujourd_hui()
    agrements = {f"agrements_{un.name.lower()}": agrement_au_statut_sql(un, jour) for un in StatutAgrement}
    demandes = {f"demandes_{un.name.lower()}": DemandeAgrement.etat == un for un in EtatDemande}
    demandes["demandes"] = DemandeAgrement.etat.in_(ETATS_OUVERTS)
    internes = (
        select(func.count())
        .select_from(SemestreInternat)
        .join(Semestre, Semestre.id == SemestreInternat.semestre_id)
        .where(est_parmi(SemestreInternat.terrain_id, ids), Semestre.date_fin >= jour)
    )
    return {
        **_denombrer(session, agrements, est_parmi(Agrement.terrain_id, ids)),
        **_denombrer(session, demandes, est_parmi(DemandeAgrement.terrain_id, ids)),
        "internes": session.scalar(internes) or 0,
    }


def _denombrer(
    session: Session, comptes: Mapping[str, ColumnElement[bool]], lignes: ColumnElement[bool]
) -> dict[str, int]:
    """How many of these rows satisfy each condition, in one reading."""
    colonnes = [func.count().filter(condition).label(nom) for nom, condition in comptes.items()]
    return dict(session.execute(select(*colonnes).where(lignes)).mappings().one())


def appliquer(uow: UnitOfWork, plan: Plan) -> None:
    """Write the plan: terrains and their former numbers, agréments and their former territory."""
    uow.ecrire_en_lot(TerrainDeStage, plan.terrains)
    anciens = [
        {"terrain_id": une.id, "numero": une.avant["numero"], "jusqu_au": func.now()}
        for une in plan.terrains
        if "numero" in une.apres
    ]
    if anciens:
        uow.session.execute(insert(AncienNumero).values(anciens))
    quittes = [une for une in plan.agrements if set(GEOGRAPHIE) & une.apres.keys()]
    _historiser(uow, [une.id for une in quittes])
    uow.ecrire_en_lot(Agrement, plan.agrements)


def _historiser(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Keep where these agréments stood, with date and author, before they follow their terrain (S114)."""
    if not ids:
        return
    colonnes = ("agrement_id", *GEOGRAPHIE, "jusqu_au", "auteur")
    quittes = select(Agrement.id, *_colonnes_geographiques(), func.now(), literal(uow.actor.login))
    uow.session.execute(insert(AgrementHistorique).from_select(colonnes, quittes.where(est_parmi(Agrement.id, ids))))


def _colonnes_geographiques() -> list[Any]:
    return [getattr(Agrement, champ) for champ in GEOGRAPHIE]


def _bassins(session: Session, communes: set[str | None]) -> dict[str | None, str | None]:
    """Bassin de vie of the communes where the moved terrains will be."""
    lues = session.execute(select(Commune.code, Commune.bassin_de_vie_code).where(Commune.code.in_(communes)))
    return {code: bassin for code, bassin in lues}


def _commune_apres(terrain: Any, deplace: Ecriture) -> str | None:
    """INSEE code that counts after the move: the secondary block wins, and it does not move (S12)."""
    if terrain.adresse_secondaire is not None:
        code: str | None = terrain.code_insee_effectif
    else:
        code = deplace.apres.get("code_insee", terrain.code_insee)
    return code


def _suite(terrain: Any, deplace: Ecriture, bassins: Mapping[str | None, str | None]) -> dict[str, Any]:
    """What the agréments of a moved terrain become: its territory, as `agrements.suivre_le_terrain` gives it."""
    apres: dict[str, Any] = {}
    if {"ars_code", "subdivision_code"} & deplace.apres.keys():
        commune = _commune_apres(terrain, deplace)
        apres = {
            "ars_code": deplace.apres.get("ars_code", terrain.ars_code),
            "subdivision_code": deplace.apres.get("subdivision_code", terrain.subdivision_code),
            "departement_code": code_departement(commune) if commune else None,
            "bassin_de_vie_code": bassins.get(commune),
            "numero_terrain": deplace.apres.get("numero", terrain.numero),
        }
    if _A_REEXAMINER & deplace.apres.keys():
        apres["a_reexaminer"] = True
    return apres


def _suivre(agrement: Any, deplace: Ecriture, suite: Mapping[str, Any]) -> Ecriture | None:
    avant, change = _difference(agrement, suite)
    return Ecriture(agrement.id, agrement.reference, deplace.ars_codes, avant, change) if change else None


def _difference(ligne: Any, apres: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changes of a row, before and after."""
    avant = {champ: getattr(ligne, champ) for champ in apres}
    change = {champ: valeur for champ, valeur in apres.items() if avant[champ] != valeur}
    return {champ: avant[champ] for champ in change}, change
