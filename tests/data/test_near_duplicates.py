"""Near-duplicates are found by their codes, and nearly nothing else is."""

import numpy as np
import raw_sets
from PIL import Image
from raw_sets import prepared
from sklearn.datasets import load_digits

from ganbench.data.near_duplicates import codes, repeats
from ganbench.data.sources.shapes import draw, numbers

STEPS = 250


def digits() -> np.ndarray:
    return (load_digits().images[:600] / 16 * 255).astype(np.uint8)[..., None]


def test_injected_near_duplicates_are_found_and_nothing_else_is() -> None:
    """Precision and recall, on copies in 32 grey levels of 100 out of 600 digits."""
    originals = digits()
    copied = np.random.default_rng(0).choice(len(originals), 100, replace=False)
    copies = np.clip(np.round(originals[copied] / 8.0) * 8, 0, 255).astype(np.uint8)
    images = np.concatenate([originals, copies])
    again = repeats(codes(images, np.arange(len(images)), steps=STEPS))
    wrong, right = again[: len(originals)].sum(), again[len(originals) :].sum()
    assert right / (right + wrong) >= 0.95, "precision"
    assert right / len(copied) >= 0.5, "recall"


def test_darker_copies_are_found_in_colour_at_the_published_size_and_nothing_else_is() -> None:
    """Of 100 out of 600 coloured shapes of 32 × 32 pixels, 3072-128-3072; no copy has the bytes of its original."""
    drawn = draw(numbers(600, 0, "train"))
    originals = drawn.reshape(600, 32, 2, 32, 2, 3).mean((2, 4)).round().astype(np.uint8)
    copied = np.random.default_rng(0).choice(len(originals), 100, replace=False)
    copies = np.round(0.9 * originals[copied]).astype(np.uint8)
    images = np.concatenate([originals, copies])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)
    again = repeats(codes(images, np.arange(len(images)), steps=STEPS))
    wrong, right = again[: len(originals)].sum(), again[len(originals) :].sum()
    assert right / (right + wrong) >= 0.95, "precision"
    assert right / len(copied) >= 0.7, "recall"


def test_exact_copies_always_have_equal_codes_at_any_size_and_in_colour() -> None:
    for side, channels in ((16, 1), (32, 3), (48, 3)):
        images = np.random.default_rng(0).integers(0, 256, (12, side, side, channels), dtype=np.uint8)
        images[7] = images[2]
        found = codes(images, np.arange(12), steps=3)
        assert found.shape == (12, 16)
        assert (found[7] == found[2]).all()


def test_the_same_images_have_the_same_codes_twice_and_other_seeds_others() -> None:
    images, rows = digits()[:50], np.arange(50)
    assert np.array_equal(codes(images, rows, steps=5), codes(images, rows, steps=5))
    assert not np.array_equal(codes(images, rows, steps=5), codes(images, rows, seed=1, steps=5))


def test_prepare_drops_them_where_it_is_asked_to_and_never_from_the_held_out_split(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("ganbench.data.near_duplicates.codes.__defaults__", (0, STEPS))
    root = tmp_path / "photos"
    root.mkdir()
    for index, image in enumerate(digits()[:120, ..., 0]):
        Image.fromarray(image).resize((32, 32)).save(root / f"{index}.png")
        if index < 40:  # a copy in fewer grey levels: other bytes, the same picture
            Image.fromarray((image // 4 * 4).astype(np.uint8)).resize((32, 32)).save(root / f"{index}_again.png")
    how = {"channels": 1, "resolution": 16}
    kept = prepared("folder", root, tmp_path / "kept", raw_sets.images(**how), workers=1)
    dropped = prepared("folder", root, tmp_path / "dropped", raw_sets.images(near_duplicates="drop", **how), workers=1)
    assert kept.meta.near_duplicates_dropped == 0
    assert dropped.meta.near_duplicates_dropped > 10
    assert dropped.meta.train == kept.meta.train - dropped.meta.near_duplicates_dropped
    assert dropped.meta.test == kept.meta.test
