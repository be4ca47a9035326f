"""Learning curves: final and best models, equal generator steps, and what is missing."""

import json
import re

import numpy as np
import pytest
from fabricated import write_course

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.reporting import learning_curves
from ganbench.reporting.course import curve_path
from ganbench.reporting.figures import draw_all
from ganbench.reporting.learning import endings, learning, levels
from ganbench.reporting.page import page
from ganbench.reporting.results import collect
from ganbench.reporting.standing import to_json
from ganbench.reporting.style import DARK, LIGHT, colour
from ganbench.reporting.table import to_summary
from ganbench.statistics.interval import mean

FID = "fid_judge_449"


def write(variant: str, seed: int, values: list[float], images: list[int], steps: list[int], metric: str = FID) -> None:
    write_course(Cell("images", variant, seed), metric, values, images, steps)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.fixture
def three(project):
    """Three seeds of gan, each best before its end; of wgan, whose generator takes few steps, one failed."""
    params = project(pictures=False, seeds=[0, 1, 2], variants=["gan", "wgan"], diverged={("wgan", 1)}).write()
    images = [1000, 2000, 4000]
    for seed, values in enumerate([[9.0, 2.0, 5.0], [8.0, 6.0, 7.0], [3.0, 4.0, 6.0]]):
        write("gan", seed, values, images, [100, 200, 400])
    for seed in (0, 2):
        write("wgan", seed, [60.0, 30.0, 20.0], images, [30, 60, 120])
    return params


def test_final_and_best_are_means_over_seeds_of_the_last_and_of_each_ones_best_moment(three):
    gan, wgan = endings(collect(three))
    assert gan.final == mean([5.0, 7.0, 6.0])
    assert gan.best == mean([2.0, 6.0, 3.0])
    assert gan.best_images == [2000, 2000, 1000]
    assert gan.best_kimg == "1–2"
    assert gan.worst == 7
    assert gan.lost == pytest.approx(6 - 11 / 3)
    assert (wgan.final.value, wgan.final.half, wgan.best_kimg) == (20, None, "4")  # two seeds give no interval


def test_a_seed_that_failed_is_the_worst(three):
    wgan = endings(collect(three))[1]
    assert (wgan.failed, wgan.seeds, wgan.worst, wgan.worst_text(FID)) == (1, 2, None, "failed")


def test_equal_steps_are_the_most_that_every_generator_reached(three):
    found = levels(collect(three))
    assert found.steps == 120
    gan, wgan = found.variants
    share = (120 - 100) / (200 - 100)
    expected = np.mean([9 * (2 / 9) ** share, 8 * (6 / 8) ** share, 3 * (4 / 3) ** share])
    assert gan.at_steps.value == pytest.approx(expected)
    assert (gan.final.value, gan.steps, gan.images) == (6, 400, 1200)
    assert (wgan.at_steps.value, wgan.steps, wgan.images) == (20, 120, 4000)


def test_before_the_first_moment_there_is_no_value_at_equal_steps(three):
    for seed in (0, 2):
        write("wgan", seed, [30.0, 20.0], [2000, 4000], [30, 60])
    gan = levels(collect(three)).variants[0]
    assert (gan.at_steps, gan.images) == (None, None)
    assert json.loads(to_json(collect(three)))["images"]["course"]["equal_generator_steps"] == {
        "steps": 60, "variants": {"gan": None, "wgan": 20.0},
    }  # fmt: skip


def test_where_all_steps_are_equal_there_is_no_table_of_them(project):
    assert levels(collect(project(pictures=False, variants=["gan", "dcgan"]).write())) is None


def test_the_files_hold_final_best_and_worst(three):
    course = json.loads(to_json(collect(three)))["images"]["course"]
    assert course["metric"] == FID
    assert course["variants"]["gan"]["final"] == 6
    assert course["variants"]["gan"]["best"] == pytest.approx(11 / 3, rel=1e-5)
    assert course["variants"]["gan"]["final_low"] == pytest.approx(6 - mean([5.0, 6.0, 7.0]).half, rel=1e-5)
    assert course["variants"]["gan"]["best_images"] == [2000, 2000, 1000]
    assert course["variants"]["wgan"]["worst_seed"] is None
    summary = json.loads(to_summary(collect(three)))["images"]
    assert summary["gan"][f"best_{FID}"] == pytest.approx(11 / 3, rel=1e-5)


