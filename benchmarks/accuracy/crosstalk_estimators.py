#!/usr/bin/python3
"""How near a crosstalk table can come to that of the noise-free components: the definition beside other estimators.

Eighteen phantoms on two real segmentation maps, three stages, 35 and 8 bands. Bright pixels are those of the primary as
written or smoothed; means are those of the components as written, or the unmixed mean spectrum of these pixels, which
clipping at zero cannot bias. Last, as a floor, the mean spectrum of the pixels that are bright in the truth, which no
estimator knows. A study behind docs/decisions/0301-crosstalk-as-defined.md: it shows, and judges nothing.
"""
import collections

import numpy as np
from scipy import ndimage, optimize

import common
from phantoms import AUTOFLUORESCENCE, CHANNELS, FEWEST, MORE_MAPS, ON_MAPS, Phantom, bright_pixels, crosstalk, planes_in_order

LIMIT = {35: 0.06, 8: 0.10}
FIVE_POINTS = np.array([[0, 1, 0], [1, 2, 1], [0, 1, 0]]) / 6
BINOMIAL_3 = np.outer([1, 2, 1], [1, 2, 1]) / 16
BINOMIAL_5 = ndimage.convolve(np.pad(BINOMIAL_3, 1), BINOMIAL_3, mode="constant")
NEIGHBOURS = np.array([[1, 2, 1], [2, 0, 2], [1, 2, 1]]) / 12  # without the pixel: its own noise does not choose it
CHOSEN_ON = {"as written": None, "five points": FIVE_POINTS, "3 x 3": BINOMIAL_3, "5 x 5": BINOMIAL_5, "neighbours alone": NEIGHBOURS}


def smoothed(plane, kernel):
    return plane if kernel is None else ndimage.convolve(plane, kernel, mode="nearest")


def unmixed_spectrum(matrix, spectrum):
    x, _ = optimize.nnls(matrix, spectrum)
    gradient = matrix.T @ (spectrum - matrix @ x)
    limit = 1e-9 * np.abs(matrix.T @ spectrum).max()
    assert (gradient < limit).all() and (np.abs(gradient[x > 0]) < limit).all(), "scipy.optimize.nnls gave no optimum"
    return x


def tables(phantom, unmixed, truth):
    """{estimator: table}; a row without signal is NaN."""
    raw, matrix = phantom.counts(), phantom.library()
    raw, flat = raw.reshape(len(raw), -1), unmixed.reshape(len(unmixed), -1)
    found = collections.defaultdict(list)

    def row(name, k, means):
        found[name].append(means / means[k] if means[k] > 0 else np.full(len(means), np.nan))

    for k in range(len(flat)):
        for name, kernel in CHOSEN_ON.items():
            at = bright_pixels(smoothed(unmixed[k], kernel))
            row(f"{name}; components", k, flat[:, at].mean(1))
            row(f"{name}; mean spectrum", k, unmixed_spectrum(matrix, raw[:, at].mean(1)))
        row("FLOOR: bright in the truth; mean spectrum", k, unmixed_spectrum(matrix, raw[:, bright_pixels(truth[k])].mean(1)))
    return {name: np.array(rows) for name, rows in found.items()}


def kind_of_row(phantom, component):
    if component == AUTOFLUORESCENCE:
        return "autofluorescence"
    cells = len(phantom.carriers(component))
    return f"carried by {FEWEST} cells or more" if cells >= FEWEST else "carried by fewer" if cells else "carried by none"


def measure(bench, figures, only=None):
    names = [m for m, _, _ in CHANNELS] + [AUTOFLUORESCENCE]
    rows, entries = collections.defaultdict(list), collections.defaultdict(list)
    for name in only or [*ON_MAPS, *MORE_MAPS]:
        def work():
            phantom = Phantom(bench, name)
            truth = phantom.components()
            unmixed = planes_in_order(phantom.run(bench, "own", "--write", "unmixed").unmixed()).astype(float)
            true_table = crosstalk(truth)
            for estimator, table in tables(phantom, unmixed, truth).items():
                difference = np.nan_to_num(np.abs(table - true_table), nan=np.inf)
                for k, component in enumerate(names):
                    kind = kind_of_row(phantom, component)
                    rows[phantom.bands, kind, estimator].append(difference[k].max())
                    entries[phantom.bands, kind, estimator].extend(np.delete(difference[k], k))
        common.section(figures, name, work)
    for (bands, kind, estimator), worst in sorted(rows.items(), key=lambda item: (-item[0][0], item[0][1])):
        within = sum(w <= LIMIT[bands] for w in worst)
        figures.add(f"{bands} bands, {kind}: {estimator}", max(worst),
                    note=f"worst row; best {min(worst):.3f}, {within} of {len(worst)} rows within {LIMIT[bands]}, median entry {np.median(entries[bands, kind, estimator]):.4f}")


if __name__ == "__main__":
    common.main(measure, __doc__)
