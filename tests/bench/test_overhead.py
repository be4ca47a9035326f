"""What Python says of its imports."""

from ganbench.bench.overhead import import_seconds


def test_the_times_of_imports_are_added_up_without_those_inside_them() -> None:
    output = """\
import time: self [us] | cumulative | imported package
import time:   1000000 |    1000000 |   inner
import time:    500000 |    1500000 | outer
trained for 7 | 8 s
"""
    assert import_seconds(output) == 1.5
