"""Terrains of the demonstration: the three types and every statut, in each ARS, made by the screens’ operations."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.demonstration.vocabulaire import ORGANISMES, SERVICES
from app.geographie import subdivision_proposee
from app.operations import creation_terrain, suppression, transfert_praticien
from app.operations.coordonnees import BlocPrincipal, BlocSecondaire
from app.operations.creation_terrain import subdivisions_de
from app.operations.saisie_terrain import SaisieTerrain
from app.operations.signalement import Signalement, signaler_en_lot
from app.scope import Actor
from app.unit_of_work import transaction, unit_of_work
from models.commune import CodePostal, Commune
from models.etablissement import Etablissement
from models.praticien import ActivitePraticien, Praticien
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, Departement

_Un = TypeVar("_Un")

SOURCE = "démonstration"
NATURES_AVEC_INTERNES = ("101", "355", "292", "365", "109", "124", "603", "611")
SERVICES_PAR_CHU = 4
PRATICIENS_PAR_ARS, ORGANISMES_PAR_ARS, UN_SUPPRIME_SUR = 8, 2, 9
ERRONE = Signalement(errone=True, commentaire="Le téléphone du RPPS n’est pas attribué (donnée de démonstration).")


def creer_terrains(acteurs: dict[str, Actor]) -> int:
    """Terrains of each ARS, by its own actor; nothing where there is already one. Returns how many were made."""
    with transaction() as session:
        if session.scalar(select(TerrainDeStage.id).limit(1)) is not None:
            return 0
        codes = session.scalars(select(Ars.code).order_by(Ars.code)).all()
    return sum(_creer_ceux_de(acteurs.get(code, Actor(SOURCE, code))) for code in codes)


def _creer_ceux_de(actor: Actor) -> int:
    """One event per établissement and one for the rest: a few hundred terrains take seconds."""
    assert actor.ars_code is not None
    with transaction() as session:
        porteurs = session.scalars(
            select(Etablissement)
            .where(Etablissement.ars_code == actor.ars_code, Etablissement.categorie_code.in_(NATURES_AVEC_INTERNES))
            .order_by(Etablissement.id)
        ).all()
        rpps = session.scalars(_exercant(actor.ars_code)).all()
        subdivisions = subdivisions_de(session, actor.ars_code)
    crees = [un for et in porteurs for un in _hospitaliers(actor, et, subdivisions)]
    praticiens = _praticiens(actor, rpps, subdivisions)
    crees += [*praticiens, *_organismes(actor, subdivisions)]
    supprimes = crees[::UN_SUPPRIME_SUR]
    with unit_of_work(actor, "TS.supprimer", source=SOURCE) as uow:
        suppression.supprimer(uow, supprimes)
    with unit_of_work(actor, "TS.signaler", source=SOURCE) as uow:
        actifs = [un for un in praticiens if un not in supprimes]
        signaler_en_lot(uow, TerrainDeStage, actifs[:1], ERRONE)
    _transferer(actor, actifs[-1])
    return len(crees)


def _hospitaliers(actor: Actor, et: Etablissement, subdivisions: Sequence[str]) -> list[int]:
    """A few services, more on a CHU; some with an address of their own, posts, a responsable."""
    nombre = SERVICES_PAR_CHU if et.categorie_code == "101" else 1 + et.id % 2
    crees = []
    with unit_of_work(actor, "TS.creer", source=SOURCE) as uow:
        subdivision = _subdivision(uow.session, actor, et.code_insee_effectif, subdivisions)
        for rang, (nom, specialite) in enumerate(_tour(SERVICES, et.id, nombre)):
            saisie = SaisieTerrain(
                nom=nom,
                specialite_code=specialite,
                specialites_complementaires=("DES28",) if rang == 1 and specialite != "DES28" else (),
                nombre_de_postes=(et.id + rang) % 5 if rang else None,
                responsable_nom="RESPONSABLE FICTIF" if rang == 0 else None,
                stage_chu=True if et.categorie_code == "101" and rang < 2 else None,
                bloc=_secondaire(et) if rang == 2 else BlocSecondaire(),
            )
            crees.append(creation_terrain.creer_hospitalier(uow, et.id, saisie, subdivision).id)
    return crees


def _secondaire(et: Etablissement) -> BlocSecondaire:
    """The door of the service, in the town of its établissement."""
    return BlocSecondaire(
        adresse="Pavillon des internes, entrée B",
        code_postal=et.effectif("code_postal"),
        ville=et.effectif("ville"),
        telephone="01 99 00 12 34",
    )


def _exercant(ars_code: str) -> Select[str]:
    return (
        select(Praticien.rpps)
        .join(ActivitePraticien, ActivitePraticien.rpps == Praticien.rpps)
        .join(Departement, Departement.code == ActivitePraticien.departement)
        .where(Departement.ars_code == ars_code, ActivitePraticien.mode == "L")
        .order_by(Praticien.rpps)
        .limit(PRATICIENS_PAR_ARS)
    )


def _praticiens(actor: Actor, rpps: Iterable[str], subdivisions: Sequence[str]) -> list[int]:
    crees = []
    with unit_of_work(actor, "TS.creer", source=SOURCE) as uow:
        for rang, numero in enumerate(rpps):
            lieu = uow.session.scalar(
                select(ActivitePraticien.code_insee).where(ActivitePraticien.rpps == numero).limit(1)
            )
            subdivision = _subdivision(uow.session, actor, lieu, subdivisions)
            saisie = SaisieTerrain(specialite_code="DES28", nombre_de_postes=1 + rang % 2)
            crees.append(creation_terrain.creer_praticien(uow, numero, saisie, subdivision).id)
    return crees


def _organismes(actor: Actor, subdivisions: Sequence[str]) -> list[int]:
    crees: list[int] = []
    with unit_of_work(actor, "TS.creer", source=SOURCE) as uow:
        prefecture = uow.session.execute(
            select(CodePostal.code_postal, Commune.nom)
            .join(Commune, Commune.code == CodePostal.commune_code)
            .join(Etablissement, Etablissement.code_insee == Commune.code)
            .where(Etablissement.ars_code == actor.ars_code)
            .order_by(Etablissement.id, CodePostal.code_postal)
            .limit(1)
        ).one()
        for nom, type_, nature in _tour(ORGANISMES, int(actor.ars_code or 0), ORGANISMES_PAR_ARS):
            numero = f"F{actor.ars_code}{len(crees):04}" if nature else None
            saisie = SaisieTerrain(
                nom="Service fictif",
                organisme_nom=nom,
                type_organisme=type_,
                autre_numero=numero,
                autre_numero_nature=nature,
                principal=BlocPrincipal("1 place de l’Exemple", None, prefecture.code_postal, prefecture.nom),
            )
            crees.append(creation_terrain.creer_organisme(uow, saisie, subdivisions[0]).id)
    return crees


def _transferer(actor: Actor, terrain_id: int) -> None:
    """One practitioner of each ARS is on his way to another one, which is to complete the transfer."""
    with unit_of_work(actor, "TS.transferer_praticien", source=SOURCE) as uow:
        terrain = uow.session.get_one(TerrainDeStage, terrain_id)
        possibles = transfert_praticien.ars_possibles(uow.session, terrain)
        transfert_praticien.transferer(uow, terrain_id, possibles[int(terrain.ars_code) % len(possibles)].code)


def _subdivision(session: Session, actor: Actor, code_insee: str | None, possibles: Sequence[str]) -> str:
    """The one the screen proposes, else the first of the ARS."""
    proposee = subdivision_proposee(session, code_insee, actor.ars_code or "") if code_insee else None
    return proposee or possibles[0]


def _tour(choix: Sequence[_Un], debut: int, nombre: int) -> Iterable[_Un]:
    """`nombre` items of a list that turns round, from `debut` on."""
    return islice((choix[(debut + rang) % len(choix)] for rang in range(len(choix))), nombre)
