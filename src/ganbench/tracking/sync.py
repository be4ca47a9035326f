"""Bring MLflow up to the outputs on disk, after ``dvc pull`` or a restore from the cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from ganbench.cell import Cell, cells, dataset_of
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.tracking import finished
from ganbench.tracking.quietly import one_line
from ganbench.tracking.record import recorded_keys, write
from ganbench.tracking.store import open_store


@dataclass(frozen=True)
class Report:
    """What `sync` found, cell by cell."""

    imported: list[Cell] = field(default_factory=list)
    present: list[Cell] = field(default_factory=list)
    missing: list[Cell] = field(default_factory=list)
    """The outputs are not here: not yet made as declared, or not yet pulled."""


def sync(params: Params) -> Report:
    """Record every declared cell whose outputs are here and whose run is not.

    Raises:
        BenchError: the store can't be used, or outputs are not readable.
    """
    report = Report()
    for track, group in groupby(cells(params), attrgetter("track")):
        with _explained():
            store = open_store(track, dataset_of(track, params))
            known = recorded_keys(store)
        for cell in group:
            found = finished.read(cell, params)
            if found is None:
                report.missing.append(cell)
            elif found.key in known:
                report.present.append(cell)
            else:
                with _explained():
                    added = write(store, found, params)
                (report.imported if added else report.present).append(cell)
    return report


@contextmanager
def _explained() -> Iterator[None]:
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        raise BenchError(one_line(error)) from None