@pytest.mark.usefixtures("undrawn")
def test_the_page_shows_final_and_best_and_equal_steps(project):
    params = project(variants=["gan", "wgan"]).write()
    write("gan", 0, [2.0, 5.0], [1000, 4000], [100, 400])
    write("wgan", 0, [30.0, 20.0], [1000, 4000], [50, 200])
    text = text_of(page(collect(params)))
    assert "Learning curves" in text
    assert "gan 5.00 2.00 1 3.00 wgan 20.00 20.00 4 0.00" in text
    assert "gan 5.00 400 2.71 2,000 wgan 20.00 200 20.00 4,000" in text
    assert "three different tables" in text
    assert "These are the same final models, in groups" not in text
    assert "Worst seed, final" not in text  # of one seed


@pytest.mark.usefixtures("undrawn")
def test_without_any_curve_the_page_says_so_and_groups_final_models(project):
    params = project(variants=["gan", "wgan"], moments=0).write()
    results = collect(params)
    results.frame.loc[results.frame["variant"] == "wgan", "iteration"] = 625
    text = text_of(page(results))
    assert "There are no learning curves" in text
    assert "Final and best" not in text
    assert "in groups whose generators took equally many steps" in text
    assert "learning_curves" not in draw_all(results)
    assert "course" not in json.loads(to_json(results))["images"]
    assert not any(name.startswith("best_") for name in json.loads(to_summary(results))["images"]["gan"])


@pytest.mark.usefixtures("undrawn")
def test_variants_without_a_curve_are_named_and_the_others_are_shown(project):
    params = project(
        variants=["gan", "gan_ns", "dcgan", "wgan"], diverged={("dcgan", 0)}, not_run={("wgan", 0)}
    ).write()
    curve_path(Cell("images", "gan_ns", 0)).unlink()
    results = collect(params)
    assert learning(results).without == ["gan_ns"]
    assert "older than these curves: gan_ns." in text_of(page(results))
    axes = learning_curves.by_variant(results, LIGHT).axes
    assert [[text.get_text() for text in axis.texts] for axis in axes[:4]] == [
        [], ["no moments kept"], ["failed: every seed diverged"], ["not run"],
    ]  # fmt: skip


def test_a_panel_shows_all_seeds_of_its_variant_over_the_others_and_the_floor(three):
    results = collect(three)
    for theme in (LIGHT, DARK):
        gan, wgan = learning_curves.by_variant(results, theme).axes[:2]
        own = [line for line in gan.lines if line.get_color() == colour(theme, 0)]
        assert [line.get_ydata().tolist() for line in own] == [[9, 2, 5], [8, 6, 7], [3, 4, 6]]
        assert own[0].get_xdata().tolist() == [1, 2, 4]
        others = [line for line in gan.lines if line.get_color() == theme.quiet]
        assert [line.get_ydata().tolist() for line in others] == [[9, 2, 5], [60, 30, 20]]
        assert [results.real[FID]] * 2 in [list(line.get_ydata()) for line in gan.lines]
        rings = [line for line in gan.lines if line.get_markerfacecolor() == "none"]
        assert [line.get_ydata() for line in rings] == [[2], [6], [3]]
        assert not [line for line in wgan.lines if line.get_markerfacecolor() == "none"]  # best at the end
        assert gan.get_ylim() == wgan.get_ylim()


def test_the_axis_is_logarithmic_where_values_are_far_apart(three):
    assert learning_curves.by_variant(collect(three), LIGHT).axes[1].get_yscale() == "log"
    for seed in (0, 2):
        write("wgan", seed, [30.0, 20.0], [1000, 4000], [30, 120])
    assert learning_curves.by_variant(collect(three), LIGHT).axes[1].get_yscale() == "linear"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not readable as CSV"),
        (f"images,{FID}\n1,2\n", "column generator_steps: missing"),
        ("images,generator_steps\n1,2\n", "column fid: missing"),
        (f"images,generator_steps,{FID}\n1,2,nan\n", f"column {FID}: expected finite numbers"),
        (f"images,generator_steps,{FID}\n1,2,many\n", f"column {FID}: expected finite numbers"),
        (f"images,generator_steps,{FID}\n2,2,1\n1,3,1\n", "column images: expected to rise"),
        (f"images,generator_steps,{FID}\n", "no moments"),
    ],
)
def test_a_damaged_curve_is_refused_in_one_line(project, text, message):
    params = project(pictures=False, variants=["gan"]).write()
    curve_path(Cell("images", "gan", 0)).write_text(text)
    with pytest.raises(BenchError, match=rf"curve\.csv: {message}.*; run dvc repro evaluate@gan-0") as error:
        collect(params)
    assert "\n" not in error.value.message


def test_curves_of_different_metrics_are_refused(project):
    params = project(pictures=False, variants=["gan", "dcgan"]).write()
    write("dcgan", 0, [2.0], [1000], [100], metric="fid_judge_100")
    with pytest.raises(BenchError, match=f"fid_judge_100, but other cells have {FID}; run dvc repro evaluate@dcgan-0"):
        collect(params)
