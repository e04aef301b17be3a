import io

import numpy as np
import pytest
from PIL import Image

from datasets import images
from datasets.images import GAP, Shape, problems, sheet_size


def sheet(values, shape, *, low, high, across):
    return images.sheet(images.levels(values, low=low, high=high), shape, across=across)


def opened(png):
    return np.array(Image.open(io.BytesIO(png)))


def test_it_draws_rows_beside_and_below_each_other():
    values = np.array([[0, 1, 2, 3], [3, 2, 1, 0], [0, 0, 3, np.nan]], dtype=float)
    drawn = opened(sheet(values, Shape(2, 2), low=0, high=3, across=2))
    assert drawn.shape == (2 * 2 + GAP, 2 * 2 + GAP, 4)
    assert drawn[:2, :2, 0].tolist() == [[0, 85], [170, 255]]
    assert drawn[:2, 3:, 0].tolist() == [[255, 170], [85, 0]]
    assert drawn[3:, :2, 0].tolist() == [[0, 0], [255, 0]]
    assert drawn[:, 2, 3].max() == 0  # the gap lets the page through
    assert drawn[3:, 3:, 3].max() == 0  # and so does the place that is left


def test_it_puts_colours_where_they_belong():
    red_then_blue = [255, 0, 0, 0, 0, 255]
    drawn = opened(
        sheet(np.array([red_then_blue], float), Shape(1, 2, 3), low=0, high=255, across=1)
    )
    assert drawn[0, :, :3].tolist() == [[255, 0, 0], [0, 0, 255]]
    planes = [255, 0, 0, 0, 0, 255]  # red of both, green of both, blue of both
    shape = Shape(1, 2, 3, planar=True)
    drawn = opened(sheet(np.array([planes], float), shape, low=0, high=255, across=1))
    assert drawn[0, :, :3].tolist() == [[255, 0, 0], [0, 0, 255]]


def test_a_column_of_one_value_and_values_beyond_the_range_are_drawn():
    drawn = opened(sheet(np.array([[7.0, 9.0, -4.0, 7.0]]), Shape(2, 2), low=7, high=7, across=1))
    assert drawn[..., 0].tolist() == [[0, 255], [0, 0]]


@pytest.mark.parametrize(
    ("shape", "field", "words"),
    [
        (Shape(8, 9), "height", "8 × 9 × 1 = 72, and there are 64 pixel columns."),
        (Shape(0, 64), "height", "From 1 to"),
        (Shape(1, -1), "width", "From 1 to"),
        (Shape(4, 8, 2), "channels", "are possible"),
    ],
)
def test_a_shape_must_take_every_column(shape, field, words):
    assert words in problems(shape, 64)[field][0]


def test_a_shape_that_fits_is_none():
    assert problems(Shape(4, 16), 64) == {}
    assert problems(Shape(4, 4, 4, planar=True), 64) == {}
    assert sheet_size(7, Shape(4, 16), across=6) == (6 * 17 - 1, 2 * 5 - 1)
