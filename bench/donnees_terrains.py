"""60 000 terrains de stage over the établissements of `donnees_pages`: two in three hospitaliers, the others of
practitioners and organismes, with responsables, secondary addresses, former numbers and notices."""

from sqlalchemy import Engine, text

from bench.donnees_pages import charger

NOMS = "ARRAY['MARTIN', 'BERNARD', 'LE GOFF', 'PETIT', 'ÉTIENNE', 'MOREAU', 'GARCIA', 'LEFÈVRE', 'ROUX', 'FAŸ']"
SERVICES = "ARRAY['Cardiologie', 'Pédiatrie', 'Réanimation', 'Gériatrie', 'Urgences', 'Médecine interne', 'Imagerie']"
# One of these names and some letters, two in a thousand apart: searches of frequent names and of a rare one.
_NOM = f"({NOMS})[1 + n % 10] || '-' || chr(65 + n / 7 % 26) || chr(65 + n / 11 % 26) || lower(chr(65 + n / 13 % 26))"
_LIEU = """CASE WHEN e.adresse_secondaire IS NULL THEN e.adresse ELSE e.adresse_secondaire END,
           e.code_postal_effectif,
           CASE WHEN e.adresse_secondaire IS NULL THEN e.ville ELSE e.ville_secondaire END, e.code_insee_effectif"""
TERRAINS = f"""
    WITH lieux AS (
        SELECT *, row_number() OVER (ORDER BY id) AS rang FROM etablissement WHERE ars_code IS NOT NULL
    ), tirage AS (
        SELECT n, CASE WHEN n % 12 < 8 THEN 'HOSPITALIER' WHEN n % 12 < 11 THEN 'PRATICIEN' ELSE 'AUTRE' END AS type,
               1 + n::bigint * 7919 % (SELECT count(*) FROM lieux) AS rang
        FROM generate_series(1, :nombre) AS n
    )
    INSERT INTO terrain_de_stage (
        numero, type, statut, nom, ars_code, subdivision_code, specialite_code, nombre_de_postes, responsable_nom,
        responsable_prenom, coordonnees_de_finess, etablissement_id, rpps, praticien_nom, praticien_prenom,
        nature_exercice, specialite_exercice_code, rpps_errone, rpps_invalide_depuis, type_organisme, organisme_nom,
        siret, adresse, code_postal, ville, code_insee, telephone, courriel, adresse_secondaire,
        code_postal_secondaire, ville_secondaire, code_insee_secondaire, version)
    SELECT e.ars_code || left(t.type, 1) || lpad(
               (row_number() OVER (PARTITION BY e.ars_code, left(t.type, 1) ORDER BY n))::text, 5, '0'),
           t.type, CASE WHEN n % 11 = 0 THEN 'INACTIF' WHEN n % 600 = 10 THEN 'TRANSFERE' ELSE 'ACTIF' END,
           CASE t.type WHEN 'PRATICIEN' THEN 'Cabinet du ' || n % 90 ELSE ({SERVICES})[1 + n % 7] || ' ' || n % 5 END,
           e.ars_code, (SELECT min(subdivision_code) FROM subdivision_ars s WHERE s.ars_code = e.ars_code),
           'DES' || lpad((1 + n % 44)::text, 2, '0'), n % 6,
           CASE WHEN n % 500 = 3 THEN 'DE SAINT-DUPONT' ELSE {_NOM} END, 'Camille', t.type = 'HOSPITALIER',
           CASE WHEN t.type = 'HOSPITALIER' THEN e.id END,
           CASE WHEN t.type = 'PRATICIEN' THEN '10' || lpad((n::bigint * 7919)::text, 9, '0') END,
           CASE WHEN t.type = 'PRATICIEN' THEN {_NOM} END, CASE WHEN t.type = 'PRATICIEN' THEN 'Zoé' END,
           CASE WHEN t.type = 'PRATICIEN' THEN 'Libéral' END, CASE WHEN t.type = 'PRATICIEN' THEN 'SM54' END,
           t.type = 'PRATICIEN' AND n % 400 = 8,
           CASE WHEN t.type = 'PRATICIEN' AND n % 300 = 9 THEN date '2026-11-20' END,
           CASE WHEN t.type = 'AUTRE' THEN 'ASSOCIATION' END,
           CASE WHEN t.type = 'AUTRE' THEN 'Association ' || {_NOM} END,
           CASE WHEN t.type = 'AUTRE' THEN lpad((n::bigint * 104729 * 7919 % 100000000000000)::text, 14, '0') END,
           {_LIEU}, '02' || lpad(n::text, 8, '0'), 'secretariat' || n || '@exemple.fr',
           CASE WHEN n % 15 = 1 THEN '2 quai de l’Internat' END, CASE WHEN n % 15 = 1 THEN e.code_postal END,
           CASE WHEN n % 15 = 1 THEN e.ville END, CASE WHEN n % 15 = 1 THEN e.code_insee END, 1
    FROM tirage t JOIN lieux e USING (rang)
"""
COMPLEMENTAIRES = """
    INSERT INTO terrain_specialite_complementaire (terrain_id, specialite_code)
    SELECT id, 'DES' || lpad((1 + id % 40)::text, 2, '0') FROM terrain_de_stage WHERE id % 3 = 0
"""
ANCIENS = """
    INSERT INTO ancien_numero (terrain_id, numero, jusqu_au)
    SELECT id, '99' || left(type, 1) || lpad((id % 100000)::text, 5, '0'), now() FROM terrain_de_stage WHERE id % 50 = 0
"""


def charger_terrains(engine: Engine, nombre_et: int, nombre: int) -> None:
    """Replace the content of the application by `nombre_et` établissements and `nombre` terrains."""
    with engine.connect() as connexion:
        charger(connexion, nombre_et)
    with engine.begin() as connexion:
        connexion.execute(text("TRUNCATE terrain_de_stage RESTART IDENTITY CASCADE"))
        connexion.execute(text(TERRAINS), {"nombre": nombre})
        for instruction in (COMPLEMENTAIRES, ANCIENS):
            connexion.execute(text(instruction))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
        connexion.execute(text("VACUUM ANALYZE"))
