"""ARS de travail (SPEC S141, M28): chosen at login when there are several, switched in the header, journaled.

Each form carries the ARS under which it was shown. When another tab switched it meanwhile, the form is not executed:
the user says in which ARS to go on, and nothing typed is lost.
"""

from dataclasses import replace

from flask import Flask, abort, current_app, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy import select

from app.unit_of_work import unit_of_work
from models.territoire import Ars
from views.base import PageView
from views.connexion import adresse_sure
from views.identite import Identite, current_actor, identite, relire

TOUTES = "toutes"
CHAMP = "ars_affichee"
CHAMP_REPRISE = "ars_reprise"


class ArsDeTravailView(PageView):
    route_base = "/ars-de-travail"
    default_view = "choisir"

    @expose("/", methods=["GET", "POST"])
    @has_access
    @permission_name("consulter")
    def choisir(self) -> ResponseReturnValue:
        compte: Identite = g.identite
        suite = adresse_sure(request.args.get("next"))
        if request.method == "POST":
            changer(compte, request.form.get("ars", ""))
            return redirect(suite)
        choix = select(Ars).order_by(Ars.nom)
        if not compte.national:
            choix = choix.where(Ars.code.in_(compte.ars_accordees))
        return self.render_template(
            "ars_de_travail.html",
            title="Choisir l’ARS de travail",
            choix=self.appbuilder.session.scalars(choix).all(),
            suite=request.args.get("next"),
        )


def changer(compte: Identite, code: str) -> None:
    """Switch to an ARS that the account holds, or to none for a national account; the journal keeps it."""
    if not code:
        abort(400)
    nouveau = None if code == TOUTES and compte.national else code
    if nouveau is not None and not _accordee(compte, nouveau):
        abort(403)
    if nouveau == compte.ars_code:
        return
    base = current_app.appbuilder.session()
    with unit_of_work(replace(current_actor(), ars_code=nouveau), "ARS.travail", session=base) as uow:
        uow.details = {"avant": compte.ars_code, "apres": nouveau}
    if nouveau is None:
        session.pop("ars", None)
    else:
        session["ars"] = nouveau
    relire(compte)


def _accordee(compte: Identite, code: str) -> bool:
    if not compte.national:
        return code in compte.ars_accordees
    return current_app.appbuilder.session.get(Ars, code) is not None


def verifier_ars_affichee() -> ResponseReturnValue | None:
    """Before a write: stop when the form was shown under another ARS de travail than the present one."""
    if request.method != "POST" or not request.form.keys() & {CHAMP, CHAMP_REPRISE}:
        return None
    compte = identite()
    if compte is None:
        return None
    if reprise := request.form.get(CHAMP_REPRISE):
        changer(compte, reprise)
        return None
    affichee = request.form.get(CHAMP)
    if affichee == (compte.ars_code or TOUTES):
        return None
    champs = [(cle, valeur) for cle, valeur in request.form.items(multi=True) if cle not in (CHAMP, "csrf_token")]
    page = render_template("ars_changee.html", title="L’ARS de travail a changé", champs=champs, affichee=affichee)
    return page, 409


def installer(app: Flask) -> None:
    app.before_request(verifier_ars_affichee)
