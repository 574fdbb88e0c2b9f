"""What others offer for each stage, timed on the planes that `stage_bench --save` left behind."""
import os
import time
from importlib import import_module

import numpy as np

from field import BANDS, OFFSET


class Peers:
    """Times of peers by stage; what cannot be imported is noted once."""

    def __init__(self, threads):
        self.threads, self.rows, self.skipped, self.modules = threads, [], [], {}

    def module(self, name):
        if name not in self.modules:
            try:
                self.modules[name] = import_module(name)
            except ImportError:
                self.modules[name] = None
                self.skipped.append(f"{name} is not installed: its rows have no peer")
        return self.modules[name]

    def time(self, stage, peer, work, pixels, share=1.0, repeat=3):
        """Best of the repeats; `share` is the part of the stage's work that was done."""
        best = None
        for _ in range(repeat):
            start = time.perf_counter()
            work()
            took = time.perf_counter() - start
            best = took if best is None else min(best, took)
        self.rows.append(dict(stage=stage, peer=peer, mpx_per_s=pixels * share / best / 1e6))


def plane(folder, name, dtype, size):
    return np.fromfile(os.path.join(folder, name), dtype).reshape(size, size)


def time_peers(folder, bands, matrix, threads):
    peers = Peers(threads)
    size = bands.shape[1]
    pixels = size * size
    linear, level, landscape = (plane(folder, f"{name}.u16", np.uint16, size) for name in ("linear", "level", "landscape"))
    mask = plane(folder, "mask.u8", np.uint8, size)
    fragments, nuclei = (plane(folder, f"{name}.u32", np.uint32, size).astype(np.int32) for name in ("fragments", "nuclei"))
    time_unmixing(peers, bands, matrix, pixels)
    time_filters(peers, linear, level, pixels)
    time_segmentation(peers, mask, landscape, fragments, nuclei, pixels)
    time_measures(peers, bands, nuclei, pixels)
    return peers.rows, peers.skipped


def time_unmixing(peers, bands, matrix, pixels):
    inverse = np.linalg.pinv(matrix).astype(np.float32)
    flat = bands.reshape(BANDS, -1)

    def least_squares():
        counts = flat.astype(np.float32)
        counts -= OFFSET
        unmixed = inverse @ counts
        np.maximum(unmixed, 0, out=unmixed)

    peers.time("unmix_least_squares", "NumPy", least_squares, pixels)
    if scipy := peers.module("scipy.optimize"):
        sample = flat[:, np.random.default_rng(0).integers(0, pixels, 20000)].T.astype(float) - OFFSET
        peers.time("unmix_non_negative", "SciPy", lambda: [scipy.nnls(matrix, p) for p in sample], len(sample), repeat=1)


def time_filters(peers, linear, level, pixels):
    as_float = linear.astype(np.float32)
    if cv2 := peers.module("cv2"):
        cv2.setNumThreads(peers.threads)
        for sigma in (2, 10):  # the same support: three sigma
            side = 2 * 3 * sigma + 1
            for image in (linear, as_float):
                peers.time(f"gaussian_{sigma}", "OpenCV", lambda: cv2.GaussianBlur(image, (side, side), sigma, borderType=cv2.BORDER_REPLICATE), pixels)
        peers.time("histogram_16", "OpenCV", lambda: cv2.calcHist([linear], [0], None, [65536], [0, 65536]), pixels)
    if ndimage := peers.module("scipy.ndimage"):
        peers.time("log_3", "SciPy", lambda: ndimage.gaussian_laplace(as_float, 3), pixels)
    if filters := peers.module("skimage.filters"):
        smooth = level.astype(np.float32)
        peers.time("local_threshold_51", "scikit-image", lambda: smooth > filters.threshold_local(smooth, 51), pixels, repeat=1)


def time_segmentation(peers, mask, landscape, fragments, nuclei, pixels):
    if cv2 := peers.module("cv2"):
        for algorithm in ("CCL_SPAGHETTI", "CCL_GRANA"):
            if hasattr(cv2, algorithm):
                peers.time("components", "OpenCV", lambda: cv2.connectedComponentsWithAlgorithm(mask, 4, cv2.CV_32S, getattr(cv2, algorithm)), pixels)
        seeds = first_pixels(fragments)
        eight_bit = cv2.cvtColor((255 - (landscape >> 8)).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        peers.time("hill_climb", "OpenCV", lambda: cv2.watershed(eight_bit, seeds.copy()), pixels)
    if segmentation := peers.module("skimage.segmentation"):
        seeds = first_pixels(fragments)
        upside_down = 65535 - landscape.astype(np.int32)
        peers.time("hill_climb", "scikit-image", lambda: segmentation.watershed(upside_down, seeds, mask=mask), pixels, repeat=1)
        peers.time("expand", "scikit-image", lambda: segmentation.expand_labels(nuclei, 6), pixels, repeat=1)
        peers.time("components", "scikit-image", lambda: import_module("skimage.measure").label(mask, connectivity=1), pixels)


def first_pixels(labels):
    """One seed per label."""
    seeds = np.zeros_like(labels)
    values, at = np.unique(labels, return_index=True)
    seeds.ravel()[at[values > 0]] = values[values > 0]
    return seeds


def time_measures(peers, bands, nuclei, pixels):
    planes = bands.astype(np.float32).reshape(BANDS, -1)
    flat, count = nuclei.ravel(), int(nuclei.max()) + 1

    def means():
        area = np.maximum(np.bincount(flat, minlength=count), 1)
        for values in planes:
            np.bincount(flat, weights=values, minlength=count) / area

    peers.time("measure", "NumPy, means only", means, pixels)
    if measure := peers.module("skimage.measure"):
        stack = np.moveaxis(bands.astype(np.float32), 0, -1)
        names = ("label", "area", "mean_intensity", "min_intensity", "max_intensity")
        peers.time("measure", "scikit-image", lambda: measure.regionprops_table(nuclei, stack, properties=names), pixels, repeat=1)
