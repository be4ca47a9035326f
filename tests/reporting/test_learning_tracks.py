"""Learning curves of points and of translations."""

import json
import re

import pytest
from fabricated import Project
from fabricated_points import W1, add_points
from fabricated_translation import N, add_translation

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.params import Params
from ganbench.reporting import learning_curves
from ganbench.reporting.course import curve_path
from ganbench.reporting.figures import draw_all
from ganbench.reporting.learning import endings
from ganbench.reporting.page import page
from ganbench.reporting.results import Results, collect
from ganbench.reporting.standing import to_json
from ganbench.reporting.style import LIGHT, colour
from ganbench.reporting.table import to_summary

FID = f"fid_judge_ab_{N}"
MANY = [f"variant_{index}" for index in range(25)]


@pytest.fixture
def two(project: type[Project]) -> Params:
    """Two seeds of each track; of wgan on points, whose generator takes a step in five, one failed."""
    params = project(pictures=False, seeds=[0, 1], variants=["gan"]).write()
    return add_translation(add_points(params, ["gan", "wgan"], {("wgan", 1)}))


def part(html: str, track: str, until: str) -> str:
    """The text of a track's section, up to its first variant."""
    section = html.split(f'<section id="{track}">')[1].split(until)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", section).split())


def points_part(results: Results) -> str:
    return part(page(results), "points", '<details id="points-')


def test_each_track_follows_a_metric_of_its_own(two: Params) -> None:
    images, points, translation = collect(two).tracks
    assert {course.metric for course in images.courses.values()} == {"fid_judge_449"}
    assert {course.metric for course in points.courses.values()} == {W1}
    assert {course.metric for course in translation.courses.values()} == {FID}
    assert set(points.courses) == {Cell("points", *one) for one in [("gan", 0), ("gan", 1), ("wgan", 0)]}
    assert translation.courses[Cell("translation", "cyclegan", 1)].values.tolist() == [60, 21, 30]
    assert points.courses[Cell("points", "gan", 0)].images.tolist() == [0, 100_000, 200_000]


def test_a_seed_of_points_that_failed_is_the_worst(two: Params) -> None:
    gan, wgan = endings(collect(two).tracks[1])
    assert (gan.seeds, gan.failed, gan.worst) == (2, 0, 1.01)
    assert (gan.final.value, gan.best.value) == (pytest.approx(1.005), pytest.approx(0.5025))
    assert (wgan.seeds, wgan.failed, wgan.worst_text(W1)) == (1, 1, "failed")


def test_statistics_hold_the_course_of_every_track_and_the_summary_is_of_images(two: Params) -> None:
    results = collect(two)
    found = json.loads(to_json(results))
    assert [found[track]["course"]["metric"] for track in found] == ["fid_judge_449", W1, FID]
    assert found["points"]["course"]["variants"]["gan"]["best_images"] == [100_000, 100_000]
    assert found["points"]["course"]["equal_generator_steps"]["steps"] == 156
    gan = 0.5 * (4.0 + 4.04) * (0.5 / 4.0) ** (156 / 390)
    assert found["points"]["course"]["equal_generator_steps"]["variants"]["gan"] == pytest.approx(gan, rel=1e-5)
    assert found["translation"]["course"]["variants"]["pix2pix"]["lost_since_best"] == 9.5
    assert "equal_generator_steps" not in found["translation"]["course"]
    summary = json.loads(to_summary(results))
    assert "best_fid_judge_449" in summary["images"]["gan"]
    assert summary["points"]["gan"] == {"seeds": 2, "diverged": 0, W1: 1.005}


def test_figures_say_what_was_shown_and_where_real_samples_stand(two: Params) -> None:
    _, points, translation = collect(two).tracks
    axes = learning_curves.by_variant(points, LIGHT).axes
    assert axes[0].get_xlabel() == "real points shown, thousands"
    assert axes[0].get_ylabel() == "W1"
    own = [line for line in axes[0].lines if line.get_color() == colour(LIGHT, 0)]
    assert [line.get_xdata().tolist() for line in own] == [[0, 100, 200]] * 2
    assert [0.05, 0.05] in [list(line.get_ydata()) for line in axes[0].lines]
    assert axes[0].get_yscale() == "log"  # from 0.05 to 4.04
    axes = learning_curves.by_variant(translation, LIGHT).axes
    assert axes[0].get_xlabel() == "real images shown, thousands"
    assert axes[0].get_ylabel() == "FID A→B"
    assert [2.5, 2.5] in [list(line.get_ydata()) for line in axes[0].lines]


