"""What the screens of EJ and ET share: criteria, consultation and modification cards (§1.4, §1.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.actions import action
from sqlalchemy.orm import Session, joinedload

from app import libelles
from app.errors import OperationRefused
from app.operations import coordonnees, modification
from app.operations.coordonnees import BlocSecondaire
from app.recherches.registre import CriteresRegistre
from models.commune import Commune
from models.coordonnees import CHAMPS_COORDONNEES, Coordonnees
from models.etats import StatutEtablissement
from views.base import reporter
from views.conflit import comparer
from views.criteres import Choix
from views.forms import BlocSecondaireForm, ModificationForm
from views.historique import Historique
from views.identite import current_actor
from views.lot import ActionsEnLot
from views.recherche import OUI_NON, RechercheView
from views.signalement import lot_de_signalement

STATUTS = [(un.name, un.value) for un in StatutEtablissement]  # those of an EJ too
REGISTRE = (("absent", "Absent du référentiel"), ("rouvert", "Ré-ouvert dans FINESS"))


class RegistreFinessView(ActionsEnLot, Historique, RechercheView):
    """Search and cards of one kind of registry object; a subclass names its criteria, its columns and its card."""

    method_permission_name: ClassVar[dict[str, str]] = {
        **RechercheView.method_permission_name,
        "historique": "consulter",
        "rapport": "consulter",
        "exporter_rapport": "exporter",
        "signaler_en_lot": "signaler",
    }
    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "delete", "action"}
    edit_template = "registre_finess/modification.html"

    criteres: ClassVar[type[CriteresRegistre]]
    criteres_montres: ClassVar[frozenset[str]] = frozenset({"nom", "ville", "numero", "ars", "statut", "etat"})

    actions_multiples: ClassVar[dict[str, str]] = {"signaler": "Signaler FINESS erroné"}

    def choix(self, session: Session) -> dict[str, Choix]:
        """What each closed criterion of the form offers."""
        return {
            **super().choix(session),
            "statut": [un for un in STATUTS if un[0] != "SUPPRIME" or current_actor().national],
            "finess_errone": OUI_NON,
            "registre": REGISTRE,
        }

    def libelles_criteres(self) -> Mapping[str, str]:
        return {**super().libelles_criteres(), "numero": f"Numéro FINESS {self.datamodel.domaine}"}

    # -- cards ---------------------------------------------------------------------------------------------------

    @expose("/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        return self.render_template(
            self.show_template, title=str(objet), vue=self, objet=objet, onglet="fiche", **self.fiche(objet)
        )

    @expose("/<pk>/modifier", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        form = ModificationForm(obj=objet)
        refuse: OperationRefused | None = None
        if request.method == "POST" and form.validate():
            try:
                with self.datamodel.operation("modifier") as uow:
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
            conflit=comparer(form, objet) if conflit else (),
            communes=self.communes_a_choisir(form, BlocSecondaire.de(objet)) if refuse else (),
            **self.fiche(objet),
        )
        return page, 409 if conflit else 422 if form.errors else 200

    def communes_a_choisir(self, form: BlocSecondaireForm, connu: BlocSecondaire | None = None) -> Sequence[Commune]:
        """Communes among which the user picks, when postal code and town leave a doubt (S55)."""
        return coordonnees.localiser(self.datamodel.session(), form.bloc(), connu).choix

    @action("signaler", "Signaler FINESS erroné", single=False)
    def signaler_en_lot(self, objets: Sequence[Any]) -> ResponseReturnValue:
        """« Signaler FINESS erroné » on ticked rows (S145)."""
        return self.en_lot(lot_de_signalement(self.datamodel.obj, objets), objets)

    def objet(self, pk: str) -> Any:
        commune = joinedload(self.datamodel.obj.commune)
        territoire = (commune.joinedload(Commune.departement), commune.joinedload(Commune.bassin_de_vie))
        objet = self.datamodel.session.get(self.datamodel.obj, self.cle(pk), options=(*self.relations, *territoire))
        return objet or abort(404)

    def fiche(self, objet: Any) -> dict[str, Any]:
        """What both cards show beside the object: its coordinates, and why it may not be modified (N18)."""
        return {
            "actor": current_actor(),
            "coordonnees": cote_a_cote(objet),
            "refus_modifier": modification.refus(current_actor(), objet),
        }


def cote_a_cote(objet: Coordonnees) -> list[tuple[str, str | None, str | None, str]]:
    """Each coordinate in both blocks, and which one counts."""
    lignes = []
    for champ in CHAMPS_COORDONNEES:
        principal, secondaire = getattr(objet, champ), getattr(objet, f"{champ}_secondaire")
        effectif = objet.effectif(champ)
        retenu = "" if effectif is None else "secondaire" if effectif == secondaire else "principal"
        lignes.append((libelles.champ(champ), principal, secondaire, retenu))
    return lignes
