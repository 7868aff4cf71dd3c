import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.store.crop_format import CropPaths, check_order, check_pictures, shard_bounds


@pytest.mark.parametrize(("n", "per_shard"), [(1, 4), (4, 4), (5, 4), (11, 4), (257, 256), (9469, 256)])
def test_shards_hold_every_picture_once_and_are_equally_large(n, per_shard):
    record = {"n_images": n, "n_shards": -(-n // per_shard)}
    bounds = [shard_bounds(record, number) for number in range(record["n_shards"])]
    assert [row for start, end in bounds for row in range(start, end)] == list(range(n))
    sizes = {end - start for start, end in bounds}
    assert max(sizes) <= per_shard
    assert max(sizes) - min(sizes) <= 1


def test_shards_are_found_by_their_names(tmp_path):
    paths = CropPaths(tmp_path)
    assert paths.shard_numbers() == []
    for name in ("00000", "00012", "123456", ".writing-abcdefabcdef-00001", "7", "notes"):
        (paths.shards / name).mkdir(parents=True)
    assert paths.shard_numbers() == [0, 12, 123456]
    assert paths.shard(123456).name == "123456"


def test_what_are_no_digests_or_orders_is_refused():
    for pictures in (np.zeros((0, 32), np.uint8), np.zeros((3, 8), np.uint8), np.zeros((3, 32))):
        with pytest.raises(InputError, match="picture_digests"):
            check_pictures(pictures)
    assert check_order(None, 3) is None
    assert check_order([0, 1, 2], 3) is None
    assert check_order([2, 0, 1], 3).tolist() == [2, 0, 1]
    for order in ([0, 1], [0, 1, 1], [1, 2, 3], [0.0, 1.0, 2.0]):
        with pytest.raises(InputError, match="each position from 0 to 2"):
            check_order(order, 3)
