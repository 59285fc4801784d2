"""Settings: read once from the environment, then frozen. Every variable is listed in README.md.

Development needs none of them. Production is refused, with one sentence per problem, when a setting is missing or weak.
"""

import os
import secrets
from contextlib import suppress
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_KEY_BYTES = 32
DISTINCT_CHARACTERS = 8
ROOT = Path(__file__).resolve().parent


class ConfigurationRefusee(SystemExit):
    """Settings that the application must not start with; uncaught, the message is printed and the exit code is 1."""

    def __init__(self, problemes: list[str]) -> None:
        self.problemes = problemes
        super().__init__("\n".join(["Configuration refusée :", *(f"  - {probleme}" for probleme in problemes)]))


class Settings(BaseSettings):
    """What an installation chooses. Empty `database_url` and `redis_url` mean the embedded servers of `data_dir`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    environnement: Literal["developpement", "production"] = "developpement"
    debug: bool = Field(default=False, validation_alias="FLASK_DEBUG")
    secret_key: str = Field(default="", repr=False)
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    adresse_publique: str = Field(default="", pattern=r"^(https?://[^/\s]+)?/?$")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    web_workers: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=4, ge=1, le=64)
    proxies: int = Field(default=0, ge=0, le=5)
    theme_css: str = ""

    data_dir: Path = ROOT / "instance"
    depot_dir: Path | None = None
    database_url: str = Field(default="", repr=False)
    redis_url: str = Field(default="", repr=False)

    heure_synchro: time = time(2, 30)
    taille_max_fichier: int = Field(default=1024**3, ge=1024**2)

    smtp_host: str = ""
    smtp_port: int = Field(default=0, ge=0, le=65535)
    smtp_securite: Literal["starttls", "tls", "aucune"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    courriel_expediteur: str = Field(default="", pattern=r"^([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)?$")
    courriel_domaines: Annotated[tuple[str, ...], NoDecode] = ()
    taille_max_piece_jointe: int = Field(default=5_000_000, ge=0, le=50_000_000)

    @property
    def production(self) -> bool:
        return self.environnement == "production"

    @property
    def depot(self) -> Path:
        """Folder where the registry files are deposited."""
        return self.depot_dir or self.data_dir / "depot"

    @property
    def expediteur(self) -> str:
        """Address that the mail of the application comes from."""
        return self.courriel_expediteur or "terrains-de-stage@localhost"

    @property
    def origine(self) -> str:
        """Scheme and host of the links in a mail; never what a request claims to be its host."""
        if self.adresse_publique:
            return self.adresse_publique.rstrip("/")
        return (
            f"https://{self.trusted_hosts[0].lstrip('.')}" if self.trusted_hosts else f"http://{self.host}:{self.port}"
        )

    @field_validator("trusted_hosts", "courriel_domaines", mode="before")
    @classmethod
    def _split(cls, value: str | tuple[str, ...]) -> tuple[str, ...]:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("courriel_domaines", mode="after")
    @classmethod
    def _bare_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(domain.removeprefix("@").lower() for domain in value)

    @field_validator("data_dir", "depot_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else None

    @field_validator("database_url", mode="after")
    @classmethod
    def _name_the_driver(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        return f"postgresql+psycopg://{rest}" if separator and scheme in ("postgres", "postgresql") else value


def load_settings() -> Settings:
    """Settings of this process, from the environment and, under systemd, from its credentials directory."""
    try:
        settings = Settings(_secrets_dir=os.environ.get("CREDENTIALS_DIRECTORY"))
    except ValidationError as erreur:
        raise ConfigurationRefusee(
            [_refusal(str(detail["loc"][0]), detail["input"]) for detail in erreur.errors()]
        ) from None
    if settings.production:
        if problemes := weaknesses(settings):
            raise ConfigurationRefusee(problemes)
        return settings
    if settings.secret_key:
        return settings
    return settings.model_copy(update={"secret_key": _kept_secret_key(settings.data_dir)})


def weaknesses(settings: Settings) -> list[str]:
    """What forbids production with these settings, one sentence each."""
    secret = settings.secret_key
    checks = [
        (not secret, "SECRET_KEY est vide : donnez une clé aléatoire d’au moins 32 octets."),
        (
            bool(secret) and (len(secret.encode()) < SECRET_KEY_BYTES or len(set(secret)) < DISTINCT_CHARACTERS),
            "SECRET_KEY est trop faible : donnez une clé aléatoire d’au moins 32 octets.",
        ),
        (not settings.database_url, "DATABASE_URL est vide : en production, la base PostgreSQL est obligatoire."),
        (not settings.redis_url, "REDIS_URL est vide : en production, le serveur Redis ou Valkey est obligatoire."),
        (
            not settings.trusted_hosts,
            "TRUSTED_HOSTS est vide : donnez les noms d’hôte du site, séparés par des virgules.",
        ),
        (
            bool(settings.smtp_password) and settings.smtp_securite == "aucune",
            "SMTP_SECURITE est « aucune » : le mot de passe de la messagerie partirait en clair.",
        ),
        (settings.debug, "FLASK_DEBUG est actif : le mode débogage est interdit en production."),
    ]
    return [sentence for wrong, sentence in checks if wrong]


def _refusal(name: str, value: object) -> str:
    return f"{name.upper()} : la valeur « {value} » n’est pas acceptée."


def _kept_secret_key(data_dir: Path) -> str:
    """Random key of this development installation, so that a restart does not log everybody out."""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = data_dir / f"secret_key.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # another process, or thread, was first: its key is the one
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text()
