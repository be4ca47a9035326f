"""The page and the files as a whole."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ganbench.cell import judge_metrics
from ganbench.errors import BenchError
from ganbench.reporting.page import page
from ganbench.reporting.report import write
from ganbench.reporting.results import collect
from ganbench.reporting.sections import section

STAGE = Path(__file__).parents[2] / "stages" / "report.py"
VOID = {"meta", "link", "img", "source", "wbr", "br"}


class Checker(HTMLParser):
    """Collects ids, links and URIs; every element must be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.uris: list[str] = []
        self.anchors: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in VOID:
            self.stack.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.uris += [given[key] for key in ("src", "srcset") if key in given]
        if "href" in given:
            (self.anchors if given["href"].startswith("#") else self.uris).append(given["href"])
        if tag == "img":
            assert given["alt"]

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack and self.stack[-1] != "style":
            self.text.append(data)


def parsed(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    assert checker.stack == []
    return checker


def text_of(html: str) -> str:
    return " ".join(" ".join(parsed(html).text).split())


@pytest.fixture
def html(finished_report: Path) -> str:
    return (finished_report / "results/report.html").read_text()


def test_the_page_needs_nothing_from_outside(html):
    assert "http://" not in html
    assert "https://" not in html
    assert "<script" not in html
    assert "@import" not in html
    assert "url(" not in html
    assert all(uri.startswith("data:") for uri in parsed(html).uris)
    assert re.findall(r"\ssrc=\"(?!data:)", html) == []


def test_every_declared_variant_has_its_section_and_removed_ones_have_none(html):
    checker = parsed(html)
    assert checker.ids == ["gan_ns", "dcgan", "wgan"]
    assert {anchor.removeprefix("#") for anchor in checker.anchors} == set(checker.ids)
    assert "removed" not in html
    assert "dcgan_old" not in html


def test_failed_cells_are_marked_with_iteration_and_reason(html):
    text = text_of(html)
    assert "4 cells failed" in text
    assert "1 of 3 seeds failed" in text
    assert "diverged at iteration 1,234, 1,234, 1,234: no metrics" in text
    assert "Seed 0 failed after 78,976 real images: discriminator is nan at iteration 1234." in text
    assert "In a ranking a failed seed counts as the worst" in text
    assert "every seed diverged: there are no samples" in text
    assert "The pictures of this section are of seed 1" in text


def test_the_page_says_what_was_run(html, finished_report):
    text = text_of(html)
    for part in ("3 GANs on digits, 16 × 16 pixels", "1,347", "450 held out", "98.67 %", "200 kimg", "3 × 3 seeds"):
        assert part in text
    assert "fid_ judge_ 449" in text
    assert "objective: non_saturating" in text


def test_three_seeds_get_intervals_and_no_winner(html):
    assert "Not enough seeds to rank" not in html
    assert "±" in html
    assert "no winner is" in html


@pytest.mark.usefixtures("undrawn")
def test_a_weak_judge_is_said_to_be_one(project, html):
    params = project(variants=["gan"]).write()
    path = judge_metrics("images")
    path.write_text(path.read_text().replace("0.98667", "0.31"))
    assert "The judge is weak" in page(collect(params))
    assert "The judge is weak" not in html


@pytest.mark.usefixtures("undrawn")
def test_two_seeds_are_said_not_to_rank(project):
    assert "Not enough seeds to rank. 2 seeds per variant" in text_of(
        page(collect(project(seeds=[0, 1], variants=["gan"]).write()))
    )


def test_the_same_inputs_give_the_same_bytes_of_every_output(project):
    params = project(seeds=[0, 1], variants=["gan_ns"], diverged={("gan_ns", 1)}).write()
    written = []
    for _ in range(2):
        write(params)
        outputs = [*Path("results").glob("*.*"), *Path("results/figures").iterdir()]
        written.append({path: path.read_bytes() for path in outputs})
    assert {path.name for path in written[0]} == {
        "report.html", "table.csv", "summary.json", "statistics.json",
        "losses.png", "samples.png", "quality_diversity.png", "metrics.png", "learning_curves.png",
    }  # fmt: skip
    assert written[0] == written[1]


@pytest.mark.usefixtures("undrawn")
def test_cells_that_have_not_run_do_not_stop_the_report(project):
    not_run = {("gan", 0), ("gan", 1), ("dcgan", 1)}
    text = text_of(page(collect(project(seeds=[0, 1], variants=["gan", "dcgan"], not_run=not_run).write())))
    assert "3 cells have not run" in text
    assert "not run: dvc repro evaluate@gan-0 and 1 more" in text
    assert "Not run: dvc repro evaluate@gan-0 , dvc repro evaluate@gan-1" in text
    assert "Not run: dvc repro evaluate@dcgan-1" in text
    assert "1 of 2 not run" in text


@pytest.mark.usefixtures("undrawn")
def test_a_project_in_which_no_cell_has_run_has_a_report(project):
    text = text_of(page(collect(project(variants=["gan", "wgan"], not_run={("gan", 0), ("wgan", 0)}).write())))
    assert "2 cells have not run" in text
    assert "not run: there are no samples yet" in text


@pytest.mark.usefixtures("undrawn")
def test_generators_that_are_told_what_to_draw_have_their_table_and_pictures(project):
    html = page(collect(project(variants=["gan", "cgan", "gan_cls"]).write()))
    text = text_of(html)
    assert "Attribute: digit, held out" in text
    assert "Asked for each class" in text
    assert "Asked for held-out captions" in text
    for title, name in (("Told which class to draw", "cgan"), ("Told what to draw, in words", "gan_cls")):
        table = html[html.index(f"<caption>{title}") :].split("</table>")[0]
        assert re.findall(r'href="#(\w+)"', table) == [name]


def test_a_project_without_conditions_has_no_such_table(html):
    assert "Told w" not in html


@pytest.mark.usefixtures("undrawn")
def test_explorations_are_shown_where_they_ran_and_named_where_not(project):
    params = project(variants=["dcgan"], explored=["dcgan"]).write()
    text = text_of(page(collect(params)))
    assert "Walk. A closed walk through nine latents" in text
    assert "largest step 0.16" in text
    assert "Arithmetic was left out: there are no classes" in text
    shutil.rmtree(Path("runs/images/dcgan/0/exploration"))
    assert "Not run: dvc repro explore@dcgan-0" in text_of(page(collect(params)))


@pytest.mark.usefixtures("undrawn")
def test_a_damaged_exploration_is_refused(project):
    params = project(variants=["dcgan"], explored=["dcgan"]).write()
    Path("runs/images/dcgan/0/exploration/record.json").write_text("{}")
    with pytest.raises(BenchError, match=r"record\.json: no scores; run dvc repro explore@dcgan-0"):
        page(collect(params))


def test_three_seeds_are_compared_and_ranked_with_failures_as_the_worst(html):
    text = text_of(html)
    assert "What the seeds tell" in text
    assert "its p-value is 0.1 at least before correction, so no pair can be marked" in text
    table = html[html.index("Images: seeds") :].split("</table>")[0]
    assert text_of(table[table.index("<tbody>") :]).split().count("failed") == 3  # wgan: median, worst; dcgan: worst


@pytest.mark.usefixtures("undrawn")
def test_unlabelled_colour_images_of_one_variant_without_ema(project):
    results = collect(project(variants=["gan_ns"], labelled=False, channels=3).write())
    text = text_of(page(results))
    assert "1 GAN on digits" in text
    assert "no labels, colour" in text
    assert "at telling four rotations apart" in text
    assert "no EMA" in text
    assert "Not enough seeds to rank. One seed per variant" in text
    assert not any(name.startswith("is_") for name in results.metrics)


@pytest.mark.usefixtures("undrawn")
def test_a_page_of_large_images_stays_small(project):
    large = page(collect(project(variants=["dcgan"], resolution=256, channels=3).write()))
    assert len(large) < 4_000_000


def test_a_page_of_small_images_stays_small(html):
    assert len(html) < 5_000_000


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("evaluation/neighbours_pixel.png", "evaluate"),
        ("evaluation/discriminator.png", "evaluate"),
        ("samples/progress.gif", "sample"),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_a_missing_picture_is_named_with_the_command_that_makes_it(project, path, stage):
    results = collect(project(variants=["gan"]).write())
    missing = Path("runs/images/gan/0") / path
    missing.unlink()
    with pytest.raises(BenchError) as error:
        section(results, "gan")
    assert error.value.message == f"{missing}: no such file; run dvc repro {stage}@gan-0"


def test_the_stage_refuses_in_one_line_without_a_traceback(tmp_path):
    declaration = "images:\n  variants:\n    gan: {network: mlp, objective: minimax}\n"
    (tmp_path / "params.yaml").write_text(declaration)
    done = subprocess.run([sys.executable, STAGE], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "Error: results/metrics/images/real.json: no such file; run dvc repro floor\n"
    assert not (tmp_path / "results").exists()
