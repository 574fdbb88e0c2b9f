#!/usr/bin/env python3
"""How often 95 % intervals of several kinds hold the truth of an antigen loss between two samples of few blocks.

    loss_intervals_compared.py [PAIRS]        numpy and scipy

The table of methods in docs/decisions/0802-loss-intervals.md. The interval that was chosen is measured by the program's own
code in loss_intervals.cpp.
"""
import sys

import numpy as np
from scipy import stats

DRAWS = 999
LOSSES, BLOCKS, CROWDINGS = (0, 0.6, 0.9), (8, 20), (0.4,)
CUT = 0.2  # a cell is positive from here on
# Median before, spread of blocks and of cells around their block (of the logarithm), variation of the cells of a block.
MEDIAN, BLOCKS_SD, CELLS_SD, CELLS = 0.4, 0.35, 0.45, 60
rng = np.random.default_rng(1)


def sample(blocks, median, crowding):
    """Values of cells in ascending order, and the block of each."""
    sizes = np.maximum(1, rng.poisson(CELLS * np.exp(rng.normal(-crowding**2 / 2, crowding, blocks))))
    block = np.repeat(np.arange(blocks), sizes)
    values = median * np.exp(rng.normal(0, BLOCKS_SD, blocks)[block] + rng.normal(0, CELLS_SD, len(block)))
    order = np.argsort(values)
    return values[order], block[order]


def weights(blocks, drawn):
    return rng.multinomial(drawn, np.full(blocks, 1 / blocks), DRAWS)


def quantile(cumulated, values, share):
    return values[(cumulated <= ((cumulated[:, -1] - 1) * share).astype(int)[:, None]).sum(1)]


