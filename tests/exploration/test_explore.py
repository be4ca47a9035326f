import json
import runpy
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from hand_made import CPU
from ruamel.yaml import YAML

from ganbench.cell import Cell, judge_dir
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.evaluation.judge import train_judge
from ganbench.exploration.check import check_exploration
from ganbench.exploration.explore import exploration_dir, exploration_metrics, explore_cell
from ganbench.games.tracks import recipe_of, shape_of
from ganbench.params import Judge, Params, load
from ganbench.training.device import seed_everything
from ganbench.training.weights import save_weights

ROOT = Path(__file__).resolve().parents[2]
CELL = Cell("images", "dcgan", 0)


def params(**explore):
    variants = {
        "dcgan": {"network": {"dcgan": {"width": 4}}, "objective": "non_saturating"},
        "gan": {"network": "mlp", "objective": "minimax"},
    }
    settings = {"samples": 60, "labelled": 60, "variants": ["dcgan"]} | explore
    return Params.model_validate({"device": "cpu", "images": {"variants": variants, "explore": settings}})


@pytest.fixture
def trained(small_store):
    """An untrained DCGAN as if it were trained, and a judge of random images."""
    declared = params()
    train_judge(Store.open(small_store), Judge(epochs=1, width=4), CPU, judge_dir("images"))
    seed_everything(0)
    recipe, shape = recipe_of("images", "dcgan", declared), shape_of("images", declared)
    CELL.train_dir.mkdir(parents=True)
    save_weights(recipe.generator(shape), CELL.train_dir / "generator.safetensors")
    save_weights(recipe.discriminator(shape), CELL.train_dir / "discriminator.safetensors")
    (CELL.train_dir / "status.json").write_text('{"status": "finished", "iteration": 1, "images": 64, "reason": null}')
    return declared


def test_two_explorations_give_the_same_bytes(trained):
    written = []
    for _ in range(2):
        explore_cell(CELL, trained)
        paths = [*exploration_dir(CELL).iterdir(), exploration_metrics(CELL)]
        written.append({path.name: path.read_bytes() for path in paths})
        shutil.rmtree(exploration_dir(CELL))
    assert written[0] == written[1]
    assert {"walk.png", "representation.png", "record.json", "0.json"} <= written[0].keys()


def test_what_makes_no_sense_is_left_out_with_a_line_in_the_record(trained):
    found = explore_cell(CELL, trained)
    record = json.loads((exploration_dir(CELL) / "record.json").read_text())
    assert set(record["left_out"]) == {"arithmetic", "feature_dropout"}  # noise has no classes and encloses nothing
    assert all("\n" not in reason for reason in record["left_out"].values())
    scores = json.loads(exploration_metrics(CELL).read_text())
    assert scores == {"status": "finished", **record["scores"]}
    assert found["left_out.arithmetic"] == record["left_out"]["arithmetic"]


def test_where_the_judge_learned_rotations_only_what_needs_no_labels_remains(trained):
    card = judge_dir("images") / "judge.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"task": "rotations"}))
    explore_cell(CELL, trained)
    record = json.loads((exploration_dir(CELL) / "record.json").read_text())
    assert "no labels" in record["left_out"]["arithmetic"]
    assert "no labels" in record["left_out"]["representation"]
    assert "walk_largest_step" in record["scores"]


def test_of_a_diverged_cell_there_is_the_status_alone(trained):
    reason = "discriminator is nan at iteration 7"
    status = {"status": "diverged", "iteration": 7, "images": 448, "reason": reason}
    (CELL.train_dir / "status.json").write_text(json.dumps(status))
    assert explore_cell(CELL, trained) == {"status": "diverged"}
    assert json.loads(exploration_metrics(CELL).read_text()) == {"status": "diverged"}
    assert [path.name for path in exploration_dir(CELL).iterdir()] == ["record.json"]


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        (
            ["dcgna"],
            r"images\.explore\.variants: unknown variant 'dcgna' \(did you mean 'dcgan'\?\)",
        ),
        (["dcgan", "gan"], r"images\.explore\.variants: 'gan': its network, mlp, has no convolutions.*allowed: dcgan$"),
    ],
)
def test_variants_that_cannot_be_explored_are_refused_in_one_line(variants, message):
    with pytest.raises(BenchError, match=message) as caught:
        check_exploration(params(variants=variants))
    assert "\n" not in caught.value.message


def test_a_variant_stands_in_the_list_once_and_what_is_not_in_it_is_not_explored(trained):
    with pytest.raises(ValueError, match="each variant may stand there once"):
        params(variants=["dcgan", "dcgan"])
    with pytest.raises(BenchError, match=r"images\.explore\.variants: unknown variant 'dcgan'; allowed: none"):
        explore_cell(CELL, params(variants=[]))


def test_the_declared_variants_can_be_explored():
    check_exploration(load(ROOT / "params.yaml"))


def test_the_stage_runs_as_a_command(trained, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "stages")
    with Path("params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(trained.model_dump(mode="json", include={"device"}) | {"images": {
            "variants": {"dcgan": {"network": {"dcgan": {"width": 4}}, "objective": "non_saturating"}},
            "explore": {"variants": ["dcgan"], "samples": 60, "labelled": 60},
        }}, file)  # fmt: skip
    main = runpy.run_path(str(ROOT / "stages" / "explore.py"))["main"]
    result = CliRunner().invoke(main, ["dcgan", "0"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "images/dcgan/0: walk_largest_step" in result.output
    assert exploration_metrics(CELL).exists()
