"""Cards of a terrain de stage: consultation and modification (manual §1.6, S81–S90; A22, A27, A42)."""

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from sqlalchemy.orm import joinedload, selectinload

from app.errors import OperationRefused
from app.operations import activation, modification_terrain
from app.operations.bloc_principal import de_l_etablissement
from app.operations.coordonnees import BlocPrincipal, BlocSecondaire
from models.commune import Commune
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage
from views.base import reporter
from views.conflit import comparer
from views.forms_terrain import formulaire_de_modification
from views.identite import current_actor
from views.registre_finess import cote_a_cote
from views.saisie_terrain import communes_a_choisir, coordonnees_reprises, specialites


class FicheTerrain:
    """Mixed into the screen of the terrains."""

    relations: ClassVar[tuple[Any, ...]] = (
        joinedload(TerrainDeStage.ars),
        joinedload(TerrainDeStage.subdivision),
        joinedload(TerrainDeStage.specialite),
        joinedload(TerrainDeStage.specialite_exercice),
        joinedload(TerrainDeStage.etablissement)
        .joinedload(Etablissement.entite_juridique)
        .load_only(EntiteJuridique.numero_finess, EntiteJuridique.raison_sociale)
        .joinedload(EntiteJuridique.chu),
    )
    details: ClassVar[tuple[Any, ...]] = (
        joinedload(TerrainDeStage.commune).joinedload(Commune.departement),
        joinedload(TerrainDeStage.commune).joinedload(Commune.bassin_de_vie),
        selectinload(TerrainDeStage.specialites_complementaires),
        selectinload(TerrainDeStage.anciens_numeros),
    )

    def objet(self, pk: str) -> Any:
        """The terrain of this address with all that its cards show, in three statements."""
        options = (*self.relations, *self.details)
        return self.datamodel.session.get(TerrainDeStage, self.cle(pk), options=options) or abort(404)

    @expose("/<pk>")
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        return self.render_template(
            "terrains_de_stage/fiche.html",
            title=str(objet),
            vue=self,
            objet=objet,
            onglet="fiche",
            refus_activer=self._refus_activer(objet),
            reprise=_a_reprendre(objet) and not modification_terrain.refus_reprise(current_actor(), objet),
            **self.fiche(objet),
        )

    @expose("/<pk>/modifier", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        objet = self.objet(pk)
        raisons = modification_terrain.refus(current_actor(), objet)
        if raisons and request.method == "GET":  # a refused save shows its form again: nothing typed is lost
            raise OperationRefused(*raisons)
        form = formulaire_de_modification(objet)
        gardees = [objet.specialite_code, *(une.code for une in objet.specialites_complementaires)]
        form.preparer(specialites(self.datamodel.session(), gardees))
        refuse: OperationRefused | None = None
        if request.method == "POST" and form.validate():
            try:
                with self.datamodel.operation("modifier") as uow:
                    modification_terrain.modifier(uow, objet.id, form.demande())
            except OperationRefused as erreur:
                refuse, objet = erreur, self.objet(pk)
                form.version.data = objet.version
                reporter(form, refuse)
            else:
                flash("Les modifications sont enregistrées.", "succes")
                return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        return self._page_de_modification(form, objet, refuse)

    @expose("/<pk>/reprendre", methods=["GET", "POST"])
    @has_access
    def reprendre(self, pk: str) -> ResponseReturnValue:
        """« Reprendre les coordonnées de l’établissement », which a change of its secondary block never does (A22)."""
        objet = self.objet(pk)
        self.exiger_portee(objet)
        if raisons := modification_terrain.refus_reprise(current_actor(), objet):
            raise OperationRefused(*raisons)
        if request.method == "POST":
            with self.datamodel.operation("modifier") as uow:
                modification_terrain.reprendre_les_coordonnees(uow, objet.id)
            flash("Les coordonnées principales sont celles de l’établissement.", "succes")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk))
        nouvelles = coordonnees_reprises(de_l_etablissement(objet.etablissement))
        actuelles = [getattr(objet, champ) for champ in de_l_etablissement(objet.etablissement)]
        return self.render_template(
            "terrains_de_stage/reprendre.html",
            title=f"Reprendre les coordonnées de l’établissement pour {objet}",
            vue=self,
            objet=objet,
            lignes=[(libelle, avant, apres) for (libelle, apres), avant in zip(nouvelles, actuelles, strict=False)],
        )

    def fiche(self, objet: TerrainDeStage) -> dict[str, Any]:
        """What both cards show beside the object: its coordinates, and why it may not be modified (N18)."""
        return {
            "actor": current_actor(),
            "coordonnees": cote_a_cote(objet),
            "source": _source(objet),
            "refus_modifier": modification_terrain.refus(current_actor(), objet),
        }

    def _page_de_modification(
        self, form: Any, objet: TerrainDeStage, refuse: OperationRefused | None
    ) -> ResponseReturnValue:
        """The form as typed, with what is wrong; both versions after a conflict, so that nothing is lost (A-53)."""
        conflit = refuse is not None and "E-CONFLIT" in refuse.codes
        blocs = [(form.bloc(), BlocSecondaire.de(objet))]
        if objet.type is TypeTerrain.AUTRE:
            blocs.append((form.principal(), BlocPrincipal.de(objet)))
        page = self.render_template(
            "terrains_de_stage/modification.html",
            title=f"Modifier {objet}",
            vue=self,
            objet=objet,
            form=form,
            conflit=comparer(form, objet) if conflit else (),
            communes=communes_a_choisir(self.datamodel.session(), blocs) if refuse else {},
            **self.fiche(objet),
        )
        return page, 409 if conflit else 422 if form.errors else 200

    def _refus_activer(self, objet: TerrainDeStage) -> Any:
        """Why it may not be activated; nothing to ask of an active one."""
        if objet.statut is StatutTerrain.ACTIF:
            return ()
        return activation.examiner(self.datamodel.session(), current_actor(), [objet.id]).lignes[0].refus


def _source(objet: TerrainDeStage) -> str:
    """Where the principal block comes from, as its heading says it."""
    if objet.type is TypeTerrain.PRATICIEN:
        return "RPPS"
    if objet.type is TypeTerrain.AUTRE:
        return "saisies"
    return "FINESS" if objet.coordonnees_de_finess else "de l’établissement"


def _a_reprendre(objet: TerrainDeStage) -> bool:
    """Whether the coordinates of the ET are no longer those that were copied."""
    if objet.etablissement is None:
        return False
    return any(getattr(objet, champ) != valeur for champ, valeur in de_l_etablissement(objet.etablissement).items())
