"""The matrix of rights as real requests: reads `droits_metier.csv`, prepares each situation, sends what a line says.

A line is one action, by one channel, on one situation; a column per role says what comes back:
`403` the status, `302 modifie` the status and business data changed with their event in the journal, `200 journal` the
journal alone grew, or the mail to send, `connexion` sent to the login page. Nothing else may change, and the worker
makes of each event an entry in French.
"""

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app import libelles
from app.operations import activation
from app.operations.conventions import paires_offertes
from app.scope import Actor
from app.unit_of_work import unit_of_work
from jobs.journal import tout_journaliser
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import EntreeJournal, Evenement
from models.territoire import Interregion
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from models.universite import ConventionUfr, UfrFormation
from models.utilisateur import Role, Utilisateur
from tests import build
from tests.conftest import MOT_DE_PASSE
from tests.securite.deplacements import Deplacements
from tests.securite.objets_deplaces import ObjetsDeplaces
from tests.securite.objets_nationaux import INCONNU, ObjetsNationaux

Empreinte = dict[str, str]
TABLE = Path(__file__).with_name("droits_metier.csv")
# Role of a column → account, and its ARS de travail. The objects called « mienne » are those of ARS 53.
ROLES: dict[str, tuple[str, str | None]] = {
    "lecture": ("lecture-53", "53"),
    "gestionnaire": ("gestionnaire-53", "53"),
    "autre gestionnaire": ("gestionnaire-84", "84"),
    "deux ARS, l’autre choisie": ("gestionnaire-84-53", "84"),
    "national": ("national", None),
    "admin": ("admin", None),
}
ANONYME = "anonyme"
DEPOSE = "finess-structures-journalier-20260101.json"
JOURNAL = {"evenement", "envoi"}  # what is told, and the mail that is to leave: no business data
NOMS = ("et", "ej", "ts", "numero", "convention", "reference", "compte", "traitement", "jou")
DEPLACEMENTS = ("cabinet", "operation", "origine", "destination", "deplacement")
NOUVEAU_MDP = "quatre chevaux sur la lande"

MIENNE = {"ars_code": "53", "code_insee": "35238"}
AUTRE = {"ars_code": "93", "code_insee": "13055", "code_postal": "13001", "ville": "MARSEILLE"}
HORS_ARS = {"ars_code": None, "code_insee": "98735", "code_postal": "98714", "ville": "PAPEETE"}
LIEUX = {"autre ARS": AUTRE, "hors ARS": HORS_ARS}  # of the other situations: ours


@dataclass(frozen=True)
class Ligne:
    action: str
    methode: str
    adresse: str
    corps: str
    situation: str
    attendu: dict[str, str]

    def __str__(self) -> str:
        return f"{self.action} [{self.situation}]" if self.situation else self.action


def lire() -> list[Ligne]:
    with TABLE.open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    fixes = ("action", "methode", "adresse", "corps", "situation")
    return [
        Ligne(*(ligne[nom] for nom in fixes), {nom: ligne[nom] for nom in ligne if nom not in fixes})
        for ligne in lignes
    ]


