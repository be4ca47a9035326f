"""The trials of a search: what Optuna drew, what came of it, and which are still to do.

Optuna draws and remembers, in a journal under ``.scratch``: a line an event, a tenth of the time of SQLite. Whose trial
is being run is told by locks of the operating system, which die with their holders: a trial that was killed is taken up
again, with the values that it had, and its training goes on from its checkpoint. Several processes may work on one
search.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from filelock import FileLock, Timeout

from ganbench.errors import BenchError
from ganbench.params import Range

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

Sampler = Literal["tpe", "random"]
SAMPLERS: tuple[Sampler, ...] = ("tpe", "random")


@dataclass(frozen=True)
class Trial:
    """A draw.

    Attributes:
        number: from 0 on.
        values: by key inside the variant.
        value: of the metric that is searched for; infinite where the training diverged, None while it is open.
    """

    number: int
    values: dict[str, Any]
    value: float | None

    @property
    def diverged(self) -> bool:
        """Whether the training diverged, which is the worst result."""
        return self.value is not None and math.isinf(self.value)


class Study:
    """A search, opened or begun.

    Args:
        folder: where its journal and its locks are.
        space: the ranges.
        identity: all that its results depend on; another identity is another search in the same journal.
        maximise: whether more is better.
        sampler: ``tpe``, Parzen estimators of good and bad draws (Bergstra et al. 2011), or ``random``.
        seed: of the draws. A random one is a function of the seed and of its number; one of TPE also of the trials that
            had ended before, so it depends on who was quicker where several processes work on a search.

    Raises:
        BenchError: the journal is damaged.
    """

    def __init__(
        self,
        folder: Path,
        space: Mapping[str, Range],
        identity: Mapping[str, Any],
        maximise: bool,
        sampler: Sampler = "tpe",
        seed: int = 0,
    ) -> None:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
        from optuna.study import StudyDirection

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        text = json.dumps({**identity, "space": _plain(space), "sampler": sampler, "seed": seed}, sort_keys=True)
        self.key = hashlib.sha256(text.encode()).hexdigest()[:12]
        self._space = {key: _distribution(found) for key, found in space.items()}
        self._sampler, self._seed, self._maximise = sampler, seed, maximise
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        journal = folder / "trials.log"
        direction = StudyDirection.MAXIMIZE if maximise else StudyDirection.MINIMIZE
        with self.alone():
            try:
                storage = JournalStorage(JournalFileBackend(str(journal)))
                self._study = optuna.create_study(
                    storage=storage, study_name=self.key, direction=direction, load_if_exists=True
                )
            except ValueError as error:
                raise BenchError(
                    f"{journal}: not a journal of Optuna: {error}; without it, searches begin anew"
                ) from None

    @contextmanager
    def take(self, trials: int) -> Iterator[Trial | None]:
        """The next trial to run, and nobody else's while the context lasts: an abandoned one, else a new one.

        Args:
            trials: how many there shall be in all.

        Returns:
            None where all are done, or in the hands of other processes.
        """
        with self.alone():
            taken = self._abandoned() or self._new(trials)
        if taken is None:
            yield None
            return
        trial, lock = taken
        try:
            yield trial
        finally:
            lock.release()

    def tell(self, trial: Trial, value: float | None) -> None:
        """What came of a trial; None where its training diverged."""
        worst = -math.inf if self._maximise else math.inf
        with self.alone():
            self._study.tell(trial.number, worst if value is None else value)

    def trials(self) -> list[Trial]:
        """All that have ended, by number."""
        from optuna.trial import TrialState

        found = self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return [Trial(one.number, _values(one.params), one.value) for one in found]

    def best(self) -> Trial | None:
        """The best that did not diverge; of equals the first."""
        ended = [trial for trial in self.trials() if not trial.diverged]
        sign = -1 if self._maximise else 1
        return min(ended, key=lambda trial: sign * (trial.value or 0.0), default=None)

    def alone(self) -> FileLock:
        """While it is held, no other process changes the study."""
        return FileLock(self._folder / "trials.lock")

    def lock_of(self, number: int) -> Path:
        """Held by the process that runs the trial."""
        return self._folder / f"{self.key}-{number}.lock"

    def _abandoned(self) -> tuple[Trial, FileLock] | None:
        from optuna.trial import TrialState

        for one in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            lock = FileLock(self.lock_of(one.number))
            try:
                lock.acquire(timeout=0)
            except Timeout:
                continue
            if self._study.get_trials(deepcopy=False)[one.number].state != TrialState.RUNNING:
                lock.release()  # whoever ran it was just done
                continue
            if one.params.keys() == self._space.keys():
                return Trial(one.number, _values(one.params), None), lock
            self._study.tell(one.number, state=TrialState.FAIL)  # killed before all its values were drawn
            lock.release()
        return None

    def _new(self, trials: int) -> tuple[Trial, FileLock] | None:
        from optuna.trial import TrialState

        every = self._study.get_trials(deepcopy=False)
        if sum(one.state != TrialState.FAIL for one in every) >= trials:
            return None
        lock = FileLock(self.lock_of(len(every)))
        lock.acquire()
        self._study.sampler = _sampler(self._sampler, [self._seed, len(every)])
        drawn = self._study.ask(self._space)
        return Trial(drawn.number, _values(drawn.params), None), lock


def _sampler(name: Sampler, seed: list[int]) -> BaseSampler:
    from optuna.samplers import RandomSampler, TPESampler

    number = int(np.random.SeedSequence(seed).generate_state(1)[0])
    return RandomSampler(number) if name == "random" else TPESampler(seed=number)


def _distribution(found: Range) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if found.log is not None:
        return FloatDistribution(found.log[0], found.log[1], log=True)
    if found.uniform is not None:
        return FloatDistribution(found.uniform[0], found.uniform[1])
    if found.integer is not None:
        return IntDistribution(found.integer[0], found.integer[1])
    assert found.choice is not None
    return CategoricalDistribution([json.dumps(choice) for choice in found.choice])


def _values(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Choices are drawn as JSON, for they may be lists or mappings."""
    return {key: json.loads(value) if isinstance(value, str) else value for key, value in drawn.items()}


def _plain(space: Mapping[str, Range]) -> dict[str, Any]:
    return {key: found.model_dump(mode="json", exclude_none=True) for key, found in space.items()}
