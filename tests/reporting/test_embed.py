import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from ganbench import pictures
from ganbench.errors import BenchError
from ganbench.reporting.embed import PICTURE_LIMIT, drawn, embed, film, from_image


def noise(side: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))


def content(uri: str) -> bytes:
    head, body = uri.split(",")
    assert head in ("data:image/webp;base64", "data:image/jpeg;base64")
    return base64.b64decode(body)


def pixels(uri: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content(uri))).convert("RGB"))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_a_small_picture_is_embedded_pixel_by_pixel(tmp_path, mode):
    noise(64).convert(mode).save(tmp_path / "a.png")
    picture = embed(tmp_path / "a.png", "x")
    np.testing.assert_array_equal(pixels(picture.uri), Image.open(tmp_path / "a.png").convert("RGB"))
    assert (picture.width, picture.height) == (64, 64)


def test_what_was_drawn_keeps_its_pixels_in_both_modes():
    made = []
    for image in (noise(20), noise(20).rotate(90)):
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        made.append(buffer.getvalue())
    picture = drawn(*made)
    for png, uri in zip(made, (picture.uri, picture.dark), strict=True):
        np.testing.assert_array_equal(pixels(uri), Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("make", [lambda path: embed(path, "x"), lambda path: from_image(Image.open(path))])
def test_a_large_picture_is_brought_below_the_limit(tmp_path, make):
    noise(900).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5 * PICTURE_LIMIT
    picture = make(tmp_path / "a.png")
    data = content(picture.uri)
    assert len(data) <= PICTURE_LIMIT
    assert Image.open(io.BytesIO(data)).size == (picture.width, picture.height)


def grey(seed: int, side: int, factor: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (side, side), np.uint8)
    return Image.fromarray(small.repeat(factor, axis=0).repeat(factor, axis=1))


@pytest.mark.parametrize("factor", [1, 3])
def test_a_film_keeps_every_pixel_once_whatever_it_was_magnified_by(tmp_path, factor):
    frames = [grey(seed, 40, factor) for seed in range(3)]
    paths = [tmp_path / f"{index}.png" for index in range(3)]
    for frame, path in zip(frames, paths, strict=True):
        frame.save(path)
    pictures.film(paths, tmp_path / "film.gif")
    moving = film(tmp_path / "film.gif", paths[2], "x")
    assert (moving.width, moving.height) == (40, 40)
    shown = Image.open(io.BytesIO(content(moving.uri)))
    assert shown.n_frames == 3
    durations = []
    for index, frame in enumerate(ImageSequence.Iterator(shown)):
        np.testing.assert_array_equal(frame.convert("L"), np.asarray(frames[index])[::factor, ::factor])
        durations.append(frame.info["duration"])
    assert durations == [400, 400, 2000]
    np.testing.assert_array_equal(pixels(moving.still)[..., 0], np.asarray(frames[2])[::factor, ::factor])


def test_a_film_is_left_out_where_it_is_too_large(tmp_path, monkeypatch):
    frames = [grey(seed, 40, 1) for seed in range(2)]
    frames[0].save(tmp_path / "still.png")
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:], duration=400)
    monkeypatch.setattr("ganbench.reporting.embed.FILM_LIMIT", 2000)
    assert film(tmp_path / "film.gif", tmp_path / "still.png", "x") == embed(tmp_path / "still.png", "x")


def test_what_is_no_film_is_refused(tmp_path):
    noise(8).save(tmp_path / "still.png")
    (tmp_path / "film.gif").write_bytes(b"not a film")
    with pytest.raises(BenchError, match=r"film\.gif: not readable as a picture: .*; run dvc repro sample@a-0"):
        film(tmp_path / "film.gif", tmp_path / "still.png", "dvc repro sample@a-0")


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"not a picture")
    with pytest.raises(BenchError, match=r"a\.png: not readable as a picture: .*; run dvc repro train@a-0"):
        embed(tmp_path / "a.png", "dvc repro train@a-0")
