"""« Sélectionner… »: what the pop-ups of the search screens list, by number or name (manual §1.4, §1.5, S28, S35)."""

from collections.abc import Mapping
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.geographie import NOMBRE_PROPOSE, rechercher_communes
from app.recherches.internes import choisir_internes
from app.recherches.registre import CHOIX_PROPOSES, ModeleRegistre, choisir
from app.recherches.sur_terrain import choisir_terrains
from models.commune import Commune
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from views.base import PageView
from views.criteres import propre
from views.identite import current_actor


class SelectionView(PageView):
    """Each list as JSON for the dialog, and as a page for those who browse without JavaScript."""

    route_base = "/selection"
    default_view = "communes"

    @expose("/entites-juridiques")
    @has_access
    @permission_name("consulter")
    def entites_juridiques(self) -> ResponseReturnValue:
        return self._registre(EntiteJuridique, "Sélectionner un numéro FINESS EJ")

    @expose("/etablissements")
    @has_access
    @permission_name("consulter")
    def etablissements(self) -> ResponseReturnValue:
        return self._registre(Etablissement, "Sélectionner un numéro FINESS ET")

    @expose("/terrains")
    @has_access
    @permission_name("consulter")
    def terrains(self) -> ResponseReturnValue:
        """Terrains de stage of any statut, by number (a former one too), name or who holds them."""
        saisie = propre(request.args.get("q", ""))
        trouves = choisir_terrains(self.appbuilder.session(), saisie)
        lignes = [
            {"valeur": numero, "nom": nom, "libelle": f"{numero} – {nom}", "detail": _suite(titulaire, ville)}
            for numero, nom, titulaire, ville in trouves[:CHOIX_PROPOSES]
        ]
        suite = len(trouves) > CHOIX_PROPOSES
        return self._repondre("Sélectionner un terrain de stage", saisie, lignes, suite=suite)

    @expose("/internes")
    @has_access
    @permission_name("consulter")
    def internes(self) -> ResponseReturnValue:
        """Internes by identifier or name."""
        saisie = propre(request.args.get("q", ""))
        trouves = choisir_internes(self.appbuilder.session(), saisie)
        lignes = [
            {"valeur": identifiant, "nom": nom, "libelle": f"{identifiant} – {nom} {prenom}", "detail": specialite}
            for identifiant, nom, prenom, specialite in trouves[:CHOIX_PROPOSES]
        ]
        suite = len(trouves) > CHOIX_PROPOSES
        return self._repondre("Sélectionner un interne", saisie, lignes, suite=suite, question="Identifiant ou nom")

    @expose("/etablissements-actifs")
    @has_access
    @permission_name("consulter")
    def etablissements_actifs(self) -> ResponseReturnValue:
        """« Choix établissement » of a new terrain: the ET Actifs of the ARS de travail (S72)."""
        ici = {"statut": ("ACTIF",), "ars": current_actor().ars_code or ""}
        return self._registre(Etablissement, "Choisir un établissement", ici)

    @expose("/communes")
    @has_access
    @permission_name("consulter")
    def communes(self) -> ResponseReturnValue:
        """« Code commune INSEE »: by name, postal code or INSEE code."""
        saisie = propre(request.args.get("q", ""))
        communes = rechercher_communes(self.appbuilder.session(), saisie, NOMBRE_PROPOSE + 1) if saisie else []
        suffixe = "" if request.args.get("bloc") == "principal" else "_secondaire"
        lignes = [_commune(une, suffixe) for une in communes[:NOMBRE_PROPOSE]]
        suite = len(communes) > NOMBRE_PROPOSE
        return self._repondre(
            "Code commune INSEE", saisie, lignes, suite=suite, question="Nom, code postal ou code INSEE"
        )

    def _registre(
        self, modele: ModeleRegistre, titre: str, criteres: Mapping[str, Any] | None = None
    ) -> ResponseReturnValue:
        saisie = propre(request.args.get("q", ""))
        trouves = choisir(self.appbuilder.session(), modele, saisie, **criteres or {})
        lignes = [
            {"valeur": numero, "nom": nom, "libelle": f"{numero} – {nom}", "detail": ville or ""}
            for numero, nom, ville in trouves[:CHOIX_PROPOSES]
        ]
        return self._repondre(titre, saisie, lignes, suite=len(trouves) > CHOIX_PROPOSES)

    def _repondre(
        self, titre: str, saisie: str, lignes: list[dict[str, Any]], *, suite: bool, question: str = "Numéro ou nom"
    ) -> ResponseReturnValue:
        if request.accept_mimetypes.best == "application/json":
            return jsonify(resultats=lignes, suite=suite)
        return self.render_template(
            "selection.html", title=titre, q=saisie, lignes=lignes, suite=suite, question=question
        )


def _suite(*morceaux: str | None) -> str:
    return ", ".join(un for un in morceaux if un)


def _commune(commune: Commune, suffixe: str) -> dict[str, Any]:
    """A commune, and what it fills of the block whose fields end by `suffixe`."""
    codes = [un.code_postal for un in commune.codes_postaux]
    champs = {f"code_postal{suffixe}": codes[0]} if len(codes) == 1 else {}
    detail = f"{', '.join(codes)} – {commune.departement_code}"
    return {"valeur": commune.code, "nom": commune.nom, "libelle": str(commune), "detail": detail, "champs": champs}
