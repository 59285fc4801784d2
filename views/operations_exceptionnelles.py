"""What « Fusion d’établissements » and « Transfert de service » share: each step is an address (manual §1.7; N1, B-07).

Origin, destination, preview, act, result: nothing is kept between two steps but in their addresses, so that reload,
« back » and a bookmark work. Only the confirmation of a preview writes.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import uuid4

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.operations import fusion, soumission
from app.operations.creation_terrain import subdivisions_de
from app.operations.deplacement import APERCU_PERIME
from app.operations.fusion import Apercu, Demande
from app.recherches import fusions
from app.unit_of_work import unit_of_work
from models.coordonnees import CHAMPS_COORDONNEES
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from views import choix_etablissement
from views.base import PageView
from views.criteres import propre
from views.identite import current_actor
from views.listes import Demande as DemandeDePage
from views.listes import Liste, lire_demande, lister

PAR_PAGE = 200
ORIGINE = "<int(max=2147483647):origine_id>"
DESTINATION = "<int(max=2147483647):destination_id>"
COORDONNEES_MONTREES = ("adresse", "code_postal", "ville", "telephone", "courriel")
# Refusals that say something of the origin alone, whatever the destination.
DE_L_ORIGINE = frozenset({"E-HORS-ARS", "E-ORIGINE-SUPPRIMEE", "E-RIEN-A-FAIRE"})


class DeplacementView(PageView):
    """A subclass names its steps, its codes in the journal, and what it moves."""

    class_permission_name = "OperationExceptionnelle"
    default_view = "origine"

    titre: ClassVar[str]
    etapes: ClassVar[tuple[str, ...]]
    code: ClassVar[str]  # of the operation in the journal
    code_refus: ClassVar[str]  # of an attempt on another ARS
    verbe: ClassVar[str]
    nouveau: ClassVar[str]  # label of the button that starts again
    statuts_d_origine: ClassVar[tuple[str, ...]] = ()  # boxes ticked when the search of the origin opens (S98)

    @abstractmethod
    def demande(self, origine_id: int, destination_id: int, subdivision: str | None) -> Demande:
        """What the present address asks for."""

    @abstractmethod
    def suite(self, etape: str, **valeurs: Any) -> str:
        """The address of a step, with what was chosen before it."""

    # -- origin ------------------------------------------------------------------------------------------------------

    def choisir_l_origine(self) -> ResponseReturnValue:
        """Every établissement of France that matches, and why some cannot be chosen (S97)."""
        resultat = choix_etablissement.rechercher(self.session(), self.statuts_d_origine, self.refus_de_l_origine)
        return self._recherche("origine", resultat)

    def refus_de_l_origine(self, origine: Etablissement, n_ts: int) -> list[Refus]:
        """Why this établissement cannot be an origin: the reasons of the operation, without those of a destination."""
        raisons = fusion.refus(current_actor(), origine, origine, n_ts, fusion=self.code == "ET.fusionner")
        return [un for un in raisons if un.code in DE_L_ORIGINE]

    # -- destination -------------------------------------------------------------------------------------------------

    def choisir_la_destination(self, origine: Etablissement, n_ts: int, **contexte: Any) -> ResponseReturnValue:
        """Only what is Actif, and is not the origin, may be chosen (A16, S106)."""
        actor = current_actor()
        resultat = choix_etablissement.rechercher(
            self.session(),
            (StatutEtablissement.ACTIF.name,),
            lambda une, _: fusion.refus(actor, origine, une, n_ts, fusion=self.code == "ET.fusionner"),
        )
        return self._recherche("destination", resultat, origine=origine, n_ts=n_ts, **contexte)

    # -- preview and act ---------------------------------------------------------------------------------------------

    def montrer(
        self, origine_id: int, destination_id: int, erreurs: Sequence[Refus] = (), statut: int = 200
    ) -> ResponseReturnValue:
        """Everything that would change, and the button that does it (N1)."""
        session = self.session()
        vu = self._apercu(origine_id, destination_id)
        demande = self._page()
        plan = vu.plan
        liste = lister(
            demande, lambda: len(plan.terrains), lambda une: plan.terrains[une.decalage : une.decalage + une.taille]
        )
        page = self.render_template(
            "operations/apercu.html",
            title=f"{self.titre} : aperçu",
            vue=self,
            etape="apercu",
            apercu=vu,
            plan=plan,
            erreurs=erreurs,
            liste=liste,
            terrains=fusions.terrains(session, [un.id for un in liste.lignes]),
            noms=fusions.noms_des_territoires(session),
            nombres=fusions.nombres_de_terrains(session, [origine_id, destination_id]),
            subdivisions=self._subdivisions(vu),
            subdivision=self._subdivision(),
            bouton=self.bouton(len(plan.terrains)),
            jeton_unique=uuid4(),
        )
        return page, statut

    @staticmethod
    def change_de_coordonnees(apres: Mapping[str, Any]) -> bool:
        """Whether the main coordinates of a terrain change."""
        return not apres.keys().isdisjoint(CHAMPS_COORDONNEES)

    @staticmethod
    def coordonnees(valeurs: Mapping[str, Any], etablissement: Etablissement) -> str:
        """A line of what a terrain has, or gets, as its main coordinates: a value that stays is the one of its ET."""
        lus = (valeurs.get(nom, getattr(etablissement, nom)) for nom in COORDONNEES_MONTREES)
        return ", ".join(str(un) for un in lus if un) or "aucune"

    def bouton(self, nombre: int) -> str:
        """Label of the button that acts: it says how many terrains move."""
        return f"{self.verbe} {nombre} {'terrains' if nombre > 1 else 'terrain'}" if nombre else self.verbe

    def faire(self, origine_id: int, destination_id: int) -> ResponseReturnValue:
        """Do what was shown, once, however often the form is sent (A-54)."""
        self._exister(origine_id, destination_id)
        demande = self.demande(origine_id, destination_id, self._subdivision())
        jeton = request.form.get("jeton")
        try:
            with unit_of_work(current_actor(), self.code, session=self.session()) as uow:
                fait = soumission.deja_faite(uow, jeton)
                if fait is None:
                    fusion.executer(uow, demande, request.form.get("sceau", ""))
                    soumission.retenir(uow, jeton, uow.reserver_l_evenement())
        except OperationRefused as refuse:
            return self._refuse(origine_id, destination_id, refuse)
        return redirect(url_for(f"{self.endpoint}.resultat", evenement_id=fait or uow.evenement_id), 303)

    def _refuse(self, origine_id: int, destination_id: int, refuse: OperationRefused) -> ResponseReturnValue:
        """The preview again, as things are now. What was shown could be done, so a refusal says that things changed."""
        if "E-HORS-ARS" in refuse.codes:
            self._journaliser_le_refus(origine_id, destination_id, refuse)
            return self.montrer(origine_id, destination_id, refuse.refus, 409)
        return self.montrer(origine_id, destination_id, [APERCU_PERIME], 409)

    def _journaliser_le_refus(self, origine_id: int, destination_id: int, refuse: OperationRefused) -> None:
        """An attempt on another ARS is told, although nothing was done (scenario 5)."""
        fiches = fusions.etablissements(self.session(), [origine_id, destination_id])
        with unit_of_work(current_actor(), self.code_refus, session=self.session()) as uow:
            uow.details = {
                "origine": str(fiches[origine_id]),
                "destination": str(fiches[destination_id]),
                "motifs": [un.message for un in refuse.refus],
            }

    # -- shared ------------------------------------------------------------------------------------------------------

    def session(self) -> Session:
        session: Session = self.appbuilder.session()
        return session

    def etablissement(self, etablissement_id: int) -> Etablissement:
        """The établissement of this address, or a 404 page."""
        return fusions.etablissements(self.session(), [etablissement_id]).get(etablissement_id) or abort(404)

    def pages(self, total: int, lire: Any) -> Liste:
        """A list of terrains, 200 a page."""
        return lister(self._page(), lambda: total, lire)

    def _apercu(self, origine_id: int, destination_id: int) -> Apercu:
        self._exister(origine_id, destination_id)
        demande = self.demande(origine_id, destination_id, self._subdivision())
        return fusion.apercu(self.session(), current_actor(), demande)

    def _exister(self, *ids: int) -> None:
        if len(fusions.etablissements(self.session(), ids)) < len(set(ids)):
            abort(404)

    def _subdivisions(self, vu: Apercu) -> Sequence[str]:
        """What to choose from, between two ARS, when the ARS of the destination has several (A31)."""
        autres = {un.code for un in vu.refus} - {"E-SUBDIV-NON-LIEE"}
        ars_code = vu.destination.ars_code
        if autres or ars_code is None or ars_code == vu.origine.ars_code:
            return ()
        liees = subdivisions_de(self.session(), ars_code)
        return liees if len(liees) > 1 else ()

    def _subdivision(self) -> str | None:
        return propre(request.values.get("subdivision", "")) or None

    def _page(self) -> DemandeDePage:
        return DemandeDePage(lire_demande(request.args, (), "numero").page, PAR_PAGE, "numero", "asc")

    def _recherche(
        self, etape: str, resultat: choix_etablissement.RechercheAChoisir, **contexte: Any
    ) -> ResponseReturnValue:
        return self.render_template(
            "operations/recherche.html",
            title=f"{self.titre} : {'établissement d’origine' if etape == 'origine' else 'destination'}",
            vue=self,
            etape=etape,
            resultat=resultat,
            liste=resultat.liste,
            criteres=resultat.criteres,
            en_bref=choix_etablissement.EN_BREF,
            actor=current_actor(),
            **contexte,
        )
