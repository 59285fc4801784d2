"""« Utilisateurs » and « Rôles » (M27): accounts, their roles and ARS, by national administrators only."""

from typing import Any

from flask import abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.sqla.filters import FilterIn
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.security.sqla.models import Role
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from sqlalchemy.orm import Query
from werkzeug.security import generate_password_hash
from wtforms import Form, PasswordField
from wtforms.validators import DataRequired, InputRequired, Regexp

from app.errors import OperationRefused, Refus
from app.libelles import OBJETS
from app.mots_de_passe import LONGUEUR_MIN, refus_mot_de_passe
from app.roles import NATIONAL, REGIONAUX, RIGHTS, ROLES, TECHNIQUE
from models.utilisateur import Utilisateur
from views.base import DROITS, RegistreInterface, RegistreView, reporter
from views.connexion import changer_mot_de_passe
from views.identite import current_actor

CONSEIL_MDP = f"Au moins {LONGUEUR_MIN} caractères. Transmettez-le par un autre canal que l’identifiant."
RESSOURCES = OBJETS | {
    "Journal": "Journal",
    "OperationExceptionnelle": "Opération exceptionnelle",
    "Synchronisation": "Synchronisation des référentiels",
    "Referentiel": "Table de référence",
    "TransfertPraticien": "Transfert de praticien",
    "Espace": "Accueil, compte et ARS de travail",
}
DROITS_EN_CLAIR = {
    "can_consulter": "Consulter",
    "can_exporter": "Exporter",
    "can_creer": "Créer",
    "can_modifier": "Modifier",
    "can_supprimer": "Supprimer",
    "can_activer": "Activer",
    "can_fusionner": "Fusionner",
    "can_transferer": "Transférer",
    "can_annuler": "Annuler une opération",
    "can_envoyer": "Envoyer par courriel",
    "can_signaler": "Signaler une erreur du référentiel",
    "can_changer_territoire": "Modifier l’ARS ou la subdivision",
    "can_completer": "Compléter un transfert",
    "can_lancer": "Lancer",
}
ROLES_METIER = [role for role in ROLES if role != TECHNIQUE]
COLONNES = ["last_name", "first_name", "email", "roles", "ars", "active"]


def _mot_de_passe() -> PasswordField:
    return PasswordField("Mot de passe", description=CONSEIL_MDP, validators=[InputRequired()])


class MotDePasseForm(FlaskForm):
    mot_de_passe = _mot_de_passe()