@pytest.mark.parametrize(("count", "across"), [(12, 3), (13, 5), (25, 5)])
def test_many_variants_stand_in_more_columns_of_a_figure_as_wide(
    project: type[Project], count: int, across: int
) -> None:
    points = collect(add_points(project(pictures=False, variants=["gan"]).write(), MANY[:count])).points
    assert points is not None
    figure = learning_curves.by_variant(points, LIGHT)
    labelled = [axis for axis in figure.axes[:count] if axis.get_ylabel()]
    assert len(labelled) == -(-count // across)
    assert figure.axes[0].get_gridspec().ncols == across
    assert figure.get_figwidth() == pytest.approx(10.2)
    assert [axis.get_title() for axis in figure.axes[:count]] == MANY[:count]
    assert sum(bool(axis.get_xlabel()) for axis in figure.axes) == across


@pytest.mark.usefixtures("undrawn")
def test_the_page_shows_the_curves_and_final_and_best_of_both_tracks(project: type[Project]) -> None:
    params = project(seeds=[0, 1], variants=["gan"]).write()
    results = collect(add_translation(add_points(params, ["gan", "wgan"], {("wgan", 1)})))
    assert {"points_learning_curves", "translation_learning_curves", "learning_curves"} <= set(draw_all(results))
    html = page(results)
    points = part(html, "points", '<details id="points-')
    assert "at up to 3 moments of each training, its start among them, of every seed, through the averaged" in points
    assert "Dashed: real points." in points
    assert "At thousand points" in points
    assert "gan 1.005 0.502 100 0.502 1.010" in points
    assert "wgan 1 of 2 seeds failed 1.020 0.510 100 0.510 failed" in points
    assert "After the 156 steps that every generator reached" in points
    assert "in groups whose generators" not in points
    assert html.count('aria-label="Points: final and best"') == 1
    table = html.split('aria-label="Points: final and best"')[1].split("</table>")[0]
    assert re.findall(r'href="#([\w-]+)"', table) == ["points-gan", "points-wgan"]
    translation = part(html, "translation", '<section class="variant"')
    assert "at up to 3 moments of each training, of every seed" in translation
    assert "Dashed: the ceiling." in translation
    assert "pix2pix 30.00 20.50 10 9.50 30.00" in translation
    assert "At equal generator steps" not in translation  # all took as many


@pytest.mark.usefixtures("undrawn")
def test_without_curves_of_a_track_there_is_neither_figure_nor_table(project: type[Project]) -> None:
    params = add_points(project(variants=["gan"]).write(), ["gan", "wgan"])
    for variant in ("gan", "wgan"):
        curve_path(Cell("points", variant, 0)).unlink()
    results = collect(add_translation(params, moments=False))
    assert [name for name in draw_all(results) if "learning" in name] == ["learning_curves"]
    assert "Final and best" not in points_part(results)
    assert "Final and best" not in part(page(results), "translation", '<section class="variant"')
    assert [track for track, found in json.loads(to_json(results)).items() if "course" in found] == ["images"]


@pytest.mark.usefixtures("undrawn")
def test_a_variant_of_points_without_a_curve_is_named_and_a_floor_of_another_n_is_not_drawn(
    project: type[Project],
) -> None:
    params = add_points(project(variants=["gan"]).write(), ["gan", "wgan"])
    curve_path(Cell("points", "gan", 0)).unlink()
    path = curve_path(Cell("points", "wgan", 0))
    path.write_text(path.read_text().replace(W1, "w1_ring_500"))
    results = collect(params)
    text = points_part(results)
    assert "older than these curves: gan." in text
    assert "Dashed: real points." not in text
    assert results.points is not None
    axes = learning_curves.by_variant(results.points, LIGHT).axes
    assert [0.05, 0.05] not in [list(line.get_ydata()) for line in axes[0].lines]
    assert [text.get_text() for text in axes[0].texts] == ["no moments kept"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"images,generator_steps,{W1}\n", "no moments"),
        (f"images,generator_steps,{W1}\n0,0,nan\n", f"column {W1}: expected finite numbers"),
        (f"images,generator_steps,{W1}\n0,0,1\n0,1,1\n", "column images: expected to rise"),
        ("images,generator_steps,fid_judge_9\n0,0,1\n", "column w1: missing"),
    ],
)
def test_a_damaged_curve_of_points_is_refused_in_one_line(two: Params, text: str, message: str) -> None:
    curve_path(Cell("points", "gan", 1)).write_text(text)
    with pytest.raises(BenchError, match=rf"curve\.csv: {message}.*; run dvc repro evaluate_points@gan$") as error:
        collect(two)
    assert "\n" not in error.value.message


def test_a_curve_of_the_other_way_alone_is_refused(two: Params) -> None:
    path = curve_path(Cell("translation", "pix2pix", 0))
    path.write_text(path.read_text().replace("_judge_ab_", "_judge_ba_"))
    with pytest.raises(BenchError, match=r"column fid: missing; run dvc repro evaluate_translation@pix2pix-0"):
        collect(two)
