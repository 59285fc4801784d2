"""Engine of the imports: lines → temporary table → plan → set-based writing, with its journal (SPEC S25, I12).

`plan` holds one row per line of the file: the object its key designates, the values that object should have, or the
reason why the line is rejected. Rows and events are written by one statement; what is counted adds up or nothing is
committed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.imports.lecture import Lecture
from app.imports.objet import Objet
from app.referentiels.copie import copier
from app.unit_of_work import UnitOfWork

# Objects told by one event: a worker takes 500 events at a time, and each object becomes one entry of the journal.
_PAR_EVENEMENT = 20

_PLAN = """
    CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
    WITH resolues AS MATERIALIZED ({resolution}), comparees AS (
        SELECT r.*, first_value(ligne) OVER (PARTITION BY motif IS NULL, cle ORDER BY ligne) AS premiere,
               {autre} AS autre_premiere
        FROM resolues r
    )
    SELECT ligne, cle, id, {champs}, CASE
        WHEN motif IS NOT NULL THEN motif
        WHEN premiere < ligne THEN '« ' || cle || ' » est déjà à la ligne ' || premiere || ' de ce fichier.'
        WHEN autre_premiere < ligne
        THEN '« ' || {unique} || ' » est déjà à la ligne ' || autre_premiere || ' de ce fichier.'
        END AS motif
    FROM comparees
"""
_AUTRE = "CASE WHEN {0} IS NOT NULL THEN first_value(ligne) OVER (PARTITION BY motif IS NULL, {0} ORDER BY ligne) END"
_CREER = """
    WITH ecrits AS (
        INSERT INTO {table} AS o ({colonnes})
        SELECT {valeurs} FROM plan p WHERE p.motif IS NULL AND p.id IS NULL ORDER BY p.ligne
        RETURNING o.*
    ), textes AS (
        SELECT o.id, {identite} || jsonb_build_object('avant', '{{}}'::jsonb,
               'apres', jsonb_strip_nulls(jsonb_build_object({json_o}))) AS texte
        FROM ecrits o
    ), {evenements}
    SELECT count(*) FROM ecrits
"""
_MODIFIER = """
    WITH changees AS MATERIALIZED (
        SELECT p.* FROM plan p JOIN {table} o USING (id)
        WHERE p.motif IS NULL AND ROW({de_plan}) IS DISTINCT FROM ROW({de_objet})
    ), ecrits AS (
        UPDATE {table} o SET {affectations} FROM changees p WHERE o.id = p.id RETURNING o.id
    ), textes AS (
        SELECT o.id, {identite} || jsonb_build_object('avant', d.avant, 'apres', d.apres) AS texte
        FROM changees p JOIN {table} o USING (id)
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, x.value) AS avant, jsonb_object_agg(key, y.value) AS apres
            FROM jsonb_each(jsonb_build_object({json_o})) x JOIN jsonb_each(jsonb_build_object({json_p})) y USING (key)
            WHERE x.value IS DISTINCT FROM y.value
        ) d
    ), {evenements}
    SELECT count(*) FROM ecrits
"""
_IDENTITE = """
    jsonb_build_object('type', '{type_objet}', 'id', o.id::text, 'libelle', left({libelle}, 300), 'ars', {ars})
"""
_EVENEMENTS = """
    lots AS (SELECT (row_number() OVER (ORDER BY id) - 1) / :lot AS lot, id, texte FROM textes),
    evenements AS (
        INSERT INTO evenement (operation, acteur, source, changements)
        SELECT '{operation}', :acteur, :source, jsonb_agg(texte ORDER BY id) FROM lots GROUP BY lot ORDER BY lot
    )
