"""« Rechercher une entité juridique » (manual §1.4). An EJ is never created here: it comes with its first ET (S33)."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.recherches.entites_juridiques import RECHERCHE, CriteresEntiteJuridique, natures
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEtablissement
from views.base import RegistreInterface
from views.criteres import Choix
from views.registre_finess import RegistreFinessView

ETABLISSEMENTS_MONTRES = 50


class EntiteJuridiqueView(RegistreFinessView):
    datamodel = RegistreInterface(EntiteJuridique, "EJ")
    route_base = "/entites-juridiques"
    class_permission_name = "EntiteJuridique"
    list_title = "Rechercher une entité juridique"
    show_title = "Entité juridique"
    list_columns = show_columns = ["numero_finess", "raison_sociale", "statut"]
    search_columns = order_columns = ["numero_finess", "raison_sociale"]
    edit_columns = ["finess_errone"]
    list_template = "entites_juridiques/recherche.html"
    show_template = "entites_juridiques/fiche.html"

    recherche = RECHERCHE
    criteres = CriteresEntiteJuridique
    nom_export = "entites_juridiques"
    nom_objet = ("entité juridique", "entités juridiques")
    codes_des_lots = frozenset({"EJ.signaler"})
    relations = (
        joinedload(EntiteJuridique.ars),
        joinedload(EntiteJuridique.statut_juridique),
        # What tells which ARS may modify it: an EJ may have hundreds of établissements.
        selectinload(EntiteJuridique.etablissements).load_only(Etablissement.ars_code, Etablissement.statut),
    )

    def choix(self, session: Session) -> dict[str, Choix]:
        return {**super().choix(session), "nature": natures(session)}

    def fiche(self, objet: EntiteJuridique) -> dict[str, Any]:
        vivants = (
            select(Etablissement)
            .where(Etablissement.entite_juridique_id == objet.id, Etablissement.statut != StatutEtablissement.SUPPRIME)
            .order_by(Etablissement.nom_norme, Etablissement.id)
            .limit(ETABLISSEMENTS_MONTRES + 1)
        )
        etablissements = self.datamodel.session.scalars(vivants).all()
        return {**super().fiche(objet), "etablissements": etablissements, "montres": ETABLISSEMENTS_MONTRES}
