"""The losses of the rounds: on the device until somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from ganbench.training.phase import Phase
from ganbench.training.reading import Reading
from ganbench.training.state import State, part


class Ledger:
    """Rows of losses that nobody has read yet, one a round, and those that each phase showed last.

    A move that is left out in a round shows its last losses again; the first round makes every move.
    """

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._phases = phases
        self._unread: list[tuple[int, int, Tensor]] = []

    def note(self, iteration: int, images: int) -> None:
        """Keep the losses that the phases show, after a round."""
        self._unread.append((iteration, images, torch.cat([phase.shown for phase in self._phases])))

    def read(self) -> Iterator[Reading]:
        """The losses of every round since the last call; waits for the device once."""
        unread, self._unread = self._unread, []
        if not unread:
            return
        names = [name for phase in self._phases for name in phase.terms]
        rows = torch.stack([losses for _, _, losses in unread]).tolist()
        for (iteration, images, _), row in zip(unread, rows, strict=True):
            yield Reading(iteration, images, dict(zip(names, row, strict=True)))

    def tensors(self) -> State:
        """All of it: ``unread/<iteration>/<images>`` and ``shown/<phase>/<place>/<name of the loss>``."""
        unread = {f"unread/{iteration}/{images}": losses for iteration, images, losses in self._unread}
        return unread | {
            f"shown/{index}/{place}/{name}": loss
            for index, phase in enumerate(self._phases)
            for place, (name, loss) in enumerate(zip(phase.terms, phase.shown.unbind(), strict=True))
        }

    def load(self, state: Mapping[str, Tensor], device: torch.device) -> None:
        """Put `tensors` back, in whatever order they come."""
        unread = {tuple(map(int, at.split("/"))): losses for at, losses in part(state, "unread").items()}
        self._unread = [
            (iteration, images, unread[iteration, images].to(device)) for iteration, images in sorted(unread)
        ]
        for index, phase in enumerate(self._phases):
            shown = sorted(
                (int(at.split("/")[0]), at.split("/", 1)[1], loss) for at, loss in part(state, f"shown/{index}").items()
            )
            phase.terms = tuple(name for _, name, _ in shown)
            phase.shown = torch.tensor([loss for _, _, loss in shown], device=device)
