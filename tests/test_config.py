"""Settings: development needs none, production refuses what is missing or weak (QUALITY A-88)."""

from pathlib import Path

import pytest
from flask import request

from app import factory
from config import ConfigurationRefusee, load_settings

SOUND = {
    "ENVIRONNEMENT": "production",
    "SECRET_KEY": "q7JmZr2TgkP0sXw4vBnY8dLhC5fRa1Ue",
    "DATABASE_URL": "postgres://terrains@base.exemple.fr/terrains",
    "REDIS_URL": "redis://file.exemple.fr",
    "TRUSTED_HOSTS": "terrains.exemple.fr, www.terrains.exemple.fr",
}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A sound production, in an environment that holds nothing else of ours."""
    for name in ("FLASK_DEBUG", "PORT", "HOST", "DEPOT_DIR", "SMTP_HOST", "SMTP_PASSWORD", "ADRESSE_PUBLIQUE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (SOUND | {"DATA_DIR": str(tmp_path / "instance")}).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_a_sound_production_starts(environ: pytest.MonkeyPatch) -> None:
    settings = load_settings()

    assert settings.database_url == "postgresql+psycopg://terrains@base.exemple.fr/terrains"
    assert settings.trusted_hosts == ("terrains.exemple.fr", "www.terrains.exemple.fr")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY est vide"),
        ("SECRET_KEY", "changeme", "SECRET_KEY est trop faible"),
        ("SECRET_KEY", "a" * 64, "SECRET_KEY est trop faible"),
        ("DATABASE_URL", "", "DATABASE_URL est vide"),
        ("REDIS_URL", "", "REDIS_URL est vide"),
        ("TRUSTED_HOSTS", " , ", "TRUSTED_HOSTS est vide"),
        ("FLASK_DEBUG", "1", "FLASK_DEBUG est actif"),
        ("PORT", "quatre-vingts", "PORT : la valeur « quatre-vingts » n’est pas acceptée."),
        ("SMTP_SECURITE", "ssl", "SMTP_SECURITE : la valeur « ssl » n’est pas acceptée."),
        ("COURRIEL_EXPEDITEUR", "a@b.fr\nBcc: c@d.fr", "COURRIEL_EXPEDITEUR : la valeur"),
        ("ADRESSE_PUBLIQUE", "terrains.exemple.fr/", "ADRESSE_PUBLIQUE : la valeur"),
        ("HEURE_SYNCHRO", "25:00", "HEURE_SYNCHRO : la valeur « 25:00 » n’est pas acceptée."),
    ],
)
def test_production_refuses_a_bad_setting(environ: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    environ.setenv(name, value)

    with pytest.raises(ConfigurationRefusee) as refusal:
        load_settings()

    assert [one.startswith(sentence) for one in refusal.value.problemes] == [True]


def test_a_password_of_the_mail_server_is_never_sent_in_clear(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SMTP_PASSWORD", "secret")
    environ.setenv("SMTP_SECURITE", "aucune")

    with pytest.raises(ConfigurationRefusee, match="partirait en clair"):
        load_settings()


@pytest.mark.parametrize(
    ("adresse", "origine"),
    [
        ("https://stages.exemple.fr/", "https://stages.exemple.fr"),
        ("", "https://terrains.exemple.fr"),
    ],
)
def test_links_of_the_mail_begin_with_the_address_of_the_site(
    environ: pytest.MonkeyPatch, adresse: str, origine: str
) -> None:
    environ.setenv("ADRESSE_PUBLIQUE", adresse)
    environ.setenv("COURRIEL_DOMAINES", " exemple.fr, @ARS.sante.fr")

    settings = load_settings()

    assert settings.origine == origine
    assert settings.courriel_domaines == ("exemple.fr", "ars.sante.fr")


def test_every_problem_is_told_at_once(environ: pytest.MonkeyPatch) -> None:
    for name in SOUND.keys() - {"ENVIRONNEMENT"}:
        environ.delenv(name)

    with pytest.raises(ConfigurationRefusee) as refusal:
        load_settings()

    assert len(refusal.value.problemes) == 4


def test_development_makes_its_secret_key_once(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environ.setenv("ENVIRONNEMENT", "developpement")
    environ.delenv("SECRET_KEY")

    first, second = load_settings(), load_settings()

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_secrets_do_not_show(environ: pytest.MonkeyPatch) -> None:
    shown = repr(load_settings())

    assert SOUND["SECRET_KEY"] not in shown
    assert "base.exemple.fr" not in shown


def test_the_readme_lists_every_variable() -> None:
    readme = Path(__file__).parents[1].joinpath("README.md").read_text()

    for name, field in type(load_settings()).model_fields.items():
        assert f"`{field.validation_alias or name.upper()}`" in readme


@pytest.mark.parametrize(("proxies", "adresse"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_the_address_of_a_visitor_is_believed_from_declared_proxies_only(settings, proxies, adresse):
    """A-14: the login limit counts per address."""
    app = factory.create_app(settings.model_copy(update={"proxies": proxies}))
    vues: list[str | None] = []
    app.before_request(lambda: vues.append(request.remote_addr))

    app.test_client().get("/sante/vivant", headers={"X-Forwarded-For": "203.0.113.9"})

    assert vues == [adresse]
