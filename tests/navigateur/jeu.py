"""A small registry of Bretagne with one object of every kind that a page may show: what the visits walk through."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import mail, unit_of_work
from app.journal import ars_concernees, entrees
from app.operations import activation, fusion
from app.operations.coordonnees import BlocSecondaire
from app.operations.creation import creer_etablissement
from app.operations.fusion import Demande
from app.operations.modification import Saisie, modifier
from app.sceaux.chaine import sceller
from app.scope import Actor
from models.agrement import AgrementHistorique
from models.commune import BassinDeVie
from models.envoi import Envoi, EtatEnvoi
from models.etablissement import Etablissement
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import Evenement, EvenementArs
from models.terrain_de_stage import AncienNumero
from models.territoire import SubdivisionArs
from models.traitement import (
    EtatTraitement,
    NatureChangement,
    ObjetFinessTraite,
    Traitement,
    TraitementChangement,
    TraitementRejet,
    TypeTraitement,
)
from tests import build

JOUR = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
BIEN_PLUS_TARD = datetime(2126, 3, 14, 9, 30, tzinfo=UTC)  # no worker takes it meanwhile
CHU = {"numero_finess": "350005179", "raison_sociale": "CHU DE RENNES"}
NUMERO_ET, RPPS, RAPPORT = "350000022", "10101234564", 9001  # that addresses of the visits name
DEPLACEMENT = 9004
OPERATIONS = {
    9005: ("ET.fusionner", StatutEtablissement.INACTIF),
    9006: ("TS.transferer_unite", StatutEtablissement.ACTIF),
}
SECONDAIRE = {
    "adresse_secondaire": "2 quai Neuf",
    "code_postal_secondaire": "35000",
    "ville_secondaire": "Rennes",
    "code_insee_secondaire": "35238",
}
SIGNALE = {
    "finess_errone": True,
    "finess_errone_le": JOUR,
    "finess_errone_par": "camille",
    "finess_errone_commentaire": "Le téléphone n’est pas attribué.",
}
ANCIEN_TERRITOIRE = {"ars_code": "52", "subdivision_code": "NANTES", "numero_terrain": "52H00001"}
FERME = {"statut": StatutEtablissement.INACTIF, "date_fermeture": date(2026, 2, 28), "rouvert_le": JOUR}

COLLEGUE = "collegue@exemple.fr"
SUITES: tuple[dict[str, Any], ...] = (
    {"etat": EtatEnvoi.EN_ATTENTE},
    {"etat": EtatEnvoi.EN_ATTENTE, "tentatives": 1, "derniere_erreur": mail.INJOIGNABLE},
    {"etat": EtatEnvoi.ECHEC, "tentatives": 4, "derniere_erreur": mail.INJOIGNABLE},
    {"etat": EtatEnvoi.ENVOYE, "envoye_le": JOUR, "joint": True, "refuses": {COLLEGUE: "Refusé (code 550)."}},
)


def peupler(session: Session) -> None:
    """Établissements in every state, a CHU, a terrain and what stands on it, a run, mails in each state."""
    chu = build.etablissement(
        session,
        entite_juridique=build.entite_juridique(session, **CHU),
        raison_sociale="CHU PONTCHAILLOU",
        numero_finess=NUMERO_ET,
        **SECONDAIRE,
    )
    build.convention(session, etablissement=chu)
    _terrains(session, chu)
    for rang in range(30):
        build.etablissement(session, raison_sociale=f"CLINIQUE {rang:02}", categorie_code="365", siret="26350005100014")
    build.etablissement(session, raison_sociale="CH SIGNALE", **SIGNALE)
    build.etablissement(session, raison_sociale="CH ABSENT", absent_depuis=JOUR)
    build.etablissement(session, raison_sociale="CH FERME", **FERME)
    build.etablissement(session, raison_sociale="CH D’AILLEURS", ars_code="93")
    _operations(session)
    _journal(session)
    session.execute(insert(BassinDeVie).values(code="35238", nom="Rennes"))
    session.add(_traitement())
    session.add_all(_envoi(rang, **suite) for rang, suite in enumerate(SUITES))


def _terrains(session: Session, chu: Etablissement) -> None:
    """One of each type, one to activate, one that waits for its transfer; and a practitioner to give one to."""
    terrain = build.terrain(session, etablissement=chu, nom="Cardiologie")
    build.semestre_internat(session, terrain)
    build.demande(session, terrain)
    agrement = build.agrement(session, terrain, a_reexaminer=True)
    session.add(AgrementHistorique(agrement_id=agrement.id, jusqu_au=JOUR, auteur="camille", **ANCIEN_TERRITOIRE))
    build.terrain(session, etablissement=chu, nom="Urgences", statut=StatutTerrain.INACTIF)
    signale = {nom.replace("finess", "rpps"): valeur for nom, valeur in SIGNALE.items()}
    build.terrain(session, type=TypeTerrain.PRATICIEN, nom="Cabinet du port", **signale, rpps_hors_ars_depuis=JOUR)
    build.terrain(session, type=TypeTerrain.PRATICIEN, statut=StatutTerrain.TRANSFERE, subdivision_code=None)
    build.terrain(session, type=TypeTerrain.AUTRE, nom="Protection maternelle")
    build.praticien(session, rpps=RPPS, nom="MORVAN")
    for raison_sociale in ("CABINET DE LA PLACE", "CENTRE DE SANTE"):
        build.activite(session, RPPS, raison=raison_sociale)
    _territoire(session)
    refuses = {"refuses": ["53H00001 – Cardiologie"], "motifs": ["Un agrément n’est pas échu."]}
    for numero, operation in enumerate(("TS.supprimer", "ET.signaler", "EJ.signaler"), start=RAPPORT):
        session.add(
            Evenement(
                id=numero,
                operation=operation,
                acteur="camille",
                ars_travail_code="53",
                source="écran",
                details={"faits": 0, **refuses},
                traite_le=JOUR,
            )
        )


def _territoire(session: Session) -> None:
    """A subdivision of two ARS, as that of the Antilles; a practitioner to complete; a change of subdivision."""
    session.execute(insert(SubdivisionArs).values(subdivision_code="RENNES", ars_code="52"))
    valide = {"rpps": build.praticien(session, nom="LE GOFF").rpps, "praticien_nom": "LE GOFF", **SECONDAIRE}
    recu = build.terrain(
        session, type=TypeTerrain.PRATICIEN, statut=StatutTerrain.TRANSFERE, subdivision_code=None, **valide
    )
    build.activite(session, valide["rpps"], raison="CABINET NEUF")
    session.add(AncienNumero(terrain=recu, numero="93P00009", jusqu_au=JOUR))
    envoye = build.terrain(session, type=TypeTerrain.PRATICIEN, statut=StatutTerrain.TRANSFERE, ars_code="11")
    session.add(AncienNumero(terrain=envoye, numero="53P00009", jusqu_au=JOUR))
    deplace = build.terrain(session, type=TypeTerrain.AUTRE, nom="Médecine scolaire")
    changement = {
        "type": "TerrainDeStage",
        "id": str(deplace.id),
        "libelle": str(deplace),
        "ars": ["53"],
        "avant": {"subdivision_code": "BREST"},
        "apres": {"subdivision_code": "RENNES"},
    }
    fait = {"operation": "TS.changer_subdivision", "acteur": "camille", "ars_travail_code": "53", "source": "écran"}
    session.add(Evenement(id=DEPLACEMENT, changements=[changement], le=JOUR, traite_le=JOUR, **fait))


def _operations(session: Session) -> None:
    """A fusion, and a transfer that left a terrain: what their result pages show."""
    for numero, (code, statut) in OPERATIONS.items():
        origine, destination = build.etablissement(session, statut=statut), build.etablissement(session)
        terrain, _ = (build.terrain(session, etablissement=origine) for _ in range(2))
        choisis = (terrain.id,) if code == "TS.transferer_unite" else None
        with unit_of_work.unit_of_work(Actor("gestionnaire-53", "53"), code, session=session) as uow:
            uow.evenement_id = numero
            fusion.executer(uow, Demande(origine.id, destination.id, choisis))


def _journal(session: Session) -> None:
    """A history with dates in it, of an établissement that comes first in the lists: the visit opens it."""
    finess = build.finess_et(session, raison_sociale="ACCUEIL DE JOUR", date_ouverture=date(1998, 6, 30))
    actor = Actor("camille", "53")
    with unit_of_work.unit_of_work(actor, "ET.creer", session=session) as uow:
        et = creer_etablissement(uow, finess.numero)
    with unit_of_work.unit_of_work(actor, "ET.signaler", session=session) as uow:
        saisie = Saisie(et.version, BlocSecondaire.de(et), finess_errone=True, commentaire="Le téléphone.")
        modifier(uow, Etablissement, et.id, saisie)
    terrain = build.terrain(session, etablissement=et, statut=StatutTerrain.INACTIF)
    with unit_of_work.unit_of_work(Actor("gestionnaire-53", "53"), "TS.activer", session=session) as uow:
        activation.activer(uow, [terrain.id])
    evenements = session.scalars(select(Evenement)).all()
    for evenement in evenements:
        session.add_all(entrees(evenement))
        session.add_all(EvenementArs(ars_code=un, evenement_id=evenement.id) for un in ars_concernees(evenement))
        evenement.traite_le = JOUR
    sceller(session, [evenement.id for evenement in evenements])


def _traitement() -> Traitement:
    rejet = TraitementRejet(position="12", objet=ObjetFinessTraite.ET, motif="Le numéro FINESS manque.")
    changement: dict[str, Any] = {"avant": {"telephone": "0299000000"}, "apres": {"telephone": "0299111111"}}
    return Traitement(
        type=TypeTraitement.FINESS,
        etat=EtatTraitement.APPLIQUE,
        demandeur="camille",
        source="finess-structures-journalier-20260314.json.gz",
        donnees_du=JOUR,
        debut_le=JOUR,
        fin_le=JOUR,
        lus=3,
        crees=1,
        modifies=1,
        rejetes=1,
        rejets=[rejet],
        changements=[
            TraitementChangement(
                objet=ObjetFinessTraite.ET,
                nature=NatureChangement.MODIFIE,
                numero="350000014",
                libelle="CH DE REDON",
                **changement,
            )
        ],
    )


def _envoi(rang: int, **suite: Any) -> Envoi:
    return Envoi(
        jeton=f"essai-{rang}",
        demandeur="national",
        demandeur_nom="Camille Morvan",
        demandeur_courriel="national@exemple.fr",
        liste="etablissements",
        criteres={},
        archives=True,
        criteres_affiches=[["ARS", "Bretagne"], ["Statut", "Actif, Inactif"]],
        tri="nom",
        descendant=False,
        format="csv",
        lien="/etablissements/export.csv?ars=53",
        lignes=34,
        destinataires=["national@exemple.fr", COLLEGUE],
        prochaine_le=BIEN_PLUS_TARD,
        **suite,
    )
