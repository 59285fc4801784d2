"""« Transfert de service »: chosen terrains of one établissement move to another (§1.7, S92, S94, S103–S108)."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name

from app.errors import Refus
from app.operations.deplacement import terrains_sur
from app.operations.fusion import Demande
from app.recherches import fusions
from models.etablissement import Etablissement
from views import selection
from views.operations_exceptionnelles import DESTINATION, ORIGINE, PAR_PAGE, DeplacementView
from views.resultat_operation import Resultat

AUCUN_CHOISI = "Choisissez au moins un terrain à transférer."
TROP_LONG = "C’est trop de terrains choisis un à un : choisissez-les tous, ou faites le transfert en plusieurs fois."


class TransfertUnitesView(Resultat, DeplacementView):
    route_base = "/operations/transfert"
    titre = "Transfert de service"
    etapes = ("origine", "terrains", "destination", "apercu", "resultat")
    code, code_refus = "TS.transferer_unite", "TS.transfert_refuse"
    verbe, nouveau = "Transférer", "Nouveau transfert"

    @expose("/")
    @has_access
    @permission_name("transferer")
    def origine(self) -> ResponseReturnValue:
        return self.choisir_l_origine()

    @expose(f"/{ORIGINE}", methods=["GET", "POST"])
    @has_access
    @permission_name("transferer")
    def terrains(self, origine_id: int) -> ResponseReturnValue:
        """The terrains of the origin, of any statut, to choose from (S104, S105)."""
        origine = self.etablissement(origine_id)
        if request.method == "POST":
            return self._choisir(origine)
        return self._choix(origine, self._choisis(origine_id))

    def _choisir(self, origine: Etablissement) -> ResponseReturnValue:
        """The ticked boxes become an address; nothing is written."""
        coches = ",".join(request.form.getlist("terrain"))
        choix = selection.en_texte([*selection.en_ids(coches), *selection.en_ids(request.form.get("deja", ""))])
        if "tous" in request.form:
            choix = selection.TOUS
        if len(choix) > selection.LONGUEUR_MAX:
            return self._choix(origine, (), TROP_LONG)
        if page := request.form.get("page", 0, type=int):
            return redirect(self.suite("terrains", origine_id=origine.id, terrains=choix or None, page=page), 303)
        if not choix:
            return self._choix(origine, (), AUCUN_CHOISI)
        return redirect(url_for(f"{self.endpoint}.destination", origine_id=origine.id, terrains=choix), 303)

    @expose(f"/{ORIGINE}/destination")
    @has_access
    @permission_name("transferer")
    def destination(self, origine_id: int) -> ResponseReturnValue:
        origine = self.etablissement(origine_id)
        ids = self._choisis(origine_id)
        if not ids:
            flash(AUCUN_CHOISI, "erreur")
            return redirect(url_for(f"{self.endpoint}.terrains", origine_id=origine_id))
        choisis = fusions.terrains(self.session(), ids[:PAR_PAGE])
        nombre = fusions.nombres_de_terrains(self.session(), [origine_id]).get(origine_id, 0)
        return self.choisir_la_destination(
            origine,
            len(ids),
            terrains=sorted(choisis.values(), key=lambda un: un.numero),
            tous=len(ids) == nombre,
            refus_origine=self.refus_de_l_origine(origine, nombre),
        )

    @expose(f"/{ORIGINE}/{DESTINATION}", methods=["GET", "POST"])
    @has_access
    @permission_name("transferer")
    def apercu(self, origine_id: int, destination_id: int) -> ResponseReturnValue:
        agir = self.faire if request.method == "POST" else self.montrer
        return agir(origine_id, destination_id)

    def demande(self, origine_id: int, destination_id: int, subdivision: str | None) -> Demande:
        return Demande(origine_id, destination_id, self._choisis(origine_id), subdivision)

    def suite(self, etape: str, **valeurs: Any) -> str:
        """The chosen terrains go from step to step."""
        choix = {"terrains": request.args["terrains"]} if "terrains" in request.args and etape != "origine" else {}
        return url_for(f"{self.endpoint}.{etape}", **{**choix, **valeurs})

    def refus_de_l_origine(self, origine: Etablissement, n_ts: int) -> list[Refus]:
        vide = Refus("E-SELECTION-VIDE", f"{origine} n’a aucun terrain : il n’y a rien à transférer.")
        return [*super().refus_de_l_origine(origine, n_ts), *([] if n_ts else [vide])]

    def _choisis(self, origine_id: int) -> tuple[int, ...]:
        """The terrains that the address names."""
        texte = request.args.get("terrains", "")
        return tuple(terrains_sur(self.session(), origine_id)) if texte == selection.TOUS else selection.en_ids(texte)

    def _choix(self, origine: Etablissement, choisis: tuple[int, ...], erreur: str = "") -> ResponseReturnValue:
        nombre = fusions.nombres_de_terrains(self.session(), [origine.id]).get(origine.id, 0)
        liste = self.pages(
            nombre,
            lambda page: fusions.terrains_de(self.session(), origine.id, decalage=page.decalage, taille=page.taille),
        )
        ici = {un.id for un in liste.lignes}
        page = self.render_template(
            "operations/terrains.html",
            title=f"{self.titre} : terrains à transférer",
            vue=self,
            etape="terrains",
            origine=origine,
            nombre=nombre,
            liste=liste,
            choisis=frozenset(choisis),
            deja=selection.en_texte(set(choisis) - ici),
            erreur=erreur,
            refus_origine=self.refus_de_l_origine(origine, nombre),
        )
        return page, 422 if erreur else 200
