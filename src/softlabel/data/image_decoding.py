"""One encoded picture (JPEG, PNG, ...) to pixels, strictly: what is damaged is refused, never filled in."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from PIL.Image import Image

# What Pillow may try, whatever the name of the file says. Rarer formats are left out on purpose: some of them start
# other programs, and their readers are seldom tested.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
MAX_PIXELS = 89_478_485  # above this Pillow suspects a picture that was made to fill the memory
_GREY_16 = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_FLIPS = {  # EXIF orientation: the names of the transpositions that undo it
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
_ORIENTATION = 0x0112  # the number of the EXIF tag


class UnreadableImageError(InputError):
    """A picture cannot be read.

    Attributes
    ----------
    reason : str
        Why, in a few words: "empty file", "cut short", ...
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decode(data: bytes, size: int | None = None) -> np.ndarray:
    """Return an encoded picture as (h, w, 3) uint8 RGB.

    - Its EXIF orientation is applied, so that up is up.
    - Grey, palettes, CMYK and black and white become RGB; colour profiles are not looked at.
    - What is transparent is laid on white.
    - Grey of 16 bits is divided by 257 and rounded (65535 becomes 255), never clipped. Of colours of 16 bits Pillow
      keeps the upper 8.
    - Of several frames or pages the first is taken.

    Parameters
    ----------
    data : bytes
        A file of one of ``FORMATS``, whole.
    size : int or None
        If given, the picture is resized so that its shorter side is ``size`` (bicubic, antialiased), and the middle
        (size, size) is cut out.

    Raises
    ------
    UnreadableImageError
        If the data are empty, cut short, damaged, no picture, of floats, or of more than ``MAX_PIXELS`` pixels. A JPEG
        that lost a part of its middle but has its end is not noticed: its decoder fills the gap and tells nobody.
    MissingExtraError
        If Pillow is not installed.
    """
    with _opened(data) as image:
        image.load()
        rgb = _upright(_as_rgb(image), _orientation(image))
        if size is not None and rgb.size != (size, size):
            rgb = _square(rgb, size)
        return np.array(rgb, dtype=np.uint8)  # (h, w, 3)


def inspect(data: bytes) -> tuple[int, int, str]:
    """Return (width, height, mode) from the head of a picture, as ``decode`` would turn it; pixels are not decoded.

    The mode is Pillow's name of how colours are stored: "RGB", "L" (grey), "P" (palette), ...

    Raises
    ------
    UnreadableImageError, MissingExtraError
        As ``decode``, for what the head tells.
    """
    with _opened(data) as image:
        width, height = image.size
        turned = _orientation(image) >= 5 and image.format != "TIFF"  # Pillow itself turns what a TIFF says
        return (height, width, image.mode) if turned else (width, height, image.mode)


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[Image]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError as error:
        raise MissingExtraError("pillow", "vision") from error
    if len(data) == 0:
        raise UnreadableImageError("empty file")
    try:
        with _strict(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise UnreadableImageError(
                    f"{width} x {height} pixels, more than {MAX_PIXELS // 10**6} million; make it smaller"
                )
            yield image
    except UnreadableImageError:
        raise
    except UnidentifiedImageError as error:
        names = ", ".join(name.lower() for name in FORMATS)
        raise UnreadableImageError(f"no picture of a known format ({names})") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImageError(f"more than {MAX_PIXELS // 10**6} million pixels; make it smaller") from error
    except MemoryError as error:
        raise UnreadableImageError("too large for the memory") from error
    except Exception as error:  # nobody has a list of what the readers of damaged files raise
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        short = "truncated" in reason.lower() or isinstance(error, EOFError)
        raise UnreadableImageError("cut short" if short else f"damaged: {reason}") from error


class _Strict:
    """Pillow's switch to fill in what a cut file lacks, held off while any thread decodes.

    The switch belongs to the whole process, and other packages turn it on.
    """

    def __init__(self) -> None:
        self._lock, self._inside, self._before = threading.Lock(), 0, False

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        from PIL import ImageFile

        with self._lock:
            if self._inside == 0:
                self._before = ImageFile.LOAD_TRUNCATED_IMAGES
                ImageFile.LOAD_TRUNCATED_IMAGES = False
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    ImageFile.LOAD_TRUNCATED_IMAGES = self._before


_strict = _Strict()


def _as_rgb(image: Image) -> Image:
    from PIL import Image

    if image.mode in _GREY_16:
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.mode == "F":
        raise UnreadableImageError("pixels are floats, of which nothing says what is white; store bytes")
    if image.has_transparency_data:
        opaque = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(opaque, image.convert("RGBA")).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(grey: np.ndarray) -> np.ndarray:
    """Return (h, w) values from 0 to 65535 as bytes, rounded."""
    if grey.min() < 0 or grey.max() > 65535:
        raise UnreadableImageError(
            f"grey values from {grey.min()} to {grey.max()}, which may be 0 to 65535; store 16 bits"
        )
    return ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)  # (h, w)


def _orientation(image: Image) -> int:
    try:
        value: Any = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a damaged EXIF block, which says nothing of the pixels
        return 1
    return value if value in _FLIPS else 1


def _upright(image: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    return image.transpose(Transpose[_FLIPS[orientation]]) if orientation in _FLIPS else image


def _square(image: Image, size: int) -> Image:
    """Resize the middle square; what lies beside it is never made, so a narrow strip cannot fill the memory."""
    from PIL.Image import Resampling

    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return image.resize((size, size), Resampling.BICUBIC, box=(left, top, left + side, top + side))
