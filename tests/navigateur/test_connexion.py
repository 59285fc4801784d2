"""Login, in the browser (§1.3)."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_user_logs_in_and_sees_the_ars_de_travail(page: Page, entrer: Callable[[Page, str], None]) -> None:
    entrer(page, "gestionnaire-53")

    expect(page.get_by_role("banner")).to_contain_text("Bretagne")


def test_the_login_page_is_accessible(page_axe: Page, axe: Callable[[Page], list[str]]) -> None:
    page_axe.goto("/")

    assert axe(page_axe) == []
