#!/bin/sh
# Make sure a Chromium is there for the browser tests; the tests themselves say so when none could be installed.
[ -n "${SANS_NAVIGATEUR:-}" ] && exit 0
[ -n "${CHROMIUM:-}" ] && exit 0
for nom in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$nom" >/dev/null 2>&1 && exit 0
done
ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome >/dev/null 2>&1 && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1
    apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 && exit 0
fi
.venv/bin/python -m playwright install chromium >/dev/null 2>&1
exit 0
