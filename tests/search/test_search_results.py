import csv
import io
import json
import math
from dataclasses import asdict

import pytest
from PIL import Image

from ganbench.errors import BenchError
from ganbench.reporting.style import LIGHT
from ganbench.search.results import SEARCH, Done, Found, draw, draw_all, path_of, read, table, write


def found(values, better="lower", variant="gan", metric="w1_ring_100", budget=10.0, sampler="tpe") -> Found:
    trials = [Done(number, {"optimizer.lr": 1e-3 * (number + 1)}, value) for number, value in enumerate(values)]
    return Found("points", variant, metric, better, budget, 0, sampler, 0, trials)


def test_best_so_far_never_gets_worse_and_a_diverged_trial_does_not_count():
    so_far = found([None, 5.0, 7.0, None, 2.0, 3.0]).best_so_far()
    assert math.isnan(so_far[0])
    assert so_far[1:] == [5, 5, 5, 2, 2]
    assert found([1.0, 3.0, 2.0], "higher").best_so_far() == [1, 3, 3]


def test_the_best_is_the_first_of_equals():
    assert found([4.0, None, 2.0, 2.0]).best.number == 2
    assert found([4.0, 9.0], "higher").best.number == 1
    assert found([None, None]).best is None


def test_a_search_comes_back_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one, other = found([3.0, None, 2.0]), found([1.0], variant="wgan_gp")
    draw_all("points")
    assert not SEARCH.exists()
    write(one)
    write(other)
    draw_all("points")
    assert read("points") == [one, other]
    with Image.open(SEARCH / "points.png") as picture:
        assert picture.width > 400


def test_the_same_searches_give_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(found([3.0, 2.0]))
    draw_all("points")
    first = (SEARCH / "points.png").read_bytes()
    draw_all("points")
    assert (SEARCH / "points.png").read_bytes() == first


def test_the_table_has_a_line_a_variant_with_its_best_values():
    rows = list(csv.DictReader(io.StringIO(table([found([3.0, None, 0.123456789]), found([None], variant="lost")]))))
    assert [row["variant"] for row in rows] == ["gan", "lost"]
    assert (rows[0]["trials"], rows[0]["diverged"], rows[0]["best"], rows[0]["trial"]) == ("3", "1", "0.123457", "2")
    assert json.loads(rows[0]["values"]) == {"optimizer.lr": pytest.approx(3e-3)}
    assert rows[1]["best"] == ""


def test_searches_of_another_metric_or_budget_have_panels_of_their_own():
    together = draw([found([1.0, 2.0]), found([3.0], variant="b")], LIGHT)
    assert [len(axis.get_legend().get_texts()) for axis in together.axes] == [2]
    apart = draw(
        [found([1.0]), found([3.0], variant="b", budget=20.0), found([3.0], variant="c", metric="w2_x")], LIGHT
    )
    assert sum(axis.get_legend() is not None for axis in apart.axes) == 3


def test_the_line_that_is_drawn_is_the_best_so_far():
    (axis,) = draw([found([5.0, 7.0, 2.0])], LIGHT).axes
    assert axis.lines[0].get_xydata().tolist() == [[1, 5], [2, 5], [3, 2]]


def test_random_trials_are_drawn_as_the_median_of_all_orders_in_a_band():
    (axis,) = draw([found([5.0, None, 2.0], sampler="random")], LIGHT).axes
    assert axis.lines[0].get_xydata().tolist() == [[1, 5], [2, 2], [3, 2]]
    assert len(axis.collections) == 3
    assert axis.collections[0].get_paths()[0].vertices[:, 1].min() == 2


def test_values_far_apart_stand_on_a_logarithmic_axis():
    assert draw([found([5.0, 2.0])], LIGHT).axes[0].get_yscale() == "linear"
    assert draw([found([50.0, 2.0])], LIGHT).axes[0].get_yscale() == "log"
    assert draw([found([50.0, -2.0])], LIGHT).axes[0].get_yscale() == "linear"


def test_a_damaged_record_is_refused_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path_of("points", "gan").parent.mkdir(parents=True)
    path_of("points", "gan").write_text(json.dumps(asdict(found([1.0])) | {"trials": 3}), encoding="utf-8")
    with pytest.raises(BenchError, match=r"gan\.json: not the record of a search"):
        read("points")
