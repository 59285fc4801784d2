"""What the screens of EJ and ET share: search, exports, consultation and modification cards, history (§1.4, §1.5)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import exports, libelles
from app.errors import OperationRefused
from app.operations import coordonnees, modification
from app.operations.coordonnees import BlocSecondaire
from app.recherches import Recherche
from app.recherches.registre import CriteresRegistre, territoires
from app.unit_of_work import UnitOfWork, unit_of_work
from models.commune import Commune
from models.coordonnees import CHAMPS_COORDONNEES, Coordonnees
from models.etats import StatutEtablissement
from models.journal import EntreeJournal, Evenement
from views.base import DROITS, RegistreView, reporter
from views.criteres import Choix, lire_criteres, puces
from views.forms import BlocSecondaireForm, ModificationForm
from views.identite import current_actor
from views.listes import Demande, lire_demande, lister
from views.telechargement import telecharger

STATUTS = [(un.name, un.value) for un in StatutEtablissement]  # those of an EJ too
OUI_NON = (("oui", "Oui"), ("non", "Non"))
REGISTRE = (("absent", "Absent du référentiel"), ("rouvert", "Ré-ouvert dans FINESS"))
ENTREES_PAR_PAGE = 100


class RegistreFinessView(RegistreView):
    """Search and cards of one kind of registry object; a subclass names its criteria, its columns and its card."""

    method_permission_name: ClassVar[dict[str, str]] = {**DROITS, "exporter": "exporter", "historique": "consulter"}
    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "delete"}
    edit_template = "registre_finess/modification.html"

    recherche: ClassVar[Recherche[Any]]
    criteres: ClassVar[type[CriteresRegistre]]
    criteres_montres: ClassVar[frozenset[str]] = frozenset({"nom", "ville", "numero", "ars", "statut", "etat"})
    relations: ClassVar[tuple[Any, ...]] = ()  # read with the object, in one query
    prefixe: ClassVar[str]  # « ET » or « EJ »: of the journal's codes
    nom_export: ClassVar[str]

    # -- search --------------------------------------------------------------------------------------------------

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
            lambda: self.recherche.total(session, criteres),
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
            puces=puces(criteres, {**libelles.CHAMPS, "numero": f"Numéro FINESS {self.prefixe}"}, choix),
            autres_criteres=criteres.remplis().keys() - self.criteres_montres,
        )

    @expose("/export.<any(csv,xlsx):format_>")
    @has_access
    def exporter(self, format_: str) -> ResponseReturnValue:
        """The whole result in the order of the screen; who exported what is journaled first (M2, A-74)."""
        criteres, demande, session = self._criteres(), self._demande(), self.datamodel.session()
        with self.operation("exporter") as uow:
            uow.details = {
                "lignes": self.recherche.total(session, criteres),
                "format": format_,
                **criteres.remplis(),
            }
        lignes = self.recherche.exporter(session, criteres, demande.tri, descendant=demande.descendant)
        contenu = exports.exporter(format_, self.recherche.entetes, lignes)
        return telecharger(contenu, exports.nom_de_fichier(self.nom_export, criteres.ars, format_), format_)

    def choix(self, session: Session) -> dict[str, Choix]:
        """What each closed criterion of the form offers."""
        ars, departements = territoires(session)
        return {
            "ars": ars,
            "departement": departements,
            "statut": [un for un in STATUTS if un[0] != "SUPPRIME" or current_actor().national],
            "finess_errone": OUI_NON,
            "registre": REGISTRE,
        }

    def _criteres(self) -> CriteresRegistre:
        return lire_criteres(self.criteres, request.args, archives=current_actor().national)

    def _demande(self) -> Demande:
        return lire_demande(request.args, self.recherche.tris, "nom")

    # -- cards ---------------------------------------------------------------------------------------------------

    @expose("/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        return self.render_template(
            self.show_template, title=str(objet), vue=self, objet=objet, onglet="fiche", **self.fiche(objet)
        )

    @expose("/<pk>/historique")
    @has_access
    def historique(self, pk: str) -> ResponseReturnValue:
        """Who changed what on this object, last first (B-18); that of another ARS stays closed (M23)."""
        objet = self.objet(pk)
        if not current_actor().sees_journal_of(objet):
            abort(403)
        entrees = self.datamodel.session.scalars(
            select(EntreeJournal)
            .where(EntreeJournal.objet_type == type(objet).__name__, EntreeJournal.objet_id == str(objet.id))
            .join(EntreeJournal.evenement)
            .options(joinedload(EntreeJournal.evenement))
            .order_by(Evenement.id.desc())
            .limit(ENTREES_PAR_PAGE)
        ).all()
        return self.render_template(
            "registre_finess/historique.html",
            title=f"Historique de {objet}",
            vue=self,
            objet=objet,
            onglet="historique",
            entrees=entrees,
            actor=current_actor(),
        )

    @expose("/<pk>/modifier", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        form = ModificationForm(obj=objet)
        refuse: OperationRefused | None = None
        if request.method == "POST" and form.validate():
            try:
                with self.operation("modifier") as uow:
                    modification.modifier(uow, self.datamodel.obj, objet.id, form.saisie())
            except OperationRefused as erreur:
                refuse, objet = erreur, self.objet(pk)
                form.version.data = objet.version
                reporter(form, refuse)
            else:
                flash("Les modifications sont enregistrées.", "succes")
                return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        return self._page_modification(form, objet, refuse)

    def _page_modification(
        self, form: ModificationForm, objet: Any, refuse: OperationRefused | None
    ) -> ResponseReturnValue:
        """The form as typed, with what is wrong; both versions after a conflict, so that nothing is lost (A-53)."""
        conflit = refuse is not None and "E-CONFLIT" in refuse.codes
        page = self.render_template(
            self.edit_template,
            title=f"Modifier {objet}",
            vue=self,
            objet=objet,
            form=form,
            conflit=conflit,
            communes=self.communes_a_choisir(form, BlocSecondaire.de(objet)) if refuse else (),
            **self.fiche(objet),
        )
        return page, 409 if conflit else 422 if form.errors else 200

    def communes_a_choisir(self, form: BlocSecondaireForm, connu: BlocSecondaire | None = None) -> Sequence[Commune]:
        """Communes among which the user picks, when postal code and town leave a doubt (S55)."""
        return coordonnees.localiser(self.datamodel.session(), form.bloc(), connu).choix

    def operation(self, verbe: str) -> AbstractContextManager[UnitOfWork]:
        """Unit of work of the current user on this kind of object."""
        return unit_of_work(current_actor(), f"{self.prefixe}.{verbe}", session=self.datamodel.session())

    def objet(self, pk: str) -> Any:
        commune = joinedload(self.datamodel.obj.commune)
        territoire = (commune.joinedload(Commune.departement), commune.joinedload(Commune.bassin_de_vie))
        objet = self.datamodel.session.get(self.datamodel.obj, self.cle(pk), options=(*self.relations, *territoire))
        return objet or abort(404)

    def fiche(self, objet: Any) -> dict[str, Any]:
        """What both cards show beside the object: its coordinates, and why it may not be modified (N18)."""
        return {
            "actor": current_actor(),
            "coordonnees": _cote_a_cote(objet),
            "refus_modifier": modification.refus(current_actor(), objet),
        }


def _cote_a_cote(objet: Coordonnees) -> list[tuple[str, str | None, str | None, str]]:
    """Each coordinate in both blocks, and which one counts."""
    lignes = []
    for champ in CHAMPS_COORDONNEES:
        principal, secondaire = getattr(objet, champ), getattr(objet, f"{champ}_secondaire")
        effectif = objet.effectif(champ)
        retenu = "" if effectif is None else "secondaire" if effectif == secondaire else "principal"
        lignes.append((libelles.champ(champ), principal, secondaire, retenu))
    return lignes
