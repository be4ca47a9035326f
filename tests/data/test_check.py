"""Which reader is chosen, what is refused, and the two stages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import raw_sets

from ganbench.data import archives, check
from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.games.recipe import check_conditions
from ganbench.params import Params, Variant

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def params(dataset: str, **prepare: object) -> Params:
    return Params.model_validate({"images": raw_sets.images(dataset, **prepare)})


def test_the_reader_of_a_known_dataset_has_its_name():
    raw_sets.mnist(Path("data/raw/mnist"))
    assert check.find_source(params("mnist"))[0] == {"dataset": "mnist", "reader": "mnist"}


def test_another_name_is_a_folder_or_an_archive_under_raw():
    raw_sets.flat(Path("data/raw/photos"))
    assert check.find_source(params("photos"))[0] == {"dataset": "photos", "reader": "folder"}
    raw_sets.pack(Path("data/raw/photos"), Path("data/raw/packed/x.tar.gz"))
    found, source = check.find_source(params("packed"))
    assert found == {"dataset": "packed", "reader": "archive"}
    assert len(source) == len(check.open_source(params("packed"), found)) == 12


def test_an_unknown_dataset_is_refused_with_all_names_and_the_nearest():
    Path("data/raw/photos").mkdir()
    said = (
        r"^params.yaml: images.dataset: unknown dataset 'photo' \(did you mean 'photos'\?\); allowed: celeba, cifar10,"
        r" digits, fashion_mnist, lsun, mnist, photos, shapes, stacked_mnist; your own images:"
        r" `ganbench data add photo PATH`"
    )
    with pytest.raises(BenchError, match=said):
        check.find_source(params("photo"))


@pytest.mark.parametrize(("there", "wanted"), [("MNIST", "mnist"), ("FashionMNIST", "fashion_mnist"), ("Cats", "cats")])
def test_a_folder_of_nearly_that_name_is_pointed_at(there, wanted):
    raw_sets.flat(Path("data/raw") / there)
    with pytest.raises(BenchError, match=f"data/raw/{there} stands there; `mv data/raw/{there} data/raw/{wanted}`"):
        check.find_source(params(wanted))


@pytest.mark.parametrize("name", ["folder", "archive"])
def test_ways_of_reading_are_no_datasets(name):
    with pytest.raises(BenchError, match=f"unknown dataset '{name}'"):
        check.find_source(params(name))


@pytest.mark.parametrize("files", [[], ["a.txt"], [".hidden.png"], ["sub/._a.png"]])
def test_a_folder_without_images_is_refused(files):
    Path("data/raw/photos/sub").mkdir(parents=True)
    for name in files:
        Path("data/raw/photos", name).write_text("x")
    with pytest.raises(BenchError, match=r"^data/raw/photos: no images; looked for \*.png"):
        check.find_source(params("photos"))


def test_images_beside_an_archive_are_refused():
    raw_sets.flat(Path("data/raw/photos"), 2)
    Path("data/raw/photos/x.zip").touch()
    with pytest.raises(BenchError, match="holds images and an archive"):
        check.find_source(params("photos"))


@pytest.mark.parametrize("name", ["mnist", "stacked_mnist", "fashion_mnist", "cifar10"])
def test_missing_files_that_can_be_downloaded_are_said_to_be(name):
    with pytest.raises(BenchError, match=rf"data/raw/{name}: found no .*; `ganbench data add {name}` downloads"):
        check.find_source(params(name))


@pytest.mark.parametrize("name", ["celeba", "lsun"])
def test_missing_files_that_cannot_be_downloaded_are_asked_for(name):
    with pytest.raises(BenchError, match=rf"data/raw/{name}: found no .*; put .* under data/raw/{name}/, or `ganbench"):
        check.find_source(params(name))


@pytest.mark.parametrize("name", ["mnist", "photos"])
def test_a_registered_set_that_is_not_checked_out_is_said_to_be_so(name):
    Path(f"data/raw/{name}.dvc").touch()
    with pytest.raises(BenchError, match=f"`dvc checkout data/raw/{name}.dvc` or `dvc pull`"):
        check.find_source(params(name))


def test_options_of_a_source_are_checked():
    raw_sets.celeba(Path("data/raw/celeba"))
    with pytest.raises(BenchError, match="unknown attribute 'Bald'"):
        check.find_source(params("celeba", celeba_label="Bald"))


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_a_missing_or_broken_record_is_refused(text):
    if text is not None:
        Path("data/source.json").write_text(text)
    with pytest.raises(BenchError, match=r"^data/source.json: (no such file|expected a JSON object)"):
        check.read()


def test_the_record_is_written_as_a_new_file():
    check.write({"dataset": "a", "reader": "folder"})
    Path("link").hardlink_to("data/source.json")
    check.write({"dataset": "b", "reader": "folder"})
    assert json.loads(Path("link").read_text())["dataset"] == "a"
    assert check.read() == {"dataset": "b", "reader": "folder"}


def stage(*command: str) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, str(PROJECT / "stages" / command[0]), *command[1:]]
    return subprocess.run(script, capture_output=True, text=True, check=False)


def test_the_stages_make_the_store_of_the_embedded_digits():
    shutil.copy(PROJECT / "params.yaml", "params.yaml")
    for name in ("digits", "shapes"):
        shutil.copytree(PROJECT / "data" / "raw" / name, Path("data/raw", name))
    assert stage("check.py").returncode == 0
    assert json.loads(Path("data/source.json").read_text()) == {"dataset": "digits", "reader": "digits"}
    assert stage("prepare.py", "images").returncode == 0
    meta = Store.open(Path("data/prepared/images")).meta
    assert (meta.train, meta.test, meta.resolution, meta.classes[9]) == (1348, 449, 16, "9")


def test_a_bad_dataset_ends_the_stage_on_one_line():
    text = (PROJECT / "params.yaml").read_text().split("\ntranslation:")[0]  # whose raw set is not here
    Path("params.yaml").write_text(text.replace("dataset: digits", "dataset: digit"))
    done = stage("check.py")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "Error: params.yaml: images.dataset: unknown dataset 'digit' (did you mean 'digits'?)"
    )
    assert done.stderr.count("\n") == 1


def told(dataset: str) -> Params:
    """A variant of each condition on a data set."""
    of_all = {
        condition: Variant.model_validate({"network": "mlp", "objective": "minimax", "condition": condition})
        for condition in ("none", "label", "text")
    }
    return Params(images=raw_sets.images(dataset).model_copy(update={"variants": of_all}))


@pytest.mark.parametrize(
    ("condition", "tells"), [("{label: projection}", "labels"), ("{text: {matching: false}}", "captions")]
)
def test_a_variant_told_what_the_data_do_not_tell_ends_the_stage_on_one_line(condition, tells):
    raw_sets.flat(Path("data/raw/photos"))
    Path("params.yaml").write_text(
        "images:\n  dataset: photos\n  variants:\n    gan: {network: mlp, objective: minimax}\n"
        f"    told: {{network: mlp, objective: minimax, condition: {condition}}}\n"
    )
    done = stage("check.py")
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: params.yaml: images.variants.told.condition: {condition[1:].split(':')[0]}: the data have no {tells};"
        f" allowed: none, or a dataset with {tells}\n"
    )
    assert not Path("data/source.json").exists()


def test_folders_that_are_classes_and_a_file_of_captions_tell_both():
    root, declared = raw_sets.class_folders(Path("data/raw/photos")), told("photos")
    with pytest.raises(BenchError, match=r"images\.variants\.text\.condition: text: the data have no captions"):
        check_conditions(declared, check.find_source(declared)[1])
    rows = [f"{path.relative_to(root)},a cat" for path in sorted(root.rglob("*")) if path.is_file()]
    (root / "metadata.csv").write_text("\n".join(["file_name,text", *rows]), encoding="utf-8")
    check_conditions(declared, check.find_source(declared)[1])


@pytest.mark.parametrize(("name", "asked"), [("x.zip", True), ("x.tar.gz", False), ("x.tar", False)])
def test_an_archive_is_asked_only_where_it_has_a_list_of_its_files(name, asked, monkeypatch):
    raw_sets.flat(Path("photos"))
    raw_sets.pack(Path("photos"), Path("data/raw/packed", name))
    _, source = check.find_source(told("packed"))
    if asked:
        with pytest.raises(BenchError, match="no labels"):
            check_conditions(told("packed"), source)
        return
    monkeypatch.setattr(archives, "_read", lambda *_, **__: pytest.fail("the archive is read"))
    check_conditions(told("packed"), source)


def test_a_set_is_not_asked_for_what_no_variant_is_told(monkeypatch):
    raw_sets.flat(Path("data/raw/photos"))
    _, source = check.find_source(params("photos"))
    monkeypatch.setattr(type(source), "classes", property(lambda _: pytest.fail("the folder is walked")))
    check_conditions(params("photos"), source)
