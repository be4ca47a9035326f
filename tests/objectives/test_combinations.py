"""Which constraints and objectives go together."""

import itertools

import pytest

from ganbench.objectives.constraint import CONSTRAINTS, Constraint
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.constraints.r1 import R1
from ganbench.objectives.constraints.r2 import R2
from ganbench.objectives.losses.hinge import Hinge
from ganbench.objectives.losses.least_squares import LeastSquares
from ganbench.objectives.losses.wasserstein import Wasserstein


def refused(**constraints: Constraint) -> set[tuple[str, str]]:
    """Pairs that one of the two excludes."""
    found = set()
    for one, other in itertools.permutations(constraints, 2):
        if reason := constraints[one].excludes.get(other):
            assert reason == reason.strip().removesuffix("."), "it stands in the middle of a line"
            found.add(tuple(sorted((one, other))))
    return found


def test_constraints_that_contradict_each_other_are_refused_and_no_others() -> None:
    assert refused(**{name: entry() for name, entry in CONSTRAINTS.entries().items()}) == {
        ("gradient_penalty", "weight_clip"),
        ("spectral_norm", "weight_clip"),
        ("gradient_penalty", "r1"),
        ("gradient_penalty", "r2"),
    }


@pytest.mark.parametrize("penalty", [GradientPenalty(target=0.0), GradientPenalty(sided="one")])
def test_a_penalty_that_is_content_with_no_slope_goes_with_r1_and_r2(penalty: GradientPenalty) -> None:
    assert not refused(gradient_penalty=penalty, r1=R1(), r2=R2())


def test_constraints_that_look_at_single_samples_say_so() -> None:
    looking = {name for name, entry in CONSTRAINTS.entries().items() if entry.per_sample}
    assert looking == {"gradient_penalty", "r1", "r2"}


def test_constraints_that_bound_every_layer_say_so() -> None:
    assert {name for name, entry in CONSTRAINTS.entries().items() if entry.per_layer} == {"spectral_norm"}


def test_a_wasserstein_critic_needs_a_constraint() -> None:
    assert "needs a constraint" in Wasserstein().objection(())
    assert Wasserstein().objection(("spectral_norm",)) is None
    assert Hinge().objection(()) is None


def test_labels_must_differ() -> None:
    assert LeastSquares(1.0, -1.0, 0.0).objection(()) is None
    assert "the same" in LeastSquares(1.0, 1.0).objection(())


@pytest.mark.parametrize(("real", "fake", "target"), [(1.0, 0.0, 0.0), (1.0, 0.0, -0.5), (-1.0, 1.0, 1.0)])
def test_a_target_on_the_wrong_side_is_refused(real: float, fake: float, target: float) -> None:
    side = "above" if real > fake else "below"
    reason = LeastSquares(real, fake, target).objection(())
    assert reason.startswith(f"target: {target}: ")
    assert reason.endswith(f"allowed: {side} fake_label, {fake:g}")
    assert LeastSquares(real, fake).objection(()) is None
    assert LeastSquares(real, fake, (real + fake) / 2).objection(()) is None
