"""What gunicorn does beyond its command line (see run.py)."""

import gc
from typing import Any


def when_ready(_arbiter: Any) -> None:
    """The application is loaded and stays: the garbage collector of the workers need not look through it again."""
    gc.collect()
    gc.freeze()
