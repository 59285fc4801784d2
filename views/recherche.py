"""Search screens: criteria in the URL, a list in pages, exports and e-mail of exactly what is found (S27–S31, B-06)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app import exports, libelles
from app.recherches import CriteresDeRecherche, Recherche
from app.recherches.coordonnees import TERRITOIRES, listes_fermees
from views.base import DROITS, RegistreView
from views.criteres import Choix, lire_criteres, puces
from views.envois import EnvoiParCourriel
from views.identite import current_actor
from views.listes import Demande, Liste, lire_demande, lister
from views.telechargement import telecharger

OUI_NON = (("oui", "Oui"), ("non", "Non"))


class RechercheView(EnvoiParCourriel, RegistreView):
    """The list of one model is a `Recherche` of app.recherches with a form of criteria; it opens on the ARS de travail.

    `nom_export` is its name in app.recherches.catalogue; `criteres_montres` are
    the criteria that the form shows unfolded.
    """

    method_permission_name: ClassVar[dict[str, str]] = {**DROITS, "exporter": "exporter", "envoyer": "envoyer"}

    recherche: ClassVar[Recherche[Any]]
    criteres: ClassVar[type[CriteresDeRecherche]]
    criteres_montres: ClassVar[frozenset[str]] = frozenset()
    listes: ClassVar[Mapping[str, Select[str, str]]] = TERRITOIRES  # choices that the database gives
    tri_par_defaut: ClassVar[str] = "nom"
    nom_export: ClassVar[str]

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        actor = current_actor()
        if not request.args and actor.ars_code:
            return redirect(url_for(f"{self.endpoint}.list", ars=actor.ars_code))
        session = self.datamodel.session()
        criteres, choix = self._criteres(), self.choix(session)
        liste = lister(
            self._demande(),
            lambda: self.compter(session, criteres),
            lambda demande: self.recherche.page(
                session,
                criteres,
                tri=demande.tri,
                descendant=demande.descendant,
                decalage=demande.decalage,
                taille=demande.taille,
            ),
        )
        return self.render_template(
            self.list_template,
            title=self.list_title,
            vue=self,
            actor=actor,
            liste=liste,
            criteres=criteres,
            choix=choix,
            puces=puces(criteres, self.libelles_criteres(), choix),
            autres_criteres=criteres.remplis().keys() - self.criteres_montres,
            **self.complements(session, criteres, liste),
        )

    @expose("/export.<any(csv,xlsx):format_>")
    @has_access
    def exporter(self, format_: str) -> ResponseReturnValue:
        """The whole result in the order of the screen; who exported what is journaled first (M2, A-74)."""
        criteres, demande, session = self._criteres(), self._demande(), self.datamodel.session()
        with self.datamodel.operation("exporter") as uow:
            uow.details = {
                "lignes": self.recherche.total(session, criteres),
                "format": format_,
                **criteres.remplis(),
            }
        requete = self.recherche.a_exporter(criteres, demande.tri, descendant=demande.descendant)
        contenu = exports.exporter_requete(session, format_, self.recherche.entetes, requete)
        return telecharger(contenu, exports.nom_de_fichier(self.nom_export, criteres.ars, format_), format_)

    def compter(self, session: Session, criteres: CriteresDeRecherche) -> int:
        """How many rows the pages of the list show; what leaves by an export or a mail is counted to the last one."""
        return self.recherche.total(session, criteres)

    def choix(self, session: Session) -> dict[str, Choix]:
        """What each closed criterion of the form offers."""
        return listes_fermees(session, self.listes)

    def complements(self, session: Session, criteres: CriteresDeRecherche, liste: Liste) -> dict[str, Any]:
        """What the page of a screen shows besides the result."""
        return {}

    def libelles_criteres(self) -> Mapping[str, str]:
        """Names of the criteria, for the chips."""
        return libelles.CHAMPS

    def _criteres(self) -> CriteresDeRecherche:
        return lire_criteres(self.criteres, request.args, archives=current_actor().national)

    def _demande(self) -> Demande:
        return lire_demande(request.args, self.recherche.tris, self.tri_par_defaut)
