"""Play a game until its budget is spent: what any track's training does, saved as it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import click
from torch import Tensor
from tqdm import tqdm

from ganbench.training.checkpoint import Scratch
from ganbench.training.reading import Reading
from ganbench.training.state import below, part
from ganbench.training.trainer import Trainer


class Recording(Protocol):
    """What a training leaves behind while it runs; `ganbench.training.recorder` has the one for images."""

    def losses(self, readings: Sequence[Reading]) -> Reading:
        """Keep one row of the history for these rounds, and return it."""

    def picture(self, images: int) -> None:
        """Draw what the players make of fixed noise after so many real samples."""

    def snapshot(self) -> None:
        """Keep the generator as it is now."""

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All of it so far: tensors, and plain values."""

    def load_state(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
        """Put it back."""

    def saved(self) -> None:
        """What was recorded so far has been saved, and won't be recorded again."""


class Nothing:
    """What a process leaves behind that is not the first of those that share a training: the first one records."""

    def losses(self, readings: Sequence[Reading]) -> Reading:
        """The first that is not finite, or the last."""
        return next((reading for reading in readings if reading.not_finite), readings[-1])

    def picture(self, images: int) -> None:
        """No picture."""

    def snapshot(self) -> None:
        """No snapshot."""

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Nothing."""
        return {}, {}

    def load_state(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
        """What the first process recorded."""

    def saved(self) -> None:
        """It is the first process that saves."""


@dataclass(frozen=True)
class Schedule:
    """What happens after which round."""

    rounds: int
    samples_per_round: float
    log_every: int
    pictures: frozenset[int]
    snapshots: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls, samples_per_round: float, budget_kimg: float, log_every_kimg: float, pictures: int, snapshots: int = 0
    ) -> Schedule:
        """As params.yaml says it, in thousand real samples; the budget is never exceeded."""
        rounds = int(budget_kimg * 1000 / samples_per_round)
        log_every = max(1, int(log_every_kimg * 1000 / samples_per_round))
        return cls(rounds, samples_per_round, log_every, _evenly(rounds, pictures), _evenly(rounds, snapshots))

    @property
    def samples(self) -> int:
        """Real samples shown in all."""
        return int(self.rounds * self.samples_per_round)

    def reads(self, played: int) -> bool:
        """Whether the losses are read after so many rounds; the last row is never shorter than the others."""
        return (played % self.log_every == 0 and self.rounds - played >= self.log_every) or played == self.rounds


@dataclass(frozen=True)
class Status:
    """How a training ended."""

    status: str
    """``finished`` or ``diverged``."""

    iteration: int
    images: int
    reason: str | None = None


def play(
    trainer: Trainer, recording: Recording, schedule: Schedule, title: str, scratch: Scratch | None, unit: str = "img"
) -> Status:
    """Play until the budget is spent or a loss is not finite, from where the scratch's checkpoint stands.

    The last step of all shows in no loss any more, so the weights are looked at as well.

    Args:
        trainer: of the game.
        recording: told of losses, pictures and snapshots.
        schedule: of the training.
        title: of the progress bar.
        scratch: open; None: nothing is saved.
        unit: what the progress bar counts.

    Raises:
        Stopped: by a signal; all is saved.
    """
    trainer.rounds = schedule.rounds
    resumes = scratch is not None and _load(scratch, trainer, recording)
    trainer.agree()
    if not resumes:
        recording.picture(0)
    elif trainer.ranks.leads:
        click.echo(f"{title}: goes on from sample {trainer.images:,} of {schedule.samples:,}", err=True)
    bar = tqdm(
        total=schedule.samples,
        initial=int(trainer.images),
        desc=title,
        unit=unit,
        unit_scale=True,
        disable=not trainer.ranks.leads,
    )
    with bar:
        for played in range(trainer.iteration + 1, schedule.rounds + 1):
            trainer.play_round()
            if schedule.reads(played):
                row = recording.losses(list(trainer.read()))
                bar.set_postfix({name: f"{loss:.3g}" for name, loss in row.losses.items()}, refresh=False)
                bar.update(trainer.images - bar.n)
                if bad := row.not_finite:
                    reason = f"{bad} is {row.losses[bad]} at iteration {row.iteration}"
                    return Status("diverged", row.iteration, row.images, reason)
            if played in schedule.pictures:
                recording.picture(trainer.images)
            if played in schedule.snapshots:
                recording.snapshot()
            if scratch is not None and (played == schedule.rounds or scratch.due()):
                _save(scratch, trainer, recording, played / schedule.rounds)
    if bad := trainer.not_finite():
        reason = f"weights of the {bad} are not finite after iteration {trainer.iteration}"
        return Status("diverged", trainer.iteration, trainer.images, reason)
    return Status("finished", trainer.iteration, trainer.images)


def _evenly(rounds: int, moments: int) -> frozenset[int]:
    """Rounds after which so many moments lie, the end among them."""
    return frozenset(round(rounds * k / moments) for k in range(1, moments + 1))


def _save(scratch: Scratch, trainer: Trainer, recording: Recording, done: float) -> None:
    tensors, notes = recording.state()
    scratch.save(below("trainer", trainer.state()) | below("recording", tensors), notes, done)
    recording.saved()


def _load(scratch: Scratch, trainer: Trainer, recording: Recording) -> bool:
    found = scratch.load()
    if found is None:
        return False
    tensors, notes = found
    trainer.load_state(part(tensors, "trainer"))
    recording.load_state(part(tensors, "recording"), notes)
    return True
