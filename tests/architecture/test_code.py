"""The code itself: style, types, layers, and the size of things."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
FILE_MAX, FUNCTION_MAX = 300, 30
SOURCES = sorted(
    path.relative_to(ROOT)
    for folder in ("app", "jobs", "models", "views", ".")
    for path in ROOT.joinpath(folder).glob("*.py" if folder == "." else "**/*.py")
)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check", "."], id="lint"),
        pytest.param(["ruff", "format", "--check", "."], id="format"),
        pytest.param(["mypy"], id="types"),
        pytest.param(["lint-imports", "--no-logo"], id="layers"),
    ],
)
def test_the_tools_have_nothing_to_say(command: list[str]) -> None:
    outcome = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_files_and_functions_stay_short(source: Path) -> None:
    text = ROOT.joinpath(source).read_text()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]

    too_long = [node.name for node in functions if _length(node) > FUNCTION_MAX]

    assert text.count("\n") <= FILE_MAX
    assert too_long == []


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring and its signature left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_locks_are_hashed_and_name_no_index(lock: str) -> None:
    text = ROOT.joinpath(lock).read_text()

    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index-url" not in text
