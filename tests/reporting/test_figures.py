"""The figures hold what they should, read back from matplotlib's objects."""

import numpy as np
import pytest

from ganbench.cell import Cell
from ganbench.errors import BenchError
from ganbench.reporting import curves, scatter, wall
from ganbench.reporting.results import collect
from ganbench.reporting.style import DARK, LIGHT, colour, marker, render


def test_the_curve_of_a_critic_is_the_signed_gap_of_real_over_fake(project):
    results = collect(project(variants=["wgan_gp"]).write())
    axis = curves.losses(results, ["wgan_gp"], LIGHT).axes[0]
    history = curves.history(Cell("images", "wgan_gp", 0))
    np.testing.assert_array_equal(axis.lines[0].get_ydata(), -history["discriminator"])
    np.testing.assert_array_equal(axis.lines[0].get_xdata(), history["images"] / 1000)
    assert "E[D(real)] − E[D(fake)]" in axis.get_ylabel()


def test_a_critic_whose_loss_is_never_negative_shows_no_gap(project):
    results = collect(project(variants=["wgan"]).write())
    assert curves.shows_gap(results, "wgan")
    path = Cell("images", "wgan", 0).train_dir / "history.csv"
    readings = curves.history(Cell("images", "wgan", 0))
    readings["discriminator"] = readings["discriminator"].abs()  # as of a relativistic critic: a mean of softplus
    readings.to_csv(path, index=False)
    assert not curves.shows_gap(results, "wgan")


def test_a_loss_below_zero_is_no_gap_where_scores_have_an_origin(project):
    results = collect(project(variants=["gan"]).write())
    readings = curves.history(Cell("images", "gan", 0))
    readings["discriminator"] = -readings["discriminator"]  # as f-divergences are bounded from below
    readings.to_csv(Cell("images", "gan", 0).train_dir / "history.csv", index=False)
    assert not curves.shows_gap(results, "gan")


def test_the_curves_of_a_discriminator_are_both_losses_of_every_seed(project):
    results = collect(project(seeds=[0, 1], variants=["gan", "dcgan"]).write())
    figure = curves.losses(results, results.variants, LIGHT)
    assert [axis.get_title() for axis in figure.axes] == ["gan", "dcgan"]
    history = curves.history(Cell("images", "dcgan", 1))
    drawn = [line.get_ydata() for line in figure.axes[1].lines]
    np.testing.assert_array_equal(drawn[2], history["discriminator"])
    np.testing.assert_array_equal(drawn[3], history["generator"])


def test_a_diverged_curve_ends_in_a_mark_at_its_last_finite_reading(project):
    results = collect(project(variants=["dcgan"], diverged={("dcgan", 0)}).write())
    axis = curves.losses(results, ["dcgan"], LIGHT).axes[0]
    history = curves.history(Cell("images", "dcgan", 0))
    assert history["discriminator"].isna().sum() == 1
    cross = next(line for line in axis.lines if line.get_marker() == "x")
    assert list(cross.get_ydata()) == [history["discriminator"].iloc[-2]]
    assert [text.get_text() for text in axis.texts] == ["diverged"]


def test_a_run_that_diverged_before_its_first_reading_is_drawn(project):
    results = collect(project(variants=["dcgan"], diverged={("dcgan", 0)}).write())
    (Cell("images", "dcgan", 0).train_dir / "history.csv").write_text("iteration,images,discriminator,generator\n")
    axis = curves.losses(results, ["dcgan"], LIGHT).axes[0]
    assert [text.get_text() for text in axis.texts] == ["diverged before the first reading"]
    assert render(LIGHT, lambda theme: curves.losses(results, ["dcgan"], theme)).startswith(b"\x89PNG")


@pytest.mark.parametrize("text", ["", "iteration,images,generator\n1,2,3\n"])
def test_a_history_without_the_losses_is_refused(project, text):
    project(variants=["gan"]).write()
    (Cell("images", "gan", 0).train_dir / "history.csv").write_text(text)
    with pytest.raises(BenchError, match=r"history\.csv: .*; run dvc repro train@gan-0"):
        curves.history(Cell("images", "gan", 0))


def test_a_missing_history_is_named_with_the_command_that_makes_it(project):
    project(variants=["gan"]).write()
    path = Cell("images", "gan", 0).train_dir / "history.csv"
    path.unlink()
    with pytest.raises(BenchError, match=r"history\.csv: no such file; run dvc repro train@gan-0"):
        curves.history(Cell("images", "gan", 0))


def test_the_floor_and_the_means_are_points_of_quality_against_diversity(project):
    results = collect(project(variants=["gan", "wgan"]).write())
    axis = scatter.quality_diversity(results, LIGHT).axes[0]
    points = {group.get_label(): group.get_offsets()[0].tolist() for group in axis.collections}
    assert points["real"] == [results.real["recall_judge_449_k5"], results.real["precision_judge_449_k5"]]
    wgan = results.rows("wgan").iloc[0]
    assert points["wgan"] == [wgan["recall_judge_449_k5"], wgan["precision_judge_449_k5"]]


