"""« Créer » a terrain de stage: first its type, then the form of that type (manual §1.6, S71–S80)."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access

from app.errors import OperationRefused
from app.geographie import subdivision_proposee
from app.operations import creation_terrain, lot, praticiens, soumission
from app.operations.bloc_principal import de_l_etablissement, du_praticien, nom_de_cabinet
from app.operations.doublons import DoublonsPossibles
from app.operations.praticiens import PraticienCherche
from app.unit_of_work import UnitOfWork
from models.nomenclature import Specialite
from models.praticien import NATURES_EXERCICE
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars
from views.base import reporter
from views.forms_creation_terrain import (
    ChoixEtablissementForm,
    ChoixPraticienForm,
    CreerHospitalierForm,
    CreerOrganismeForm,
    CreerPraticienForm,
)
from views.identite import current_actor, identite
from views.saisie_terrain import communes_a_choisir, coordonnees_reprises, specialites, subdivisions

TITRES = {
    "hospitalier": "Créer un terrain hospitalier",
    "praticien": "Créer un terrain praticien",
    "organisme": "Créer un terrain chez un autre organisme",
}


class CreationTerrain:
    """Mixed into the screen of the terrains. Each step is an address: reload, « back » and a bookmark work."""

    @expose("/creer")
    @has_access
    def creer(self) -> ResponseReturnValue:
        """The type of the terrain, which never changes afterwards (S71)."""
        return self.render_template("terrains_de_stage/creer.html", title="Créer un terrain de stage", vue=self)

    # -- hospitalier -------------------------------------------------------------------------------------------------

    @expose("/creer/hospitalier", methods=["GET", "POST"])
    @has_access
    def creer_hospitalier(self) -> ResponseReturnValue:
        """« Choix établissement », then the service (S72–S75)."""
        question = ChoixEtablissementForm(request.args)
        if "etablissement" not in request.args or not question.validate():
            return self._question("hospitalier", question)
        try:
            et = creation_terrain.etablissement_choisi(self.datamodel.session(), question.etablissement.data)
        except OperationRefused as refuse:
            reporter(question, refuse)
            return self._question("hospitalier", question, inconnu=question.etablissement.data)
        form = CreerHospitalierForm()
        lieu = self._preparer(form, et.ars_code, et.effectif("code_insee"))
        if not et.est_chu:
            form.sans_chu()
        fait = self._soumettre(
            form, lambda uow: creation_terrain.creer_hospitalier(uow, et.id, form.saisie(), form.subdivision())
        )
        if fait is not None:
            return fait
        if raisons := creation_terrain.refus_hospitalier(current_actor(), et):
            reporter(question, OperationRefused(*raisons))
            return self._question("hospitalier", question, etablissement=et)
        reprises = coordonnees_reprises(de_l_etablissement(et))
        return self._formulaire_de_creation("hospitalier", form, etablissement=et, reprises=reprises, **lieu)

    # -- praticien ---------------------------------------------------------------------------------------------------

    @expose("/creer/praticien", methods=["GET", "POST"])
    @has_access
    def creer_praticien(self) -> ResponseReturnValue:
        """« Rechercher praticien », then the terrain of who was found (S77–S79)."""
        question = ChoixPraticienForm(request.args)
        if "rpps" not in request.args or not question.validate():
            return self._question("praticien", question)
        cherche = self._chercher(question)
        form = CreerPraticienForm()
        lieu = self._preparer(form, cherche.ars_code, cherche.activites[0].code_insee if cherche.activites else None)
        form.proposer([(str(une.cle), une.raison_sociale or "Cabinet") for une in cherche.activites])
        fait = self._soumettre(
            form,
            lambda uow: creation_terrain.creer_praticien(
                uow, cherche.rpps, form.saisie(), form.subdivision(), form.activite_cle()
            ),
        )
        if fait is not None:
            return fait
        if raisons := praticiens.refus(current_actor(), cherche := self._chercher(question)):
            reporter(question, OperationRefused(*raisons))
            return self._question("praticien", question, cherche=cherche)
        return self._formulaire_de_creation("praticien", form, **self._du_praticien(form, cherche), **lieu)

    def _chercher(self, question: ChoixPraticienForm) -> PraticienCherche:
        return praticiens.chercher(self.datamodel.session(), question.rpps.data, current_actor().ars_code)

    def _du_praticien(self, form: CreerPraticienForm, cherche: PraticienCherche) -> dict[str, Any]:
        """What RPPS says of him, the first practice and its name proposed."""
        praticien, premiere = cherche.praticien, cherche.activites[0]
        assert praticien is not None  # nothing was refused
        valeurs = du_praticien(self.datamodel.session(), praticien, premiere)
        if not form.is_submitted():
            form.activite.data = str(premiere.cle)
            form.nom.data = nom_de_cabinet(praticien, premiere) if len(cherche.activites) == 1 else None
        exercice = valeurs["specialite_exercice_code"]
        return {
            "cherche": cherche,
            "valeurs": valeurs,
            "natures": NATURES_EXERCICE,
            "specialite_exercice": self.datamodel.session.get(Specialite, exercice) if exercice else None,
        }

    # -- autre organisme ---------------------------------------------------------------------------------------------

    @expose("/creer/organisme", methods=["GET", "POST"])
    @has_access
    def creer_organisme(self) -> ResponseReturnValue:
        """No registry: the user types it all, and is shown what it looks like (S76, S80, N9)."""
        form, proches = CreerOrganismeForm(), []
        lieu = self._preparer(form, current_actor().ars_code, None)
        try:
            fait = self._soumettre(
                form,
                lambda uow: creation_terrain.creer_organisme(
                    uow, form.saisie(), form.subdivision(), malgre_doublons=form.malgre_doublons.data
                ),
            )
        except DoublonsPossibles as refuse:
            fait = None
            reporter(form, refuse)
            proches = self.datamodel.session.scalars(lot.parmi(refuse.ids)).all()
        return fait or self._formulaire_de_creation("organisme", form, proches=proches, **lieu)

    # -- what the three have in common -------------------------------------------------------------------------------

    def _preparer(self, form: Any, ars_code: str | None, code_insee: str | None) -> dict[str, Any]:
        """Fill the lists of the form; its subdivisions are those of the ARS, the one of the commune proposed."""
        session = self.datamodel.session()
        form.preparer(specialites(session))
        offertes = subdivisions(session, ars_code)
        proposee = subdivision_proposee(session, code_insee, ars_code) if code_insee and ars_code else None
        form.situer(offertes, proposee)
        ars = session.get(Ars, ars_code) if ars_code else None
        return {"ars": ars, "subdivisions": offertes, "proposee": proposee}

    def _soumettre(self, form: Any, creer: Callable[[UnitOfWork], TerrainDeStage]) -> ResponseReturnValue | None:
        """Create once, whatever the number of times that the form is sent (A-54); None: the form is to be shown."""
        if request.method != "POST" or not form.validate():
            return None
        try:
            with self.datamodel.operation("creer") as uow:
                pk = soumission.deja_faite(uow, form.jeton.data)
                message = "Ce formulaire avait déjà été envoyé : voici le terrain qu’il a créé."
                if pk is None:
                    terrain = creer(uow)
                    pk, message = terrain.id, f"Terrain créé : {terrain}. Il est actif."
                    soumission.retenir(uow, form.jeton.data, pk)
        except DoublonsPossibles:
            raise
        except OperationRefused as refuse:
            reporter(form, refuse)
            return None
        flash(message, "succes")
        return redirect(url_for(f"{self.endpoint}.show", pk=pk))

    def _question(self, type_: str, form: Any, **contexte: Any) -> ResponseReturnValue:
        compte = identite()
        page = self.render_template(
            f"terrains_de_stage/choix_{type_}.html",
            title=TITRES[type_],
            vue=self,
            form=form,
            cree_un_et=compte is not None and compte.peut("Etablissement", "creer"),
            **contexte,
        )
        return page, 422 if form.errors else 200

    def _formulaire_de_creation(self, type_: str, form: Any, **contexte: Any) -> ResponseReturnValue:
        blocs = [form.bloc(), *([form.principal()] if type_ == "organisme" else [])]
        communes = communes_a_choisir(self.datamodel.session(), [(un, None) for un in blocs]) if form.errors else {}
        page = self.render_template(
            f"terrains_de_stage/creer_{type_}.html",
            title=TITRES[type_],
            vue=self,
            form=form,
            communes=communes,
            **contexte,
        )
        return page, 422 if form.errors else 200
