"""Cells and their names."""

from pathlib import Path

import pytest

from ganbench.cell import Cell, cells, dataset_of
from ganbench.errors import BenchError
from ganbench.params import Choice, load


def test_a_cell_reads_what_it_writes() -> None:
    assert Cell.parse(str(Cell("images", "dcgan", 3))) == Cell("images", "dcgan", 3)


@pytest.mark.parametrize("text", ["dcgan", "images/dcgan", "images/dcgan/x", "images/dcgan/0/1", "images/dcgan/-1"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(BenchError, match="expected track/variant/seed"):
        Cell.parse(text)


def test_cells_are_variants_times_seeds() -> None:
    params = load(Path(__file__).parent.parent / "params.yaml")
    assert [str(cell) for cell in cells(params)][:2] == ["images/gan/0", "images/gan_ns/0"]
    tracks = (params.images, params.points, params.translation)
    assert len(cells(params)) == sum(len(track.variants) for track in tracks if track) * len(params.seeds)
    assert {cell.track for cell in cells(params, "points")} == {"points"}


def test_all_seeds_of_a_variant_of_points_share_a_folder_a_stage() -> None:
    one, other = Cell("points", "gan", 0), Cell("points", "gan", 1)
    assert one.train_dir.parent == other.train_dir.parent == Path("runs/points/gan/train")
    assert one.evaluation_dir.parent == Path("runs/points/gan/evaluation")
    assert one.metrics_path == Path("results/metrics/points/gan/0.json")


def test_the_data_of_a_translation_are_named_after_what_the_task_makes_of_them() -> None:
    params = load(Path(__file__).parent.parent / "params.yaml")
    assert (dataset_of("images", params), dataset_of("points", params)) == ("digits", "ring")
    names = set()
    for task in ("edges", "recolour"):
        section = params.translation.model_copy(update={"task": Choice(name=task)})
        names.add(dataset_of("translation", params.model_copy(update={"translation": section})))
    assert names == {"shapes-edges", "shapes-recolour"}
