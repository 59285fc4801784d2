"""« Envoyer par courriel » on every search screen, and « Mes envois » (manual §1.4, S31, S45, A39, A43)."""

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from app import adresses, exports, mail
from app.errors import OperationRefused, Refus
from app.operations import envois
from app.operations.envois import DESTINATAIRES_MAX, MESSAGE_MAX, Demande
from app.recherches import CriteresDeRecherche
from app.recherches.catalogue import RECHERCHES
from models.envoi import Envoi
from views.base import PageView, reporter
from views.champs import HORS_LISTE
from views.criteres import Puce, puces
from views.forms import sans_blancs
from views.gabarits import nombre_fr
from views.identite import current_actor
from views.reglages import reglages

ENVOIS_MONTRES = 50


class EnvoiForm(FlaskForm):
    jeton = HiddenField()
    destinataires = TextAreaField("Destinataires")
    format_ = SelectField(
        "Format",
        choices=[SelectChoice(value=un, label=un.upper()) for un in exports.TYPES_MIME],
        invalid_choice_message=HORS_LISTE,
    )
    message = TextAreaField(
        "Message (facultatif)",
        [Optional(), Length(max=MESSAGE_MAX, message=f"{nombre_fr(MESSAGE_MAX)} caractères au plus.")],
        filters=[sans_blancs],
    )


class EnvoiParCourriel:
    """Mixed into a search screen: sends what its list shows, as its export would."""

    @expose("/envoi", methods=["GET", "POST"])
    @has_access
    def envoyer(self) -> ResponseReturnValue:
        """The criteria stay in the URL, read by the same code as the list; the form says to whom."""
        form, criteres = EnvoiForm(), self._criteres()
        session = self.datamodel.session()
        lisibles = puces(criteres, self.libelles_criteres(), self.choix(session))
        if request.method == "GET":
            form.jeton.data = envois.nouveau_jeton()
            form.destinataires.data = envois.expediteur(session, current_actor().login).courriel
        elif form.validate() and self._mettre_en_file(form, criteres, lisibles):
            flash("Votre envoi est dans la file : il part dans la minute. Son état se lit ci-dessous.", "succes")
            return redirect(url_for("EnvoisView.liste"))
        page = self.render_template(
            "envois/envoyer.html",
            title=f"Envoyer par courriel la liste « {RECHERCHES[self.nom_export].titre} »",
            vue=self,
            form=form,
            lignes=self.recherche.total(session, criteres),
            puces=lisibles,
            retour=f"{url_for(f'{self.endpoint}.list')}?{self._parametres(criteres)}",
            **_conditions(),
        )
        return page, 422 if request.method == "POST" else 200

    def lien_envoi(self) -> str:
        """For the templates: where the present search is sent from, in its order."""
        return f"{url_for(f'{self.endpoint}.envoyer')}?{urlencode(list(request.args.items(multi=True)))}"

    def envoi_impossible(self) -> str:
        """For the templates: why nothing can be sent from this site."""
        return mail.raison_sans_courriel(reglages())

    def _mettre_en_file(self, form: EnvoiForm, criteres: CriteresDeRecherche, lisibles: list[Puce]) -> bool:
        try:
            if raison := self.envoi_impossible():
                raise OperationRefused(Refus("E-COURRIEL", raison))
            with self.datamodel.operation("envoyer") as uow:
                numero = envois.envoyer(uow, self._demande_d_envoi(form, criteres, lisibles), _domaines())
        except OperationRefused as refuse:
            reporter(form, refuse)
            return False
        envois.demandee.send(numero)
        return True

    def _demande_d_envoi(self, form: EnvoiForm, criteres: CriteresDeRecherche, lisibles: list[Puce]) -> Demande:
        ordre, format_ = self._demande(), form.format_.data
        export = url_for(f"{self.endpoint}.exporter", format_=format_)
        return Demande(
            liste=self.nom_export,
            criteres=criteres,
            criteres_affiches=tuple((puce.libelle, puce.valeur) for puce in lisibles),
            tri=ordre.tri,
            descendant=ordre.descendant,
            format_=format_,
            lien=f"{export}?{self._parametres(criteres)}",
            destinataires=adresses.decouper(form.destinataires.data or ""),
            message=form.message.data,
            jeton=form.jeton.data or "",
        )

    def _parametres(self, criteres: CriteresDeRecherche) -> str:
        """The search as a query string; `ars` even when empty, or it would open on the ARS de travail."""
        ordre = self._demande()
        return urlencode({"ars": "", **criteres.remplis(), "tri": ordre.tri, "sens": ordre.sens}, doseq=True)


class EnvoisView(PageView):
    route_base = "/envois"
    default_view = "liste"

    @expose("/")
    @has_access
    @permission_name("consulter")
    def liste(self) -> ResponseReturnValue:
        """The last envois of the user, and of nobody else."""
        miens = select(Envoi).where(Envoi.demandeur == current_actor().login).order_by(Envoi.id.desc())
        return self.render_template(
            "envois/liste.html",
            title="Mes envois par courriel",
            envois=self.appbuilder.session.scalars(miens.limit(ENVOIS_MONTRES)).all(),
            titres={nom: liste.titre for nom, liste in RECHERCHES.items()},
            montres=ENVOIS_MONTRES,
            **_conditions(),
        )


def _domaines() -> tuple[str, ...]:
    return reglages().courriel_domaines


def _conditions() -> dict[str, Any]:
    """What the pages say of the installation."""
    lus = reglages()
    return {
        "domaines": lus.courriel_domaines,
        "destinataires_max": DESTINATAIRES_MAX,
        "taille_max": lus.taille_max_piece_jointe,
        "dossier": None if lus.production or lus.smtp_host else mail.dossier(lus),
        "raison": mail.raison_sans_courriel(lus),
    }
