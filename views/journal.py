"""« Journal »: search of the operations, page of one of them, undo (SPEC S143, N2, N28, M22, M23)."""

from dataclasses import replace
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import journal, libelles
from app.errors import OperationRefused
from app.operations import annulation
from app.recherches import CriteresDeRecherche
from app.recherches.journal import (
    FICHES,
    PLAFOND,
    RECHERCHE,
    CriteresJournal,
    compter_au_plus,
    en_attente,
    fiches,
    noms,
)
from app.recherches.sur_terrain import ARS
from models.journal import Evenement, SceauJournal
from views.base import RegistreInterface
from views.criteres import Choix, lire_criteres
from views.gabarits import nombre_fr
from views.identite import current_actor, identite
from views.listes import Demande, Liste, lire_demande, lister
from views.recherche import RechercheView

HORS_DE_PORTEE = "aucune"  # ARS of whoever has none: finds nothing


class JournalView(RechercheView):
    datamodel = RegistreInterface(Evenement, "JOU")
    route_base = "/journal"
    class_permission_name = "Journal"
    method_permission_name: ClassVar[dict[str, str]] = {**RechercheView.method_permission_name, "annuler": "annuler"}
    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "edit", "delete"}
    list_title, show_title = "Journal", "Opération du journal"
    list_columns = show_columns = search_columns = order_columns = ["operation"]
    list_template = "journal/recherche.html"

    recherche = RECHERCHE
    criteres = CriteresJournal
    criteres_montres: ClassVar[frozenset[str]] = frozenset(CriteresJournal.__dataclass_fields__)
    listes: ClassVar[dict[str, Any]] = {"ars": ARS}
    tri_par_defaut = "le"
    nom_export = "journal"

    def compter(self, session: Session, criteres: CriteresDeRecherche) -> int:
        """Pages stop at PLAFOND, whatever the size of the journal."""
        return min(compter_au_plus(session, self._bornes(criteres)), PLAFOND)

    def choix(self, session: Session) -> dict[str, Choix]:
        actor, choix = current_actor(), super().choix(session)
        return {
            "ars": [paire for paire in choix["ars"] if actor.national or paire[0] == actor.ars_code],
            "operation": libelles.operations_distinctes(),
            "type_objet": sorted(libelles.OBJETS.items(), key=lambda paire: paire[1].replace("É", "E")),
        }

    def complements(self, session: Session, criteres: CriteresDeRecherche, liste: Liste) -> dict[str, Any]:
        """How late the worker is, for national administrators; whether the list goes on after its last page."""
        nombre, depuis = en_attente(session) if current_actor().national else (0, None)
        return {"plafond": PLAFOND, "attente": nombre, "depuis": depuis}

    @expose("/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        """One operation: who, when, on what, before and after; the objects come in pages (A-70)."""
        evenement, actor, session = self._evenement(pk), current_actor(), self.datamodel.session()
        objets = journal.objets_visibles(actor, evenement)
        liste = lister(
            lire_demande(request.args, (), "rang"),
            lambda: len(objets),
            lambda demande: objets[demande.decalage : demande.decalage + demande.taille],
        )
        return self.render_template(
            "journal/evenement.html",
            title=f"{libelles.operation(evenement.operation)}, opération n° {evenement.id}",
            vue=self,
            evenement=evenement,
            liste=liste,
            caches=len(evenement.changements) - len(objets),
            details=(evenement.details or {}) if journal.vu_en_entier(actor, evenement) else {},
            noms=noms(session, liste.lignes, evenement.ars_travail_code),
            fiches=fiches(session, liste.lignes),
            vues={type_: f"{type_}View.show" for type_ in FICHES},
            sceau=session.scalar(select(SceauJournal).where(SceauJournal.evenement_id == evenement.id)),
            refus=annulation.refus(session, actor, evenement) if self.peut("annuler") else [],
            voit_les_traitements=_voit_les_traitements(),
        )

    @expose("/<pk>/annuler", methods=["GET", "POST"])
    @has_access
    def annuler(self, pk: str) -> ResponseReturnValue:
        """Asks first; then gives back what the operation changed, or says why not (N2, M22)."""
        evenement, session = self._evenement(pk), self.datamodel.session()
        refus = annulation.refus(session, current_actor(), evenement)
        if request.method == "POST" and not refus:
            try:
                with self.datamodel.operation("annuler") as uow:
                    annulation.annuler(uow, evenement.id)
            except OperationRefused as refuse:
                refus = list(refuse.refus)
            else:
                nombre = nombre_fr(len(evenement.changements))
                flash(
                    f"Opération n° {evenement.id} annulée. Objets remis dans leur état précédent : {nombre}.", "succes"
                )
                return redirect(url_for(f"{self.endpoint}.show", pk=uow.evenement_id))
        page = self.render_template(
            "journal/annulation.html",
            title=f"Annuler l’opération n° {evenement.id}",
            vue=self,
            evenement=evenement,
            refus=refus,
            noms=noms(session, (), evenement.ars_travail_code),
        )
        return page, 422 if request.method == "POST" else 200

    def _evenement(self, pk: str) -> Evenement:
        evenement: Evenement = self.objet(pk)
        if not journal.visible(current_actor(), evenement):
            abort(403)
        return evenement

    def _criteres(self) -> CriteresDeRecherche:
        return self._bornes(lire_criteres(self.criteres, request.args, archives=current_actor().national))

    def _bornes(self, criteres: CriteresDeRecherche) -> Any:
        """Whatever is asked, a user of an ARS finds what it may see: in the list, in the exports, in the mail (M23)."""
        actor = current_actor()
        return criteres if actor.national else replace(criteres, ars=actor.ars_code or HORS_DE_PORTEE)

    def _demande(self) -> Demande:
        return lire_demande(request.args, self.recherche.tris, self.tri_par_defaut, "desc")


def _voit_les_traitements() -> bool:
    compte = identite()
    return compte is not None and compte.peut("Synchronisation", "consulter")