class Scene(ObjetsNationaux, Deplacements, ObjetsDeplaces):
    """The database of one line: the object of its situation, its address and its form."""

    def __init__(self, session: Session, utilisateur: Callable[[str], Utilisateur], ligne: Ligne) -> None:
        self.session = session
        self.utilisateur = utilisateur
        self.situation = ligne.situation
        self.adresse_brute = ligne.adresse
        self.valeurs: dict[str, Any] = {}
        for nom in (*NOMS, "agr", "dem", "int", "sem", "service", "rpps", "rapport", *DEPLACEMENTS):
            if f"{{{nom}}}" in ligne.adresse:
                self.valeurs |= getattr(self, f"_{nom}")()
        self.adresse = ligne.adresse.format(**self.valeurs)
        self.corps = getattr(self, f"corps_{ligne.corps}")() if ligne.corps else {}
        session.commit()

    @property
    def donnees(self) -> dict[str, Any]:
        """The form; a file is read by each request, so it is opened again."""
        return {nom: valeur() if callable(valeur) else valeur for nom, valeur in self.corps.items()}

    # -- objects -------------------------------------------------------------------------------------------------

    def _et(self) -> dict[str, Any]:
        if self.situation == "inexistant":
            return {"et": INCONNU}
        statut = {"supprimé": StatutEtablissement.SUPPRIME, "inactif": StatutEtablissement.INACTIF}
        lieu = LIEUX.get(self.situation, MIENNE)
        self.et = build.etablissement(
            self.session,
            statut=statut.get(self.situation, StatutEtablissement.ACTIF),
            entite_juridique=build.entite_juridique(self.session, **lieu),
            categorie_code="101",
            **lieu,
        )
        return {"et": self.et.id}

    def _ej(self) -> dict[str, Any]:
        """« frontalière »: in another ARS, with an ET of ours (A38); « ancienne »: our last ET there is Supprimé."""
        if self.situation == "inexistant":
            return {"ej": INCONNU}
        partagee = self.situation in ("frontalière", "ancienne")
        lieu = AUTRE if partagee else LIEUX.get(self.situation, MIENNE)
        statut = StatutEntiteJuridique.SUPPRIME if self.situation == "supprimé" else StatutEntiteJuridique.ACTIF
        self.ej = build.entite_juridique(self.session, statut=statut, **lieu)
        if partagee:
            ferme = self.situation == "ancienne"
            statut_et = StatutEtablissement.SUPPRIME if ferme else StatutEtablissement.ACTIF
            build.etablissement(self.session, entite_juridique=self.ej, statut=statut_et, **MIENNE)
            build.etablissement(self.session, entite_juridique=self.ej, **AUTRE)
        return {"ej": self.ej.id}

    def _ts(self) -> dict[str, Any]:
        """A terrain of a valid practitioner, which may have any statut; « service »: of an ET, with old coordinates."""
        if self.situation == "inexistant":
            return {"ts": INCONNU}
        statut = {"inactif": StatutTerrain.INACTIF, "transféré": StatutTerrain.TRANSFERE}
        ars_code = "93" if self.situation == "autre ARS" else "53"
        propre = {"type": TypeTerrain.PRATICIEN, "rpps": build.praticien(self.session).rpps}
        self.ts = build.terrain(
            self.session,
            statut=statut.get(self.situation, StatutTerrain.ACTIF),
            ars_code=ars_code,
            **{} if self.situation.startswith("service") else propre,
        )
        return {"ts": self.ts.id}

    def _service(self) -> dict[str, Any]:
        """The établissement of a terrain to create, by its number."""
        connu = self._et()["et"] != INCONNU
        return {"service": self.et.numero_finess if connu else build.numero_finess()}

    def _rpps(self) -> dict[str, Any]:
        """A practitioner to give a terrain to: of one of the places, gone, or who already has one."""
        if self.situation == "inexistant":
            return {"rpps": build.rpps()}
        depuis = date(2026, 3, 1) if self.situation == "inactif" else None
        rpps = build.praticien(self.session, absent_depuis=depuis).rpps
        build.activite(self.session, rpps, code_insee="13055" if self.situation == "autre ARS" else "35238")
        if self.situation == "déjà actif":
            build.terrain(self.session, type=TypeTerrain.PRATICIEN, rpps=rpps)
        return {"rpps": rpps}

    def _rapport(self) -> dict[str, Any]:
        """The event of an action on ticked rows, in one of the ARS."""
        if self.situation == "inexistant":
            return {"rapport": INCONNU}
        objet = self.adresse_brute.split("/")[1]
        code = {"terrains": "TS.supprimer", "etablissements": "ET.signaler", "entites-juridiques": "EJ.signaler"}[objet]
        evenement = Evenement(
            operation=code,
            acteur="agent",
            ars_travail_code="93" if self.situation == "autre ARS" else "53",
            source="écran",
            details={"faits": 0, "refuses": ["53H00001 – Service fictif"], "motifs": ["Un agrément n’est pas échu."]},
        )
        self.session.add(evenement)
        self.session.flush()
        return {"rapport": evenement.id}

    def _numero(self) -> dict[str, Any]:
        """A number of the registry: in one of the places, already known to the application, closed, or unknown."""
        if self.situation == "inexistant":
            return {"numero": build.numero_finess()}
        lieu = LIEUX.get(self.situation, MIENNE)
        adresse = {nom: valeur for nom, valeur in lieu.items() if nom != "ars_code"}
        ej = build.finess_ej(self.session, ouvert=self.situation != "EJ fermée", **adresse)
        finess = build.finess_et(self.session, numero_ej=ej.numero, ouvert=self.situation != "fermé", **adresse)
        connu = {"supprimé": "SUPPRIME", "inactif": "INACTIF", "déjà actif": "ACTIF"}.get(self.situation)
        if connu:
            statut = StatutEtablissement[connu]
            build.etablissement(self.session, numero_finess=finess.numero, statut=statut, **MIENNE)
        return {"numero": finess.numero}

    def _convention(self) -> dict[str, Any]:
        """A convention of the ET of the situation; « d’un autre ET »: of a CHU of another ARS, under our address."""
        if self.situation in ("inexistant", "inconnue"):
            return {"convention": INCONNU}
        et = self.et
        if self.situation == "d’un autre ET":
            et = build.etablissement(self.session, categorie_code="101", **AUTRE)
        paire = self.session.scalars(select(UfrFormation).limit(1)).one()
        convention = build._ajouter(self.session, ConventionUfr(etablissement=et, ufr_formation=paire))
        return {"convention": convention.id}

    def _reference(self) -> dict[str, Any]:
        if self.situation == "inexistant":
            return {"reference": "INCONNUE"}
        build._ajouter(self.session, Interregion(code="ESSAI", nom="Essai"))
        return {"reference": "ESSAI"}

    def _compte(self) -> dict[str, Any]:
        if self.situation == "inexistant":
            return {"compte": INCONNU}
        login = {"technique": "admin-chef", "mien": "gestionnaire-53"}.get(self.situation, "lecture-93")
        return {"compte": self.utilisateur(login).id}

    def _traitement(self) -> dict[str, Any]:
        if self.situation == "inexistant":
            return {"traitement": INCONNU}
        traitement = Traitement(
            type=TypeTraitement.FINESS, etat=EtatTraitement.APPLIQUE, demandeur="national", source="essai.json"
        )
        self.session.add(traitement)
        self.session.flush()
        return {"traitement": traitement.id}

    def _jou(self) -> dict[str, Any]:
        """An operation of ours that can be undone, by « gestionnaire »; or the same elsewhere."""
        if self.situation == "inexistant":
            return {"jou": INCONNU}
        code = "93" if self.situation == "autre ARS" else "53"
        terrain = build.terrain(self.session, statut=StatutTerrain.INACTIF, ars_code=code)
        with unit_of_work(Actor(f"gestionnaire-{code}", code), "TS.activer") as uow:
            activation.activer(uow, [terrain.id])
        return {"jou": uow.evenement_id}

    # -- forms ---------------------------------------------------------------------------------------------------

    def corps_bloc(self) -> dict[str, Any]:
        return {
            "adresse_secondaire": "2 place Neuve",
            "code_postal_secondaire": "35000",
            "ville_secondaire": "Rennes",
            "courriel_secondaire": "secretariat@exemple.fr",
        }

    def corps_modification(self) -> dict[str, Any]:
        return {**self.corps_bloc(), "version": "1", "finess_errone": "y", "finess_errone_commentaire": "À revoir"}

    def corps_detournement(self) -> dict[str, Any]:
        """The modification, with everything that could make the object look like ours."""
        return {**self.corps_modification(), "ars_code": "53", "ars": "53", "statut": "ACTIF", "id": "1"}

    def corps_terrain(self) -> dict[str, Any]:
        """What « Créer » asks; with the ARS and the statut that a forged form would give."""
        subdivision = "MARSEILLE" if self.situation == "autre ARS" else "RENNES"
        return {"nom": "Service neuf", "subdivision_code": subdivision, "ars_code": "53", "statut": "ACTIF"}

    def corps_organisme(self) -> dict[str, Any]:
        return {**self.corps_terrain(), "type_organisme": "ASSOCIATION", "organisme_nom": "Association neuve"}

    def corps_modification_terrain(self) -> dict[str, Any]:
        return {**self.corps_bloc(), "version": "1", "nom": "Cabinet neuf", "rpps_errone": "y", "ars_code": "53"}

    def _lot(self, action: str, objet: str, **champs: str) -> dict[str, Any]:
        """Two ticked rows, ours and that of the situation."""
        situation, self.situation = self.situation, "mienne"
        [mien] = getattr(self, f"_{objet}")().values()
        self.situation = situation
        [autre] = getattr(self, f"_{objet}")().values()
        return {"action": action, "rowid": [mien, autre], **champs}

    def corps_apercu(self) -> dict[str, Any]:
        return self._lot("supprimer", "ts")

    def corps_suppression(self) -> dict[str, Any]:
        return self._lot("supprimer", "ts", confirmer="1")

    def corps_activation(self) -> dict[str, Any]:
        return self._lot("activer", "ts", confirmer="1")

    def corps_transfert_coche(self) -> dict[str, Any]:
        """Two ticked terrains, of practitioners: those have no ET to leave."""
        return self._lot("transferer_unites", "ts")

    def corps_signalement_ts(self) -> dict[str, Any]:
        return self._lot("signaler", "ts", confirmer="1", commentaire="À revoir")

    def corps_signalement_et(self) -> dict[str, Any]:
        return self._lot("signaler", "et", confirmer="1", commentaire="À revoir")

    def corps_signalement_ej(self) -> dict[str, Any]:
        return self._lot("signaler", "ej", confirmer="1", commentaire="À revoir")

    def corps_convention(self) -> dict[str, Any]:
        """A pair of UFR and formation that its circonscription offers to the ET, if there is one."""
        offertes = paires_offertes(self.session, self.et) if self.situation != "inexistant" else []
        return {"ufr_formation": offertes[0].id if offertes else 1}

    def corps_reference(self) -> dict[str, Any]:
        return {"code": "NEUVE", "nom": "Interrégion neuve"}

    def corps_compte(self) -> dict[str, Any]:
        roles = self.session.scalars(select(Role).where(Role.name == "Administrateur national")).one()
        return {
            "username": "intrus",
            "mot_de_passe": NOUVEAU_MDP,
            "last_name": "Intrus",
            "first_name": "Camille",
            "email": "intrus@exemple.fr",
            "roles": roles.id,
            "ars": "53",
            "active": "y",
        }

    def corps_compte_technique(self) -> dict[str, Any]:
        """An account with the technical role, which no screen may give."""
        role = self.session.scalars(select(Role).where(Role.name == "Admin")).one()
        return {**self.corps_compte(), "roles": role.id}

    def corps_mot_de_passe(self) -> dict[str, Any]:
        return {"mot_de_passe": NOUVEAU_MDP}

    def corps_mon_mot_de_passe(self) -> dict[str, Any]:
        return {"actuel": MOT_DE_PASSE, "nouveau": NOUVEAU_MDP, "confirmation": NOUVEAU_MDP}

    def corps_connexion(self) -> dict[str, Any]:
        self.utilisateur("lecture-93")
        return {"identifiant": "lecture-93", "mot_de_passe": MOT_DE_PASSE}

    def corps_depot(self) -> dict[str, Any]:
        return {"fichier": lambda: (BytesIO(b"{}"), "nouveau.json")}

    def corps_lancement(self) -> dict[str, Any]:
        return {"fichier": {"déposé": DEPOSE, "hors du dossier": f"../{DEPOSE}"}[self.situation]}

    def corps_envoi(self) -> dict[str, Any]:
        terrain = build.terrain(self.session, etablissement=build.etablissement(self.session, **MIENNE))
        for fabrique in (build.agrement, build.demande, build.semestre_internat):  # an empty list is not sent
            fabrique(self.session, terrain)
        destinataire = {"domaine étranger": "intrus@ailleurs.org"}.get(self.situation, "collegue@exemple.fr")
        return {"destinataires": destinataire, "format_": "csv"}

    def corps_envoi_journal(self) -> dict[str, Any]:
        self._jou()
        tout_journaliser()  # an ARS sees what the worker has written
        return self.corps_envoi()

    def corps_ars(self) -> dict[str, Any]:
        return {"ars": self.situation}