def measures(before, after, weights_before, weights_after):
    """Of each draw, as rows: differences of the share of positive cells and of the H-score over 300, loss, share of cells after
    below the 5 % quantile before; then of before and of after positive share, H-score over 300, share below the found median."""
    of_sample, curves = [], []
    for (values, block), weights in ((before, weights_before), (after, weights_after)):
        cumulated = weights[:, block].cumsum(1)
        curves.append((values, cumulated))
        middle = values[(len(values) - 1) // 2]
        above = [1 - below(values, cumulated, np.full(len(cumulated), cut)) for cut in (CUT, 2 * CUT, 3 * CUT, middle)]
        of_sample.append([above[0], sum(above[:3]) / 3, above[3]])
    (x, cx), (y, cy) = curves
    loss = 1 - quantile(cy, y, 0.5) / quantile(cx, x, 0.5)
    low = below(y, cy, quantile(cx, x, 0.05))
    differences = [of_sample[1][k] - of_sample[0][k] for k in (0, 1)]
    return np.stack([*differences, loss, low, *of_sample[0], *of_sample[1]])


def below(values, cumulated, limits):
    at = np.searchsorted(values, limits)
    counted = np.take_along_axis(cumulated, np.maximum(at - 1, 0)[:, None], 1)[:, 0]
    return np.where(at > 0, counted, 0) / cumulated[:, -1]


def truths(loss):
    sd = np.hypot(BLOCKS_SD, CELLS_SD)
    above = [[1 - stats.norm.cdf(np.log(k * CUT / m) / sd) for k in (1, 2, 3)] for m in (MEDIAN, MEDIAN * (1 - loss))]
    low = stats.norm.cdf(stats.norm.ppf(0.05) - np.log(1 - loss) / sd)
    return np.array([above[1][0] - above[0][0], (sum(above[1]) - sum(above[0])) / 3, loss, low])


def cell_variance(values, positive):
    """Of the cells' class over 3, or of being positive."""
    scores = (values >= CUT) if positive else ((values[:, None] >= CUT * np.arange(1, 4)).sum(1) / 3)
    return np.var(scores)


def leave_one_out(before, after, n, m):
    """Measures with each block of either sample left out in turn, as two arrays."""
    wx, wy = 1 - np.eye(n, dtype=int), 1 - np.eye(m, dtype=int)
    one_x, one_y = np.ones((m, n), int), np.ones((n, m), int)
    return measures(before, after, wx, one_y), measures(before, after, one_x, wy)


def ends(drawn, tails):
    return np.array([np.quantile(d, t) for d, t in zip(drawn, tails)]).T


def bias_corrected(found, drawn, left_out, z):
    """Efron's BCa with normal quantiles +-z."""
    influence = [(k.mean(1, keepdims=True) - k) * (k.shape[1] - 1) for k in left_out]
    cubes = sum((i**3).sum(1) / i.shape[1] ** 3 for i in influence)
    squares = sum((i**2).sum(1) / i.shape[1] ** 2 for i in influence)
    a = cubes / np.maximum(6 * squares**1.5, 1e-300)
    below = ((drawn < found[:, None]).mean(1) + (drawn <= found[:, None]).mean(1)) / 2
    shift = stats.norm.ppf(np.clip(below, 0.01, 0.99))
    tails = [stats.norm.cdf(shift + (shift + s * z) / np.maximum(1 - a * (shift + s * z), 0.1)) for s in (-1, 1)]
    return ends(drawn, np.array(tails).T)


def wilson(share, size, t):
    """Wilson's interval of a share of so many independent cells."""
    middle = (share + t * t / (2 * size)) / (1 + t * t / size)
    half = t / (1 + t * t / size) * np.sqrt(share * (1 - share) / size + (t / (2 * size)) ** 2)
    return middle - half, middle + half


def of_shares(found, drawn, before, after, floor, few, n, m):
    """Wilson's interval of the low share, and Newcombe's of differences made of two of Wilson's, with as many cells as would have
    the error that the draws show; with `floor` an error of no less than the cells' spread makes at the size that the share below the
    median shows."""
    error = drawn.var(1, ddof=1)
    size_at_median = [0.25 / error[6], 0.25 / error[9]]

    def interval(row, cells, sample, freedom):
        p = found[row]
        variance = max(error[row], cells / size_at_median[sample]) if floor else error[row]
        size = p * (1 - p) / variance if variance > 0 and p * (1 - p) > 0 else size_at_median[sample]
        return wilson(p, size, stats.t.ppf(0.975, freedom))

    low = interval(3, found[3] * (1 - found[3]), 1, few - 1)
    ends = [[], []]
    for k in (0, 1):
        a = interval(4 + k, cell_variance(before[0], k == 0), 0, n - 1)
        b = interval(7 + k, cell_variance(after[0], k == 0), 1, m - 1)
        p, q = found[4 + k], found[7 + k]
        ends[0].append(q - p - np.hypot(q - b[0], a[1] - p))
        ends[1].append(q - p + np.hypot(b[1] - q, p - a[0]))
    return np.array([*ends[0], np.nan, low[0]]), np.array([*ends[1], np.nan, low[1]])


def intervals(before, after, n, m):
    """Yields (method, low ends, high ends)."""
    once = np.ones((1, n), int), np.ones((1, m), int)
    found = measures(before, after, *once)[:, 0]
    yield "percentile", *np.quantile(measures(before, after, weights(n, n), weights(m, m)), [0.025, 0.975], 1)
    drawn = measures(before, after, weights(n, n - 1), weights(m, m - 1))
    yield "n - 1 drawn, percentile", *np.quantile(drawn, [0.025, 0.975], 1)
    t = stats.t.ppf(0.975, min(n, m) - 1)
    half = t * drawn.std(1, ddof=1)
    yield "n - 1 drawn, error x t", found - half, found + half
    yield "n - 1 drawn, expanded percentile", *np.quantile(drawn, stats.norm.cdf([-t, t]), 1)
    few = min(n, m)
    for name, floor in (("", False), (", error at least that at the median", True)):
        yield "n - 1 drawn, Wilson, Newcombe" + name, *of_shares(found, drawn, before, after, floor, few, n, m)
    left_out = leave_one_out(before, after, n, m)
    for name, z in (("", stats.norm.ppf(0.975)), (", expanded", t)):
        yield "n - 1 drawn, BCa" + name, *bias_corrected(found, drawn, left_out, z)


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print("| cells of a block | blocks | loss | interval | positive | H-score | loss | low |\n|---|---|---|---|---|---|---|---|")
    for crowding in CROWDINGS:
        for n in BLOCKS:
            for loss in LOSSES:
                held = {}
                for _ in range(pairs):
                    before, after = sample(n, MEDIAN, crowding), sample(n, MEDIAN * (1 - loss), crowding)
                    for name, low, high in intervals(before, after, n, n):
                        held.setdefault(name, []).append((low[:4] <= truths(loss)) & (truths(loss) <= high[:4]))
                for name, each in held.items():
                    shares = " | ".join(f"{100 * s:.1f}" for s in np.mean(each, 0))
                    print(f"| {crowding} | {n} | {100 * loss:.0f} % | {name} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
