"""Connections of the pool (QUALITY A-61)."""

from sqlalchemy import create_engine, text

from app.pool import surveiller


def test_a_connection_closed_by_the_server_is_replaced_before_use(engine):
    """After a restart of the database, the next request works."""
    surveille = create_engine(engine.url, pool_size=1)
    surveiller(surveille)
    with surveille.connect() as connexion:
        ancien = connexion.scalar(text("SELECT pg_backend_pid()"))
    with engine.connect() as autre:
        autre.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ancien})
        while autre.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid"), {"pid": ancien}):
            continue

    with surveille.connect() as connexion:
        nouveau = connexion.scalar(text("SELECT pg_backend_pid()"))

    assert nouveau != ancien
    surveille.dispose()
