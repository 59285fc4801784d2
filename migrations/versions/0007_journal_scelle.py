"""Sealed journal: chain of seals, ARS of each event, rows that the database refuses to write again.

What was already handled is sealed here, in the order of the ids: from then on, handled and sealed are one thing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("evenement", "entree_journal", "sceau_journal")
# Former index of one column → its columns now, in the order of the screen.
INDEX = {"le": ["le", "id"], "operation": ["operation", "le", "id"], "acteur": ["acteur", "le", "id"]}

GARDER = """
CREATE FUNCTION garder_le_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'evenement' THEN
        IF OLD.traite_le IS NULL THEN
            OLD.traite_le := NEW.traite_le;
            IF OLD *= NEW THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION '% refused on %: the journal is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""

ARS = """
INSERT INTO evenement_ars (ars_code, evenement_id)
SELECT DISTINCT une.code, e.id
FROM evenement e
CROSS JOIN LATERAL (
    SELECT e.ars_travail_code AS code
    UNION SELECT jsonb_array_elements_text(c -> 'ars') FROM jsonb_array_elements(e.changements) c
    UNION SELECT c -> 'avant' ->> 'ars_code' FROM jsonb_array_elements(e.changements) c
    UNION SELECT c -> 'apres' ->> 'ars_code' FROM jsonb_array_elements(e.changements) c
) une
WHERE e.traite_le IS NOT NULL AND une.code ~ '^[0-9A-Z]{2}$'
    AND e.operation NOT IN ('UTI.creer', 'UTI.modifier', 'UTI.mot_de_passe')
"""

SCELLER = """
DO $$
DECLARE
    ligne record;
    precedent bytea := '';
    numero bigint := 0;
BEGIN
    FOR ligne IN
        SELECT e.id, j.entrees,
            sha256(convert_to(ROW(
                extract(epoch FROM e.le), e.operation, e.acteur, e.ars_travail_code, e.source, e.requete_id,
                e.traitement_id, e.changements, e.details, extract(epoch FROM e.traite_le)
            )::text, 'UTF8')) AS evenement,
            sha256(convert_to(j.texte, 'UTF8')) AS texte
        FROM evenement e
        CROSS JOIN LATERAL (
            SELECT count(*) AS entrees, coalesce(string_agg(ROW(
                j.id, j.rang, j.objet_type, j.objet_id, j.objet_libelle, j.ars_code, j.phrase, j.avant, j.apres
            )::text, '' ORDER BY j.rang), '') AS texte
            FROM entree_journal j WHERE j.evenement_id = e.id
        ) j
        WHERE e.traite_le IS NOT NULL ORDER BY e.id
    LOOP
        numero := numero + 1;
        precedent := sha256(
            precedent || convert_to(format('%s|%s|%s|', numero, ligne.id, ligne.entrees), 'UTF8')
            || ligne.evenement || ligne.texte
        );
        INSERT INTO sceau_journal VALUES (
            numero, ligne.id, ligne.entrees, ligne.evenement, ligne.texte, precedent
        );
    END LOOP;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "evenement_ars",
        sa.Column("ars_code", sa.String(length=2), nullable=False),
        sa.Column("evenement_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["evenement_id"], ["evenement.id"], name=op.f("fk_evenement_ars_evenement_id")),
        sa.PrimaryKeyConstraint("ars_code", "evenement_id", name=op.f("pk_evenement_ars")),
    )
    op.create_index(op.f("ix_evenement_ars_evenement_id"), "evenement_ars", ["evenement_id"])
    op.create_table(
        "sceau_journal",
        sa.Column("rang", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("evenement_id", sa.BigInteger(), nullable=False),
        sa.Column("entrees", sa.Integer(), nullable=False),
        sa.Column("empreinte_evenement", sa.LargeBinary(), nullable=False),
        sa.Column("empreinte_entrees", sa.LargeBinary(), nullable=False),
        sa.Column("sceau", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["evenement_id"], ["evenement.id"], name=op.f("fk_sceau_journal_evenement_id")),
        sa.PrimaryKeyConstraint("rang", name=op.f("pk_sceau_journal")),
        sa.UniqueConstraint("evenement_id", name=op.f("uq_sceau_journal_evenement_id")),
    )
    for nom, colonnes in INDEX.items():
        op.drop_index(op.f(f"ix_evenement_{nom}"), table_name="evenement")
        op.create_index(f"ix_evenement_{'_'.join(colonnes)}", "evenement", colonnes)
    libelle = sa.text("normaliser(objet_libelle) gin_trgm_ops")
    op.create_index("ix_entree_journal_libelle", "entree_journal", [libelle], postgresql_using="gin")
    op.execute(ARS)
    op.execute(SCELLER)
    op.execute(GARDER)
    for table in TABLES:
        fonction = "EXECUTE FUNCTION garder_le_journal()"
        op.execute(f"CREATE TRIGGER ecriture_seule BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {fonction}")
        op.execute(f"CREATE TRIGGER non_vidable BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {fonction}")


def downgrade() -> None:
    op.drop_table("sceau_journal")
    op.drop_table("evenement_ars")
    op.execute("DROP FUNCTION garder_le_journal() CASCADE")  # with its triggers
    op.drop_index("ix_entree_journal_libelle", table_name="entree_journal")
    for nom, colonnes in INDEX.items():
        op.drop_index(f"ix_evenement_{'_'.join(colonnes)}", table_name="evenement")
        op.create_index(op.f(f"ix_evenement_{nom}"), "evenement", [nom])
