"""Actions on ticked rows: a preview that says what will be done and what is refused, then a report (N30, B-07, S145).

The report is read from the event of the operation: it can be reloaded, sent to a colleague and downloaded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_wtf import FlaskForm
from werkzeug.utils import cached_property

from app import exports
from app.operations.lot import Rapport
from app.unit_of_work import UnitOfWork
from models.journal import Evenement
from views.identite import current_actor
from views.telechargement import telecharger

CONFIRMER = "confirmer"
AUCUNE_LIGNE = "Cochez au moins une ligne de la liste, puis choisissez l’action."
ENTETES = ("Objet", "Résultat", "Motif")


@dataclass(frozen=True)
class Lot:
    """One action: how it looks before and after, and the operation behind it.

    `nom` is the value of the button, `code` ends the code of the operation in the journal (« TS.supprimer »).
    """

    nom: str
    libelle: str
    code: str
    effet: str
    examiner: Callable[[Sequence[int]], Rapport]
    executer: Callable[[UnitOfWork, Sequence[int]], Rapport]
    form: FlaskForm | None = None  # what is asked before the button
    danger: bool = False


@dataclass(frozen=True)
class CompteRendu:
    """What an event tells of an action on a selection."""

    evenement: Evenement

    @cached_property
    def faits(self) -> list[str]:
        return [un["libelle"] for un in self.evenement.changements]

    @cached_property
    def refuses(self) -> list[tuple[str, str]]:
        details = self.evenement.details or {}
        return list(zip(details["refuses"], details["motifs"], strict=True))

    @property
    def inchanges(self) -> int:
        """Rows that already were as asked."""
        return int((self.evenement.details or {})["faits"]) - len(self.faits)

    def lignes(self) -> list[tuple[str, str, str]]:
        """Rows of its file, what was refused first."""
        return [
            *((libelle, "Refusé", motif) for libelle, motif in self.refuses),
            *((libelle, "Fait", "") for libelle in self.faits),
        ]


def details(rapport: Rapport) -> dict[str, Any]:
    """What the event keeps beside the changes: how many rows were done, which were refused and why."""
    motifs = [(une.libelle, refus.message) for une in rapport.refusees for refus in une.refus]
    return {
        "faits": len(rapport.faites),
        "refuses": [libelle for libelle, _ in motifs],
        "motifs": [motif for _, motif in motifs],
    }


class ActionsEnLot:
    """Mixed into a search screen, whose rows may be ticked."""

    actions_multiples: ClassVar[dict[str, str]] = {}  # value of the button → its label
    nom_objet: ClassVar[tuple[str, str]]  # one, several
    codes_des_lots: ClassVar[frozenset[str]] = frozenset()  # operations whose events are reports here

    def actions_groupees(self) -> dict[str, str]:
        """What this user has the right to do on ticked rows, with the labels of the buttons."""
        return {action: libelle for action, libelle in self.actions_multiples.items() if self.peut(action)}

    def en_lot(self, lot: Lot, objets: Sequence[Any]) -> ResponseReturnValue:
        """The preview, or once it was confirmed the operation and its report."""
        ids = [objet.id for objet in objets]
        if not ids:
            flash(AUCUNE_LIGNE, "erreur")
            return redirect(self._avec_criteres(url_for(f"{self.endpoint}.list")))
        if CONFIRMER not in request.form or (lot.form is not None and not lot.form.validate()):
            return self.apercu(lot, ids, lot.examiner(ids))
        with self.datamodel.operation(lot.code) as uow:
            uow.details = details(lot.executer(uow, ids))
        return redirect(self._avec_criteres(url_for(f"{self.endpoint}.rapport", evenement_id=uow.evenement_id)))

    def apercu(
        self, lot: Lot, ids: Sequence[int], rapport: Rapport, *, retour: str = "", refuse: bool = False
    ) -> ResponseReturnValue:
        """Row by row, what will be done and what is refused; the button carries the count. `retour`: of one object."""
        nombre = len(rapport.faites)
        bouton = f"{lot.libelle} {self._nombre(nombre)}" if not retour else lot.libelle
        page = self.render_template(
            "lot/apercu.html",
            title=f"{lot.libelle} {rapport.lignes[0].libelle if retour else self._nombre(len(ids))}",
            vue=self,
            lot=lot,
            rapport=rapport,
            bouton=bouton,
            seul=bool(retour),
            retour=retour or self._avec_criteres(url_for(f"{self.endpoint}.list")),
        )
        return page, 409 if refuse else 422 if lot.form is not None and lot.form.errors else 200

    @expose("/rapports/<int:evenement_id>")
    @has_access
    def rapport(self, evenement_id: int) -> ResponseReturnValue:
        """What was done and what was refused, row by row (N30)."""
        compte_rendu = self._compte_rendu(evenement_id)
        return self.render_template(
            "lot/rapport.html",
            title=f"Compte rendu n° {evenement_id}",
            vue=self,
            compte_rendu=compte_rendu,
            evenement=compte_rendu.evenement,
            fait=self._nombre(len(compte_rendu.faits)),
            retour=self._avec_criteres(url_for(f"{self.endpoint}.list")),
        )

    @expose("/rapports/<int:evenement_id>.<any(csv,xlsx):format_>")
    @has_access
    def exporter_rapport(self, evenement_id: int, format_: str) -> ResponseReturnValue:
        compte_rendu = self._compte_rendu(evenement_id)
        with self.datamodel.operation("exporter") as uow:
            uow.details = {"compte_rendu": evenement_id, "lignes": len(compte_rendu.lignes()), "format": format_}
        contenu = exports.exporter(format_, ENTETES, compte_rendu.lignes())
        return telecharger(contenu, f"compte_rendu_{evenement_id}.{format_}", format_)

    def _compte_rendu(self, evenement_id: int) -> CompteRendu:
        """The event of an action of this screen; that of another ARS stays closed, as its history is (M23)."""
        evenement = self.datamodel.session.get(Evenement, evenement_id)
        actor = current_actor()
        if (
            evenement is None
            or evenement.operation not in self.codes_des_lots
            or "faits" not in (evenement.details or {})
        ):
            abort(404)
        if not (actor.national or evenement.ars_travail_code == actor.ars_code):
            abort(403)
        return CompteRendu(evenement)

    def _nombre(self, nombre: int) -> str:
        un, plusieurs = self.nom_objet
        return f"{nombre} {plusieurs if nombre > 1 else un}"

    def _avec_criteres(self, adresse: str) -> str:
        """The address with the criteria of the list that the rows were ticked in."""
        criteres = urlencode(list(request.args.items(multi=True)))
        return f"{adresse}?{criteres}" if criteres else adresse
