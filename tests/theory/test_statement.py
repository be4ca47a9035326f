"""A statement holds or fails its stage."""

import math

import pytest

from ganbench.errors import BenchError
from ganbench.theory.statement import Chapter, Statement, check


def test_a_number_within_its_tolerance_holds() -> None:
    assert Statement("a", 1.01, 1.0, 0.02, "").holds
    assert not Statement("a", 1.03, 1.0, 0.02, "").holds
    assert not Statement("a", 0.97, 1.0, 0.02, "").holds


def test_a_bound_is_one_sided() -> None:
    assert Statement("a", -5.0, 0.0, 0.0, "", "≤").holds
    assert not Statement("a", 0.1, 0.0, 0.0, "", "≤").holds
    assert Statement("a", 5.0, 0.0, 0.0, "", "≥").holds
    assert not Statement("a", -0.1, 0.0, 0.0, "", "≥").holds


@pytest.mark.parametrize("relation", ["=", "≤", "≥"])
def test_nan_never_holds(relation: str) -> None:
    assert not Statement("a", math.nan, 0.0, 1.0, "", relation).holds


def test_a_failure_names_statement_computed_exact_and_tolerance_in_one_line() -> None:
    good, bad = Statement("fine", 1.0, 1.0, 0.0, ""), Statement("kl", 0.6, 0.5, 0.01, "closed form")
    with pytest.raises(BenchError) as caught:
        check([Chapter("", (good, bad), ())])
    assert caught.value.message == "theory: kl: computed 0.6, expected 0.5 within 0.01 (closed form)"


def test_all_true_statements_pass() -> None:
    check([Chapter("", (Statement("fine", 1.0, 1.0, 0.0, ""),), ())])
