#!/usr/bin/python3
"""A whole field on the GPU by CuPy: the steps of `hexaplex bench`'s last row, as somebody would compose them from cupyx.scipy.

    benchmarks/peers/compare_cupy.py [--side 2048] [--hexaplex now.json] [--numpy] [--steps]

Raw bands to labels and sums: least squares (CuPy has no non-negative form), logarithm, two Laplacians of Gaussians, local extremes
and threshold, opening, specks, seeds as maxima, one label for each pixel by the nearest seed (CuPy has no watershed), sums of every
channel. So it does less than the row it stands beside. `--hexaplex` names a file of `hexaplex bench --json` and prints the ratio.
`--steps` tells what each step takes, the first time (kernels are compiled then) and the last. `--numpy` runs the same lines on the
CPU by NumPy and SciPy, which shows that they work where there is no GPU. Without CuPy or a device it says so and ends with status 77.
"""
import argparse
import json
import sys
import time

import numpy


def skip(why):
    print(f"compare_cupy.py: skipped: {why}", file=sys.stderr)
    sys.exit(77)


def modules(on_cpu):
    """The array module, its ndimage, and what waits for its work."""
    if on_cpu:
        import scipy.ndimage
        return numpy, scipy.ndimage, lambda: None
    try:
        import cupy
        import cupyx.scipy.ndimage
        if cupy.cuda.runtime.getDeviceCount() == 0:
            skip("CuPy finds no device")
    except ImportError:
        skip("CuPy is not installed")
    except Exception as error:  # CuPy's own error types exist only where it could be imported
        skip(f"CuPy cannot use the device: {error}")
    return cupy, cupyx.scipy.ndimage, cupy.cuda.Stream.null.synchronize


def crowded_field(side, nucleus_px, random):
    """Touching soft discs of different levels, as core/bench/crowded_field.cpp paints them."""
    field = 40 + 20 * random.random((side, side), dtype=numpy.float32)
    reach = int(nucleus_px)
    y, x = numpy.mgrid[-reach:reach + 1, -reach:reach + 1]
    for cy in numpy.arange(reach, side - reach, 0.9 * nucleus_px):
        for cx in numpy.arange(reach, side - reach, nucleus_px):
            y0, x0 = (int(c + 0.3 * nucleus_px * (random.random() - 0.5)) for c in (cy, cx))
            y0, x0 = numpy.clip((y0, x0), reach, side - reach - 1)
            radius = nucleus_px / 2 * (0.85 + 0.3 * random.random())
            disc = (500 + 1000 * random.random()) * numpy.clip((radius + 1.5 - numpy.hypot(x, y)) / 3, 0, 1)
            window = field[y0 - reach:y0 + reach + 1, x0 - reach:x0 + reach + 1]
            numpy.maximum(window, disc, out=window)
    return field


def raw_bands(side, nucleus_px):
    light = crowded_field(side, nucleus_px, numpy.random.default_rng(1))
    library = numpy.full((8, 7), 0.02)
    for c in range(7):
        library[c:c + 3, c] = (1, 0.5, 0.25)[:len(library[c:c + 3])]
    shift = int(nucleus_px / 2)
    components = numpy.stack([numpy.roll(light, (-2 * c * shift, -c * shift), (0, 1)) for c in range(7)])
    return library, numpy.tensordot(library, components, 1).astype(numpy.uint16)


def analyse(xp, ndimage, library, bands, nucleus_px, done):
    """Labels of the cells, and [7 x cells] sums. Calls done(step) after each step."""
    side = bands.shape[1]
    inverse = xp.linalg.pinv(library).astype(xp.float32)
    channels = xp.maximum(inverse @ bands.reshape(8, -1).astype(xp.float32), 0).reshape(7, side, side)
    done("unmixing")
    level = xp.quantile(channels[0, ::8, ::8], 0.995)
    logarithm = xp.log(channels[0] / level + 0.05)
    smooth = ndimage.gaussian_filter(logarithm, 0.1 * nucleus_px)
    blobs = [-(s * s) * ndimage.gaussian_laplace(logarithm, s) for s in (0.14 * nucleus_px, 0.21 * nucleus_px)]
    landscape = ndimage.gaussian_filter(xp.maximum(*blobs), 0.08 * nucleus_px)
    done("landscape")
    window = int(2.1 * nucleus_px) | 1
    low, high = ndimage.minimum_filter(smooth, window), ndimage.maximum_filter(smooth, window)
    mask = smooth > low + 0.45 * (high - low)
    done("local threshold")
    mask = ndimage.binary_opening(mask)
    parts, count = ndimage.label(mask)
    sizes = xp.bincount(parts.ravel(), minlength=int(count) + 1)
    mask &= sizes[parts] >= 15
    done("opening and specks")
    seeds, count = ndimage.label((landscape == ndimage.maximum_filter(landscape, 5)) & mask)
    distance, nearest = ndimage.distance_transform_edt(seeds == 0, return_indices=True)
    cells = xp.where(mask | (distance <= 4), seeds[nearest[0], nearest[1]], 0)
    done("seeds and cells")
    labels = cells.ravel()
    sums = xp.stack([xp.bincount(labels, weights=c.ravel(), minlength=int(count) + 1)[1:] for c in channels])
    done("sums")
    return cells, sums


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--hexaplex", help="a file of `hexaplex bench --json`")
    parser.add_argument("--numpy", action="store_true", help="on the CPU, by NumPy and SciPy")
    parser.add_argument("--steps", action="store_true", help="tell what each step takes")
    args = parser.parse_args()
    xp, ndimage, wait = modules(args.numpy)
    library, bands = (xp.asarray(a) for a in raw_bands(args.side, 14))
    seconds = []
    runs = 2 if args.numpy else 6  # the first compiles kernels
    for run in range(runs):
        wait()
        start = before = time.perf_counter()

        def done(step):
            nonlocal before
            if args.steps and run in (0, runs - 1):
                wait()
                now = time.perf_counter()
                print(f"  run {run + 1}, {step}: {1000 * (now - before):.1f} ms", flush=True)
                before = now

        cells, sums = analyse(xp, ndimage, library, bands, 14, done)
        wait()
        seconds.append(time.perf_counter() - start)
    mpx_s = args.side ** 2 / sorted(seconds[1:])[len(seconds[1:]) // 2] / 1e6
    print(f"{xp.__name__}: {int(cells.max())} cells, {mpx_s:.1f} Mpx/s")
    if args.hexaplex:
        with open(args.hexaplex) as file:
            row = next(r for r in json.load(file)["operators"] if r["name"].startswith("field"))
        for backend in ("cpu", "cuda"):
            if backend in row:
                print(f"hexaplex, {backend}: {row[backend]['mpx_per_s']:.1f} Mpx/s, {row[backend]['mpx_per_s'] / mpx_s:.1f} times as fast")


if __name__ == "__main__":
    main()
