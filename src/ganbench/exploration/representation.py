"""The discriminator as a representation (Radford et al. 2016, section 5): its maps and a linear SVM.

The maps of all convolutional layers, each pooled to its maxima on 4 × 4 places, as one vector an image; on it a linear
classifier with squared hinge loss and L2 penalty, one class against the rest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.data.source import Split
from ganbench.evaluation.classifier import to_float
from ganbench.exploration.layers import CHUNK, pooled_maps
from ganbench.exploration.subject import Images, LeftOutError, Subject
from ganbench.networks.network import Discriminator

STRENGTHS = (1e-4, 1e-3, 1e-2)
"""C of the SVM: the one that is best on a fifth of the training images, held out, is taken."""

TOLERANCE = 0.1
"""Of the solver: a hundredth of it takes four times as long for the same accuracies."""

HELD_OUT = 5
TESTED = 10_000


def run(subject: Subject, folder: Path) -> dict[str, float]:
    """Classify held-out images by an SVM on three representations; write ``representation.png``.

    Returns:
        ``representation_<of>``: the test accuracy on the maps of the discriminator, of an ``untrained`` one, and on raw
        ``pixels``, all with the same ``…_images`` labelled training images; ``…_judge``: of the judge on the same test
        images, which was trained as a whole on all training images.

    Raises:
        LeftOutError: the data have no labels, or one class alone.
    """
    classes = subject.classes
    train = _labelled(subject, "train", subject.settings.labelled)
    test = _labelled(subject, "test", TESTED)
    if len(np.unique(train[1])) < 2:
        raise LeftOutError(f"all of the first {len(train[1])} labelled training images are of one class")
    accuracies = {}
    for name, network in {
        "discriminator": subject.discriminator,
        "untrained": subject.untrained,
        "pixels": None,
    }.items():
        vectors = [
            _pixels(images) if network is None else _maps(subject, network, images) for images, _ in (train, test)
        ]
        accuracies[name] = accuracy(vectors[0], train[1], vectors[1], test[1])
    accuracies["judge"] = float((subject.look(test[0]).labels == test[1]).mean())
    _picture(subject, accuracies, len(train[1]), len(classes), folder / "representation.png")
    values = {f"representation_{name}": value for name, value in accuracies.items()}
    return values | {"representation_images": float(len(train[1]))}


def accuracy(
    train: NDArray[np.float32], labels: NDArray[np.int64], test: NDArray[np.float32], wanted: NDArray[np.int64]
) -> float:
    """The test accuracy of a linear SVM on vectors (N, F), each component scaled to unit variance on the training set.

    Args:
        train: in a random order.
        labels: (N,), two classes or more.
        test: vectors (M, F).
        wanted: their labels (M,).
    """
    centre, spread = train.mean(0), train.std(0)
    spread[spread == 0] = 1
    train, test = (train - centre) / spread, (test - centre) / spread
    fold = len(train) - len(train) // HELD_OUT
    best, strength = -1.0, STRENGTHS[0]
    for candidate in STRENGTHS if len(np.unique(labels[:fold])) > 1 and fold < len(train) else ():
        model = _svm(candidate)
        reached = float(model.fit(train[:fold], labels[:fold]).score(train[fold:], labels[fold:]))
        if reached > best:
            best, strength = reached, candidate
    return float(_svm(strength).fit(train, labels).score(test, wanted))


def _svm(strength: float) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=strength, dual=True, tol=TOLERANCE, random_state=0)


def _labelled(subject: Subject, split: Split, count: int) -> tuple[Images, NDArray[np.int64]]:
    """The first images of a split that have a label: the rows of a store stand in a random order."""
    labels = subject.store.labels(split)
    rows = np.flatnonzero(labels >= 0)[:count]
    return np.array(subject.store.images(split)[rows]), labels[rows]


def _pixels(images: Images) -> NDArray[np.float32]:
    return images.reshape(len(images), -1).astype(np.float32)


def _maps(subject: Subject, network: Discriminator, images: Images) -> NDArray[np.float32]:
    """Vectors (N, F); where a discriminator sees packs, it is shown packs of one image."""
    parts = []
    for start in range(0, len(images), CHUNK):
        samples = to_float(images[start : start + CHUNK], subject.device).repeat(1, subject.packed, 1, 1)
        parts.append(pooled_maps(network, samples.contiguous()).float().cpu().numpy())
    return np.concatenate(parts)


def _picture(subject: Subject, accuracies: dict[str, float], shown: int, classes: int, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    labels = {
        "pixels": "pixels + SVM",
        "untrained": "untrained discriminator + SVM",
        "discriminator": "discriminator + SVM",
        "judge": "judge (all training images)",
    }
    figure = Figure(figsize=(6.4, 2.4), dpi=100)
    figure.subplots_adjust(left=0.36, right=0.9, bottom=0.2, top=0.86)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    values = [accuracies[name] for name in labels]
    bars = axes.barh(list(labels.values()), values, color=["#98a2b3", "#98a2b3", "#1b6ca8", "#d1682f"])
    axes.bar_label(bars, [f"{value:.1%}" for value in values], padding=3, fontsize="small")
    axes.axvline(1 / classes, color="black", linewidth=1, linestyle="--")
    axes.set(xlim=(0, 1), xlabel=f"held-out accuracy, {shown} labelled images (dashed: a guess)")
    axes.set_title(str(subject.cell), fontsize="medium")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, metadata={"Software": None})
