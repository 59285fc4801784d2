"""Foundations: extensions, the `normaliser` function and every table, those of Flask-AppBuilder included."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# `unaccent` alone cannot be indexed: it would follow whatever dictionary the search path finds. This one is fixed.
NORMALISER = """
CREATE FUNCTION normaliser(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1))
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.execute(NORMALISER)
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_group_name")),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_permission_name")),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_register_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_register_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_register_user_username")),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_role")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_role_name")),
    )
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.Column("session_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["changed_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_changed_by_fk")),
        sa.ForeignKeyConstraint(["created_by_fk"], ["ab_user.id"], name=op.f("fk_ab_user_created_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user")),
        sa.UniqueConstraint("email", name=op.f("uq_ab_user_email")),
        sa.UniqueConstraint("username", name=op.f("uq_ab_user_username")),
    )
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_view_menu")),
        sa.UniqueConstraint("name", name=op.f("uq_ab_view_menu_name")),
    )
    op.create_table(
        "ars",
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ars")),
        sa.UniqueConstraint("nom", name=op.f("uq_ars_nom")),
    )
    op.create_table(
        "bassin_de_vie",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bassin_de_vie")),
    )
    op.create_table(
        "categorie_finess",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("libelle", sa.String(length=150), nullable=False),
        sa.Column("domaine", sa.String(length=10), nullable=True),
        sa.Column("agregat", sa.String(length=150), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categorie_finess")),
    )
    op.create_table(
        "finess_ej",
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("code_ape", sa.String(length=6), nullable=True),
        sa.Column("statut_juridique_code", sa.String(length=2), nullable=True),
        sa.Column("date_creation", sa.Date(), nullable=True),
        sa.Column("empreinte", sa.LargeBinary(), nullable=True),
        sa.Column("numero", sa.String(length=9), nullable=False),
        sa.Column("raison_sociale", sa.String(length=255), nullable=False),
        sa.Column("raison_sociale_longue", sa.String(length=255), nullable=True),
        sa.Column("adresse", sa.String(length=255), nullable=True),
        sa.Column("complement", sa.String(length=255), nullable=True),
        sa.Column("code_postal", sa.String(length=10), nullable=True),
        sa.Column("ville", sa.String(length=100), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("telecopie", sa.String(length=30), nullable=True),
        sa.Column("courriel", sa.String(length=254), nullable=True),
        sa.Column("ouvert", sa.Boolean(), nullable=False),
        sa.Column("date_fermeture", sa.Date(), nullable=True),
        sa.Column("absent_depuis", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("numero", name=op.f("pk_finess_ej")),
    )
    op.create_table(
        "finess_et",
        sa.Column("numero_ej", sa.String(length=9), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("categorie_code", sa.String(length=3), nullable=True),
        sa.Column("date_ouverture", sa.Date(), nullable=True),
        sa.Column("numero", sa.String(length=9), nullable=False),
        sa.Column("raison_sociale", sa.String(length=255), nullable=False),
        sa.Column("raison_sociale_longue", sa.String(length=255), nullable=True),
        sa.Column("adresse", sa.String(length=255), nullable=True),
        sa.Column("complement", sa.String(length=255), nullable=True),
        sa.Column("code_postal", sa.String(length=10), nullable=True),
        sa.Column("ville", sa.String(length=100), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("telecopie", sa.String(length=30), nullable=True),
        sa.Column("courriel", sa.String(length=254), nullable=True),
        sa.Column("ouvert", sa.Boolean(), nullable=False),
        sa.Column("date_fermeture", sa.Date(), nullable=True),
        sa.Column("absent_depuis", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("numero", name=op.f("pk_finess_et")),
    )
    op.create_index(op.f("ix_finess_et_numero_ej"), "finess_et", ["numero_ej"], unique=False)
    op.create_table(
        "formation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column(
            "filiere",
            sa.Enum(
                "MEDECINE",
                "PHARMACIE",
                "ODONTOLOGIE",
                name="filiere",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formation")),
        sa.UniqueConstraint("nom", name=op.f("uq_formation_nom")),
    )
    op.create_table(
        "graine",
        sa.Column("nom", sa.String(length=40), nullable=False),
        sa.Column("empreinte", sa.String(length=64), nullable=False),
        sa.Column("chargee_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("nom", name=op.f("pk_graine")),
    )
    op.create_table(
        "interregion",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_interregion")),
        sa.UniqueConstraint("nom", name=op.f("uq_interregion_nom")),
    )
    op.create_table(
        "semestre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("annee", sa.Integer(), nullable=False),
        sa.Column(
            "saison",
            sa.Enum("HIVER", "ETE", name="saison", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("date_debut", sa.Date(), nullable=False),
        sa.Column("date_fin", sa.Date(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("daterange(date_debut, date_fin, '[]')"), "&&"),
            using="gist",
            name="ex_semestre_sans_chevauchement",
        ),
        sa.CheckConstraint("date_debut < date_fin", name=op.f("ck_semestre_dates_dans_l_ordre")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_semestre")),
        sa.UniqueConstraint("annee", "saison", name=op.f("uq_semestre_annee_saison")),
    )
    op.create_table(
        "specialite",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=150), nullable=False),
        sa.Column("nature", sa.String(length=10), nullable=False),
        sa.Column("filiere", sa.String(length=30), nullable=True),
        sa.Column("groupe", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_specialite")),
    )
    op.create_index(op.f("ix_specialite_nature"), "specialite", ["nature"], unique=False)
    op.create_table(
        "statut_juridique",
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("libelle", sa.String(length=150), nullable=False),
        sa.Column("nature_code", sa.String(length=4), nullable=False),
        sa.Column("nature", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_statut_juridique")),
    )
    op.create_index(op.f("ix_statut_juridique_nature_code"), "statut_juridique", ["nature_code"], unique=False)
    op.create_table(
        "traitement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum("FINESS", name="typetraitement", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "etat",
            sa.Enum(
                "EN_ATTENTE",
                "EN_COURS",
                "APPLIQUE",
                "SIMULE",
                "DEJA_INTEGRE",
                "QUARANTAINE",
                "REFUSE",
                "ECHEC",
                name="etattraitement",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("motif_code", sa.String(length=40), nullable=True),
        sa.Column("demandeur", sa.String(length=128), nullable=False),
        sa.Column("simulation", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("somme_controle", sa.String(length=64), nullable=True),
        sa.Column("version_schema", sa.String(length=20), nullable=True),
        sa.Column("donnees_du", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etape", sa.String(length=60), nullable=True),
        sa.Column("octets_lus", sa.BigInteger(), nullable=False),
        sa.Column("octets_total", sa.BigInteger(), nullable=False),
        sa.Column("demande_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("debut_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battement_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fin_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("memoire_max", sa.BigInteger(), nullable=True),
        sa.Column("lus", sa.Integer(), nullable=False),
        sa.Column("ej_lues", sa.Integer(), nullable=False),
        sa.Column("et_lus", sa.Integer(), nullable=False),
        sa.Column("crees", sa.Integer(), nullable=False),
        sa.Column("modifies", sa.Integer(), nullable=False),
        sa.Column("inchanges", sa.Integer(), nullable=False),
        sa.Column("rejetes", sa.Integer(), nullable=False),
        sa.Column("fermes", sa.Integer(), nullable=False),
        sa.Column("absents", sa.Integer(), nullable=False),
        sa.Column("objets_modifies", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traitement")),
    )
    op.create_index(op.f("ix_traitement_demande_le"), "traitement", ["demande_le"], unique=False)
    op.create_index(op.f("ix_traitement_etat"), "traitement", ["etat"], unique=False)
    op.create_index(
        "uq_traitement_un_seul_a_la_fois",
        "traitement",
        ["type"],
        unique=True,
        postgresql_where=sa.text("etat IN ('EN_ATTENTE', 'EN_COURS')"),
    )
    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_api_key_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_api_key")),
        sa.UniqueConstraint("lookup_hash", name=op.f("uq_ab_api_key_lookup_hash")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ab_api_key_uuid")),
    )
    op.create_index("idx_api_key_lookup_hash", "ab_api_key", ["lookup_hash"], unique=True)
    op.create_index("idx_api_key_prefix", "ab_api_key", ["key_prefix"], unique=False)
    op.create_index("idx_api_key_user_id", "ab_api_key", ["user_id"], unique=False)
    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_group_role_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_ab_group_role_role_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_group_role")),
        sa.UniqueConstraint("group_id", "role_id", name=op.f("uq_ab_group_role_group_id_role_id")),
    )
    op.create_index("idx_group_id", "ab_group_role", ["group_id"], unique=False)
    op.create_index("idx_group_role_id", "ab_group_role", ["role_id"], unique=False)
    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["ab_permission.id"], name=op.f("fk_ab_permission_view_permission_id")
        ),
        sa.ForeignKeyConstraint(["view_menu_id"], ["ab_view_menu.id"], name=op.f("fk_ab_permission_view_view_menu_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view")),
        sa.UniqueConstraint(
            "permission_id", "view_menu_id", name=op.f("uq_ab_permission_view_permission_id_view_menu_id")
        ),
    )
    op.create_index("idx_permission_id", "ab_permission_view", ["permission_id"], unique=False)
    op.create_index("idx_view_menu_id", "ab_permission_view", ["view_menu_id"], unique=False)
    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["ab_group.id"], name=op.f("fk_ab_user_group_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_group_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_group")),
        sa.UniqueConstraint("user_id", "group_id", name=op.f("uq_ab_user_group_user_id_group_id")),
    )
    op.create_index("idx_user_group_id", "ab_user_group", ["group_id"], unique=False)
    op.create_index("idx_user_id", "ab_user_group", ["user_id"], unique=False)
    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_ab_user_role_role_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], name=op.f("fk_ab_user_role_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_user_role")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_ab_user_role_user_id_role_id")),
    )
    op.create_table(
        "compteur_numero",
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "HOSPITALIER",
                "PRATICIEN",
                "AUTRE",
                name="typeterrain",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("dernier", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_compteur_numero_ars_code")),
        sa.PrimaryKeyConstraint("ars_code", "type", name=op.f("pk_compteur_numero")),
    )
    op.create_table(
        "departement",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column("ars_code", sa.String(length=2), nullable=True),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_departement_ars_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departement")),
    )
    op.create_index(op.f("ix_departement_ars_code"), "departement", ["ars_code"], unique=False)
    op.create_table(
        "entite_juridique",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("statut_juridique_code", sa.String(length=2), nullable=True),
        sa.Column("ars_code", sa.String(length=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "ACTIF",
                "INACTIF",
                "SUPPRIME",
                name="statutentitejuridique",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("numero_finess", sa.String(length=9), nullable=False),
        sa.Column("raison_sociale", sa.String(length=255), nullable=False),
        sa.Column("raison_sociale_longue", sa.String(length=255), nullable=True),
        sa.Column("date_fermeture", sa.Date(), nullable=True),
        sa.Column("absent_depuis", sa.Date(), nullable=True),
        sa.Column("rouvert_le", sa.Date(), nullable=True),
        sa.Column("finess_errone", sa.Boolean(), nullable=False),
        sa.Column("finess_errone_commentaire", sa.Text(), nullable=True),
        sa.Column("finess_errone_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finess_errone_par", sa.String(length=128), nullable=True),
        sa.Column(
            "nom_norme",
            sa.Text(collation="C"),
            sa.Computed("normaliser(raison_sociale || coalesce(chr(10) || raison_sociale_longue, ''))", persisted=True),
            nullable=False,
        ),
        sa.Column("adresse", sa.String(length=255), nullable=True),
        sa.Column("complement", sa.String(length=255), nullable=True),
        sa.Column("code_postal", sa.String(length=10), nullable=True),
        sa.Column("ville", sa.String(length=100), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("telecopie", sa.String(length=30), nullable=True),
        sa.Column("courriel", sa.String(length=254), nullable=True),
        sa.Column("adresse_secondaire", sa.String(length=255), nullable=True),
        sa.Column("complement_secondaire", sa.String(length=255), nullable=True),
        sa.Column("code_postal_secondaire", sa.String(length=10), nullable=True),
        sa.Column("ville_secondaire", sa.String(length=100), nullable=True),
        sa.Column("code_insee_secondaire", sa.String(length=5), nullable=True),
        sa.Column("telephone_secondaire", sa.String(length=30), nullable=True),
        sa.Column("telecopie_secondaire", sa.String(length=30), nullable=True),
        sa.Column("courriel_secondaire", sa.String(length=254), nullable=True),
        sa.Column(
            "code_postal_effectif",
            sa.String(length=10),
            sa.Computed(
                "CASE WHEN adresse_secondaire IS NOT NULL THEN code_postal_secondaire ELSE code_postal END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "code_insee_effectif",
            sa.String(length=5),
            sa.Computed(
                "CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "departement_effectif",
            sa.String(length=3),
            sa.Computed(
                "CASE WHEN left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 2) IN ('97', '98') THEN left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 3) ELSE left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 2) END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "ville_norme",
            sa.Text(collation="C"),
            sa.Computed(
                "normaliser(CASE WHEN adresse_secondaire IS NOT NULL THEN ville_secondaire ELSE ville END)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "adresse_norme",
            sa.Text(collation="C"),
            sa.Computed("normaliser(coalesce(adresse_secondaire, adresse))", persisted=True),
            nullable=True,
        ),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "'' NOT IN (coalesce(adresse_secondaire, '-'), coalesce(code_postal_secondaire, '-'), coalesce(ville_secondaire, '-'))",
            name=op.f("ck_entite_juridique_triplet_secondaire_non_vide"),
        ),
        sa.CheckConstraint(
            "numero_finess ~ '^[0-9][0-9A-Z][0-9]{7}$'", name=op.f("ck_entite_juridique_numero_finess_valide")
        ),
        sa.CheckConstraint(
            "num_nonnulls(adresse_secondaire, code_postal_secondaire, ville_secondaire) IN (0, 3)",
            name=op.f("ck_entite_juridique_triplet_secondaire_complet"),
        ),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_entite_juridique_ars_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entite_juridique")),
        sa.UniqueConstraint("numero_finess", name=op.f("uq_entite_juridique_numero_finess")),
    )
    op.create_index(
        "ix_entite_juridique_adresse_norme",
        "entite_juridique",
        ["adresse_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"adresse_norme": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_entite_juridique_ars_code"), "entite_juridique", ["ars_code"], unique=False)
    op.create_index(
        "ix_entite_juridique_code_insee_effectif", "entite_juridique", ["code_insee_effectif"], unique=False
    )
    op.create_index(
        "ix_entite_juridique_code_postal_effectif",
        "entite_juridique",
        ["code_postal_effectif"],
        unique=False,
        postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
    )
    op.create_index(
        "ix_entite_juridique_departement_effectif", "entite_juridique", ["departement_effectif"], unique=False
    )
    op.create_index(
        "ix_entite_juridique_nom_norme",
        "entite_juridique",
        ["nom_norme", "id"],
        unique=False,
        postgresql_include=["statut", "ars_code"],
    )
    op.create_index(
        "ix_entite_juridique_nom_norme_trgm",
        "entite_juridique",
        ["nom_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"nom_norme": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_entite_juridique_notices",
        "entite_juridique",
        ["ars_code"],
        unique=False,
        postgresql_where=sa.text("absent_depuis IS NOT NULL OR rouvert_le IS NOT NULL OR finess_errone IS true"),
    )
    op.create_index(
        "ix_entite_juridique_numero_prefixe",
        "entite_juridique",
        ["numero_finess"],
        unique=False,
        postgresql_ops={"numero_finess": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_entite_juridique_statut"), "entite_juridique", ["statut"], unique=False)
    op.create_index(
        op.f("ix_entite_juridique_statut_juridique_code"), "entite_juridique", ["statut_juridique_code"], unique=False
    )
    op.create_index(
        "ix_entite_juridique_ville_norme",
        "entite_juridique",
        ["ville_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"ville_norme": "gin_trgm_ops"},
    )
    op.create_table(
        "evenement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("acteur", sa.String(length=128), nullable=False),
        sa.Column("ars_travail_code", sa.String(length=2), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("requete_id", sa.String(length=36), nullable=True),
        sa.Column("traitement_id", sa.Integer(), nullable=True),
        sa.Column("changements", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("traite_le", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ars_travail_code"], ["ars.code"], name=op.f("fk_evenement_ars_travail_code")),
        sa.ForeignKeyConstraint(["traitement_id"], ["traitement.id"], name=op.f("fk_evenement_traitement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evenement")),
    )
    op.create_index(op.f("ix_evenement_acteur"), "evenement", ["acteur"], unique=False)
    op.create_index(op.f("ix_evenement_ars_travail_code"), "evenement", ["ars_travail_code"], unique=False)
    op.create_index(
        "ix_evenement_en_attente", "evenement", ["id"], unique=False, postgresql_where=sa.text("traite_le IS NULL")
    )
    op.create_index(op.f("ix_evenement_le"), "evenement", ["le"], unique=False)
    op.create_index(op.f("ix_evenement_operation"), "evenement", ["operation"], unique=False)
    op.create_index(op.f("ix_evenement_traitement_id"), "evenement", ["traitement_id"], unique=False)
    op.create_table(
        "subdivision",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column("interregion_code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["interregion_code"], ["interregion.code"], name=op.f("fk_subdivision_interregion_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_subdivision")),
        sa.UniqueConstraint("nom", name=op.f("uq_subdivision_nom")),
    )
    op.create_index(op.f("ix_subdivision_interregion_code"), "subdivision", ["interregion_code"], unique=False)
    op.create_table(
        "traitement_changement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("traitement_id", sa.Integer(), nullable=False),
        sa.Column(
            "objet",
            sa.Enum("EJ", "ET", name="objetfinesstraite", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "nature",
            sa.Enum(
                "CREE",
                "FERME",
                "ROUVERT",
                "RATTACHE",
                "ABSENT",
                "REVENU",
                "MODIFIE",
                name="naturechangement",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("numero", sa.String(length=9), nullable=False),
        sa.Column("libelle", sa.String(length=255), nullable=False),
        sa.Column("avant", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("apres", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["traitement_id"],
            ["traitement.id"],
            name=op.f("fk_traitement_changement_traitement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traitement_changement")),
    )
    op.create_index(
        "ix_traitement_changement_liste", "traitement_changement", ["traitement_id", "nature", "id"], unique=False
    )
    op.create_index(op.f("ix_traitement_changement_numero"), "traitement_changement", ["numero"], unique=False)
    op.create_table(
        "traitement_rejet",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("traitement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(length=20), nullable=False),
        sa.Column(
            "objet",
            sa.Enum("EJ", "ET", name="objetfinesstraite", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("numero", sa.String(length=60), nullable=True),
        sa.Column("motif", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["traitement_id"], ["traitement.id"], name=op.f("fk_traitement_rejet_traitement_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_traitement_rejet")),
    )
    op.create_index(op.f("ix_traitement_rejet_traitement_id"), "traitement_rejet", ["traitement_id"], unique=False)
    op.create_table(
        "utilisateur_ars",
        sa.Column("utilisateur_id", sa.Integer(), nullable=False),
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_utilisateur_ars_ars_code")),
        sa.ForeignKeyConstraint(
            ["utilisateur_id"], ["ab_user.id"], name=op.f("fk_utilisateur_ars_utilisateur_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("utilisateur_id", "ars_code", name=op.f("pk_utilisateur_ars")),
    )
    op.create_index(op.f("ix_utilisateur_ars_ars_code"), "utilisateur_ars", ["ars_code"], unique=False)
    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["permission_view_id"],
            ["ab_permission_view.id"],
            name=op.f("fk_ab_permission_view_role_permission_view_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["ab_role.id"], name=op.f("fk_ab_permission_view_role_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ab_permission_view_role")),
        sa.UniqueConstraint(
            "permission_view_id", "role_id", name=op.f("uq_ab_permission_view_role_permission_view_id_role_id")
        ),
    )
    op.create_index("idx_permission_view_id", "ab_permission_view_role", ["permission_view_id"], unique=False)
    op.create_index("idx_role_id", "ab_permission_view_role", ["role_id"], unique=False)
    op.create_table(
        "chu",
        sa.Column("numero_finess_ej", sa.String(length=9), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column("subdivision_code", sa.String(length=20), nullable=False),
        sa.Column("universitaire", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["subdivision_code"], ["subdivision.code"], name=op.f("fk_chu_subdivision_code")),
        sa.PrimaryKeyConstraint("numero_finess_ej", name=op.f("pk_chu")),
    )
    op.create_index(op.f("ix_chu_subdivision_code"), "chu", ["subdivision_code"], unique=False)
    op.create_table(
        "circonscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column("subdivision_code", sa.String(length=20), nullable=True),
        sa.Column("interregion_code", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(subdivision_code, interregion_code) = 1",
            name=op.f("ck_circonscription_subdivision_ou_interregion"),
        ),
        sa.ForeignKeyConstraint(
            ["interregion_code"], ["interregion.code"], name=op.f("fk_circonscription_interregion_code")
        ),
        sa.ForeignKeyConstraint(
            ["subdivision_code"], ["subdivision.code"], name=op.f("fk_circonscription_subdivision_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circonscription")),
        sa.UniqueConstraint("interregion_code", name=op.f("uq_circonscription_interregion_code")),
        sa.UniqueConstraint("nom", name=op.f("uq_circonscription_nom")),
        sa.UniqueConstraint("subdivision_code", name=op.f("uq_circonscription_subdivision_code")),
    )
    op.create_table(
        "commune",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column("nom_norme", sa.String(length=150), sa.Computed("normaliser(nom)", persisted=True), nullable=False),
        sa.Column("nom_postal", sa.String(length=100), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("bassin_de_vie_code", sa.String(length=5), nullable=True),
        sa.Column("commune_mere_code", sa.String(length=5), nullable=True),
        sa.ForeignKeyConstraint(
            ["bassin_de_vie_code"], ["bassin_de_vie.code"], name=op.f("fk_commune_bassin_de_vie_code")
        ),
        sa.ForeignKeyConstraint(["commune_mere_code"], ["commune.code"], name=op.f("fk_commune_commune_mere_code")),
        sa.ForeignKeyConstraint(["departement_code"], ["departement.code"], name=op.f("fk_commune_departement_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_commune")),
    )
    op.create_index(op.f("ix_commune_bassin_de_vie_code"), "commune", ["bassin_de_vie_code"], unique=False)
    op.create_index(op.f("ix_commune_departement_code"), "commune", ["departement_code"], unique=False)
    op.create_index(
        "ix_commune_nom_norme",
        "commune",
        ["nom_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"nom_norme": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_commune_nom_postal"), "commune", ["nom_postal"], unique=False)
    op.create_table(
        "entree_journal",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("evenement_id", sa.BigInteger(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("objet_type", sa.String(length=40), nullable=True),
        sa.Column("objet_id", sa.String(length=40), nullable=True),
        sa.Column("objet_libelle", sa.String(length=300), nullable=True),
        sa.Column("ars_code", sa.String(length=2), nullable=True),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("avant", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("apres", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["evenement_id"], ["evenement.id"], name=op.f("fk_entree_journal_evenement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entree_journal")),
        sa.UniqueConstraint("evenement_id", "rang", name=op.f("uq_entree_journal_evenement_id_rang")),
    )
    op.create_index(op.f("ix_entree_journal_ars_code"), "entree_journal", ["ars_code"], unique=False)
    op.create_index("ix_entree_journal_objet", "entree_journal", ["objet_type", "objet_id", "id"], unique=False)
    op.create_table(
        "etablissement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entite_juridique_id", sa.Integer(), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("categorie_code", sa.String(length=3), nullable=True),
        sa.Column("date_ouverture", sa.Date(), nullable=True),
        sa.Column("ars_code", sa.String(length=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "statut",
            sa.Enum(
                "ACTIF",
                "INACTIF",
                "SUPPRIME",
                name="statutetablissement",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("numero_finess", sa.String(length=9), nullable=False),
        sa.Column("raison_sociale", sa.String(length=255), nullable=False),
        sa.Column("raison_sociale_longue", sa.String(length=255), nullable=True),
        sa.Column("date_fermeture", sa.Date(), nullable=True),
        sa.Column("absent_depuis", sa.Date(), nullable=True),
        sa.Column("rouvert_le", sa.Date(), nullable=True),
        sa.Column("finess_errone", sa.Boolean(), nullable=False),
        sa.Column("finess_errone_commentaire", sa.Text(), nullable=True),
        sa.Column("finess_errone_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finess_errone_par", sa.String(length=128), nullable=True),
        sa.Column(
            "nom_norme",
            sa.Text(collation="C"),
            sa.Computed("normaliser(raison_sociale || coalesce(chr(10) || raison_sociale_longue, ''))", persisted=True),
            nullable=False,
        ),
        sa.Column("adresse", sa.String(length=255), nullable=True),
        sa.Column("complement", sa.String(length=255), nullable=True),
        sa.Column("code_postal", sa.String(length=10), nullable=True),
        sa.Column("ville", sa.String(length=100), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("telecopie", sa.String(length=30), nullable=True),
        sa.Column("courriel", sa.String(length=254), nullable=True),
        sa.Column("adresse_secondaire", sa.String(length=255), nullable=True),
        sa.Column("complement_secondaire", sa.String(length=255), nullable=True),
        sa.Column("code_postal_secondaire", sa.String(length=10), nullable=True),
        sa.Column("ville_secondaire", sa.String(length=100), nullable=True),
        sa.Column("code_insee_secondaire", sa.String(length=5), nullable=True),
        sa.Column("telephone_secondaire", sa.String(length=30), nullable=True),
        sa.Column("telecopie_secondaire", sa.String(length=30), nullable=True),
        sa.Column("courriel_secondaire", sa.String(length=254), nullable=True),
        sa.Column(
            "code_postal_effectif",
            sa.String(length=10),
            sa.Computed(
                "CASE WHEN adresse_secondaire IS NOT NULL THEN code_postal_secondaire ELSE code_postal END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "code_insee_effectif",
            sa.String(length=5),
            sa.Computed(
                "CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "departement_effectif",
            sa.String(length=3),
            sa.Computed(
                "CASE WHEN left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 2) IN ('97', '98') THEN left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 3) ELSE left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 2) END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "ville_norme",
            sa.Text(collation="C"),
            sa.Computed(
                "normaliser(CASE WHEN adresse_secondaire IS NOT NULL THEN ville_secondaire ELSE ville END)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "adresse_norme",
            sa.Text(collation="C"),
            sa.Computed("normaliser(coalesce(adresse_secondaire, adresse))", persisted=True),
            nullable=True,
        ),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "'' NOT IN (coalesce(adresse_secondaire, '-'), coalesce(code_postal_secondaire, '-'), coalesce(ville_secondaire, '-'))",
            name=op.f("ck_etablissement_triplet_secondaire_non_vide"),
        ),
        sa.CheckConstraint(
            "numero_finess ~ '^[0-9][0-9A-Z][0-9]{7}$'", name=op.f("ck_etablissement_numero_finess_valide")
        ),
        sa.CheckConstraint(
            "num_nonnulls(adresse_secondaire, code_postal_secondaire, ville_secondaire) IN (0, 3)",
            name=op.f("ck_etablissement_triplet_secondaire_complet"),
        ),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_etablissement_ars_code")),
        sa.ForeignKeyConstraint(
            ["entite_juridique_id"], ["entite_juridique.id"], name=op.f("fk_etablissement_entite_juridique_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_etablissement")),
        sa.UniqueConstraint("numero_finess", name=op.f("uq_etablissement_numero_finess")),
    )
    op.create_index(
        "ix_etablissement_adresse_norme",
        "etablissement",
        ["adresse_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"adresse_norme": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_etablissement_ars_code"), "etablissement", ["ars_code"], unique=False)
    op.create_index(op.f("ix_etablissement_categorie_code"), "etablissement", ["categorie_code"], unique=False)
    op.create_index("ix_etablissement_code_insee_effectif", "etablissement", ["code_insee_effectif"], unique=False)
    op.create_index(
        "ix_etablissement_code_postal_effectif",
        "etablissement",
        ["code_postal_effectif"],
        unique=False,
        postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
    )
    op.create_index("ix_etablissement_departement_effectif", "etablissement", ["departement_effectif"], unique=False)
    op.create_index(
        op.f("ix_etablissement_entite_juridique_id"), "etablissement", ["entite_juridique_id"], unique=False
    )
    op.create_index(
        "ix_etablissement_nom_norme",
        "etablissement",
        ["nom_norme", "id"],
        unique=False,
        postgresql_include=["statut", "ars_code"],
    )
    op.create_index(
        "ix_etablissement_nom_norme_trgm",
        "etablissement",
        ["nom_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"nom_norme": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_etablissement_notices",
        "etablissement",
        ["ars_code"],
        unique=False,
        postgresql_where=sa.text("absent_depuis IS NOT NULL OR rouvert_le IS NOT NULL OR finess_errone IS true"),
    )
    op.create_index(
        "ix_etablissement_numero_prefixe",
        "etablissement",
        ["numero_finess"],
        unique=False,
        postgresql_ops={"numero_finess": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_etablissement_statut"), "etablissement", ["statut"], unique=False)
    op.create_index(
        "ix_etablissement_ville_norme",
        "etablissement",
        ["ville_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"ville_norme": "gin_trgm_ops"},
    )
    op.create_table(
        "interne",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identifiant", sa.String(length=30), nullable=False),
        sa.Column("nom", sa.String(length=100), nullable=False),
        sa.Column("prenom", sa.String(length=100), nullable=False),
        sa.Column("subdivision_code", sa.String(length=20), nullable=False),
        sa.Column("specialite_code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["specialite_code"], ["specialite.code"], name=op.f("fk_interne_specialite_code")),
        sa.ForeignKeyConstraint(["subdivision_code"], ["subdivision.code"], name=op.f("fk_interne_subdivision_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interne")),
        sa.UniqueConstraint("identifiant", name=op.f("uq_interne_identifiant")),
    )
    op.create_index(op.f("ix_interne_nom"), "interne", ["nom"], unique=False)
    op.create_index(op.f("ix_interne_specialite_code"), "interne", ["specialite_code"], unique=False)
    op.create_index(op.f("ix_interne_subdivision_code"), "interne", ["subdivision_code"], unique=False)
    op.create_table(
        "perimetre",
        sa.Column("subdivision_code", sa.String(length=20), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("communes", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["departement_code"], ["departement.code"], name=op.f("fk_perimetre_departement_code")),
        sa.ForeignKeyConstraint(["subdivision_code"], ["subdivision.code"], name=op.f("fk_perimetre_subdivision_code")),
        sa.PrimaryKeyConstraint("subdivision_code", "departement_code", name=op.f("pk_perimetre")),
    )
    op.create_index(op.f("ix_perimetre_departement_code"), "perimetre", ["departement_code"], unique=False)
    op.create_table(
        "subdivision_ars",
        sa.Column("subdivision_code", sa.String(length=20), nullable=False),
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_subdivision_ars_ars_code")),
        sa.ForeignKeyConstraint(
            ["subdivision_code"], ["subdivision.code"], name=op.f("fk_subdivision_ars_subdivision_code")
        ),
        sa.PrimaryKeyConstraint("subdivision_code", "ars_code", name=op.f("pk_subdivision_ars")),
    )
    op.create_index(op.f("ix_subdivision_ars_ars_code"), "subdivision_ars", ["ars_code"], unique=False)
    op.create_table(
        "ufr",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=150), nullable=False),
        sa.Column("ville", sa.String(length=100), nullable=False),
        sa.Column(
            "filiere",
            sa.Enum(
                "MEDECINE",
                "PHARMACIE",
                "ODONTOLOGIE",
                name="filiere",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("subdivision_code", sa.String(length=20), nullable=False),
        sa.Column("a_verifier", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["subdivision_code"], ["subdivision.code"], name=op.f("fk_ufr_subdivision_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ufr")),
        sa.UniqueConstraint("nom", name=op.f("uq_ufr_nom")),
    )
    op.create_index(op.f("ix_ufr_subdivision_code"), "ufr", ["subdivision_code"], unique=False)
    op.create_table(
        "alias_commune",
        sa.Column("ancien_code", sa.String(length=5), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("fk_alias_commune_commune_code")),
        sa.PrimaryKeyConstraint("ancien_code", name=op.f("pk_alias_commune")),
    )
    op.create_index(op.f("ix_alias_commune_commune_code"), "alias_commune", ["commune_code"], unique=False)
    op.create_table(
        "code_postal",
        sa.Column("code_postal", sa.String(length=5), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(["commune_code"], ["commune.code"], name=op.f("fk_code_postal_commune_code")),
        sa.PrimaryKeyConstraint("code_postal", "commune_code", name=op.f("pk_code_postal")),
    )
    op.create_index(op.f("ix_code_postal_commune_code"), "code_postal", ["commune_code"], unique=False)
    op.create_table(
        "terrain_de_stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.String(length=8), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "HOSPITALIER",
                "PRATICIEN",
                "AUTRE",
                name="typeterrain",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "statut",
            sa.Enum(
                "ACTIF",
                "INACTIF",
                "TRANSFERE",
                name="statutterrain",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("nom", sa.String(length=255), nullable=False),
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.Column("subdivision_code", sa.String(length=20), nullable=True),
        sa.Column("specialite_code", sa.String(length=20), nullable=True),
        sa.Column("nombre_de_postes", sa.Integer(), nullable=True),
        sa.Column("responsable_nom", sa.String(length=100), nullable=True),
        sa.Column("responsable_prenom", sa.String(length=100), nullable=True),
        sa.Column("coordonnees_de_finess", sa.Boolean(), nullable=False),
        sa.Column("etablissement_id", sa.Integer(), nullable=True),
        sa.Column("stage_chu", sa.String(length=100), nullable=True),
        sa.Column("rpps", sa.String(length=11), nullable=True),
        sa.Column("praticien_nom", sa.String(length=100), nullable=True),
        sa.Column("praticien_prenom", sa.String(length=100), nullable=True),
        sa.Column("nature_exercice", sa.String(length=60), nullable=True),
        sa.Column("nature_exercice_locale", sa.String(length=60), nullable=True),
        sa.Column("specialite_exercice_code", sa.String(length=20), nullable=True),
        sa.Column("rpps_structure", sa.String(length=50), nullable=True),
        sa.Column("rpps_invalide_depuis", sa.Date(), nullable=True),
        sa.Column("rpps_errone", sa.Boolean(), nullable=False),
        sa.Column("rpps_errone_commentaire", sa.Text(), nullable=True),
        sa.Column("rpps_errone_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rpps_errone_par", sa.String(length=128), nullable=True),
        sa.Column(
            "type_organisme",
            sa.Enum(
                "HOPITAL_FRONTALIER",
                "ADMINISTRATION",
                "ASSOCIATION",
                "LABORATOIRE",
                "ENTREPRISE",
                "AUTRE",
                name="typeorganisme",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("organisme_nom", sa.String(length=255), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("autre_numero", sa.String(length=50), nullable=True),
        sa.Column("autre_numero_nature", sa.String(length=50), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("adresse", sa.String(length=255), nullable=True),
        sa.Column("complement", sa.String(length=255), nullable=True),
        sa.Column("code_postal", sa.String(length=10), nullable=True),
        sa.Column("ville", sa.String(length=100), nullable=True),
        sa.Column("code_insee", sa.String(length=5), nullable=True),
        sa.Column("telephone", sa.String(length=30), nullable=True),
        sa.Column("telecopie", sa.String(length=30), nullable=True),
        sa.Column("courriel", sa.String(length=254), nullable=True),
        sa.Column("adresse_secondaire", sa.String(length=255), nullable=True),
        sa.Column("complement_secondaire", sa.String(length=255), nullable=True),
        sa.Column("code_postal_secondaire", sa.String(length=10), nullable=True),
        sa.Column("ville_secondaire", sa.String(length=100), nullable=True),
        sa.Column("code_insee_secondaire", sa.String(length=5), nullable=True),
        sa.Column("telephone_secondaire", sa.String(length=30), nullable=True),
        sa.Column("telecopie_secondaire", sa.String(length=30), nullable=True),
        sa.Column("courriel_secondaire", sa.String(length=254), nullable=True),
        sa.Column(
            "code_postal_effectif",
            sa.String(length=10),
            sa.Computed(
                "CASE WHEN adresse_secondaire IS NOT NULL THEN code_postal_secondaire ELSE code_postal END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "code_insee_effectif",
            sa.String(length=5),
            sa.Computed(
                "CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "departement_effectif",
            sa.String(length=3),
            sa.Computed(
                "CASE WHEN left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 2) IN ('97', '98') THEN left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 3) ELSE left(CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END, 2) END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "ville_norme",
            sa.Text(collation="C"),
            sa.Computed(
                "normaliser(CASE WHEN adresse_secondaire IS NOT NULL THEN ville_secondaire ELSE ville END)",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "adresse_norme",
            sa.Text(collation="C"),
            sa.Computed("normaliser(coalesce(adresse_secondaire, adresse))", persisted=True),
            nullable=True,
        ),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "'' NOT IN (coalesce(adresse_secondaire, '-'), coalesce(code_postal_secondaire, '-'), coalesce(ville_secondaire, '-'))",
            name=op.f("ck_terrain_de_stage_triplet_secondaire_non_vide"),
        ),
        sa.CheckConstraint(
            "(type = 'AUTRE') = (type_organisme IS NOT NULL)",
            name=op.f("ck_terrain_de_stage_autre_a_un_type_organisme"),
        ),
        sa.CheckConstraint(
            "(type = 'HOSPITALIER') = (etablissement_id IS NOT NULL)",
            name=op.f("ck_terrain_de_stage_hospitalier_sur_un_et"),
        ),
        sa.CheckConstraint(
            "(type = 'PRATICIEN') = (rpps IS NOT NULL)", name=op.f("ck_terrain_de_stage_praticien_a_un_rpps")
        ),
        sa.CheckConstraint(
            "statut <> 'TRANSFERE' OR type = 'PRATICIEN'", name=op.f("ck_terrain_de_stage_transfere_est_praticien")
        ),
        sa.CheckConstraint(
            "subdivision_code IS NOT NULL OR statut = 'TRANSFERE'",
            name=op.f("ck_terrain_de_stage_subdivision_sauf_transfere"),
        ),
        sa.CheckConstraint("left(numero, 2) = ars_code", name=op.f("ck_terrain_de_stage_numero_de_son_ars")),
        sa.CheckConstraint("nombre_de_postes >= 0", name=op.f("ck_terrain_de_stage_nombre_de_postes_positif")),
        sa.CheckConstraint(
            "num_nonnulls(adresse_secondaire, code_postal_secondaire, ville_secondaire) IN (0, 3)",
            name=op.f("ck_terrain_de_stage_triplet_secondaire_complet"),
        ),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_terrain_de_stage_ars_code")),
        sa.ForeignKeyConstraint(
            ["etablissement_id"], ["etablissement.id"], name=op.f("fk_terrain_de_stage_etablissement_id")
        ),
        sa.ForeignKeyConstraint(
            ["specialite_code"], ["specialite.code"], name=op.f("fk_terrain_de_stage_specialite_code")
        ),
        sa.ForeignKeyConstraint(
            ["subdivision_code"], ["subdivision.code"], name=op.f("fk_terrain_de_stage_subdivision_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terrain_de_stage")),
        sa.UniqueConstraint("numero", name=op.f("uq_terrain_de_stage_numero")),
        sa.UniqueConstraint("rpps", name=op.f("uq_terrain_de_stage_rpps")),
    )
    op.create_index(
        "ix_terrain_de_stage_adresse_norme",
        "terrain_de_stage",
        ["adresse_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"adresse_norme": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_terrain_de_stage_ars_code"), "terrain_de_stage", ["ars_code"], unique=False)
    op.create_index(op.f("ix_terrain_de_stage_autre_numero"), "terrain_de_stage", ["autre_numero"], unique=False)
    op.create_index(
        "ix_terrain_de_stage_code_insee_effectif", "terrain_de_stage", ["code_insee_effectif"], unique=False
    )
    op.create_index(
        "ix_terrain_de_stage_code_postal_effectif",
        "terrain_de_stage",
        ["code_postal_effectif"],
        unique=False,
        postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
    )
    op.create_index(
        "ix_terrain_de_stage_departement_effectif", "terrain_de_stage", ["departement_effectif"], unique=False
    )
    op.create_index(
        op.f("ix_terrain_de_stage_etablissement_id"), "terrain_de_stage", ["etablissement_id"], unique=False
    )
    op.create_index(op.f("ix_terrain_de_stage_siret"), "terrain_de_stage", ["siret"], unique=False)
    op.create_index(op.f("ix_terrain_de_stage_specialite_code"), "terrain_de_stage", ["specialite_code"], unique=False)
    op.create_index(op.f("ix_terrain_de_stage_statut"), "terrain_de_stage", ["statut"], unique=False)
    op.create_index(
        op.f("ix_terrain_de_stage_subdivision_code"), "terrain_de_stage", ["subdivision_code"], unique=False
    )
    op.create_index(op.f("ix_terrain_de_stage_type"), "terrain_de_stage", ["type"], unique=False)
    op.create_index(
        "ix_terrain_de_stage_ville_norme",
        "terrain_de_stage",
        ["ville_norme"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"ville_norme": "gin_trgm_ops"},
    )
    op.create_table(
        "ufr_formation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ufr_id", sa.Integer(), nullable=False),
        sa.Column("formation_id", sa.Integer(), nullable=False),
        sa.Column("circonscription_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circonscription_id"], ["circonscription.id"], name=op.f("fk_ufr_formation_circonscription_id")
        ),
        sa.ForeignKeyConstraint(["formation_id"], ["formation.id"], name=op.f("fk_ufr_formation_formation_id")),
        sa.ForeignKeyConstraint(["ufr_id"], ["ufr.id"], name=op.f("fk_ufr_formation_ufr_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ufr_formation")),
        sa.UniqueConstraint("ufr_id", "formation_id", name=op.f("uq_ufr_formation_ufr_id_formation_id")),
    )
    op.create_index(op.f("ix_ufr_formation_circonscription_id"), "ufr_formation", ["circonscription_id"], unique=False)
    op.create_index(op.f("ix_ufr_formation_formation_id"), "ufr_formation", ["formation_id"], unique=False)
    op.create_table(
        "agrement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("terrain_id", sa.Integer(), nullable=False),
        sa.Column("specialite_code", sa.String(length=20), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "PRINCIPAL",
                "COMPLEMENTAIRE",
                "FONCTIONNEL",
                name="typeagrement",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "decision",
            sa.Enum(
                "AGREE",
                "CONDITIONNEL",
                "SUSPENDU",
                "RETIRE",
                name="decisionagrement",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("date_debut", sa.Date(), nullable=False),
        sa.Column("date_fin", sa.Date(), nullable=False),
        sa.Column("a_reexaminer", sa.Boolean(), nullable=False),
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.Column("subdivision_code", sa.String(length=20), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("bassin_de_vie_code", sa.String(length=5), nullable=True),
        sa.Column("numero_terrain", sa.String(length=8), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("date_debut <= date_fin", name=op.f("ck_agrement_periode_dans_l_ordre")),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_agrement_ars_code")),
        sa.ForeignKeyConstraint(["specialite_code"], ["specialite.code"], name=op.f("fk_agrement_specialite_code")),
        sa.ForeignKeyConstraint(["subdivision_code"], ["subdivision.code"], name=op.f("fk_agrement_subdivision_code")),
        sa.ForeignKeyConstraint(["terrain_id"], ["terrain_de_stage.id"], name=op.f("fk_agrement_terrain_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agrement")),
        sa.UniqueConstraint("reference", name=op.f("uq_agrement_reference")),
    )
    op.create_index(op.f("ix_agrement_ars_code"), "agrement", ["ars_code"], unique=False)
    op.create_index(op.f("ix_agrement_date_fin"), "agrement", ["date_fin"], unique=False)
    op.create_index(op.f("ix_agrement_specialite_code"), "agrement", ["specialite_code"], unique=False)
    op.create_index(op.f("ix_agrement_subdivision_code"), "agrement", ["subdivision_code"], unique=False)
    op.create_index("ix_agrement_terrain_id_date_fin", "agrement", ["terrain_id", "date_fin"], unique=False)
    op.create_table(
        "ancien_numero",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terrain_id", sa.Integer(), nullable=False),
        sa.Column("numero", sa.String(length=8), nullable=False),
        sa.Column("jusqu_au", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["terrain_id"], ["terrain_de_stage.id"], name=op.f("fk_ancien_numero_terrain_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ancien_numero")),
        sa.UniqueConstraint("numero", name=op.f("uq_ancien_numero_numero")),
    )
    op.create_index(op.f("ix_ancien_numero_terrain_id"), "ancien_numero", ["terrain_id"], unique=False)
    op.create_table(
        "convention_ufr",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("etablissement_id", sa.Integer(), nullable=False),
        sa.Column("ufr_formation_id", sa.Integer(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["etablissement_id"], ["etablissement.id"], name=op.f("fk_convention_ufr_etablissement_id")
        ),
        sa.ForeignKeyConstraint(
            ["ufr_formation_id"], ["ufr_formation.id"], name=op.f("fk_convention_ufr_ufr_formation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convention_ufr")),
        sa.UniqueConstraint(
            "etablissement_id", "ufr_formation_id", name=op.f("uq_convention_ufr_etablissement_id_ufr_formation_id")
        ),
    )
    op.create_index(op.f("ix_convention_ufr_ufr_formation_id"), "convention_ufr", ["ufr_formation_id"], unique=False)
    op.create_table(
        "demande_agrement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("terrain_id", sa.Integer(), nullable=False),
        sa.Column("specialite_code", sa.String(length=20), nullable=False),
        sa.Column(
            "etat",
            sa.Enum(
                "EN_INSTRUCTION",
                "EN_RECOURS",
                "ACCORDEE",
                "REFUSEE",
                "RETIREE",
                name="etatdemande",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("deposee_le", sa.Date(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("modifie_le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["specialite_code"], ["specialite.code"], name=op.f("fk_demande_agrement_specialite_code")
        ),
        sa.ForeignKeyConstraint(["terrain_id"], ["terrain_de_stage.id"], name=op.f("fk_demande_agrement_terrain_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demande_agrement")),
        sa.UniqueConstraint("reference", name=op.f("uq_demande_agrement_reference")),
    )
    op.create_index(op.f("ix_demande_agrement_etat"), "demande_agrement", ["etat"], unique=False)
    op.create_index(
        "ix_demande_agrement_ouverte",
        "demande_agrement",
        ["terrain_id"],
        unique=False,
        postgresql_where=sa.text("etat IN ('EN_INSTRUCTION', 'EN_RECOURS')"),
    )
    op.create_index(op.f("ix_demande_agrement_specialite_code"), "demande_agrement", ["specialite_code"], unique=False)
    op.create_index(op.f("ix_demande_agrement_terrain_id"), "demande_agrement", ["terrain_id"], unique=False)
    op.create_table(
        "semestre_internat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interne_id", sa.Integer(), nullable=False),
        sa.Column("semestre_id", sa.Integer(), nullable=False),
        sa.Column("terrain_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["interne_id"], ["interne.id"], name=op.f("fk_semestre_internat_interne_id")),
        sa.ForeignKeyConstraint(["semestre_id"], ["semestre.id"], name=op.f("fk_semestre_internat_semestre_id")),
        sa.ForeignKeyConstraint(["terrain_id"], ["terrain_de_stage.id"], name=op.f("fk_semestre_internat_terrain_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_semestre_internat")),
        sa.UniqueConstraint("interne_id", "semestre_id", name=op.f("uq_semestre_internat_interne_id_semestre_id")),
    )
    op.create_index(op.f("ix_semestre_internat_semestre_id"), "semestre_internat", ["semestre_id"], unique=False)
    op.create_index(op.f("ix_semestre_internat_terrain_id"), "semestre_internat", ["terrain_id"], unique=False)
    op.create_table(
        "terrain_specialite_complementaire",
        sa.Column("terrain_id", sa.Integer(), nullable=False),
        sa.Column("specialite_code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["specialite_code"], ["specialite.code"], name=op.f("fk_terrain_specialite_complementaire_specialite_code")
        ),
        sa.ForeignKeyConstraint(
            ["terrain_id"], ["terrain_de_stage.id"], name=op.f("fk_terrain_specialite_complementaire_terrain_id")
        ),
        sa.PrimaryKeyConstraint("terrain_id", "specialite_code", name=op.f("pk_terrain_specialite_complementaire")),
    )
    op.create_index(
        op.f("ix_terrain_specialite_complementaire_specialite_code"),
        "terrain_specialite_complementaire",
        ["specialite_code"],
        unique=False,
    )
    op.create_table(
        "agrement_historique",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agrement_id", sa.Integer(), nullable=False),
        sa.Column("jusqu_au", sa.DateTime(timezone=True), nullable=False),
        sa.Column("auteur", sa.String(length=128), nullable=False),
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.Column("subdivision_code", sa.String(length=20), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("bassin_de_vie_code", sa.String(length=5), nullable=True),
        sa.Column("numero_terrain", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["agrement_id"], ["agrement.id"], name=op.f("fk_agrement_historique_agrement_id")),
        sa.ForeignKeyConstraint(["ars_code"], ["ars.code"], name=op.f("fk_agrement_historique_ars_code")),
        sa.ForeignKeyConstraint(
            ["subdivision_code"], ["subdivision.code"], name=op.f("fk_agrement_historique_subdivision_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agrement_historique")),
    )
    op.create_index(op.f("ix_agrement_historique_agrement_id"), "agrement_historique", ["agrement_id"], unique=False)
    op.create_index(op.f("ix_agrement_historique_ars_code"), "agrement_historique", ["ars_code"], unique=False)
    op.create_index(
        op.f("ix_agrement_historique_subdivision_code"), "agrement_historique", ["subdivision_code"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_agrement_historique_subdivision_code"), table_name="agrement_historique")
    op.drop_index(op.f("ix_agrement_historique_ars_code"), table_name="agrement_historique")
    op.drop_index(op.f("ix_agrement_historique_agrement_id"), table_name="agrement_historique")
    op.drop_table("agrement_historique")
    op.drop_index(
        op.f("ix_terrain_specialite_complementaire_specialite_code"), table_name="terrain_specialite_complementaire"
    )
    op.drop_table("terrain_specialite_complementaire")
    op.drop_index(op.f("ix_semestre_internat_terrain_id"), table_name="semestre_internat")
    op.drop_index(op.f("ix_semestre_internat_semestre_id"), table_name="semestre_internat")
    op.drop_table("semestre_internat")
    op.drop_index(op.f("ix_demande_agrement_terrain_id"), table_name="demande_agrement")
    op.drop_index(op.f("ix_demande_agrement_specialite_code"), table_name="demande_agrement")
    op.drop_index(
        "ix_demande_agrement_ouverte",
        table_name="demande_agrement",
        postgresql_where=sa.text("etat IN ('EN_INSTRUCTION', 'EN_RECOURS')"),
    )
    op.drop_index(op.f("ix_demande_agrement_etat"), table_name="demande_agrement")
    op.drop_table("demande_agrement")
    op.drop_index(op.f("ix_convention_ufr_ufr_formation_id"), table_name="convention_ufr")
    op.drop_table("convention_ufr")
    op.drop_index(op.f("ix_ancien_numero_terrain_id"), table_name="ancien_numero")
    op.drop_table("ancien_numero")
    op.drop_index("ix_agrement_terrain_id_date_fin", table_name="agrement")
    op.drop_index(op.f("ix_agrement_subdivision_code"), table_name="agrement")
    op.drop_index(op.f("ix_agrement_specialite_code"), table_name="agrement")
    op.drop_index(op.f("ix_agrement_date_fin"), table_name="agrement")
    op.drop_index(op.f("ix_agrement_ars_code"), table_name="agrement")
    op.drop_table("agrement")
    op.drop_index(op.f("ix_ufr_formation_formation_id"), table_name="ufr_formation")
    op.drop_index(op.f("ix_ufr_formation_circonscription_id"), table_name="ufr_formation")
    op.drop_table("ufr_formation")
    op.drop_index(
        "ix_terrain_de_stage_ville_norme",
        table_name="terrain_de_stage",
        postgresql_using="gin",
        postgresql_ops={"ville_norme": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_terrain_de_stage_type"), table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_subdivision_code"), table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_statut"), table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_specialite_code"), table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_siret"), table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_etablissement_id"), table_name="terrain_de_stage")
    op.drop_index("ix_terrain_de_stage_departement_effectif", table_name="terrain_de_stage")
    op.drop_index(
        "ix_terrain_de_stage_code_postal_effectif",
        table_name="terrain_de_stage",
        postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
    )
    op.drop_index("ix_terrain_de_stage_code_insee_effectif", table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_autre_numero"), table_name="terrain_de_stage")
    op.drop_index(op.f("ix_terrain_de_stage_ars_code"), table_name="terrain_de_stage")
    op.drop_index(
        "ix_terrain_de_stage_adresse_norme",
        table_name="terrain_de_stage",
        postgresql_using="gin",
        postgresql_ops={"adresse_norme": "gin_trgm_ops"},
    )
    op.drop_table("terrain_de_stage")
    op.drop_index(op.f("ix_code_postal_commune_code"), table_name="code_postal")
    op.drop_table("code_postal")
    op.drop_index(op.f("ix_alias_commune_commune_code"), table_name="alias_commune")
    op.drop_table("alias_commune")
    op.drop_index(op.f("ix_ufr_subdivision_code"), table_name="ufr")
    op.drop_table("ufr")
    op.drop_index(op.f("ix_subdivision_ars_ars_code"), table_name="subdivision_ars")
    op.drop_table("subdivision_ars")
    op.drop_index(op.f("ix_perimetre_departement_code"), table_name="perimetre")
    op.drop_table("perimetre")
    op.drop_index(op.f("ix_interne_subdivision_code"), table_name="interne")
    op.drop_index(op.f("ix_interne_specialite_code"), table_name="interne")
    op.drop_index(op.f("ix_interne_nom"), table_name="interne")
    op.drop_table("interne")
    op.drop_index(
        "ix_etablissement_ville_norme",
        table_name="etablissement",
        postgresql_using="gin",
        postgresql_ops={"ville_norme": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_etablissement_statut"), table_name="etablissement")
    op.drop_index(
        "ix_etablissement_numero_prefixe",
        table_name="etablissement",
        postgresql_ops={"numero_finess": "text_pattern_ops"},
    )
    op.drop_index("ix_etablissement_notices", table_name="etablissement")
    op.drop_index(
        "ix_etablissement_nom_norme_trgm",
        table_name="etablissement",
        postgresql_using="gin",
        postgresql_ops={"nom_norme": "gin_trgm_ops"},
    )
    op.drop_index("ix_etablissement_nom_norme", table_name="etablissement")
    op.drop_index(op.f("ix_etablissement_entite_juridique_id"), table_name="etablissement")
    op.drop_index("ix_etablissement_departement_effectif", table_name="etablissement")
    op.drop_index(
        "ix_etablissement_code_postal_effectif",
        table_name="etablissement",
        postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
    )
    op.drop_index("ix_etablissement_code_insee_effectif", table_name="etablissement")
    op.drop_index(op.f("ix_etablissement_categorie_code"), table_name="etablissement")
    op.drop_index(op.f("ix_etablissement_ars_code"), table_name="etablissement")
    op.drop_index(
        "ix_etablissement_adresse_norme",
        table_name="etablissement",
        postgresql_using="gin",
        postgresql_ops={"adresse_norme": "gin_trgm_ops"},
    )
    op.drop_table("etablissement")
    op.drop_index("ix_entree_journal_objet", table_name="entree_journal")
    op.drop_index(op.f("ix_entree_journal_ars_code"), table_name="entree_journal")
    op.drop_table("entree_journal")
    op.drop_index(op.f("ix_commune_nom_postal"), table_name="commune")
    op.drop_index(
        "ix_commune_nom_norme",
        table_name="commune",
        postgresql_using="gin",
        postgresql_ops={"nom_norme": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_commune_departement_code"), table_name="commune")
    op.drop_index(op.f("ix_commune_bassin_de_vie_code"), table_name="commune")
    op.drop_table("commune")
    op.drop_table("circonscription")
    op.drop_index(op.f("ix_chu_subdivision_code"), table_name="chu")
    op.drop_table("chu")
    op.drop_index("idx_role_id", table_name="ab_permission_view_role")
    op.drop_index("idx_permission_view_id", table_name="ab_permission_view_role")
    op.drop_table("ab_permission_view_role")
    op.drop_index(op.f("ix_utilisateur_ars_ars_code"), table_name="utilisateur_ars")
    op.drop_table("utilisateur_ars")
    op.drop_index(op.f("ix_traitement_rejet_traitement_id"), table_name="traitement_rejet")
    op.drop_table("traitement_rejet")
    op.drop_index(op.f("ix_traitement_changement_numero"), table_name="traitement_changement")
    op.drop_index("ix_traitement_changement_liste", table_name="traitement_changement")
    op.drop_table("traitement_changement")
    op.drop_index(op.f("ix_subdivision_interregion_code"), table_name="subdivision")
    op.drop_table("subdivision")
    op.drop_index(op.f("ix_evenement_traitement_id"), table_name="evenement")
    op.drop_index(op.f("ix_evenement_operation"), table_name="evenement")
    op.drop_index(op.f("ix_evenement_le"), table_name="evenement")
    op.drop_index("ix_evenement_en_attente", table_name="evenement", postgresql_where=sa.text("traite_le IS NULL"))
    op.drop_index(op.f("ix_evenement_ars_travail_code"), table_name="evenement")
    op.drop_index(op.f("ix_evenement_acteur"), table_name="evenement")
    op.drop_table("evenement")
    op.drop_index(
        "ix_entite_juridique_ville_norme",
        table_name="entite_juridique",
        postgresql_using="gin",
        postgresql_ops={"ville_norme": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_entite_juridique_statut_juridique_code"), table_name="entite_juridique")
    op.drop_index(op.f("ix_entite_juridique_statut"), table_name="entite_juridique")
    op.drop_index(
        "ix_entite_juridique_numero_prefixe",
        table_name="entite_juridique",
        postgresql_ops={"numero_finess": "text_pattern_ops"},
    )
    op.drop_index("ix_entite_juridique_notices", table_name="entite_juridique")
    op.drop_index(
        "ix_entite_juridique_nom_norme_trgm",
        table_name="entite_juridique",
        postgresql_using="gin",
        postgresql_ops={"nom_norme": "gin_trgm_ops"},
    )
    op.drop_index("ix_entite_juridique_nom_norme", table_name="entite_juridique")
    op.drop_index("ix_entite_juridique_departement_effectif", table_name="entite_juridique")
    op.drop_index(
        "ix_entite_juridique_code_postal_effectif",
        table_name="entite_juridique",
        postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
    )
    op.drop_index("ix_entite_juridique_code_insee_effectif", table_name="entite_juridique")
    op.drop_index(op.f("ix_entite_juridique_ars_code"), table_name="entite_juridique")
    op.drop_index(
        "ix_entite_juridique_adresse_norme",
        table_name="entite_juridique",
        postgresql_using="gin",
        postgresql_ops={"adresse_norme": "gin_trgm_ops"},
    )
    op.drop_table("entite_juridique")
    op.drop_index(op.f("ix_departement_ars_code"), table_name="departement")
    op.drop_table("departement")
    op.drop_table("compteur_numero")
    op.drop_table("ab_user_role")
    op.drop_index("idx_user_id", table_name="ab_user_group")
    op.drop_index("idx_user_group_id", table_name="ab_user_group")
    op.drop_table("ab_user_group")
    op.drop_index("idx_view_menu_id", table_name="ab_permission_view")
    op.drop_index("idx_permission_id", table_name="ab_permission_view")
    op.drop_table("ab_permission_view")
    op.drop_index("idx_group_role_id", table_name="ab_group_role")
    op.drop_index("idx_group_id", table_name="ab_group_role")
    op.drop_table("ab_group_role")
    op.drop_index("idx_api_key_user_id", table_name="ab_api_key")
    op.drop_index("idx_api_key_prefix", table_name="ab_api_key")
    op.drop_index("idx_api_key_lookup_hash", table_name="ab_api_key")
    op.drop_table("ab_api_key")
    op.drop_index(
        "uq_traitement_un_seul_a_la_fois",
        table_name="traitement",
        postgresql_where=sa.text("etat IN ('EN_ATTENTE', 'EN_COURS')"),
    )
    op.drop_index(op.f("ix_traitement_etat"), table_name="traitement")
    op.drop_index(op.f("ix_traitement_demande_le"), table_name="traitement")
    op.drop_table("traitement")
    op.drop_index(op.f("ix_statut_juridique_nature_code"), table_name="statut_juridique")
    op.drop_table("statut_juridique")
    op.drop_index(op.f("ix_specialite_nature"), table_name="specialite")
    op.drop_table("specialite")
    op.drop_table("semestre")
    op.drop_table("interregion")
    op.drop_table("graine")
    op.drop_table("formation")
    op.drop_index(op.f("ix_finess_et_numero_ej"), table_name="finess_et")
    op.drop_table("finess_et")
    op.drop_table("finess_ej")
    op.drop_table("categorie_finess")
    op.drop_table("bassin_de_vie")
    op.drop_table("ars")
    op.drop_table("ab_view_menu")
    op.drop_table("ab_user")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")
    op.execute("DROP FUNCTION normaliser(text)")  # the extensions stay: other schemas may use them
