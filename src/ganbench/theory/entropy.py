"""Entropy = cross-entropy − KL, on discrete distributions and in the loss of the first GAN."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from ganbench.objectives.losses.minimax import Minimax
from ganbench.reporting.style import Theme, panels
from ganbench.theory.statement import Chapter, Drawing, Statement

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SOURCE = "H(p) = H(p, q) − KL(p‖q); Shannon 1948; Kullback and Leibler 1951"
PAIRS, OUTCOMES = 1000, 8
REAL_LABEL = 0.9

Array = NDArray[np.float64]


def entropy(p: Array) -> Array:
    """−Σ p log p over the last axis, in nats."""
    return np.asarray(-(p * np.log(p)).sum(-1))


def cross_entropy(p: Array, q: Array) -> Array:
    """−Σ p log q over the last axis, in nats: the length of a code made for q when p is what comes."""
    return np.asarray(-(p * np.log(q)).sum(-1))


def divergence(p: Array, q: Array) -> Array:
    """KL(p‖q) = Σ p log(p/q) over the last axis, in nats: what the wrong code costs."""
    return np.asarray((p * np.log(p / q)).sum(-1))


def chapter(seed: int) -> Chapter:
    """The identity on random distributions, on one whose entropy is known, and in the smoothed discriminator loss."""
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(OUTCOMES), PAIRS), rng.dirichlet(np.ones(OUTCOMES), PAIRS)
    gap = cross_entropy(p, q) - divergence(p, q) - entropy(p)
    dyadic, uniform = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8]), np.full(4, 1 / 4)
    bits = (cross_entropy(dyadic, uniform) - divergence(dyadic, uniform)) / math.log(2)

    label = np.array([REAL_LABEL, 1 - REAL_LABEL])
    said = np.linspace(0.02, 0.98, 97)
    score = torch.from_numpy(np.log(said / (1 - said)))
    silent = torch.tensor([-torch.inf], dtype=torch.float64)  # on generated samples: softplus(−∞) = 0
    objective = Minimax(real_label=REAL_LABEL)
    loss = np.array([float(objective.discriminator(one[None], silent)) for one in score])
    expected = entropy(label) + divergence(label, np.stack([said, 1 - said], 1))
    return Chapter(
        "Entropy, cross-entropy and KL",
        (
            Statement("entropy_is_cross_entropy_minus_kl", float(np.abs(gap).max()), 0.0, 1e-12, SOURCE),
            Statement("entropy_of_a_dyadic_distribution_bits", float(bits), 1.75, 1e-12, "½·1 + ¼·2 + ⅛·3 + ⅛·3 bits"),
            Statement(
                "smoothed_loss_is_entropy_plus_kl",
                float(np.abs(loss - expected).max()),
                0.0,
                1e-12,
                "Salimans et al. 2016, section 3.4: the loss on real samples is H(a) + KL(a‖D)",
            ),
        ),
        (Drawing("entropy", _alt(), lambda theme: _draw(theme, said, loss, float(entropy(label)), dyadic, uniform)),),
    )


def _alt() -> str:
    return (
        "Left: a distribution and the uniform one. Middle: its entropy and the KL add up to the cross-entropy. "
        "Right: the smoothed discriminator loss against D, with the entropy as its floor at D = 0.9"
    )


def _draw(theme: Theme, said: Array, loss: Array, floor: float, p: Array, q: Array) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.1, 2.7))
    places = np.arange(len(p))
    left.bar(places - 0.2, p, 0.38, color=theme.cycle[0], label="p")
    left.bar(places + 0.2, q, 0.38, color=theme.cycle[1], label="q")
    left.set(title="two distributions", xlabel="outcome", ylabel="probability", xticks=places)
    left.grid(axis="x", visible=False)
    left.legend()

    bit = math.log(2)
    h, kl = float(entropy(p)) / bit, float(divergence(p, q)) / bit
    middle.barh(1, h, color=theme.cycle[0])
    middle.barh(1, kl, left=h, color=theme.cycle[5])
    middle.barh(0, float(cross_entropy(p, q)) / bit, color=theme.cycle[1])
    for x, y, text in ((h / 2, 1, f"H(p) = {h:g}"), (h + kl / 2, 1, f"KL\n{kl:g}"), (1, 0, "H(p, q) = 2")):
        middle.text(x, y, text, ha="center", va="center", color="white", fontsize=8.5, fontweight="bold")
    middle.set(title="the parts make the whole", xlabel="bits a symbol", yticks=[])
    middle.grid(axis="y", visible=False)

    right.fill_between(said, floor, loss, color=theme.cycle[5], alpha=0.25, linewidth=0, label="KL(a‖D)")
    right.fill_between(said, 0, floor, color=theme.cycle[0], alpha=0.25, linewidth=0, label="H(a)")
    right.plot(said, loss, color=theme.ink, label="loss on real samples")
    right.axvline(REAL_LABEL, color=theme.quiet, linewidth=0.9, linestyle=(0, (3, 2)))
    right.set(title=f"label smoothing, a = {REAL_LABEL:g}", xlabel="D(x)", ylabel="nats", ylim=(0, 2), xlim=(0, 1))
    right.legend(loc="upper center")
    return figure
