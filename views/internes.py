"""« Internes »: search, card with the semestres, and forms of national administrators (§1.11)."""

from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Form

from app.errors import OperationRefused
from app.operations.donnees_nationales import refus_version
from app.recherches.internes import RECHERCHE, CriteresInterne
from app.recherches.sur_terrain import ARS, SPECIALITES, SUBDIVISIONS
from app.unit_of_work import UnitOfWork
from models.interne import Interne, Semestre, SemestreInternat
from views.base import RegistreInterface
from views.donnees_nationales import SPECIALITE_DES, DonneesNationalesView


class InterneView(DonneesNationalesView):
    datamodel = RegistreInterface(Interne, "INT")
    route_base = "/internes"
    class_permission_name = "Interne"
    list_title, show_title = "Internes", "Interne"
    add_title, edit_title = "Ajouter un interne", "Modifier un interne"
    list_columns = show_columns = ["identifiant", "nom", "prenom", "specialite", "subdivision"]
    search_columns = order_columns = ["identifiant", "nom"]
    add_columns = ["identifiant", "nom", "prenom", "specialite", "subdivision"]
    add_form_query_rel_fields = edit_form_query_rel_fields = SPECIALITE_DES
    list_template = "internes/recherche.html"
    show_template = "internes/fiche.html"

    recherche = RECHERCHE
    criteres = CriteresInterne
    criteres_montres: ClassVar[frozenset[str]] = frozenset(CriteresInterne.__dataclass_fields__)
    listes = {"ars": ARS, "subdivision": SUBDIVISIONS, "specialite": SPECIALITES}
    nom_export = "internes"
    relations = (joinedload(Interne.specialite), joinedload(Interne.subdivision))

    def fiche(self, objet: Interne) -> dict[str, Any]:
        """His semestres, the last one first."""
        semestres = (
            select(SemestreInternat)
            .where(SemestreInternat.interne_id == objet.id)
            .join(SemestreInternat.semestre)
            .options(joinedload(SemestreInternat.semestre), joinedload(SemestreInternat.terrain))
            .order_by(Semestre.date_debut.desc())
        )
        return {"semestres": self.datamodel.session().scalars(semestres).all()}

    def ecrire(self, uow: UnitOfWork, form: Form, objet: Interne) -> Interne:
        if objet.id is not None:
            [objet] = uow.lock(Interne, objet.id)
            if raisons := refus_version(objet, form.version.data):
                raise OperationRefused(*raisons)
        return super().ecrire(uow, form, objet)
