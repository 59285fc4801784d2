"""Demonstration: a synthetic registry over the whole country, établissements taken from it, accounts to try (N19)."""

from app.demonstration.chargement import charger, charger_une_fois
from app.demonstration.comptes import presentation

__all__ = ["charger", "charger_une_fois", "presentation"]
