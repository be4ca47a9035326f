"""Captions as vectors."""

from __future__ import annotations

import torch
from torch import Tensor, nn

UNSEEN = 2
"""The first codes are «nothing» and «unknown word»; no training caption holds an unknown one."""


class TextEncoder(nn.Module):
    """Captions, int64 (N, L) → codes, float32 (N, width): embedded words read by a GRU (Cho et al. 2014).

    It learns with the player that it belongs to. Reed et al. 2016 took an encoder that had learned from a large set of
    captioned photographs; a fixed one knows nothing of the few words of a small set, and a convolution over characters
    would have to learn spelling first. A GRU over words learns them in a short training, and their order. It is a loop
    over a cell, of fixed length, so that it compiles as one graph; beyond the end of a caption its state stays.

    An unknown word is the zero vector: it takes a place, and says nothing.

    Args:
        words: codes of the vocabulary; 0 is nothing, 1 an unknown word.
        embedding: dimension of a word.
        width: dimension of a code.
        bound: of the values of a code.
    """

    def __init__(self, words: int, embedding: int, width: int, bound: float = 1.0) -> None:
        super().__init__()
        self.width = width
        self.bound = bound
        self.words = nn.Embedding(words, embedding)
        self.cell = nn.GRUCell(embedding, width)
        with torch.no_grad():
            self.words.weight[:UNSEEN] = 0

    def forward(self, captions: Tensor) -> Tensor:  # noqa: D102
        with torch.autocast(captions.device.type, enabled=False):
            state = torch.zeros(len(captions), self.width, device=captions.device)
            for codes in captions.unbind(1):
                state = torch.where(codes[:, None] > 0, self.cell(self.words(codes), state), state)
        return state * self.bound


class Augmentation(nn.Module):
    """Conditioning augmentation: a Gaussian about each code, N(μ(c), σ(c)²) (StackGAN, Zhang et al. 2017, section 3.2).

    Args:
        width: dimension of a code.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.moments = nn.Linear(width, 2 * width)

    def forward(self, code: Tensor, noise: Tensor) -> Tensor:
        """μ + σ ε, (N, width) from codes and standard normal noise of that shape."""
        mean, log_std = self.moments(code).chunk(2, 1)
        drawn: Tensor = mean + log_std.exp() * noise
        return drawn

    def divergence(self, code: Tensor) -> Tensor:
        """KL(N(μ, σ²) ‖ N(0, I)), summed over dimensions, the mean over codes: a float32 scalar (equation 2)."""
        mean, log_std = self.moments(code).float().chunk(2, 1)
        total: Tensor = (mean.square() + (2 * log_std).exp() - 1 - 2 * log_std).sum(1) / 2
        return total.mean()
