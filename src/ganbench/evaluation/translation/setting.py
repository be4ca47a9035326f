"""All that translations are judged by: domains, judges, and the training images that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.cell import judge_dir, prepared_dir
from ganbench.data.store import Store
from ganbench.data.translation.domains import Direction, Domains
from ganbench.evaluation.features import Seen, see
from ganbench.evaluation.judge import Judge
from ganbench.evaluation.translation.lpips import Lpips
from ganbench.evaluation.translation.metric import Way
from ganbench.evaluation.translation.protocol import DOMAINS, Protocol
from ganbench.games.translation.recipe import translation_of
from ganbench.params import Params
from ganbench.training.device import pick_device

TRACK = "translation"
Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Setting:
    """What is the same for all cells, the ceiling and the baseline.

    Attributes:
        domains: the data.
        protocol: which images.
        judges: by domain.
        lpips: None: its weights are not there.
        device: where to compute.
    """

    domains: Domains
    protocol: Protocol
    judges: dict[str, Judge]
    lpips: Lpips | None
    device: torch.device

    @classmethod
    def of(cls, params: Params) -> Setting:
        """As params.yaml says.

        Raises:
            BenchError: the track is not declared, or something is missing or damaged.
        """
        settings = translation_of(params)
        device = pick_device(params.device)
        domains = Domains.open(prepared_dir(TRACK))
        protocol = Protocol.of(settings.evaluate, domains)
        judges = {name: Judge.load(judge_dir(TRACK) / name, device, "judge_translation") for name in DOMAINS}
        folder = settings.evaluate.lpips
        return cls(domains, protocol, judges, Lpips.load(Path(folder), device) if folder else None, device)

    def store(self, domain: str) -> Store:
        """The images of domain ``a`` or ``b``."""
        return self.domains.a if domain == "a" else self.domains.b

    def references(self) -> dict[str, Seen]:
        """By domain, n training images as its judge sees them."""
        found = {}
        for stream, name in enumerate(DOMAINS):
            store = self.store(name)
            images = store.images("train")[self.protocol.rows(store, stream)]
            found[name] = see(self.judges[name], images, self.device)
        return found

    def held_out(self, domain: str) -> Images:
        """The n held-out images of a domain that are translated, or stand for its translations."""
        return np.asarray(self.store(domain).images("test")[: self.protocol.n])

    def way(
        self,
        direction: Direction,
        outputs: Images,
        references: dict[str, Seen],
        back: Images | None = None,
        own_labels: bool = False,
    ) -> Way:
        """The evidence of one direction.

        Args:
            direction: ``ab`` or ``ba``.
            outputs: what became of the n held-out images of the first domain, like images of the second.
            references: as `references` gives them.
            back: the outputs, translated back.
            own_labels: the outputs are held-out images of the second domain that have no partner: they should show
                their own classes.
        """
        n, (source, target) = self.protocol.n, direction
        truth, alternative = self.domains.truth(direction), None
        if truth is not None:
            alternative = self.domains.alternative(direction)
        return Way(
            direction=direction,
            inputs=self.held_out(source),
            outputs=outputs,
            seen=see(self.judges[target], outputs, self.device),
            reference=references[target],
            truth=None if truth is None else np.asarray(truth[:n]),
            alternative=None if alternative is None else np.asarray(alternative[:n]),
            labels=self._labels(target if own_labels else source),
            back=back,
            lpips=self.lpips,
        )

    def _labels(self, domain: str) -> NDArray[np.int64] | None:
        """Of the held-out images; None where the domains have no classes in common."""
        a, b = (self.judges[name].card for name in DOMAINS)
        common = a.task == b.task == "classes" and a.classes == b.classes
        return self.store(domain).labels("test")[: self.protocol.n] if common else None
