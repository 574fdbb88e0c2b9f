"""Objects of two label images, matched by overlap; positions, matched by distance."""
import numpy as np
import scipy.optimize
import scipy.spatial


class Overlap:
    """Intersections of the objects of two label images; 0 is background."""

    def __init__(self, found, truth):
        found, truth = np.asarray(found, np.int64).ravel(), np.asarray(truth, np.int64).ravel()
        self.found_ids, found_index = np.unique(found, return_inverse=True)
        self.truth_ids, truth_index = np.unique(truth, return_inverse=True)
        pairs = found_index * len(self.truth_ids) + truth_index
        pairs, self.shared = np.unique(pairs[(found > 0) & (truth > 0)], return_counts=True)
        found_area, truth_area = np.bincount(found_index), np.bincount(truth_index)
        i, j = pairs // len(self.truth_ids), pairs % len(self.truth_ids)
        self.found, self.truth = self.found_ids[i], self.truth_ids[j]  # label of each pair that overlaps
        self.iou = self.shared / (found_area[i] + truth_area[j] - self.shared)
        self.found_count, self.truth_count = int((self.found_ids > 0).sum()), int((self.truth_ids > 0).sum())

    def matches(self, iou=0.5):
        """Pairs (found label, true label) above `iou`; from 0.5 on no object has two partners."""
        assert iou >= 0.5
        good = self.iou > iou
        return self.found[good], self.truth[good]

    def f1(self, iou=0.5):
        return 2 * len(self.matches(iou)[0]) / max(self.found_count + self.truth_count, 1)


def f1(found, truth, iou=0.5):
    return Overlap(found, truth).f1(iou)


def centroids(labels):
    """Labels in order, and their centroids as rows of (y, x) in pixels."""
    ids, index, area = np.unique(labels, return_inverse=True, return_counts=True)
    index = index.reshape(labels.shape)
    y, x = np.indices(labels.shape)
    centres = np.stack([np.bincount(index.ravel(), c.ravel()) / area for c in (y, x)], 1)
    return ids[ids > 0], centres[ids > 0]


def match_positions(a, b, reach):
    """As many one-to-one pairs as possible no farther apart than `reach`; nearest in sum among those."""
    if not len(a) or not len(b):
        return np.zeros(0, int), np.zeros(0, int)
    distance = scipy.spatial.distance.cdist(a, b)
    cost = np.where(distance <= reach, distance, 1e6)
    i, j = scipy.optimize.linear_sum_assignment(cost)
    near = distance[i, j] <= reach
    return i[near], j[near]


def membrane(cells, reach_px):
    """Pixels of a cell whose centre lies within `reach_px` of that of a pixel of anything else; the image's edge is none."""
    out = np.zeros(cells.shape, bool)
    n = int(reach_px)
    wide = np.pad(cells, n, mode="edge")
    for dy in range(-n, n + 1):
        for dx in range(-n, n + 1):
            if dy * dy + dx * dx <= reach_px * reach_px:
                out |= wide[n + dy:n + dy + cells.shape[0], n + dx:n + dx + cells.shape[1]] != cells
    return out & (cells > 0)


def mean_by_label(labels, values, count):
    """Mean of `values` in labels 1..count; NaN where a label has no pixel."""
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:count + 1]
    total = np.bincount(labels.ravel(), values.ravel().astype(float), count + 1)[1:count + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / area
