from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.neighbors import KNeighborsRegressor, RadiusNeighborsRegressor

from softlabel.learners.neighbour_means import NeighbourMeans

X = np.array([[0.0], [1.0], [2.0], [3.0]])
GRADES = np.array([0.0, 1.0, 4.0, 6.0])


def test_neighbours_vote_with_their_weight():
    model = NeighbourMeans(KNeighborsRegressor(2)).fit(X, GRADES, np.array([1.0, 3.0, 1.0, 5.0]))
    # The two nearest to .4 are rows 0 and 1, those nearest to 2.6 rows 3 and 2.
    np.testing.assert_allclose(model.predict([[0.4], [2.6]]), [(0 + 3 * 1) / 4, (4 + 5 * 6) / 6])


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_equal_weights_change_nothing(weights):
    columns = np.stack([GRADES, 10 - GRADES], axis=1)
    new = np.linspace(-1, 4, 11)[:, None]
    for y in (GRADES, columns):
        plain = KNeighborsRegressor(3, weights=weights).fit(X, y).predict(new)
        model = NeighbourMeans(KNeighborsRegressor(3, weights=weights)).fit(X, y, np.full(4, 0.7))
        np.testing.assert_allclose(model.predict(new), plain)


def test_distances_weigh_besides():
    model = NeighbourMeans(KNeighborsRegressor(2, weights="distance")).fit(X, GRADES, np.array([1.0, 3.0, 1.0, 1.0]))
    near, far = 1 / 0.25, 1 / 0.75  # from .25 to rows 0 and 1
    np.testing.assert_allclose(model.predict([[0.25]]), [(near * 0 + 3 * far * 1) / (near + 3 * far)])


@pytest.mark.filterwarnings("ignore:One or more samples have no neighbors")
def test_nothing_is_said_where_no_neighbour_weighs_anything():
    model = NeighbourMeans(RadiusNeighborsRegressor(0.5)).fit(X, GRADES, np.array([0.0, 1.0, 1.0, 1.0]))
    np.testing.assert_array_equal(model.predict([[0.0], [1.0], [9.0]]), [np.nan, 1.0, np.nan])


def test_can_be_cloned_and_stored():
    model = NeighbourMeans(KNeighborsRegressor(2))
    assert clone(model).estimator.n_neighbors == 2
    fitted = model.fit(X, GRADES, np.arange(1.0, 5.0))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), fitted.predict(X))
