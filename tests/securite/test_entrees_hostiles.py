"""Nothing that is sent is a failure: addresses, query strings, forms, bodies, headers (QUALITY A-33, A-34)."""

import random
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import build
from tests.securite.routes import routes

MECHANTS = [
    "", " ", "0", "-1", "abc", "999999999", "9" * 40, "1e9", "²", "１２", "(((", "'", '"', "\\", "%", "_", "*", "**",
    "%00", "\x00", "\ufeff", "\U0010ffff", "\ud7ff", "ß", "İ", "\n", "SUPPRIME", "true", "None", "[]", "{}", "../..",
    "//x", "53", "'; DROP TABLE etablissement; --", "x" * 3000, '<script>"{{ 7 }}\u202e',
]  # fmt: skip
NOMS = [
    "page", "taille", "tri", "sens", "q", "ars", "numero", "numero_ej", "nom", "adresse", "code_postal", "ville",
    "statut", "etat", "chu", "nature", "departement", "bassin_de_vie", "finess_errone", "registre", "numero_finess",
    "next", "etablissement", "semestre", "format", "simulation", "_flt_0_ars", "_oc_Etablissement",
    "page_Etablissement", "psize_X", "reference", "terrain", "specialite", "subdivision", "type", "decision",
    "a_reexaminer", "echeance", "fin_apres", "fin_avant", "identifiant", "interne", "rpps", "bloc",
]  # fmt: skip
valeurs = st.one_of(st.sampled_from(MECHANTS), st.text(max_size=30))
parametres = st.lists(st.tuples(st.one_of(st.sampled_from(NOMS), st.text(max_size=5)), valeurs), max_size=5)
RAPIDE = settings(
    max_examples=150, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def test_no_query_string_is_a_failure(app, session, connexion):
    """Every GET route, with parameters known and unknown, well and badly encoded."""
    build.etablissement(session)
    client = connexion("national", ars="53")
    lectures = [route for route in routes(app) if route.methode == "GET" and route.endpoint != "static"]

    @RAPIDE
    @given(st.sampled_from(lectures), parametres)
    def essayer(route, paires):
        reponse = client.get(route.adresse, query_string=paires, buffered=True)
        assert reponse.status_code < 500, (route.adresse, paires)

    essayer()


def test_no_bytes_of_an_address_are_a_failure(app, session, connexion):
    """Raw bytes, as a client that does not encode would send them."""
    build.etablissement(session)
    connecte = connexion("national", ars="53")
    lectures = [route for route in routes(app) if route.methode == "GET" and route.endpoint != "static"]
    hasard = random.Random(20261123)

    for route in lectures:
        brut = bytes(hasard.randrange(1, 256) for _ in range(12)).replace(b"\n", b"")
        for client in (connecte, app.test_client()):
            for octets in (brut, b"nom=\xff&ars=\xe9", quote_from_bytes(brut).encode()):
                reponse = client.get(
                    route.adresse, environ_overrides={"QUERY_STRING": octets.decode("latin-1")}, buffered=True
                )
                assert reponse.status_code < 500, (route.adresse, octets)


@pytest.mark.parametrize(
    "cle", ["0", "-1", "1.5", "abc", "9" * 12, "²", "%00", "%ff", "..%2f..", "é", "1;2", "x" * 3000]
)
def test_no_key_in_an_address_is_a_failure(app, connexion, cle):
    client = connexion("national", ars="53")

    for route in routes(app):
        if "<" in route.regle and route.endpoint != "static":
            adresse = "/".join(cle if partie.startswith("<") else partie for partie in route.regle.split("/"))
            assert client.open(adresse, method=route.methode, buffered=True).status_code in (302, 400, 404), adresse


def test_no_form_is_a_failure(app, session, connection, connexion, depot):
    """Every POST route, with the fields of the screens and any values."""
    depot.mkdir()
    et = build.etablissement(session, categorie_code="101")
    terrain, numero_et = build.terrain(session, etablissement=et), et.numero_finess
    ecritures = [
        route.adresse.replace("/etablissements/0/", f"/etablissements/{et.id}/").replace(
            "/terrains/0/", f"/terrains/{terrain.id}/"
        )
        for route in routes(app)
        if route.methode == "POST" and route.endpoint != "ConnexionView.login"
    ]
    champs = st.sampled_from(
        [
            "adresse_secondaire", "code_postal_secondaire", "ville_secondaire", "courriel_secondaire",
            "finess_errone_commentaire", "code_insee_secondaire", "version", "ufr_formation", "ars", "ars_affichee",
            "ars_reprise", "code", "nom", "subdivisions", "interregion", "annee", "saison", "date_debut", "date_fin",
            "roles", "universitaire", "active", "username", "email", "mot_de_passe", "actuel", "nouveau",
            "confirmation", "fichier", "simulation", "destinataires", "format_", "message", "jeton", "rowid", "action",
            "confirmer", "commentaire", "subdivision_code", "specialite_code", "specialites_complementaires",
            "nombre_de_postes", "stage_chu", "type_organisme", "organisme_nom", "siret", "autre_numero", "adresse",
            "code_postal", "ville", "code_insee", "activite", "malgre_doublons", "rpps_errone",
            "nature_exercice_locale",
        ]
    )  # fmt: skip
    formulaires = st.lists(st.tuples(champs, valeurs), max_size=8)

    @RAPIDE
    @given(st.sampled_from(ecritures), formulaires, st.sampled_from(MECHANTS))
    def essayer(adresse, paires, numero):
        point = connection.begin_nested()
        client = connexion("national", ars="53")
        session.commit()
        donnees: dict[str, list[str]] = {}
        for nom, valeur in paires:
            donnees.setdefault(nom, []).append(valeur)
        reponse = client.post(
            adresse,
            query_string={"numero_finess": numero, "etablissement": numero_et, "rpps": numero},
            data=donnees,
            buffered=True,
        )
        point.rollback()
        session.expire_all()
        assert reponse.status_code < 500, (adresse, donnees)

    essayer()


CORPS = [
    (b"", "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data", "multipart/form-data; boundary=x"),
    (b"--x\r\n\r\n--x--", "multipart/form-data"),
    (b'--x\r\nContent-Disposition: form-data; name="fichier"\r\n\r\n\r\n--x--\r\n', "multipart/form-data; boundary=x"),
    (b"{", "application/json"),
    (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
    (b"a=1&" * 3000, "application/x-www-form-urlencoded"),
    (b"a" * 2_000_000, "application/x-www-form-urlencoded"),
    (b"x", "\xe9/\xe9; charset=\xe9"),
    (b"x", "text/plain; charset=utf-7"),
]  # fmt: skip


@pytest.mark.parametrize(("corps", "type_"), CORPS, ids=range(len(CORPS)))
def test_no_body_is_a_failure(app, connexion, depot, corps, type_):
    depot.mkdir()
    client = connexion("national", ars="53")

    for route in routes(app):
        if route.methode == "POST" and not route.regle.startswith("/reference/"):
            reponse = client.post(route.adresse, data=corps, content_type=type_, buffered=True)
            assert reponse.status_code < 500, route.adresse
            client = connexion("national", ars="53")


@pytest.mark.parametrize(
    "entetes",
    [
        {"Cookie": "session=abc.def.ghi"},
        {"Cookie": "session=eyJfdXNlcl9pZCI6IngifQ"},
        {"Host": "exemple.fr:99999"},
        {"Accept": "*/*;q=zzz, application/json;;;"},
        {"Accept-Language": "\xff"},
        {"Range": "bytes=-1"},
        {"If-Modified-Since": "hier"},
        {"X-Forwarded-Host": "exemple.fr", "X-Forwarded-For": "'; --"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"Authorization": "Basic \xff"},
        {"Transfer-Encoding": "chunked"},
    ],
    ids=str,
)
def test_no_header_is_a_failure(app, entetes):
    client = app.test_client(use_cookies=False)

    for adresse in ("/", "/connexion", "/sante/vivant", "/etablissements/export.csv", "/static/app.css", "/rien"):
        assert client.get(adresse, headers=entetes, buffered=True).status_code < 500, adresse


@pytest.mark.parametrize("version", [None, "", "0", "x", "²", "1.0", "9" * 30])
def test_a_save_without_a_known_version_is_a_stale_one(connexion, session, version):
    """A-53: leaving the field out does not go round the lock."""
    et = build.etablissement(session)
    donnees = {"telephone_secondaire": "0299000000", **({} if version is None else {"version": version})}

    reponse = connexion("gestionnaire-53").post(f"/etablissements/{et.id}/modifier", data=donnees)

    session.refresh(et)
    assert (reponse.status_code, et.telephone_secondaire) == (409, None)


def test_an_empty_form_and_an_invisible_number_are_no_failure(connexion, session):
    et = build.etablissement(session, categorie_code="101")
    client = connexion("gestionnaire-53")

    assert client.post(f"/etablissements/{et.id}/modifier").status_code == 409
    assert client.post("/etablissements/creer?numero_finess=\ufeff").status_code == 422
    assert client.post(f"/etablissements/{et.id}/conventions", data={"ufr_formation": "²"}).status_code == 409
