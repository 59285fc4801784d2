"""Login and logout (QUALITY A-13 to A-21): throttled, same time for known and unknown accounts, safe return address."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_login import login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from app.operations import comptes
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.utilisateur import Utilisateur
from views.debit import Debit
from views.identite import Identite, charger, current_actor, identite, ouvrir_session

REFUS = "Identifiant ou mot de passe incorrect."
# Checked when the account is unknown, so that the answer takes the same time.
EMPREINTE_FACTICE = generate_password_hash("aucun compte n’a ce mot de passe")


class ConnexionForm(FlaskForm):
    identifiant = StringField("Identifiant", validators=[InputRequired("Saisissez votre identifiant.")])
    mot_de_passe = PasswordField("Mot de passe", validators=[InputRequired("Saisissez votre mot de passe.")])


class ConnexionView(BaseView):
    route_base = ""
    default_view = "login"

    @expose("/connexion", methods=["GET", "POST"])
    def login(self) -> ResponseReturnValue:
        suite = adresse_sure(request.args.get("next"))
        if identite() is not None:
            return redirect(suite)
        form = ConnexionForm()
        refus = None
        if form.validate_on_submit():
            compte = self._ouvrir(form.identifiant.data.strip(), form.mot_de_passe.data)
            if compte is not None:
                return redirect(suite)
            refus = REFUS
        page = render_template("connexion.html", form=form, refus=refus, suite=request.args.get("next"))
        return page, 401 if refus else 200

    def _ouvrir(self, login: str, mot_de_passe: str) -> Identite | None:
        utilisateur = authentifier(self.appbuilder.session(), login, mot_de_passe)
        if utilisateur is None:
            return None
        ouvrir_session(utilisateur)
        compte = charger(self.appbuilder.session, utilisateur.id)
        login_user(compte)
        return compte

    @expose("/deconnexion", methods=["POST"])
    def logout(self) -> ResponseReturnValue:
        compte = identite()
        if compte is not None:
            fermer_les_sessions(self.appbuilder.session(), compte)
        logout_user()
        session.clear()
        return redirect(url_for("ConnexionView.login"))


def authentifier(base: Session, login: str, mot_de_passe: str) -> Utilisateur | None:
    """The active account that owns this password, whatever the door it is typed at: all count the same attempts."""
    debit: Debit = current_app.extensions["debit_connexion"]
    adresse = request.remote_addr or ""
    debit.tentative(login, adresse)
    utilisateur = _verifier(base, login, mot_de_passe)
    if utilisateur is None:
        debit.echec(adresse)
    else:
        debit.reussite(login)
    return utilisateur


def _verifier(base: Session, login: str, mot_de_passe: str) -> Utilisateur | None:
    """One hash is computed whatever the case, so that the time of the answer tells nothing."""
    utilisateur = base.scalar(
        select(Utilisateur)
        .where(func.lower(Utilisateur.username) == login.lower())
        .options(selectinload(Utilisateur.ars))
    )
    empreinte = utilisateur.password if utilisateur and utilisateur.active and utilisateur.password else None
    reconnu = check_password_hash(empreinte or EMPREINTE_FACTICE, mot_de_passe) and empreinte is not None
    if utilisateur is not None:
        _noter_tentative(base, utilisateur, reussie=reconnu)
    return utilisateur if reconnu else None


def _noter_tentative(base: Session, utilisateur: Utilisateur, *, reussie: bool) -> None:
    """Keep the counters of the account; a successful login is journaled."""
    if reussie:
        valeurs = {
            "last_login": datetime.now(UTC).replace(tzinfo=None),  # the framework's column has no time zone
            "login_count": func.coalesce(Utilisateur.login_count, 0) + 1,
            "fail_login_count": 0,
        }
    else:
        valeurs = {"fail_login_count": func.coalesce(Utilisateur.fail_login_count, 0) + 1}
    with unit_of_work(Actor(utilisateur.username), "UTI.connecter", session=base) as uow:
        uow.details = {} if reussie else None
        base.execute(update(Utilisateur).where(Utilisateur.id == utilisateur.id).values(valeurs))


def fermer_les_sessions(base: Session, compte: Identite) -> None:
    """Log the account out, here and elsewhere."""
    with unit_of_work(current_actor(), "UTI.deconnecter", session=base) as uow:
        comptes.fermer_les_sessions(uow, compte.id)


def changer_mot_de_passe(base: Session, utilisateur_id: int, mot_de_passe: str) -> None:
    """Change a password, which ends every session of its account, except the one that goes on here."""
    with unit_of_work(current_actor(), "UTI.mot_de_passe", session=base) as uow:
        version = comptes.changer_mot_de_passe(uow, utilisateur_id, generate_password_hash(mot_de_passe))
    if utilisateur_id == g.identite.id:
        session["version"] = version


def adresse_sure(demandee: str | None) -> str:
    """The page asked for before login when it is one of ours, else the home page."""
    accueil = url_for("AccueilView.index")
    if not demandee or not demandee.startswith("/") or demandee.startswith(("//", "/\\")):
        return accueil
    if any(ord(c) < 32 or c == "\\" for c in demandee) or urlsplit(demandee).netloc:
        return accueil
    return demandee
