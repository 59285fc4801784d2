"""« Semestres d'internat »: which interne is posted where, and when (§1.5 S61, §1.11 S134)."""

from typing import Any, ClassVar

from flask import current_app
from flask_appbuilder.fields import QuerySelectField
from sqlalchemy.orm import Session, joinedload
from wtforms import Form
from wtforms.validators import InputRequired

from app.calendrier import semestre_en_cours
from app.operations import semestres_internat
from app.operations.semestres_internat import SaisieSemestreInternat
from app.recherches.semestres_internat import EN_COURS, RECHERCHE, CriteresSemestreInternat, calendrier
from app.recherches.sur_terrain import ARS, SPECIALITES
from app.unit_of_work import UnitOfWork
from models.interne import Interne, SemestreInternat
from models.terrain_de_stage import TerrainDeStage
from views.base import RegistreInterface
from views.champs import OBLIGATOIRE, ChampFiche
from views.criteres import Choix
from views.donnees_nationales import DonneesNationalesView, champ_terrain, saisies
from views.listes import Liste


def champ_semestre() -> Any:
    """A semestre of the calendar, the last one first."""
    return QuerySelectField(
        "Semestre",
        [InputRequired(OBLIGATOIRE)],
        query_func=lambda: calendrier(current_app.appbuilder.session()),
        get_pk_func=lambda semestre: semestre.id,
        allow_blank=False,
    )


class SemestreInternatView(DonneesNationalesView):
    datamodel = RegistreInterface(SemestreInternat, "SEM")
    route_base = "/semestres-internat"
    class_permission_name = "SemestreInternat"
    list_title, show_title = "Semestres d’internat", "Semestre d’internat"
    add_title, edit_title = "Ajouter un semestre d’internat", "Modifier un semestre d’internat"
    list_columns = show_columns = ["interne", "semestre", "terrain"]
    search_columns = order_columns = ["id"]
    add_columns = ["interne", "semestre", "terrain"]
    add_form_extra_fields = {
        "interne": ChampFiche("Interne", "identifiant", "SelectionView.internes", "un interne"),
        "semestre": champ_semestre(),
        "terrain": champ_terrain(),
    }
    list_template = "semestres_internat/recherche.html"
    show_template = "semestres_internat/fiche.html"

    recherche = RECHERCHE
    criteres = CriteresSemestreInternat
    criteres_montres: ClassVar[frozenset[str]] = frozenset(CriteresSemestreInternat.__dataclass_fields__)
    listes = {"ars": ARS, "specialite": SPECIALITES}
    tri_par_defaut = "interne"
    nom_export = "semestres_internat"
    relations = (
        joinedload(SemestreInternat.interne).options(joinedload(Interne.specialite), joinedload(Interne.subdivision)),
        joinedload(SemestreInternat.semestre),
        joinedload(SemestreInternat.terrain).options(
            joinedload(TerrainDeStage.etablissement), joinedload(TerrainDeStage.ars)
        ),
    )

    def choix(self, session: Session) -> dict[str, Choix]:
        semestres = [(str(un.id), str(un)) for un in calendrier(session)]
        return {**super().choix(session), "semestre": [(EN_COURS, "Semestre en cours"), *semestres]}

    def complements(self, session: Session, criteres: CriteresSemestreInternat, liste: Liste) -> dict[str, Any]:
        """The semestre « en cours », named when nobody is posted in it: the calendar may be what is wrong."""
        vide = not liste.total and criteres.semestre == EN_COURS
        return {"sans_interne": vide, "en_cours": semestre_en_cours(session) if vide else None}

    def ecrire(self, uow: UnitOfWork, form: Form, objet: SemestreInternat) -> SemestreInternat:
        saisie = SaisieSemestreInternat(**saisies(form))
        if objet.id is None:
            return semestres_internat.creer(uow, saisie)
        return semestres_internat.modifier(uow, objet.id, saisie)
