"""The witness of the pages' benchmark: the list and the card of établissements written by hand, as well as one can.

Flask, psycopg, two static Jinja templates; the same rows and columns as ours, on the same indexes, counted and paged.
No ORM, no login, no rights, no search form, no actions: what the application adds is what the ratio measures.
"""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask, abort, render_template, request
from psycopg.rows import namedtuple_row

TAILLE = 25
TRIS = {"nom": "nom_norme", "ville": "ville_norme", "numero": "numero_finess"}

# The lists are not prepared: their best plan depends on what is typed.
COMPTE = "SELECT count(*) FROM etablissement WHERE {conditions}"
PAGE = """
    SELECT e.id, e.numero_finess, e.raison_sociale, e.code_postal_effectif AS code_postal, e.statut, e.finess_errone,
           e.absent_depuis, e.rouvert_le, a.nom AS ars, coalesce(n.libelle, e.categorie_code) AS nature,
           CASE WHEN e.adresse_secondaire IS NULL THEN e.ville ELSE e.ville_secondaire END AS ville,
           j.numero_finess AS numero_ej, j.raison_sociale AS raison_sociale_ej,
           EXISTS (SELECT FROM terrain_de_stage t WHERE t.etablissement_id = e.id AND t.statut = 'ACTIF') AS terrain
    FROM (SELECT id FROM etablissement WHERE {conditions} ORDER BY {tri}, id LIMIT %(taille)s OFFSET %(decalage)s) p
    JOIN etablissement e ON e.id = p.id
    JOIN entite_juridique j ON j.id = e.entite_juridique_id
    LEFT JOIN categorie_finess n ON n.code = e.categorie_code
    LEFT JOIN ars a ON a.code = e.ars_code
    ORDER BY e.{tri}, e.id
"""
FICHE = """
    SELECT e.*, j.numero_finess AS numero_ej, j.raison_sociale AS raison_sociale_ej, j.statut AS statut_ej,
           a.nom AS ars, n.libelle AS nature, c.nom AS commune, d.nom AS departement, b.nom AS bassin,
           h.subdivision_code AS subdivision, coalesce(h.universitaire, e.categorie_code = '101') AS chu
    FROM etablissement e
    JOIN entite_juridique j ON j.id = e.entite_juridique_id
    LEFT JOIN categorie_finess n ON n.code = e.categorie_code
    LEFT JOIN ars a ON a.code = e.ars_code
    LEFT JOIN chu h ON h.numero_finess_ej = j.numero_finess
    LEFT JOIN commune c ON c.code = e.code_insee_effectif
    LEFT JOIN departement d ON d.code = c.departement_code
    LEFT JOIN bassin_de_vie b ON b.code = c.bassin_de_vie_code
    WHERE e.id = %(id)s
"""
CONVENTIONS = """
    SELECT u.nom AS ufr, f.nom AS formation
    FROM convention_ufr v
    JOIN ufr_formation p ON p.id = v.ufr_formation_id
    JOIN ufr u ON u.id = p.ufr_id
    JOIN formation f ON f.id = p.formation_id
    WHERE v.etablissement_id = %(id)s
    ORDER BY v.id
"""
PAIRES = """
    SELECT p.id, u.nom AS ufr, f.nom AS formation
    FROM ufr_formation p
    JOIN circonscription c ON c.id = p.circonscription_id
    JOIN subdivision s ON s.code = c.subdivision_code OR s.interregion_code = c.interregion_code
    JOIN ufr u ON u.id = p.ufr_id
    JOIN formation f ON f.id = p.formation_id
    WHERE s.code = %(subdivision)s
      AND NOT EXISTS (SELECT FROM convention_ufr v WHERE v.etablissement_id = %(id)s AND v.ufr_formation_id = p.id)
    ORDER BY p.id
"""
CONDITIONS = {
    "ars": "ars_code = %(ars)s",
    "nom": "nom_norme LIKE replace(normaliser(%(nom)s), '*', '%%')",
    "ville": "ville_norme LIKE '%%' || normaliser(%(ville)s) || '%%'",
    "numero": "numero_finess ~>=~ %(numero)s AND numero_finess ~<~ (%(numero)s || '~')",
}

app = Flask(__name__, template_folder="gabarits_temoin")
_libres: deque[psycopg.Connection[Any]] = deque()


@contextmanager
def connexion() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the pool: the last one given back, whose statements are prepared already."""
    url = os.environ["DATABASE_URL"].replace("+psycopg", "")
    prise = _libres.pop() if _libres else psycopg.connect(url, autocommit=True, row_factory=namedtuple_row)
    yield prise
    _libres.append(prise)


@app.get("/etablissements/")
def liste() -> str:
    demande = {nom: request.args[nom] for nom in CONDITIONS if request.args.get(nom)}
    conditions = " AND ".join(["statut IN ('ACTIF', 'INACTIF')", *(CONDITIONS[nom] for nom in demande)])
    page = request.args.get("page", 1, type=int)
    valeurs = {**demande, "taille": TAILLE, "decalage": (page - 1) * TAILLE}
    tri = TRIS.get(request.args.get("tri", "nom"), "nom_norme")
    with connexion() as base:
        [total] = base.execute(COMPTE.format(conditions=conditions), demande, prepare=False).fetchone()
        lignes = base.execute(PAGE.format(conditions=conditions, tri=tri), valeurs, prepare=False).fetchall()
    return render_template("liste.html", lignes=lignes, total=total, page=page, pages=-(-total // TAILLE))


@app.get("/etablissements/<int:identifiant>")
def fiche(identifiant: int) -> str:
    with connexion() as base:
        objet = base.execute(FICHE, {"id": identifiant}).fetchone()
        if objet is None:
            abort(404)
        valeurs = {"id": identifiant, "subdivision": objet.subdivision}
        conventions = base.execute(CONVENTIONS, valeurs).fetchall() if objet.chu else []
        paires = base.execute(PAIRES, valeurs).fetchall() if objet.chu else []
    return render_template("fiche.html", objet=objet, conventions=conventions, paires=paires)