@dataclass
class Banc:
    """Sends the request of a line as each role, always on the same database, and says what came of it."""

    app: Flask
    connection: Connection
    session: Session
    utilisateur: Callable[[str], Utilisateur]
    empreinte: Callable[[], Empreinte]
    depot: Path
    comptes: dict[str, Utilisateur] = field(default_factory=dict)

    def jouer(self, ligne: Ligne, roles: list[str]) -> dict[str, str]:
        self.comptes = {role: self.utilisateur(ROLES[role][0]) for role in roles if role != ANONYME}
        scene = Scene(self.session, self.utilisateur, ligne)
        self._ranger_le_depot()
        avant = self._empreinte()
        return {role: self._envoyer(ligne, scene, role, avant) for role in roles}

    def _envoyer(self, ligne: Ligne, scene: Scene, role: str, avant: Empreinte) -> str:
        self._ranger_le_depot()
        point = self.connection.begin_nested()
        reponse = self._client(role).open(scene.adresse, method=ligne.methode, data=scene.donnees, buffered=True)
        apres = self._empreinte()
        muettes = self._muettes() if apres["evenement"] != avant["evenement"] else set()
        point.rollback()
        if (reponse.location or "").partition("?")[0] == "/connexion" and apres == avant:
            return "connexion"
        return f"{reponse.status_code}{_effet(avant, apres)}{' ' + str(muettes) if muettes else ''}"

    def _muettes(self) -> set[str]:
        """Operations that no entry tells in French once the worker has done its work (A-70)."""
        tout_journaliser()
        racontees = select(EntreeJournal.evenement_id)
        faites = select(Evenement.operation, Evenement.id.in_(racontees))
        return {code for code, dite in self.connection.execute(faites) if not dite or code not in libelles.OPERATIONS}

    def _empreinte(self) -> Empreinte:
        """The database, and the deposit folder beside it."""
        return {**self.empreinte(), "dépôt": " ".join(sorted(chemin.name for chemin in self.depot.iterdir()))}

    def _ranger_le_depot(self) -> None:
        if self.depot.is_dir() and [chemin.name for chemin in self.depot.iterdir()] == [DEPOSE]:
            return
        shutil.rmtree(self.depot, ignore_errors=True)
        self.depot.mkdir()
        (self.depot / DEPOSE).write_text("{}")

    def _client(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        if role != ANONYME:
            compte, maintenant = self.comptes[role], int(time())
            with client.session_transaction() as cookie:
                cookie.update(_user_id=str(compte.id), _fresh=True, version=1, debut=maintenant, vue=maintenant)
                if ars := ROLES[role][1]:
                    cookie["ars"] = ars
        return client


def _effet(avant: Empreinte, apres: Empreinte) -> str:
    changees = {nom for nom in avant if avant[nom] != apres[nom]}
    if not changees:
        return ""
    if "evenement" not in changees:
        return f" {sorted(changees)} changed without a line in the journal"
    return " journal" if changees <= JOURNAL else " modifie"
