"""Reprise: EJ, ET and terrains of the former application, in that order and in one transaction (S25, S19 to S24).

What the files say is taken as it is, then the rules of the night are run over it: they know the mirrors of FINESS and
RPPS, and are the same for objects that users created.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from app.errors import FichierRefuse, OperationRefused
from app.imports.importation import (
    APPLIQUE,
    SIMULE,
    VERROU,
    Bilan,
    conclure,
    refus,
    refuser_ecrasement,
    traiter,
)
from app.imports.moteur import Comptes
from app.imports.objet import Objet, verrouiller_table
from app.imports.reprise_registre import ENTITES_JURIDIQUES, ETABLISSEMENTS, OPERATION
from app.imports.reprise_terrains import TERRAINS
from app.referentiels import repercussion, rpps_repercussion, synchro
from app.referentiels.repercussion import Auteur, Etape
from app.scope import Actor
from app.unit_of_work import UnitOfWork, unit_of_work

ETAPES: tuple[Objet, ...] = (ENTITES_JURIDIQUES, ETABLISSEMENTS, TERRAINS)

# A terrain taken over on an ET that was Supprimé for want of any: no Supprimé ET has a terrain (I2).
_ET_RANIMES = Etape(
    type_objet="Etablissement",
    operation=OPERATION,
    table="etablissement",
    champs=("statut",),
    libelle=repercussion.ETABLISSEMENTS.libelle,
    ars="SELECT o.ars_code AS code",
    plan="""
        SELECT o.id, CASE WHEN o.statut = 'SUPPRIME' AND EXISTS (
            SELECT FROM terrain_de_stage t WHERE t.etablissement_id = o.id
        ) THEN 'INACTIF' ELSE o.statut END AS statut, o.raison_sociale FROM etablissement o
    """,
)
# S22, I4, I5: an EJ lives through its ET; one that FINESS has closed stays as the night left it.
_EJ_RANIMEES = Etape(
    type_objet="EntiteJuridique",
    operation=OPERATION,
    table="entite_juridique",
    champs=("statut",),
    libelle=repercussion.ENTITES_JURIDIQUES.libelle,
    ars="SELECT o.ars_code AS code",
    plan="""
        SELECT o.id, o.raison_sociale, CASE
            WHEN n.n_et_actifs > 0 AND (m.ouvert OR m.numero IS NULL OR m.absent_depuis IS NOT NULL) THEN 'ACTIF'
            WHEN o.statut = 'SUPPRIME' AND n.n_et > 0
            THEN CASE WHEN m.ouvert AND m.absent_depuis IS NULL THEN 'ACTIF' ELSE 'INACTIF' END
            ELSE o.statut END AS statut
        FROM entite_juridique o
        LEFT JOIN finess_ej m ON m.numero = o.numero_finess
        LEFT JOIN (
            SELECT entite_juridique_id, count(*) FILTER (WHERE statut <> 'SUPPRIME') AS n_et,
                   count(*) FILTER (WHERE statut = 'ACTIF') AS n_et_actifs
            FROM etablissement GROUP BY 1
        ) n ON n.entite_juridique_id = o.id
    """,
)


@dataclass(frozen=True)
class BilanReprise:
    """Outcome of a takeover: one per file given, and how many objects the rules changed afterwards."""

    etat: str
    fichiers: dict[str, Bilan]
    objets_revus: int

    @property
    def total(self) -> Comptes:
        """Counts of the files together."""
        sommes = (sum(getattr(un.comptes, cle.name) for un in self.fichiers.values()) for cle in fields(Comptes))
        return Comptes(*sommes)


def reprendre(
    actor: Actor, fichiers: dict[str, Path], *, simuler: bool = False, dossier_rejets: Path | None = None
) -> BilanReprise:
    """Take over the files given (« ej », « et », « ts »); what is already in the application is left as it is.

    Raises FichierRefuse when a file is not what it should be, OperationRefused when the actor may not: nothing is then
    written of any of them.
    """
    if raisons := refus(actor):
        raise OperationRefused(*raisons)
    rejets = {nom: dossier_rejets / f"rejets-{nom}.csv" if dossier_rejets else None for nom in fichiers}
    for nom, chemin in fichiers.items():
        refuser_ecrasement(rejets[nom], chemin)
    with unit_of_work(actor, OPERATION, source="reprise") as uow:
        uow.serialiser(VERROU)
        synchro.verrouiller(uow.session)
        point = uow.session.begin_nested()
        uow.session.execute(text(verrouiller_table(*(un.table for un in ETAPES))))
        bilans = {un.nom: _traiter(uow, un, fichiers[un.nom], rejets[un.nom]) for un in ETAPES if un.nom in fichiers}
        bilan = BilanReprise(APPLIQUE, bilans, _appliquer_les_regles(uow))
        if simuler:
            point.rollback()
            return _simule(bilan)
        if bilan.total.crees:
            noms = sorted(chemin.name[-255:] for chemin in fichiers.values())
            uow.details = {"fichier": noms, **vars(bilan.total)}
    return bilan


def _traiter(uow: UnitOfWork, objet: Objet, chemin: Path, rejets: Path | None) -> Bilan:
    try:
        return traiter(uow, objet, chemin, rejets)
    except FichierRefuse as refus_fichier:
        raise FichierRefuse(refus_fichier.code, f"{chemin.name} : {refus_fichier.message}") from refus_fichier


def _appliquer_les_regles(uow: UnitOfWork) -> int:
    """S19 to S24, then the copies of both registries; returns how many objects changed, one event each."""
    session, auteur = uow.session, Auteur(uow.actor.login, uow.source)
    le = datetime.now(UTC).date()
    return (
        repercussion.derouler(session, (_ET_RANIMES,), None, le, auteur)
        + repercussion.repercuter(session, None, le, auteur)
        + repercussion.derouler(session, (_EJ_RANIMEES,), None, le, auteur)
        + rpps_repercussion.repercuter(session, None, le, auteur)
    )


def _simule(bilan: BilanReprise) -> BilanReprise:
    simules = {nom: conclure(un, SIMULE) for nom, un in bilan.fichiers.items()}
    return BilanReprise(SIMULE, simules, bilan.objets_revus)
