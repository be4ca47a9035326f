"""The default: the classifier that was trained on the data themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.cell import judge_dir
from ganbench.evaluation.extractor import EXTRACTORS, Extractor
from ganbench.evaluation.features import Seen, see
from ganbench.evaluation.judge import Judge


@EXTRACTORS.register("judge")
@dataclass(frozen=True)
class OwnJudge(Extractor):
    """The track's judge: features in the domain of the data, without a download."""

    name: ClassVar[str] = "judge"

    def see(self, images: NDArray[np.uint8], device: torch.device, scratch: Path | None = None) -> Seen:
        """See `Extractor.see`."""
        return see(Judge.load(judge_dir("images"), device), images, device, scratch)

    def digest(self, device: torch.device) -> str:
        """See `Extractor.digest`."""
        return Judge.load(judge_dir("images"), device).digest
