"""The domains that tasks make of a raw set."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import raw_sets
from PIL import Image
from two_domains import made, track

from ganbench.data.sources.shapes import BACKGROUND, COLOURS, FILL, SHAPES
from ganbench.data.translation.edges import edges
from ganbench.data.translation.prepare import described
from ganbench.data.translation.task import open_domains
from ganbench.errors import BenchError


@pytest.fixture(autouse=True)
def shapes(project):
    return raw_sets.shapes(Path("data/raw/shapes"), 60, 24)


def test_edges_are_thin_lines_that_say_where_and_not_how_much():
    images = np.full((2, 16, 16, 3), 200, np.uint8)
    images[0, 4:12, 5:11] = (10, 20, 30)
    images[1, 4:12, 5:11] = (190, 200, 200)
    found = edges(images, 0.7, 0.35)
    assert found.shape == (2, 16, 16, 1)
    assert set(np.unique(found)) == {0, 255}
    np.testing.assert_array_equal(found[0], found[1])
    dark = found[0, ..., 0] == 0
    assert 20 <= dark.sum() <= 32  # the outline of 8 by 6 has 24 pixels
    assert not dark[6:10, 7:9].any()
    assert not dark[:3].any()
    assert not dark[13:].any()


def test_edges_of_an_image_do_not_depend_on_its_neighbours():
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    alone = np.concatenate([edges(image[None], 0.7, 0.35) for image in images])
    np.testing.assert_array_equal(edges(images, 0.7, 0.35), alone)


def test_a_flat_image_has_no_edges():
    assert (edges(np.full((1, 16, 16, 1), 7, np.uint8), 0.7, 0.35) == 255).all()


def test_edges_of_shapes_have_one_right_answer_by_the_class():
    domains = made({"edges": {"of": "shapes"}}, 32)
    assert (domains.paired, domains.known, domains.invertible, domains.symmetric) == (True, True, True, False)
    assert (domains.a.meta.channels, domains.b.meta.channels) == (1, 3)
    assert domains.a.meta.classes == domains.b.meta.classes == list(SHAPES)
    assert domains.a.meta.train == domains.b.meta.train == 60
    for split in ("train", "test"):
        labels, targets = domains.b.labels(split), domains.b.images(split)
        np.testing.assert_array_equal(domains.a.labels(split), labels)
        np.testing.assert_array_equal(domains.a.images(split), edges(targets, 0.7, 0.35))
        np.testing.assert_array_equal(np.unique(targets[:, 0, 0]), [BACKGROUND])
        for label in range(len(SHAPES)):
            fill = np.array(COLOURS[FILL[label]]) * 0.92
            away = np.abs(targets[labels == label].astype(float) - fill).max(axis=3)
            assert (away.min(axis=(1, 2)) < 12).all()
    np.testing.assert_array_equal(domains.truth("ab"), domains.b.images("test"))
    np.testing.assert_array_equal(domains.truth("ba"), domains.a.images("test"))
    assert domains.alternative("ab") is None
    half = domains.a.meta.train // 2
    assert domains.unpaired_rows() == (slice(0, half), slice(half, None))


def test_edges_need_no_colours():
    domains = made({"edges": {"of": "shapes", "limit": 40}}, 16, 1)
    assert (domains.a.meta.channels, domains.b.meta.channels) == (1, 1)


def test_grey_is_what_pillow_calls_grey():
    domains = made({"grey": {"of": "shapes"}})
    for a, b in zip(domains.a.images("train"), domains.b.images("train"), strict=True):
        np.testing.assert_array_equal(a[..., 0], np.asarray(Image.fromarray(b).convert("L")))
    assert domains.paired


def test_of_cloth_an_input_has_several_right_answers():
    domains = made({"cloth": {"of": "shapes", "limit": 70}})
    assert (domains.paired, domains.known, domains.invertible) == (True, True, True)
    assert domains.a.meta.classes == domains.b.meta.classes
    assert "circle across" in domains.a.meta.classes
    a, b, labels = (domains.a.images("train"), domains.b.images("train"), domains.a.labels("train"))
    assert a.shape == b.shape == (len(a), 16, 16, 3)
    np.testing.assert_array_equal(domains.b.labels("train"), labels)
    across = labels == 0  # a circle on cloth with stripes across
    assert len({image[0, 0].tobytes() for image in a[across]}) == 1
    assert len({(image[:4, 0] < 60).tobytes() for image in b[across]}) > 1


def test_a_hidden_bijection_is_known_on_held_out_images_and_trained_on_disjoint_ones():
    domains = made({"recolour": {"of": "shapes"}})
    assert (domains.paired, domains.known, domains.invertible) == (False, True, True)
    assert domains.unpaired_rows() == (slice(None), slice(None))
    a, b = domains.a.images("test"), domains.truth("ab")
    np.testing.assert_array_equal(b, 255 - np.stack([a[..., 2], a[..., 0], a[..., 1]], axis=3))
    sources = [set(domain.table("train")["source"]) for domain in (domains.a, domains.b)]
    assert sources[0].isdisjoint(sources[1])
    assert len(sources[0]) == len(sources[1]) == 30
    assert domains.a.table("test")["source"].tolist() == domains.b.table("test")["source"].tolist()


def test_a_recolouring_is_a_bijection_of_grey_images_too():
    domains = made({"recolour": {"of": "shapes"}}, 16, 1)
    np.testing.assert_array_equal(domains.truth("ab"), 255 - domains.a.images("test"))


def test_the_control_has_two_right_answers_and_nothing_that_tells_them_apart():
    domains = made({"symmetric": {"of": "shapes"}})
    a, b, other = domains.a.images("test"), domains.truth("ab"), domains.alternative("ab")
    assert not domains.paired
    blue = a[..., 0].max(axis=(1, 2)) == 0
    assert blue.sum() == (~blue).sum() == 12
    grey = a.max(axis=3)
    green = np.stack([0 * grey, grey, 0 * grey], axis=3)
    magenta = np.stack([grey, 0 * grey, grey], axis=3)
    np.testing.assert_array_equal(b, np.where(blue[:, None, None, None], magenta, green))
    np.testing.assert_array_equal(other, np.where(blue[:, None, None, None], green, magenta))
    np.testing.assert_array_equal(domains.alternative("ba"), a[..., ::-1])
    np.testing.assert_array_equal(b[..., ::-1], b)  # to exchange red and blue leaves b as it is


def test_two_classes_are_two_domains_without_answers():
    domains = made({"classes": {"of": "shapes", "a": "circle", "b": "cross"}})
    assert (domains.paired, domains.known, domains.invertible) == (False, False, False)
    assert domains.truth("ab") is domains.truth("ba") is domains.alternative("ab") is None
    assert (domains.a.meta.classes, domains.b.meta.classes) == (["circle"], ["cross"])
    assert set(domains.a.labels("train")) == set(domains.b.labels("test")) == {0}
    whole = raw_sets.prepared("shapes", Path("data/raw/shapes"), Path("whole"), raw_sets.images("shapes", 16, 3))
    for domain, label in ((domains.a, 0), (domains.b, 3)):
        np.testing.assert_array_equal(domain.images("train"), whole.images("train")[whole.labels("train") == label])


def test_any_raw_set_will_do():
    raw_sets.mnist(Path("data/raw/mnist"), 30, 10)
    domains = made({"classes": {"of": "mnist", "a": 1, "b": 7}}, 32, 1)
    assert (domains.a.meta.train, domains.b.meta.test) == (3, 1)
    raw_sets.class_folders(Path("data/raw/photos"))
    assert made({"edges": {"of": "photos"}}).b.meta.train == 12


def test_a_limit_takes_a_part_of_each_split():
    domains = made({"edges": {"of": "shapes", "limit": 42}})
    assert domains.a.meta.train + domains.a.meta.test == 42
    assert 24 <= domains.a.meta.train <= 36


def test_tables_and_descriptions_are_those_of_the_pixels():
    domains = made({"grey": {"of": "shapes"}})
    for store in (domains.a, domains.b):
        table, images = store.table("train"), store.images("train")
        assert [hashlib.sha256(image.tobytes()).hexdigest() for image in images] == table["sha256"].tolist()
        assert store.meta.mean == pytest.approx(images.mean(axis=(0, 1, 2), dtype=np.float64))
        assert store.meta.sha256["train"] == hashlib.sha256(images.tobytes()).hexdigest()
    assert (domains.root / "preview.png").is_file()
    assert not (domains.root / "pixels").exists()


def test_the_bytes_are_the_same_again():
    def content() -> dict[str, bytes]:
        root = made({"symmetric": {"of": "shapes", "limit": 40}}).root
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    first = content()
    assert {"a/train.npy", "b/test.parquet", "pairing.json", "a_alternative.npy", "b_alternative.npy"} <= set(first)
    assert content() == first


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ("edge", "translation.task: unknown task 'edge'"),
        ({"edges": {"of": "shape"}}, "translation.dataset: unknown dataset 'shape'"),
        ({"edges": {"of": "shapes", "strng": 1}}, "translation.task.edges.strng: unknown key 'strng'"),
        ({"edges": {"of": "mnist"}}, "data/raw/mnist: found no train-images"),
        ({"classes": {"of": "shapes", "a": "circle", "b": "star"}}, "classes.b: unknown class 'star'.*circle, cross"),
        ({"classes": {"of": "shapes", "a": "circle", "b": "circle"}}, "classes.b: 'circle': the same class as a"),
        ({"classes": {"of": "flat", "a": 0, "b": 1}}, "classes.a: '0': data/raw/flat has no classes"),
        ({"classes": {"of": "shapes", "a": "circle"}}, "translation.task.classes.b: this key is required"),
        ({"cloth": {"of": "flat"}}, "translation.dataset: 'flat': the task cloth is drawn; allowed: 'shapes'"),
        ({"cloth": {"of": "flat", "limit": 4}}, "translation.dataset: 'flat': the task cloth is drawn"),
        ({"pairs": {"of": "facade"}}, "translation.dataset: unknown dataset 'facade'"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused_in_one_line(dataset, said):
    raw_sets.flat(Path("data/raw/flat"))
    with pytest.raises(BenchError, match=said) as refused:
        open_domains(track(dataset).translation)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("task", ["cloth", "grey", "symmetric"])
def test_a_task_about_colours_needs_them(task):
    with pytest.raises(BenchError, match=f"translation.channels: 1: the task {task} is about colours; allowed: 3"):
        open_domains(track({task: {"of": "shapes"}}, channels=1).translation)


def test_what_check_writes_names_the_task_and_its_raw_set():
    assert described(track({"edges": {"of": "shapes"}})) == {"task": "edges", "dataset": "shapes"}
    assert described(track("edges").model_copy(update={"translation": None})) == {}


def test_a_domain_without_images_is_refused_and_nothing_is_left():
    for index, side in enumerate(["one"] * 5 + ["two"]):
        (Path("data/raw/photos") / side).mkdir(parents=True, exist_ok=True)
        (Path("data/raw/photos") / side / f"{index}.png").write_bytes(raw_sets.encoded(raw_sets.pixels(index)))
    with pytest.raises(BenchError, match=r"data/raw/photos: no image of 'two' for (train|test) of domain b"):
        made({"classes": {"of": "photos", "a": "one", "b": "two"}})
    assert not Path("data/prepared/translation").exists()
    assert not list(Path("data/prepared").iterdir())