def test_every_metric_has_a_strip_with_its_seeds_and_the_floor(project):
    results = collect(project(seeds=[0, 1], variants=["gan", "dcgan"], diverged={("gan", 1)}).write())
    figure = scatter.strips(results, LIGHT, results.metrics, results.variants)
    assert [axis.get_xlabel() for axis in figure.axes[: len(results.metrics)]] == results.metrics
    axis = figure.axes[0]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["gan (1 failed)", "dcgan"]
    seeds = results.rows("dcgan")["fid_judge_449"].tolist()
    drawn = [list(line.get_xdata()) for line in axis.lines]
    assert seeds in drawn
    assert [results.real["fid_judge_449"]] * 2 in drawn
    gan = [line for line in axis.lines if line.get_color() == colour(LIGHT, 0)]
    assert [len(line.get_xdata()) for line in gan] == [1]


def test_figures_say_so_where_nothing_was_measured(project):
    results = collect(project(variants=["gan"], diverged={("gan", 0)}).write())
    results.real.clear()
    for figure in (scatter.quality_diversity(results, LIGHT), scatter.strips(results, LIGHT, [], ["gan"])):
        assert "was measured" in figure.axes[0].texts[0].get_text()


def test_the_wall_has_real_images_first_and_no_samples_of_what_failed(project):
    results = collect(project(seeds=[0, 1], variants=["gan", "wgan"], diverged={("wgan", 0), ("wgan", 1)}).write())
    strips = wall.strips(results)
    assert [(strip.name, strip.note) for strip in strips] == [
        ("real", "held out"),
        ("gan", "seed 0"),
        ("wgan", "failed"),
    ]
    np.testing.assert_array_equal(strips[0].images, results.held_out)
    assert strips[1].images.shape == (16, 16, 16, 1)
    assert strips[2].images is None


def test_what_has_not_run_has_an_empty_panel_and_an_empty_strip(project):
    results = collect(project(variants=["gan", "dcgan"], not_run={("dcgan", 0)}).write())
    losses = curves.losses(results, results.variants, LIGHT)
    assert [text.get_text() for text in losses.axes[1].texts] == ["not run"]
    assert [(strip.note, strip.images is None) for strip in wall.strips(results)][2] == ("not run", True)
    metrics = scatter.strips(results, LIGHT, results.metrics, results.variants)
    assert [tick.get_text() for tick in metrics.axes[0].get_yticklabels()] == ["gan", "dcgan (not run)"]


def test_conditional_variants_keep_their_colour_in_a_figure_of_their_own(project):
    results = collect(project(variants=["gan", "cgan"]).write())
    axis = scatter.strips(results, LIGHT, ["condition_accuracy_judge_449"], ["cgan"]).axes[0]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["cgan"]
    assert axis.lines[0].get_color() == colour(LIGHT, 1)


def test_the_wall_reduces_large_images_and_leaves_gaps_transparent():
    sheet = wall.picture(np.full((3, 256, 256, 3), 90, np.uint8))
    assert sheet.size == (1 + 16 * 65, 1 + 65)
    alpha = np.asarray(sheet.getchannel("A"))
    assert not alpha[0].any()
    assert alpha[1:-1, 1:65].all()


def test_samples_that_are_none_are_refused(project):
    project(variants=["gan"]).write()
    path = Cell("images", "gan", 0).samples_dir / "samples.npz"
    for bad in ({"images": np.zeros((4, 16, 16, 1), np.float32)}, {"pictures": np.zeros(1)}):
        np.savez(path, **bad)
        with pytest.raises(BenchError, match=r"samples\.npz: .*; run dvc repro sample@gan-0"):
            wall.samples(Cell("images", "gan", 0))
    path.write_bytes(b"PK damaged")
    with pytest.raises(BenchError, match="not readable as samples"):
        wall.samples(Cell("images", "gan", 0))


def test_colours_and_markers_tell_the_first_variants_apart_in_both_themes():
    for theme in (LIGHT, DARK):
        assert len({(colour(theme, index), marker(index)) for index in range(72)}) == 72
        assert len({colour(theme, index) for index in range(8)}) == 8


def test_a_users_matplotlibrc_changes_no_byte(project):
    import matplotlib

    results = collect(project(variants=["gan"]).write())
    before = render(LIGHT, lambda theme: curves.losses(results, ["gan"], theme))
    with matplotlib.rc_context({"lines.linewidth": 7, "font.size": 20, "savefig.dpi": 50}):
        assert render(LIGHT, lambda theme: curves.losses(results, ["gan"], theme)) == before
