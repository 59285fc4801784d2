"""What the national system decides, for the terrains of the demonstration: agréments, demandes, internes and postings.

Agréments of every statut, open and closed demandes, internes of the present semester. Nobody of these exists.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.calendrier import aujourd_hui
from app.demonstration.rpps_fichier import NOMS, PRENOMS
from app.scope import systeme
from app.unit_of_work import transaction, unit_of_work
from models.agrement import Agrement, DecisionAgrement, DemandeAgrement, EtatDemande, TypeAgrement
from models.commune import Commune
from models.etats import StatutTerrain
from models.interne import Interne, Semestre, SemestreInternat
from models.terrain_de_stage import TerrainDeStage

SOURCE = "démonstration"
AUTEUR = systeme("démonstration")
GENERALISTE = "DES28"
# Beginning and end from today, in days; decision. Turns round the terrains.
AGREMENTS = (
    (-400, 700, DecisionAgrement.AGREE),
    (-30, 1800, DecisionAgrement.AGREE),
    (-700, 120, DecisionAgrement.AGREE),
    (60, 1900, DecisionAgrement.AGREE),
    (-900, -100, DecisionAgrement.AGREE),
    (-200, 165, DecisionAgrement.CONDITIONNEL),
    (-300, 400, DecisionAgrement.SUSPENDU),
    (-500, 300, DecisionAgrement.RETIRE),
)
_UNE_DEMANDE_SUR, _UN_INTERNE_SUR = 7, 2


def charger_donnees_nationales() -> int:
    """Fill what is empty; returns how many agréments were made."""
    with transaction() as session:
        if session.scalar(select(Agrement.id).limit(1)) is not None:
            return 0
    with unit_of_work(AUTEUR, "AGR.importer", source=SOURCE) as uow:
        terrains = _terrains(uow.session)
        agrements = list(_agrements(uow.session, terrains))
        uow.session.add_all(agrements)
    with unit_of_work(AUTEUR, "DEM.importer", source=SOURCE) as uow:
        uow.session.add_all(_demandes(terrains[::_UNE_DEMANDE_SUR]))
    with unit_of_work(AUTEUR, "SEM.importer", source=SOURCE) as uow:
        actifs = [un for un in terrains if un.statut is StatutTerrain.ACTIF]
        uow.session.add_all(_postes(uow.session, actifs[::_UN_INTERNE_SUR]))
    return len(agrements)


def _terrains(session: Session) -> Sequence[TerrainDeStage]:
    return session.scalars(select(TerrainDeStage).order_by(TerrainDeStage.id)).all()


def _agrements(session: Session, terrains: Sequence[TerrainDeStage]) -> Iterator[Agrement]:
    """One or two a terrain; only échus on one that is not Actif."""
    communes = {
        une.code: une
        for une in session.scalars(
            select(Commune)
            .where(Commune.code.in_({un.code_insee_effectif for un in terrains}))
            .options(joinedload(Commune.bassin_de_vie))
        )
    }
    for rang, terrain in enumerate(terrains):
        for suite in range(1 + rang % 2):
            debut, fin, decision = AGREMENTS[(rang + 3 * suite) % len(AGREMENTS)]
            if terrain.statut is not StatutTerrain.ACTIF:
                debut, fin, decision = -900 - suite, -100 - suite, DecisionAgrement.AGREE
            commune = communes.get(terrain.code_insee_effectif or "")
            yield Agrement(
                reference=f"AGR-DEMO-{terrain.numero}-{suite + 1}",
                terrain_id=terrain.id,
                specialite_code=terrain.specialite_code or GENERALISTE,
                type=(TypeAgrement.PRINCIPAL, TypeAgrement.COMPLEMENTAIRE, TypeAgrement.FONCTIONNEL)[suite % 3],
                decision=decision,
                date_debut=_dans(debut),
                date_fin=_dans(fin),
                ars_code=terrain.ars_code,
                subdivision_code=terrain.subdivision_code,
                departement_code=terrain.departement_effectif,
                bassin_de_vie_code=commune.bassin_de_vie_code if commune else None,
                numero_terrain=terrain.numero,
            )


def _demandes(terrains: Sequence[TerrainDeStage]) -> Iterator[DemandeAgrement]:
    etats = list(EtatDemande)
    for rang, terrain in enumerate(terrains):
        yield DemandeAgrement(
            reference=f"DEM-DEMO-{terrain.numero}",
            terrain=terrain,
            specialite_code=terrain.specialite_code or GENERALISTE,
            etat=etats[rang % len(etats)],
            deposee_le=_dans(-20 - rang % 90),
        )


def _postes(session: Session, terrains: Sequence[TerrainDeStage]) -> Iterator[SemestreInternat]:
    """An interne on each terrain for the present semester, and for the one before."""
    jour = aujourd_hui()
    semestres = session.scalars(
        select(Semestre).where(Semestre.date_debut <= jour).order_by(Semestre.date_debut.desc()).limit(2)
    ).all()
    for rang, terrain in enumerate(terrains):
        interne = Interne(
            identifiant=f"DEMO{rang + 1:06}",
            nom=NOMS[rang % len(NOMS)],
            prenom=PRENOMS[rang % len(PRENOMS)],
            subdivision_code=terrain.subdivision_code,
            specialite_code=terrain.specialite_code or GENERALISTE,
        )
        for semestre in semestres[: 1 + rang % 2]:
            yield SemestreInternat(interne=interne, semestre=semestre, terrain_id=terrain.id)


def _dans(jours: int) -> date:
    return aujourd_hui() + timedelta(days=jours)
