"""Changes of territory, from the card of a terrain: ARS, subdivision, transfer of the practitioner (§1.8–§1.10).

Each is an address: the choice, then `?vers=` the preview, whose seal comes back with the confirmation (N1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import libelles
from app.errors import OperationRefused, Refus
from app.operations import soumission, territoire, transfert_praticien
from app.operations.territoire import Apercu
from app.recherches import fusions
from app.recherches.deplacements import a_le_choix, sur_le_terrain
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etats import TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from views.identite import current_actor

MONTRES = ("ars_code", "numero", "subdivision_code", "statut")


@dataclass(frozen=True)
class Mouvement:
    """One of the three operations: its method, its words, its right, and what is behind it.

    `verbe` ends the code of the operation in the journal; `cibles` are the only destinations.
    """

    methode: str
    libelle: str
    verbe: str
    droit: str
    question: str
    effet: str
    cibles: Callable[[Session, TerrainDeStage], Sequence[Any]]
    refus: Callable[[Session, Actor, TerrainDeStage], list[Refus]]
    apercu: Callable[[Session, Actor, int, str], Apercu]
    executer: Callable[[UnitOfWork, int, str, str | None], Apercu]


def _refus_ars(session: Session, actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    return territoire.refus_ars(actor, terrain, territoire.autres_ars(session, terrain))


def _refus_subdivision(session: Session, actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    return territoire.refus_subdivision(actor, terrain, territoire.autres_subdivisions(session, terrain))


def _refus_transfert(session: Session, actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    return transfert_praticien.refus(session, actor, terrain)


ARS = Mouvement(
    "changer_ars",
    "Modifier l’ARS du terrain de stage",
    "changer_ars",
    "changer_territoire",
    "Nouvelle ARS",
    "Le terrain prend un numéro de sa nouvelle ARS ; l’ancien reste trouvé par la recherche. Sa subdivision reste la "
    "même.",
    territoire.autres_ars,
    _refus_ars,
    territoire.apercu_ars,
    territoire.changer_ars,
)
SUBDIVISION = Mouvement(
    "changer_subdivision",
    "Modifier la subdivision",
    "changer_subdivision",
    "changer_territoire",
    "Nouvelle subdivision",
    "Le terrain reste dans son ARS et garde son numéro.",
    territoire.autres_subdivisions,
    _refus_subdivision,
    territoire.apercu_subdivision,
    territoire.changer_subdivision,
)
TRANSFERT = Mouvement(
    "transferer",
    "Transférer le praticien",
    "transferer_praticien",
    "transferer",
    "ARS qui reçoit le praticien",
    "Le terrain passe à l’ARS choisie et prend un de ses numéros. Il reste « Transféré », en consultation seule, "
    "jusqu’à ce qu’elle le complète par « Transfert de praticien ».",
    transfert_praticien.ars_possibles,
    _refus_transfert,
    transfert_praticien.apercu,
    transfert_praticien.transferer,
)


class TerritoireDuTerrain:
    """Mixed into the screen of the terrains."""

    @expose("/<pk>/ars", methods=["GET", "POST"])
    @has_access
    def changer_ars(self, pk: str) -> ResponseReturnValue:
        """« Modifier l’ARS du terrain de stage » (S109–S116)."""
        return self._deplacer(ARS, pk)

    @expose("/<pk>/subdivision", methods=["GET", "POST"])
    @has_access
    def changer_subdivision(self, pk: str) -> ResponseReturnValue:
        """« Modifier la subdivision » (S117–S122)."""
        return self._deplacer(SUBDIVISION, pk)

    @expose("/<pk>/transferer", methods=["GET", "POST"])
    @has_access
    def transferer(self, pk: str) -> ResponseReturnValue:
        """« Transférer le praticien » (S123–S128)."""
        return self._deplacer(TRANSFERT, pk)

    # -- buttons of the cards ----------------------------------------------------------------------------------------

    def boutons_de_territoire(self, objet: TerrainDeStage) -> list[tuple[str, str, str]]:
        """Label, address and reason of each button of the consultation card; greyed for that reason (S111, S118).

        None at all where there is nothing to choose, or out of the ARS de travail.
        """
        actor = current_actor()
        if not (self.peut(ARS.droit) and actor.covers(objet)):
            return []
        choix = zip((ARS, SUBDIVISION), a_le_choix(self.datamodel.session(), objet), strict=True)
        # What is left to refuse does not depend on the destinations: the statut.
        raison = _en_phrases(territoire.refus_ars(actor, objet, [objet.ars]))
        return [(un.libelle, self._adresse_de(un, objet), raison) for un, offert in choix if offert]

    def bouton_transferer(self, objet: TerrainDeStage) -> tuple[str, str, str] | None:
        """The button of the modification card, for a practitioner only (S125, N18)."""
        if objet.type is not TypeTerrain.PRATICIEN or not self.peut(TRANSFERT.droit):
            return None
        raisons = transfert_praticien.refus(self.datamodel.session(), current_actor(), objet)
        return TRANSFERT.libelle, self._adresse_de(TRANSFERT, objet), _en_phrases(raisons)

    def _adresse_de(self, mouvement: Mouvement, objet: TerrainDeStage, **criteres: str) -> str:
        return url_for(f"{self.endpoint}.{mouvement.methode}", pk=objet.id, **criteres)

    # -- choice, preview, operation ----------------------------------------------------------------------------------

    def _deplacer(self, mouvement: Mouvement, pk: str) -> ResponseReturnValue:
        if request.method == "POST":
            return self._confirmer(mouvement, pk)
        objet = self._a_deplacer(mouvement, pk)
        vers = request.args.get("vers", "")
        return self._apercu_de(mouvement, objet, vers) if vers else self._choix(mouvement, objet)

    def _a_deplacer(self, mouvement: Mouvement, pk: str) -> TerrainDeStage:
        """The terrain of the address, that this user may move at all: no choice is asked for nothing."""
        objet = self.objet(pk)
        self.exiger_portee(objet)
        if raisons := mouvement.refus(self.datamodel.session(), current_actor(), objet):
            raise OperationRefused(*raisons)
        return objet

    def _confirmer(self, mouvement: Mouvement, pk: str) -> ResponseReturnValue:
        """Do what the preview showed, once whatever the number of times that it is sent (A-54)."""
        jeton, vers = request.form.get("jeton"), request.form.get("vers", "")
        try:
            with self.datamodel.operation(mouvement.verbe) as uow:
                deja = soumission.deja_faite(uow, jeton)
                if deja is None:
                    objet = self._a_deplacer(mouvement, pk)
                    mouvement.executer(uow, objet.id, vers, request.form.get("sceau", ""))
                    soumission.retenir(uow, jeton, objet.id)
        except OperationRefused as refuse:
            return self._apercu_de(mouvement, self._a_deplacer(mouvement, pk), vers, refuse)
        evenement_id = uow.evenement_id or self._dernier(uow, deja)
        return redirect(url_for(f"{self.endpoint}.resultat", evenement_id=evenement_id))

    def _dernier(self, uow: UnitOfWork, terrain_id: str | None) -> int:
        """The event of the first sending of a form."""
        touche = [{"type": TerrainDeStage.__name__, "id": terrain_id}]
        siens = select(Evenement.id).where(
            Evenement.operation == uow.operation,
            Evenement.acteur == uow.actor.login,
            Evenement.changements.contains(touche),
        )
        return uow.session.scalars(siens.order_by(Evenement.id.desc()).limit(1)).one()

    def _choix(
        self, mouvement: Mouvement, objet: TerrainDeStage, raisons: Sequence[Refus] = (), vers: str = ""
    ) -> ResponseReturnValue:
        """Exactly the destinations that the operation accepts (S112, S119, S126)."""
        cibles = [(une.code, une.nom) for une in mouvement.cibles(self.datamodel.session(), objet)]
        seules = territoire.autres_ars(self.datamodel.session(), objet) if mouvement is TRANSFERT else []
        page = self.render_template(
            "territoire/choix.html",
            title=f"{mouvement.libelle} – {objet.numero}",
            vue=self,
            objet=objet,
            mouvement=mouvement,
            adresse=self._adresse_de(mouvement, objet),
            cibles=cibles,
            choisie=vers if len(cibles) > 1 else cibles[0][0],
            raisons=raisons,
            par_changement=[un.nom for un in seules],
            changement=self._adresse_de(ARS, objet),
        )
        return page, 422 if raisons else 200

    def _apercu_de(
        self, mouvement: Mouvement, objet: TerrainDeStage, vers: str, refuse: OperationRefused | None = None
    ) -> ResponseReturnValue:
        """Before → after of the terrain and of what stands on it; a fresh one when the former was stale (N1)."""
        session = self.datamodel.session()
        apercu = mouvement.apercu(session, current_actor(), objet.id, vers)
        if apercu.refus:
            return self._choix(mouvement, objet, apercu.refus, vers)
        [ecriture] = apercu.plan.terrains
        page = self.render_template(
            "territoire/apercu.html",
            title=f"{mouvement.libelle} – {objet.numero}",
            vue=self,
            objet=objet,
            mouvement=mouvement,
            raisons=refuse.refus if refuse else (),
            lignes=_avant_apres(session, objet, ecriture.apres),
            plan=apercu.plan,
            suivent={une.id for une in apercu.plan.agrements},
            dessus=sur_le_terrain(session, objet.id),
            vers=vers,
            jeton_unique=uuid4(),
            retour=self._adresse_de(mouvement, objet),
        )
        return page, 409 if refuse else 200


def _avant_apres(
    session: Session, terrain: TerrainDeStage, apres: dict[str, Any]
) -> list[tuple[str, str | None, str | None]]:
    """Label, value today and value afterwards of what makes the territory of a terrain."""
    noms = fusions.noms_des_territoires(session)
    lignes = []
    for champ in MONTRES:
        avant = getattr(terrain, champ)
        couple = (avant, apres.get(champ, avant))
        lignes.append((libelles.champ(champ), *(noms.get(un, un) for un in couple)))
    return lignes


def _en_phrases(raisons: Sequence[Refus]) -> str:
    return " ".join(un.message for un in raisons)