"""


@dataclass(frozen=True)
class Comptes:
    """What became of the lines of a file: each one is in one of the four last counts."""

    lus: int
    crees: int
    modifies: int
    inchanges: int
    rejetes: int

    def verifier(self) -> None:
        """No silent loss: a bug here must write nothing."""
        if self.lus != self.crees + self.modifies + self.inchanges + self.rejetes:
            raise RuntimeError(f"the counts of an import do not add up: {self}")


def planifier(session: Session, objet: Objet, chemin: Path) -> Lecture:
    """Read a file into `copie`, then resolve it into `plan`."""
    lecture = Lecture(chemin, objet.colonnes, objet.cle)
    noms = tuple(un.nom for un in objet.colonnes)
    copier(session, ("ligne", "cle", "motif", "brut", *noms), _lignes(lecture))
    _executer(session, "ANALYZE copie")
    objet.preparer(session)
    _executer(session, *objet.verrous)
    autre = _AUTRE.format(objet.unique) if objet.unique else "CAST(NULL AS int)"
    plan = _PLAN.format(
        resolution=objet.resolution, champs=", ".join(objet.champs), autre=autre, unique=objet.unique or "cle"
    )
    _executer(session, "DROP TABLE IF EXISTS pg_temp.plan", plan, "ANALYZE plan")
    return lecture


def appliquer(uow: UnitOfWork, objet: Objet, lus: int) -> Comptes:
    """Write what the plan says, one change in the journal per object created or modified."""
    session = uow.session
    _executer(session, *objet.avant_ecriture)
    [rejetes, prevus, connus] = session.execute(
        text("""
            SELECT count(*) FILTER (WHERE motif IS NOT NULL),
                   count(*) FILTER (WHERE motif IS NULL AND id IS NULL),
                   count(*) FILTER (WHERE motif IS NULL AND id IS NOT NULL)
            FROM plan
        """)
    ).one()
    crees = _ecrire(uow, objet, _CREER) if prevus else 0
    modifies = _ecrire(uow, objet, _MODIFIER) if connus and objet.modifiable else 0
    comptes = Comptes(lus, crees, modifies, connus - modifies, rejetes)
    comptes.verifier()
    return comptes


def rejets(session: Session, limite: int | None = None) -> Iterator[tuple[int, str, str, str]]:
    """Rejected lines in the order of the file: number, key, reason, and the line itself; streamed."""
    requete = text("""
        SELECT p.ligne, p.cle, p.motif, c.brut FROM plan p JOIN copie c ON CAST(c.ligne AS int) = p.ligne
        WHERE p.motif IS NOT NULL ORDER BY p.ligne LIMIT CAST(:limite AS bigint)
    """)
    for ligne in session.execute(requete, {"limite": limite}, execution_options={"yield_per": 500}):
        yield ligne.ligne, ligne.cle, ligne.motif, ligne.brut


def _lignes(lecture: Lecture) -> Iterator[tuple[str | None, ...]]:
    for une in lecture:
        yield (str(une.numero), une.cle, une.motif, une.brut, *une.valeurs)


def _executer(session: Session, *instructions: str) -> None:
    for une in instructions:
        session.execute(text(une))


def _ecrire(uow: UnitOfWork, objet: Objet, gabarit: str) -> int:
    parametres = {"lot": _PAR_EVENEMENT, "acteur": uow.actor.login, "source": uow.source}
    return uow.session.scalar(text(gabarit.format(**_noms(objet))), parametres) or 0


def _noms(objet: Objet) -> dict[str, str]:
    """What the statements are made of: names of columns and SQL of the description, never values."""
    affectations = [f"{un} = p.{un}" for un in objet.champs]
    return {
        "table": objet.table,
        "colonnes": ", ".join((*objet.champs, *objet.constantes)),
        "valeurs": ", ".join((*_de("p", objet.champs), *objet.constantes.values())),
        "de_plan": ", ".join(_de("p", objet.champs)),
        "de_objet": ", ".join(_de("o", objet.champs)),
        "affectations": ", ".join((*affectations, "modifie_le = now()") if objet.horodate else affectations),
        "identite": _IDENTITE.format(type_objet=objet.type_objet, libelle=objet.libelle, ars=objet.ars),
        "json_o": _json(objet, "o"),
        "json_p": _json(objet, "p"),
        "evenements": _EVENEMENTS.format(operation=objet.operation),
    }


def _de(alias: str, champs: Iterable[str]) -> list[str]:
    return [f"{alias}.{un}" for un in champs]


def _json(objet: Objet, alias: str) -> str:
    return ", ".join(f"'{un}', {objet.lisibles.get(un, '{a}.' + un).replace('{a}', alias)}" for un in objet.champs)
