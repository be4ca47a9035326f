"""What Python says of its imports, and the table of a cell's stages."""

from ganbench.bench.overhead import import_seconds
from ganbench.bench.tables import overhead_table


def test_the_times_of_imports_are_added_up_without_those_inside_them() -> None:
    output = """\
import time: self [us] | cumulative | imported package
import time:   1000000 |    1000000 |   inner
import time:    500000 |    1500000 | outer
trained for 7 | 8 s
"""
    assert import_seconds(output) == 1.5


def test_stages_stand_in_their_order_with_what_they_take_cold_and_warm() -> None:
    def spread(seconds: float) -> dict[str, float]:
        return {"median": seconds, "min": seconds, "max": seconds}

    stages = {
        name: {"seconds": spread(cold), "cpu_seconds": spread(2 * cold), "import_seconds": 1.0}
        for name, cold in (("sample", 3.0), ("train", 4.0))
    }
    cold = {"stages": stages, "total": spread(7), "warm": {}}
    warm = cold | {"warm": {"sample": spread(0.5), "train": spread(1.5), "total": spread(2)}}
    *_, train, sample, together = overhead_table([warm]).splitlines()
    assert train == "| train | 4.00 s (4.00–4.00) | 8.00 s (8.00–8.00) | 1.00 s | 1.50 s (1.50–1.50) |"
    assert sample.endswith("| 0.50 s (0.50–0.50) |")
    assert together == "| together | 7.00 s (7.00–7.00) |  |  | 2.00 s (2.00–2.00) |"
    assert all(line.endswith("| – |") for line in overhead_table([cold]).splitlines()[2:])
