"""One image: what Pillow called directly gives, and what must not be believed."""

from __future__ import annotations

import io

import numpy as np
import pytest
import raw_sets
from PIL import Image

from ganbench.data.decode import BROKEN, Recipe, decode, prepare_chunk, prepare_image
from ganbench.data.source import Unreadable


@pytest.mark.parametrize("name", ["lanczos", "bicubic", "bilinear", "hamming", "box", "nearest"])
@pytest.mark.parametrize(("height", "width"), [(40, 61), (61, 40), (9, 9)])
def test_the_central_square_is_resized_as_pillow_resizes_it(name, height, width):
    array = raw_sets.pixels(0, height, width)
    side, left, top = min(height, width), (width - min(height, width)) // 2, (height - min(height, width)) // 2
    square = Image.fromarray(array[top : top + side, left : left + side])
    expected = np.asarray(square.resize((16, 16), getattr(Image.Resampling, name.upper())))
    got = prepare_image(Recipe(16, 3, name), raw_sets.encoded(array))
    np.testing.assert_array_equal(got, expected)
    assert got.dtype == np.uint8


def test_an_image_of_the_right_size_is_not_changed():
    array = raw_sets.pixels(1, 32, 32)
    np.testing.assert_array_equal(prepare_image(Recipe(32, 3), raw_sets.encoded(array)), array)


def test_grey_is_the_luma_of_the_resized_colours():
    array = raw_sets.pixels(2, 33, 33)
    colours = Image.fromarray(prepare_image(Recipe(16, 3), array))
    np.testing.assert_array_equal(prepare_image(Recipe(16, 1), array)[..., 0], np.asarray(colours.convert("L")))


def test_a_grey_image_gives_three_equal_channels():
    got = prepare_image(Recipe(16, 3), raw_sets.pixels(3)[..., 0].copy())
    assert (got == got[..., :1]).all()


def test_filters_differ():
    array = raw_sets.pixels(4, 64, 64)
    assert (prepare_image(Recipe(16, 3, "lanczos"), array) != prepare_image(Recipe(16, 3, "box"), array)).any()


@pytest.mark.parametrize(("orientation", "turn"), [(3, 2), (6, 3), (8, 1)])
def test_the_exif_orientation_is_applied(orientation, turn):
    array = raw_sets.pixels(5, 12, 20)
    exif = Image.Exif()
    exif[0x0112] = orientation
    got = np.asarray(decode(raw_sets.encoded(array, exif=exif)))
    np.testing.assert_array_equal(got, np.rot90(array, turn))


def saved(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def test_transparency_lies_on_white():
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[..., 3] = 51  # a fifth of black over white
    got = np.asarray(decode(saved(Image.fromarray(rgba))))
    assert got.shape == (4, 4, 3)
    assert (got == 204).all()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_becomes_white(mode):
    black = 0 if mode == "L" else (0, 0, 0)
    image = Image.new(mode, (4, 4), black)
    image.putpixel((0, 0), 9 if mode == "L" else (9, 9, 9))
    got = np.asarray(decode(saved(image, transparency=black)))
    assert (got[0, 0] == 9).all()
    assert (got[1:] == 255).all()


def test_a_palette_gives_its_colours_and_its_transparent_entry_white():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([10, 20, 30, 200, 100, 50])
    assert (np.asarray(decode(saved(image))) == (200, 100, 50)).all()
    assert (np.asarray(decode(saved(image, transparency=1))) == 255).all()
    assert (np.asarray(decode(saved(image, "GIF"))) == (200, 100, 50)).all()


@pytest.mark.parametrize("format", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_to_eight(format):
    deep = np.array([[0, 128, 257, 32896, 65535]], np.uint16)
    got = np.asarray(decode(saved(Image.fromarray(deep), format)))
    np.testing.assert_array_equal(got, [[0, 0, 1, 128, 255]])


def test_black_and_white_and_cmyk_are_understood():
    assert (np.asarray(decode(saved(Image.new("1", (3, 3), 1)))) == 255).all()
    cmyk = np.asarray(decode(saved(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG")))
    assert cmyk.shape == (8, 8, 3)
    assert (cmyk >= 254).all()


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    got = decode(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    assert np.asarray(got)[0, 0].tolist() == [255, 0, 0]


def test_the_first_picture_of_a_phone_s_multi_picture_jpeg_is_taken():
    both = saved(
        Image.new("RGB", (8, 8), "red"), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")]
    )
    assert Image.open(io.BytesIO(both)).format == "MPO"
    assert np.asarray(decode(both))[0, 0, 0] > 250


def test_float_pixels_are_refused_as_their_range_is_unknown():
    with pytest.raises(ValueError, match="range is unknown"):
        decode(saved(Image.fromarray(np.ones((3, 3), np.float32)), "TIFF"))


def test_a_chunk_notes_what_is_unreadable_and_why(tmp_path):
    whole = raw_sets.encoded(raw_sets.pixels(0, 64, 64), "JPEG")
    payloads = [
        whole,
        whole[: len(whole) // 2],
        b"",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        tmp_path / "none.png",
        Unreadable("bad checksum"),
        raw_sets.pixels(1),
    ]
    chunk = prepare_chunk(Recipe(16, 1), payloads)
    good = [isinstance(digest, bytes) for digest in chunk.digests]
    assert good == [True, False, False, False, False, False, True]
    assert len(chunk.pixels) == 2 * 16 * 16
    reasons = [digest for digest in chunk.digests if isinstance(digest, str)]
    assert "truncated" in reasons[0]
    assert reasons[1].startswith("not an image of the formats PNG")
    assert reasons[3:] == ["No such file or directory", "bad checksum"]
    assert not any("0x" in reason or "\n" in reason for reason in reasons)


def test_an_image_of_the_size_of_a_bomb_is_unreadable(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    digests = prepare_chunk(Recipe(16, 1), [raw_sets.encoded(raw_sets.pixels(0, 12, 12))]).digests
    assert isinstance(digests[0], str)
    assert "decompression bomb" in digests[0]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM"])
def test_bytes_changed_at_random_never_raise_anything_but_what_counts_as_unreadable(format):
    generator = np.random.default_rng(0)
    whole = np.frombuffer(raw_sets.encoded(raw_sets.pixels(0, 12, 12), format), np.uint8)
    for _ in range(60):
        broken = whole.copy()
        broken[generator.integers(0, min(len(whole), 200), 3)] = generator.integers(0, 256, 3)
        (digest,) = prepare_chunk(Recipe(16, 3), [broken.tobytes()]).digests
        assert digest
    assert Exception not in BROKEN
