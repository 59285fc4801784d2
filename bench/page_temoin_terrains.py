"""The witness of the terrains' pages, served with `page_temoin`: same care, same indexes, same rows."""

from typing import Any

from flask import abort, render_template, request

from bench.page_temoin import TAILLE, app, connexion

PAGE = """
    SELECT t.id, t.numero, t.nom, t.type, t.statut, t.rpps, t.praticien_nom, t.praticien_prenom, t.organisme_nom,
           coalesce(t.siret, t.autre_numero) AS numero_organisme, t.rpps_invalide_depuis, t.rpps_hors_ars_depuis,
           t.rpps_errone, t.code_postal_effectif AS code_postal, e.numero_finess, e.raison_sociale,
           CASE WHEN t.adresse_secondaire IS NULL THEN t.ville ELSE t.ville_secondaire END AS ville,
           s.nom AS subdivision, a.nom AS ars,
           array(SELECT n.numero FROM ancien_numero n WHERE n.terrain_id = t.id ORDER BY n.id) AS anciens
    FROM (SELECT id FROM terrain_de_stage WHERE {conditions} ORDER BY numero, id
          LIMIT %(taille)s OFFSET %(decalage)s) p
    JOIN terrain_de_stage t ON t.id = p.id
    JOIN ars a ON a.code = t.ars_code
    LEFT JOIN etablissement e ON e.id = t.etablissement_id
    LEFT JOIN subdivision s ON s.code = t.subdivision_code
    ORDER BY t.numero, t.id
"""
FICHE = """
    SELECT t.*, e.numero_finess, e.raison_sociale, j.numero_finess AS numero_ej, j.raison_sociale AS raison_sociale_ej,
           a.nom AS ars, s.nom AS subdivision, p.nom AS specialite, c.nom AS commune, d.nom AS departement,
           b.nom AS bassin,
           array(SELECT q.nom FROM terrain_specialite_complementaire x JOIN specialite q ON q.code = x.specialite_code
                 WHERE x.terrain_id = t.id ORDER BY q.nom) AS complementaires,
           array(SELECT n.numero FROM ancien_numero n WHERE n.terrain_id = t.id ORDER BY n.id) AS anciens
    FROM terrain_de_stage t
    JOIN ars a ON a.code = t.ars_code
    LEFT JOIN etablissement e ON e.id = t.etablissement_id
    LEFT JOIN entite_juridique j ON j.id = e.entite_juridique_id
    LEFT JOIN subdivision s ON s.code = t.subdivision_code
    LEFT JOIN specialite p ON p.code = t.specialite_code
    LEFT JOIN commune c ON c.code = t.code_insee_effectif
    LEFT JOIN departement d ON d.code = c.departement_code
    LEFT JOIN bassin_de_vie b ON b.code = c.bassin_de_vie_code
    WHERE t.id = %(id)s
"""
_MOTIF = "replace(normaliser(%(nom)s), '*', '%%')"
_NUMERO = "{0} ~>=~ %(numero)s AND {0} ~<~ (%(numero)s || '~')"
_DES_ET = "SELECT id FROM terrain_de_stage WHERE etablissement_id IN (SELECT id FROM etablissement WHERE {})"
_NOMS = [f"SELECT id FROM terrain_de_stage WHERE {un} LIKE {_MOTIF}" for un in ("titulaire_norme", "responsable_norme")]
_NUMEROS = [
    f"SELECT id FROM terrain_de_stage WHERE {_NUMERO.format(un)}" for un in ("rpps", "siret", "autre_numero_norme")
]
_DES_EJ = f"entite_juridique_id IN (SELECT id FROM entite_juridique WHERE {_NUMERO.format('numero_finess')})"
CONDITIONS = {
    "ars": "ars_code = %(ars)s",
    "nom": f"id IN ({' UNION ALL '.join((*_NOMS, _DES_ET.format(f'nom_norme LIKE {_MOTIF}')))})",
    "ville": "ville_norme LIKE '%%' || normaliser(%(ville)s) || '%%'",
    "numero": "id IN ({})".format(
        " UNION ALL ".join((*_NUMEROS, _DES_ET.format(_NUMERO.format("numero_finess")), _DES_ET.format(_DES_EJ)))
    ),
}


@app.get("/terrains/")
def terrains() -> str:
    demande = {nom: request.args[nom] for nom in CONDITIONS if request.args.get(nom)}
    conditions = " AND ".join(("true", *(CONDITIONS[nom] for nom in demande)))
    page = request.args.get("page", 1, type=int)
    valeurs: dict[str, Any] = {**demande, "taille": TAILLE, "decalage": (page - 1) * TAILLE}
    compte = f"SELECT count(*) FROM terrain_de_stage WHERE {conditions}"
    with connexion() as base:
        [total] = base.execute(compte, demande, prepare=False).fetchone()
        lignes = base.execute(PAGE.format(conditions=conditions), valeurs, prepare=False).fetchall()
    return render_template("terrains.html", lignes=lignes, total=total, page=page, pages=-(-total // TAILLE))


@app.get("/terrains/<int:identifiant>")
def terrain(identifiant: int) -> str:
    with connexion() as base:
        objet = base.execute(FICHE, {"id": identifiant}).fetchone()
    return render_template("terrain.html", objet=objet) if objet else abort(404)
