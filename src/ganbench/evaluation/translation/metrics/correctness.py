"""How far translations are from the right answers."""

from __future__ import annotations

from ganbench.evaluation.translation.likeness import absolute_error, highest_psnr, psnr, ssim
from ganbench.evaluation.translation.lpips import LEAST_SIDE
from ganbench.evaluation.translation.metric import Gives, NotApplicable, Way, metric


def best_psnr(way: Way) -> float:
    """Of translations that are the right answers."""
    return highest_psnr(way.outputs.shape[1:])


@metric(l1=Gives(ceiling=0.0), psnr=Gives(ceiling=best_psnr), ssim=Gives(ceiling=1.0))
def likeness(way: Way) -> dict[str, float]:
    """``l1_{ab|ba}_{n}``, ``psnr_…`` and ``ssim_…``: means over n pairs of a translation and its right answer.

    L1 on the scale [0, 1] is ‖G(x) − T(x)‖₁ against the known mapping T.

    Raises:
        NotApplicable: the right answers are not known.
    """
    found = {"l1": absolute_error, "psnr": psnr, "ssim": ssim}
    return {
        f"{name}_{way.protocol}": float(function(way.outputs, way.answers).mean()) for name, function in found.items()
    }


@metric(lpips=Gives("lpips", 0.0))
def lpips(way: Way) -> dict[str, float]:
    """``lpips_{ab|ba}_{n}``: mean over n pairs of a translation and its right answer.

    Raises:
        NotApplicable: the right answers are not known, the weights are not there, or the images are too small.
    """
    answers = way.answers
    if way.lpips is None:
        raise NotApplicable("translation.evaluate.lpips names no folder with its weights")
    if min(answers.shape[1:3]) < LEAST_SIDE:
        raise NotApplicable(f"images of {answers.shape[1]} px; its network needs at least {LEAST_SIDE}")
    return {f"lpips_{way.protocol}": float(way.lpips.distances(way.outputs, answers).mean())}


@metric(l1_nearer=Gives(ceiling=0.0), correct=Gives(), alternative_taken=Gives())
def control(way: Way) -> dict[str, float]:
    """``l1_nearer_{ab|ba}_{n}``, ``correct_…`` and ``alternative_taken_…``, where two mappings are equally valid.

    - the smaller of the mean distances to the two mappings' answers;
    - the share of translations that are nearer to the first mapping's answer; equal distances count as half;
    - which mapping that smaller mean belongs to: 0 the first, 1 the alternative.

    Nothing in the data tells the two mappings apart, so a game finds either, and its cycle error is as small.

    Raises:
        NotApplicable: there is no second mapping.
    """
    if way.alternative is None:
        raise NotApplicable("the data set has no second mapping that is as valid")
    first = absolute_error(way.outputs, way.answers)
    second = absolute_error(way.outputs, way.alternative)
    share = float((first < second).mean() + (first == second).mean() / 2)
    return {
        f"l1_nearer_{way.protocol}": float(min(first.mean(), second.mean())),
        f"correct_{way.protocol}": share,
        f"alternative_taken_{way.protocol}": float(second.mean() < first.mean()),
    }
