"""The one boundary where an error of tracking ends: it is said, and work goes on."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

from ganbench.cell import project_root
from ganbench.errors import BenchError
from ganbench.tracking.store import tracking_uri

LATER = "`ganbench sync` can import the run later"


def quietly(action: Callable[[], object], otherwise: str = LATER) -> bool:
    """Do it; if it fails, say so in one line on stderr, and what that means. Returns whether it was done."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 (a training never fails because tracking does, whatever the reason)
        click.echo(f"tracking: {one_line(error)}; {otherwise}", err=True)
        return False
    return True


def one_line(error: Exception) -> str:
    """The store and what is wrong with it, without MLflow's and SQLAlchemy's pages of context."""
    if isinstance(error, BenchError):
        return error.message
    text = str(error).strip() or type(error).__name__
    first = "no answer" if "Max retries exceeded" in text else text.splitlines()[0]
    uri = re.sub(r"//[^/@]*@", "//", tracking_uri(project_root()))  # no passwords in logs
    return f"{uri}: {first if len(first) <= 200 else f'{first[:197]}...'}"
