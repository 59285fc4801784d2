"""« Mon compte »: who I am, what I may do, and my password (QUALITY A-13, A-21)."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired

from app.errors import OperationRefused
from app.mots_de_passe import LONGUEUR_MIN, refus_mot_de_passe
from models.utilisateur import Utilisateur
from views.base import PageView, reporter
from views.champs import OBLIGATOIRE
from views.connexion import authentifier, changer_mot_de_passe
from views.identite import Identite

SAISIR = InputRequired(OBLIGATOIRE)


class MotDePasseForm(FlaskForm):
    actuel = PasswordField("Mot de passe actuel", validators=[SAISIR])
    nouveau = PasswordField(
        "Nouveau mot de passe",
        description=f"Au moins {LONGUEUR_MIN} caractères ; une phrase de plusieurs mots convient très bien.",
        validators=[SAISIR],
    )
    confirmation = PasswordField(
        "Confirmation du nouveau mot de passe",
        validators=[SAISIR, EqualTo("nouveau", "Les deux saisies du nouveau mot de passe diffèrent.")],
    )


class MonCompteView(PageView):
    route_base = "/mon-compte"
    default_view = "compte"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("consulter")
    def compte(self) -> ResponseReturnValue:
        form = MotDePasseForm()
        if form.validate_on_submit() and self._changer(g.identite, form):
            flash("Votre mot de passe a été changé. Vos autres sessions sont fermées.", "succes")
            return redirect(url_for(f"{self.endpoint}.compte"))
        utilisateur = self.appbuilder.session.scalars(select(Utilisateur).where(Utilisateur.id == g.identite.id)).one()
        page = self.render_template("mon_compte.html", title="Mon compte", form=form, utilisateur=utilisateur)
        return page, 422 if request.method == "POST" else 200

    def _changer(self, compte: Identite, form: MotDePasseForm) -> bool:
        if authentifier(self.appbuilder.session(), compte.login, form.actuel.data) is None:
            form.actuel.errors = [*form.actuel.errors, "Le mot de passe actuel est incorrect."]
            return False
        if refus := refus_mot_de_passe(form.nouveau.data, compte.login, champ="nouveau"):
            reporter(form, OperationRefused(*refus))
            return False
        changer_mot_de_passe(self.appbuilder.session(), compte.id, form.nouveau.data)
        return True
