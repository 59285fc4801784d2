"""« Synchronisations »: files to load, runs, and what each run rejected and changed (SPEC §4 M25).

A run is carried out by a worker: this screen asks for it and shows its `Traitement` row; a reload loses nothing.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from operator import attrgetter
from typing import Any

from flask import Flask, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from sqlalchemy.orm import Session

from app import exports
from app.errors import FichierRefuse, OperationRefused
from app.recherches import traitements
from app.referentiels import depots, suivi
from app.unit_of_work import unit_of_work
from models.traitement import NatureChangement, Traitement, TypeTraitement
from views.base import PageView
from views.identite import current_actor, identite
from views.listes import Demande, lire_demande, lister
from views.reglages import reglages
from views.telechargement import telecharger

FICHIERS_MONTRES = 3
MARGE_FORMULAIRE = 1024**2  # the fields sent beside a file
NUMERO = "<int(max=2147483647):numero>"
FORMAT = "<any(csv,xlsx):format_>"
TITRES = {
    "resume": "Traitement",
    "changements": "Changements du traitement",
    "rejets": "Lignes rejetées du traitement",
}

# Code of a refusal → what to do about it.
CONSEILS = {
    "E-FICHIER-VIDE": "Téléchargez le fichier de nouveau, puis déposez-le sous un autre nom.",
    "E-FICHIER-TRONQUE": "Son téléchargement s’est interrompu : recommencez-le, puis déposez-le sous un autre nom.",
    "E-FICHIER-GZIP": "Téléchargez le fichier de nouveau, puis déposez-le sous un autre nom.",
    "E-FICHIER-HTML": "Le site a répondu par une page au lieu du fichier : recommencez le téléchargement plus tard.",
    "E-FICHIER-ZIP": "Téléchargez l’archive de nouveau sur le site de l’Annuaire Santé, puis déposez-la.",
    "E-FICHIER-COLONNES": "Vérifiez que vous avez déposé l’extrait « Personne_activite » de l’Annuaire Santé.",
    "E-FREIN-VOLUME": "Téléchargez le fichier de nouveau, et comparez sa taille à celle du précédent.",
    "E-FREIN-REJETS": "Téléchargez le fichier de nouveau ; la page « Rejets » dit quelles lignes sont illisibles.",
    "E-FREIN-ABSENCES": "Téléchargez le fichier de nouveau, et comparez sa taille à celle du précédent.",
    "E-FICHIER-ANCIEN": "Lancez plutôt un fichier plus récent.",
    "E-FICHIER-ABSENT": "Déposez le fichier, puis relancez le traitement.",
}


class SynchronisationView(PageView):
    route_base = "/referentiels"
    class_permission_name = "Synchronisation"
    default_view = "liste"

    @expose("/")
    @has_access
    @permission_name("consulter")
    def liste(self) -> ResponseReturnValue:
        session = self.appbuilder.session()
        deposes = sorted(depots.fichiers(reglages().depot), key=attrgetter("modifie_le"), reverse=True)
        return self.render_template(
            "synchronisations/liste.html",
            title="Synchronisations",
            liste=lister(
                _demande(),
                lambda: traitements.total(session),
                lambda demande: traitements.page(session, demande.decalage, demande.taille),
            ),
            deposes=deposes[:FICHIERS_MONTRES],
            anciens=deposes[FICHIERS_MONTRES:],
            derniers=traitements.derniers_par_fichier(session, [depose.nom for depose in deposes]),
            noms_attendus=depots.NOMS_ATTENDUS,
            inconnus=depots.inconnus(reglages().depot),
            types=TypeTraitement,
            appliques=traitements.derniers_appliques(session),
            en_cours=traitements.en_cours(session),
            taille_max=reglages().taille_max_fichier,
            peut_lancer=_peut_lancer(),
        )

    @expose("/depot", methods=["POST"])
    @has_access
    @permission_name("lancer")
    def deposer(self) -> ResponseReturnValue:
        envoi = request.files.get("fichier")
        if envoi is None or not envoi.filename:
            flash("Choisissez d’abord le fichier à déposer.", "erreur")
            return redirect(url_for("SynchronisationView.liste"))
        session = self.appbuilder.session()
        try:
            with closing(envoi), unit_of_work(current_actor(), "SYN.deposer", session=session) as uow:
                depose = depots.deposer(
                    reglages().depot, envoi.filename, envoi.stream, taille_max=reglages().taille_max_fichier
                )
                uow.details = {"fichier": depose.nom, "taille": depose.taille}
        except FichierRefuse as refus:
            flash(refus.message, "erreur")
        else:
            message = f"« {depose.nom} » est dans le dossier de dépôt, comme fichier {depose.type.name} :"
            flash(f"{message} lancez-le, ou simulez d’abord.", "succes")
        return redirect(url_for("SynchronisationView.liste"))

    @expose("/lancer", methods=["POST"])
    @has_access
    @permission_name("lancer")
    def lancer(self) -> ResponseReturnValue:
        nom = request.form.get("fichier", "")
        type_ = {depose.nom: depose.type for depose in depots.fichiers(reglages().depot)}.get(nom)
        if type_ is None:
            flash("Ce fichier n’est pas dans le dossier de dépôt : choisissez-en un de la liste.", "erreur")
            return redirect(url_for("SynchronisationView.liste"))
        try:
            numero = suivi.lancer(
                current_actor(),
                type_,
                nom,
                simulation=request.form.get("simulation") == "oui",
                session=self.appbuilder.session(),
            )
        except OperationRefused as refus:
            flash(str(refus), "erreur")
            return redirect(url_for("SynchronisationView.liste"))
        return redirect(url_for("SynchronisationView.resume", numero=numero))

    @expose(f"/{NUMERO}")
    @has_access
    @permission_name("consulter")
    def resume(self, numero: int) -> ResponseReturnValue:
        traitement = self._traitement(numero)
        return self._page("resume", traitement, conseil=CONSEILS.get(traitement.motif_code or ""))

    @expose(f"/{NUMERO}/changements")
    @has_access
    @permission_name("consulter")
    def changements(self, numero: int) -> ResponseReturnValue:
        traitement, nature = self._traitement(numero), _nature()
        session = self.appbuilder.session()
        natures = traitements.natures(session, numero)
        liste = lister(
            _demande(),
            lambda: natures.get(nature, 0) if nature else sum(natures.values()),
            lambda demande: traitements.changements(session, numero, nature, demande.decalage, demande.taille),
        )
        return self._page(
            "changements",
            traitement,
            liste=liste,
            nature=nature,
            natures=natures,
            champs_changes=partial(
                traitements.champs_changes, specialites=traitements.specialites(session, traitement.type)
            ),
            fiches=traitements.fiches(session, liste.lignes),
        )

    @expose(f"/{NUMERO}/rejets")
    @has_access
    @permission_name("consulter")
    def rejets(self, numero: int) -> ResponseReturnValue:
        traitement = self._traitement(numero)
        session = self.appbuilder.session()
        liste = lister(
            _demande(),
            lambda: traitements.total_rejets(session, numero),
            lambda demande: traitements.rejets(session, numero, demande.decalage, demande.taille),
        )
        return self._page("rejets", traitement, liste=liste)

    @expose(f"/{NUMERO}/changements.{FORMAT}")
    @has_access
    @permission_name("consulter")
    def exporter_changements(self, numero: int, format_: str) -> ResponseReturnValue:
        type_ = self._traitement(numero).type
        session = self.appbuilder.session()
        entetes = traitements.entetes_changements(type_)
        lignes = traitements.lignes_changements(session, numero, type_, _nature())
        return _exporter(session, "changements", numero, format_, entetes, lignes)

    @expose(f"/{NUMERO}/rejets.{FORMAT}")
    @has_access
    @permission_name("consulter")
    def exporter_rejets(self, numero: int, format_: str) -> ResponseReturnValue:
        self._traitement(numero)
        session = self.appbuilder.session()
        lignes = traitements.lignes_rejets(session, numero)
        return _exporter(session, "rejets", numero, format_, traitements.ENTETES_REJETS, lignes)

    def _traitement(self, numero: int) -> Traitement:
        traitement: Traitement | None = self.appbuilder.session.get(Traitement, numero)
        return traitement or abort(404)

    def _page(self, onglet: str, traitement: Traitement, **contexte: Any) -> ResponseReturnValue:
        return self.render_template(
            f"synchronisations/{onglet}.html",
            title=f"{TITRES[onglet]} n° {traitement.id}",
            traitement=traitement,
            onglet=onglet,
            peut_lancer=_peut_lancer(),
            **contexte,
        )


def installer(app: Flask) -> None:
    app.before_request(permettre_un_grand_envoi)


def permettre_un_grand_envoi() -> None:
    """A registry file is larger than any other request: only whoever may deposit one may send as much."""
    if request.endpoint == "SynchronisationView.deposer" and _peut_lancer():
        request.max_content_length = reglages().taille_max_fichier + MARGE_FORMULAIRE


def _peut_lancer() -> bool:
    compte = identite()
    return compte is not None and compte.peut("Synchronisation", "lancer")


def _demande() -> Demande:
    """These lists have one order."""
    return lire_demande(request.args, (), "id")


def _nature() -> NatureChangement | None:
    return NatureChangement.__members__.get(request.args.get("nature", ""))


def _exporter(
    session: Session, liste: str, numero: int, format_: str, entetes: tuple[str, ...], lignes: Iterator[tuple[Any, ...]]
) -> ResponseReturnValue:
    """Who exported what is journaled first (A-74)."""
    with unit_of_work(current_actor(), "SYN.exporter", session=session) as uow:
        uow.details = {"traitement": numero, "liste": liste, "format": format_}
    nom = exports.nom_de_fichier(f"synchronisation-{numero}-{liste}", "", format_)
    return telecharger(exports.exporter(format_, entetes, lignes), nom, format_)
