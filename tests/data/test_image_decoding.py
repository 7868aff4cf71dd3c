from __future__ import annotations

import builtins
import io
import pickle

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from made_pictures import encoded, pixels
from softlabel.data import image_decoding
from softlabel.data.image_decoding import UnreadableImageError, decode, inspect
from softlabel.errors import InputError, MissingExtraError

PICTURE = pixels(0, 20, 30)
SMOOTH = np.asarray(Image.fromarray(pixels(0, 5, 7)).resize((70, 50)))
FORMS = [
    ("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("PPM", {}),
    ("WEBP", {"lossless": True}), ("WEBP", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("GIF", {}),
]  # fmt: skip


@pytest.mark.parametrize(("form", "options"), FORMS)
def test_each_format_decodes_as_pillow_does(form, options):
    data = encoded(PICTURE, form, **options)
    decoded = decode(data)
    assert decoded.shape == (20, 30, 3)
    assert decoded.dtype == np.uint8
    assert decoded.flags.writeable
    np.testing.assert_array_equal(decoded, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    if form in ("PNG", "BMP", "TIFF", "PPM") or options.get("lossless"):
        np.testing.assert_array_equal(decoded, PICTURE)
    assert inspect(data) == (30, 20, "P" if form == "GIF" else "RGB")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize(("form", "options"), FORMS)
def test_what_is_cut_short_is_never_filled_in(form, options, filled, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", filled)  # some packages turn it on for the whole process
    data = encoded(SMOOTH, form, **options)
    for share in (0.02, 0.1, 0.5, 0.9, 0.97):
        with pytest.raises(UnreadableImageError):
            decode(data[: int(len(data) * share)])
    assert decode(data).shape == (50, 70, 3)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is filled


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_up_is_up(form, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(SMOOTH, form, exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))
    np.testing.assert_array_equal(decode(data), upright)
    assert inspect(data)[:2] == (upright.shape[1], upright.shape[0])
    if orientation == 6 and form == "PNG":  # what is stored at the left, bottom to top, is the first row of the scene
        np.testing.assert_array_equal(decode(data)[0], SMOOTH[::-1, 0])


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_or_odd_exif_says_nothing_of_the_pixels():
    exif = Image.Exif()
    exif[0x0112] = 77
    np.testing.assert_array_equal(decode(encoded(PICTURE, exif=exif)), PICTURE)
    np.testing.assert_array_equal(decode(encoded(PICTURE, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")), PICTURE)


def test_grey_of_16_bits_is_scaled_not_clipped():
    values = np.array([[0, 128, 129, 255, 256, 257], [32768, 40000, 65000, 65406, 65407, 65535]], dtype=np.uint16)
    expected = np.floor(values / 257 + 0.5).astype(np.uint8)
    assert expected[1, 5] == 255
    assert expected[0].tolist() == [0, 0, 1, 1, 1, 1]
    for form in ("PNG", "TIFF"):
        data = encoded(Image.fromarray(values), form)
        np.testing.assert_array_equal(decode(data), np.repeat(expected[..., None], 3, axis=2))
    big_endian = b"P5 6 2 65535\n" + values.astype(">u2").tobytes()
    np.testing.assert_array_equal(decode(big_endian)[..., 0], expected)
    stored_wide = encoded(Image.fromarray(values.astype(np.int32)), "TIFF")
    np.testing.assert_array_equal(decode(stored_wide)[..., 0], expected)


def test_values_without_a_known_white():
    with pytest.raises(UnreadableImageError, match="grey values from -1 to 9, which may be 0 to 65535"):
        decode(encoded(Image.fromarray(np.array([[-1, 9]], dtype=np.int32)), "TIFF"))
    with pytest.raises(UnreadableImageError, match="pixels are floats"):
        decode(encoded(Image.fromarray(np.ones((2, 2), dtype=np.float32)), "TIFF"))


@pytest.mark.filterwarnings("error")
def test_what_is_transparent_is_white():
    rgba = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 51]]], dtype=np.uint8)
    for form in ("PNG", "WEBP"):
        data = encoded(Image.fromarray(rgba), form, **({"lossless": True} if form == "WEBP" else {}))
        assert decode(data)[0].tolist() == [[10, 20, 30], [255, 255, 255], [204, 224, 255]]
        assert inspect(data) == (3, 1, "RGBA")
    grey = np.array([[[80, 255], [80, 0]]], dtype=np.uint8)
    assert decode(encoded(Image.fromarray(grey, "LA")))[0].tolist() == [[80] * 3, [255] * 3]


@pytest.mark.filterwarnings("error")
def test_palettes_with_and_without_transparency():
    palette = Image.new("P", (3, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50, 1, 2, 3])
    palette.putdata([0, 1, 2])
    assert decode(encoded(palette))[0].tolist() == [[10, 20, 30], [200, 100, 50], [1, 2, 3]]
    assert decode(encoded(palette, transparency=1))[0].tolist() == [[10, 20, 30], [255] * 3, [1, 2, 3]]
    assert decode(encoded(palette, transparency=bytes([255, 51, 0])))[0].tolist() == [
        [10, 20, 30], [244, 224, 214], [255] * 3,
    ]  # fmt: skip
    assert decode(encoded(palette, "GIF", transparency=2))[0].tolist() == [[10, 20, 30], [200, 100, 50], [255] * 3]
    key = encoded(Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], dtype=np.uint8)), transparency=(1, 2, 3))
    assert decode(key)[0].tolist() == [[255] * 3, [4, 5, 6]]


