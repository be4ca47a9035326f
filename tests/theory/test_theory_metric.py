"""What `dvc metrics` reads of the theory."""

from ganbench.theory.run import metric
from ganbench.theory.statement import Chapter, Statement


def test_a_bound_is_told_from_an_equality() -> None:
    equal, bound = Statement("a", 1.0, 1.0, 0.0, "closed form"), Statement("b", 0.8, 0.1, 0.0, "a bound", "≥")
    found = metric({"one": Chapter("The first", (equal, bound), ())})
    assert found["one"] == {
        "a": {"computed": 1.0, "relation": "=", "exact": 1.0, "tolerance": 0.0},
        "b": {"computed": 0.8, "relation": "≥", "exact": 0.1, "tolerance": 0.0},
    }
