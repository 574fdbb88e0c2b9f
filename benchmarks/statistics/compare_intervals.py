#!/usr/bin/env python3
"""How often 95 % intervals of several kinds hold the truth, in simulated cohorts of few animals.

    compare_intervals.py [COHORTS]        numpy and scipy

The table of methods in docs/decisions/0801-group-intervals.md. The interval that was chosen is measured by the program's own
code in group_intervals.cpp.
"""
import sys

import numpy as np
from scipy import stats

RESAMPLES = 999
rng = np.random.default_rng(1)


def hodges_lehmann(x, y):
    differences = y[..., :, None] - x[..., None, :]
    return np.median(differences.reshape(*differences.shape[:-2], -1), -1)


def median_difference(x, y):
    return np.median(y, -1) - np.median(x, -1)


def mean_difference(x, y):
    return y.mean(-1) - x.mean(-1)


def welch(x, y):
    """Standard error of the difference of means, and its degrees of freedom."""
    n = x.shape[-1]
    a, b = x.var(-1, ddof=1) / n, y.var(-1, ddof=1) / n
    return np.sqrt(a + b), (n - 1) * (a + b) ** 2 / np.maximum(a * a + b * b, 1e-300)


EFFECTS = {"means": mean_difference, "medians": median_difference, "Hodges-Lehmann": hodges_lehmann}


def normal(n, sd):
    return rng.normal(0, sd, n)


# Name: two groups of n animals; the true differences of means and of medians.
E5, E1 = np.exp(0.5**2 / 2), np.exp(1 / 2)
MODELS = {
    "normal": (lambda n: (normal(n, 1), normal(n, 1) + 1), 1, 1),
    "normal, sd 1 and 2": (lambda n: (normal(n, 1), normal(n, 2) + 1), 1, 1),
    "log-normal 0.5": (lambda n: (np.exp(normal(n, 0.5)), np.exp(normal(n, 0.5))), 0, 0),
    "log-normal 0.5, x 0.4": (lambda n: (np.exp(normal(n, 0.5)), 0.4 * np.exp(normal(n, 0.5))), -0.6 * E5, -0.6),
    "log-normal 1, x 0.4": (lambda n: (np.exp(normal(n, 1)), 0.4 * np.exp(normal(n, 1))), -0.6 * E1, -0.6),
}


def intervals(x, y):
    """Yields (method, effect, low, high)."""
    n = len(x)
    drawn_x, drawn_y = x[rng.integers(0, n, (RESAMPLES, n))], y[rng.integers(0, n, (RESAMPLES, n))]
    error, freedom = welch(x, y)
    for name, effect in EFFECTS.items():
        found, drawn = effect(x, y), effect(drawn_x, drawn_y)
        yield f"{name}, percentile", name, *np.quantile(drawn, [0.025, 0.975])
        # Hesterberg 2015: quantiles farther out, as far as Student's t is from the normal.
        wide = stats.norm.cdf(-stats.t.ppf(0.975, 2 * n - 2) * np.sqrt(n / (n - 1)))
        yield f"{name}, expanded percentile", name, *np.quantile(drawn, [wide, 1 - wide])
        if name == "means":
            half = stats.t.ppf(0.975, freedom) * drawn.std(ddof=1) * np.sqrt(n / (n - 1))
            yield "means, resampled error x t", name, found - half, found + half
            low, high = np.quantile((drawn - found) / np.maximum(welch(drawn_x, drawn_y)[0], 1e-3 * error), [0.025, 0.975])
            yield "means, bootstrap-t", name, found - high * error, found - low * error
    differences = np.sort((y[:, None] - x[None]).ravel())
    cut = {3: 0, 4: 0, 6: 5, 10: 23}[n]  # largest U with 2 P(U <= cut) <= 0.05; for 3 there is none
    yield "Hodges-Lehmann, Mann-Whitney inverted", "Hodges-Lehmann", differences[cut], differences[-cut - 1]


def main():
    cohorts = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    for model, (draw, means, medians) in MODELS.items():
        x, y = draw(2_000_001)
        truth = {"means": means, "medians": medians, "Hodges-Lehmann": medians if means == medians else np.median(y - x)}
        for n in (3, 4, 6, 10):
            held = {}
            for _ in range(cohorts):
                for method, effect, low, high in intervals(*draw(n)):
                    held.setdefault(method, []).append(low <= truth[effect] <= high)
            for method, each in held.items():
                print(f"| {model} | {n} | {method} | {100 * np.mean(each):.1f} |", flush=True)


if __name__ == "__main__":
    main()
