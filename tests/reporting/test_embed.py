import base64
import io

import numpy as np
import pytest
from PIL import Image

from ganbench.errors import BenchError
from ganbench.reporting.embed import FILM_LIMIT, PICTURE_LIMIT, embed, film, from_image


def noise(side: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))


def content(uri: str) -> bytes:
    head, body = uri.split(",")
    assert head in ("data:image/png;base64", "data:image/jpeg;base64", "data:image/gif;base64")
    return base64.b64decode(body)


def test_a_small_picture_is_embedded_as_it_is(tmp_path):
    noise(64).save(tmp_path / "a.png")
    picture = embed(tmp_path / "a.png", "x")
    assert content(picture.uri) == (tmp_path / "a.png").read_bytes()
    assert (picture.width, picture.height) == (64, 64)


@pytest.mark.parametrize("make", [lambda path: embed(path, "x"), lambda path: from_image(Image.open(path))])
def test_a_large_picture_is_brought_below_the_limit(tmp_path, make):
    noise(900).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5 * PICTURE_LIMIT
    picture = make(tmp_path / "a.png")
    data = content(picture.uri)
    assert len(data) <= PICTURE_LIMIT
    assert Image.open(io.BytesIO(data)).size == (picture.width, picture.height)


def test_a_film_is_left_out_where_it_is_too_large(tmp_path):
    frames = [noise(40), noise(40)]
    frames[0].save(tmp_path / "still.png")
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    moving = film(tmp_path / "film.gif", tmp_path / "still.png", "x")
    still = embed(tmp_path / "still.png", "x")
    assert content(moving.uri) == (tmp_path / "film.gif").read_bytes()
    assert moving.still == still.uri
    with (tmp_path / "film.gif").open("ab") as file:
        file.write(bytes(FILM_LIMIT))
    assert film(tmp_path / "film.gif", tmp_path / "still.png", "x") == still


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"not a picture")
    with pytest.raises(BenchError, match=r"a\.png: not readable as a picture: .*; run dvc repro train@a-0"):
        embed(tmp_path / "a.png", "dvc repro train@a-0")