class UtilisateurView(RegistreView):
    datamodel = RegistreInterface(Utilisateur, "UTI")
    route_base = "/utilisateurs"
    class_permission_name = "Utilisateur"
    method_permission_name = {**DROITS, "reinitialiser": "modifier"}
    exclude_route_methods = frozenset({"download", "delete"})  # an account is deactivated: the journal names it
    show_template = "utilisateurs/fiche.html"
    list_title, show_title = "Utilisateurs", "Utilisateur"
    add_title, edit_title = "Ajouter un utilisateur", "Modifier un utilisateur"
    list_columns = ["username", "last_name", "first_name", "roles", "ars", "active", "last_login"]
    show_columns = ["username", *COLONNES, "last_login"]
    add_columns = ["username", "mot_de_passe", *COLONNES]
    edit_columns = COLONNES
    search_columns = ["username", "last_name", "first_name", "email"]
    order_columns = ["last_name", "first_name", "username", "active", "last_login"]
    validators_columns = {
        "username": [Regexp(r"^[A-Za-z0-9._@-]+$", message="Lettres sans accent, chiffres, point, tiret ou arobase.")],
        "email": [Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message="Saisissez une adresse de courriel complète.")],
        "roles": [DataRequired("Choisissez au moins un rôle.")],
    }
    description_columns = {
        "ars": "ARS dans lesquelles l’utilisateur travaille ; sans objet pour un administrateur national.",
    }
    add_form_query_rel_fields = edit_form_query_rel_fields = {"roles": [["name", FilterIn, ROLES_METIER]]}

    def __init__(self, **kwargs: Any) -> None:
        self.add_form_extra_fields = {"mot_de_passe": _mot_de_passe()}
        super().__init__(**kwargs)
        self.add_form.mot_de_passe.creation_counter = self.add_form.email.creation_counter  # its place in the form

    def remplir(self, form: Form, objet: Any) -> None:
        """Refuse what would lock people out, or give nothing to work on; a new account gets its password."""
        refus = self._refus(form, objet)
        if "mot_de_passe" in form:
            refus += refus_mot_de_passe(form.mot_de_passe.data, form.username.data)
            refus += self._login_pris(form.username.data)
            objet.password = generate_password_hash(form.mot_de_passe.data)
        if refus:
            raise OperationRefused(*refus)
        super().remplir(form, objet)

    def _refus(self, form: Form, objet: Any) -> list[Refus]:
        roles = {role.name for role in form.roles.data}
        refus = []
        if objet.username == current_actor().login and not (form.active.data and NATIONAL in roles):
            message = "Vous ne pouvez ni désactiver votre propre compte ni lui retirer son rôle."
            refus.append(Refus("E-COMPTE-PROPRE", message))
        if roles <= REGIONAUX and not form.ars.data:
            refus.append(Refus("E-ARS", "Choisissez au moins une ARS pour ce rôle.", "ars"))
        return refus

    def _login_pris(self, login: str) -> list[Refus]:
        """A login is recognised whatever its case: it is unique whatever its case."""
        pris = select(Utilisateur.id).where(func.lower(Utilisateur.username) == login.strip().lower())
        deja = self.datamodel.session.scalar(pris) is not None
        return [Refus("E-LOGIN", "Cet identifiant est déjà celui d’un autre compte.", "username")] if deja else []

    def exiger_portee(self, objet: Any) -> None:
        """The technical accounts are above the national administrators: these do not touch them."""
        super().exiger_portee(objet)
        if TECHNIQUE in {role.name for role in objet.roles} and TECHNIQUE not in g.identite.roles:
            abort(404)

    @expose("/<pk>/mot-de-passe", methods=["GET", "POST"])
    @has_access
    @permission_name("modifier")
    def reinitialiser(self, pk: str) -> ResponseReturnValue:
        utilisateur = self.objet(pk)
        self.exiger_portee(utilisateur)
        form = MotDePasseForm()
        if form.validate_on_submit():
            refus = refus_mot_de_passe(form.mot_de_passe.data, utilisateur.username)
            if not refus:
                changer_mot_de_passe(self.datamodel.session(), utilisateur.id, form.mot_de_passe.data)
                flash("Le mot de passe a été changé ; les sessions de ce compte sont fermées.", "succes")
                return redirect(url_for(f"{self.endpoint}.show", pk=pk))
            reporter(form, OperationRefused(*refus))
        return self._formulaire(
            form, f"Nouveau mot de passe de {utilisateur}", retour=self._adresse("show", utilisateur)
        )


class RoleView(RegistreView):
    """Roles come from app.roles: they are shown, never edited."""

    datamodel = RegistreInterface(Role)
    route_base = "/roles"
    class_permission_name = "Utilisateur"
    exclude_route_methods = frozenset({"download", "add", "edit", "delete", "show"})
    list_template = "utilisateurs/roles.html"
    list_title, show_title = "Rôles", "Rôle"
    list_columns = show_columns = search_columns = order_columns = ["name"]

    def requete(self, saisie: str) -> Query[Any]:
        return super().requete("").filter(Role.name.in_(ROLES_METIER))

    @property
    def droits(self) -> list[tuple[str, str, frozenset[str]]]:
        """One line per right: object, right, and the roles that hold it."""
        return [
            (RESSOURCES[ressource], DROITS_EN_CLAIR[droit], roles)
            for ressource, droits in RIGHTS.items()
            for droit, roles in droits.items()
        ]