def test_other_modes_become_rgb():
    black_and_white = Image.fromarray(np.array([[0, 255]], dtype=np.uint8)).convert("1")
    assert decode(encoded(black_and_white))[0].tolist() == [[0] * 3, [255] * 3]
    assert decode(encoded(np.array([[7, 200]], dtype=np.uint8)))[0].tolist() == [[7] * 3, [200] * 3]
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = decode(encoded(cmyk, "JPEG", quality=100))[4, 4].astype(int)
    assert abs(red - [255, 0, 0]).max() <= 3
    assert inspect(encoded(cmyk, "JPEG")) == (8, 8, "CMYK")


def test_the_first_of_several_frames():
    frames = [Image.fromarray(np.full((4, 4), value, dtype=np.uint8)) for value in (10, 200)]
    for form in ("GIF", "TIFF", "WEBP"):
        lossless = {"lossless": True} if form == "WEBP" else {}
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:], **lossless)
        assert decode(data)[0, 0].tolist() == [10, 10, 10]


def test_a_square_is_the_shorter_side_resized_and_the_middle_cut_out():
    image = Image.fromarray(SMOOTH).resize((64, 48))
    resized = image.resize((32, 24), Image.Resampling.BICUBIC).crop((4, 0, 28, 24))
    squared = decode(encoded(image), 24)
    np.testing.assert_array_equal(squared, np.asarray(resized))
    tall = image.transpose(Image.Transpose.TRANSPOSE)
    turned = decode(encoded(tall), 24).astype(int)  # Pillow rounds between its two passes, across and down
    assert np.abs(turned - squared.transpose(1, 0, 2)).max() <= 1
    np.testing.assert_array_equal(decode(encoded(SMOOTH[:, :50]), 50), SMOOTH[:, :50])  # nothing to do
    np.testing.assert_array_equal(decode(encoded(SMOOTH), 50), SMOOTH[:, 10:60])  # only to cut
    assert decode(encoded(PICTURE), 64).shape == (64, 64, 3)  # small ones grow


def test_a_narrow_strip_does_not_fill_the_memory():
    strip = np.zeros((1, 200_000, 3), dtype=np.uint8)
    strip[:, 100_000] = 200
    assert decode(encoded(strip), 200).shape == (200, 200, 3)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "^empty file$"),
        (b"<html>not found</html>", r"^no picture of a known format \(jpeg, png"),
        (b"\x89PNG\r\n\x1a\n", "no picture|cut short|damaged"),
        (bytes(1000), "no picture"),
        (encoded(SMOOTH, "JPEG")[:-300], "^cut short$"),
        (encoded(SMOOTH)[:-300], "^cut short$|^damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
    ],
)
def test_reasons(data, reason):
    with pytest.raises(UnreadableImageError, match=reason) as caught:
        decode(data)
    assert isinstance(caught.value, InputError)
    assert "\n" not in caught.value.reason
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason


def test_a_changed_byte_of_a_png_is_noticed():
    data = bytearray(encoded(SMOOTH))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(UnreadableImageError):
        decode(bytes(data))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_pictures_that_would_fill_the_memory(monkeypatch):
    with pytest.raises(UnreadableImageError, match=r"^10000 x 9000 pixels, more than 89 million; make it smaller"):
        decode(encoded(Image.new("1", (10_000, 9_000))))
    with pytest.raises(UnreadableImageError, match=r"^more than 89 million pixels"):
        inspect(b"P4 200000 200000\n" + bytes(100))
    monkeypatch.setattr(image_decoding, "MAX_PIXELS", 600)
    assert decode(encoded(PICTURE)).shape == (20, 30, 3)
    monkeypatch.setattr(image_decoding, "MAX_PIXELS", 599)
    with pytest.raises(UnreadableImageError, match="30 x 20 pixels"):
        decode(encoded(PICTURE))


def test_without_pillow(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"pillow is not installed.*softlabel\[vision\]"):
        decode(b"x")
