"""A painted field of 8 bands: about 25,000 nuclei on 4096 x 4096, a quarter of the pixels, six markers in a third of the
cells each. The same on every machine with the same NumPy."""
import os

import numpy as np

BANDS, COMPONENTS, OFFSET = 8, 7, 10
PITCH_PX = 26


def library():
    """Overlapping spectra, one column per component."""
    band, component = np.mgrid[0:BANDS, 0:COMPONENTS]
    distance = ((band + 0.5) / BANDS * COMPONENTS - (component + 0.5)) / 0.8
    return np.exp(-0.5 * distance ** 2) + 0.002 * (component % 3)


def disc(radius, soft=1.5):
    reach = int(radius + soft) + 1
    y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1]
    return np.clip((radius + soft - np.hypot(x, y)) / (2 * soft), 0, 1).astype(np.float32)


def paint_abundances(size, rng):
    """Component 0 is the nuclear stain, the others fill the cell around the nucleus."""
    planes = np.full((COMPONENTS, size, size), 4, np.float32)
    nuclei, cells = {r: disc(r) for r in range(6, 10)}, {r: disc(r + 3) for r in range(6, 10)}
    for cy in range(PITCH_PX // 2, size, PITCH_PX):
        for cx in range(PITCH_PX // 2, size, PITCH_PX):
            radius = int(rng.integers(6, 10))
            x, y = cx + int(rng.integers(-3, 4)), cy + int(rng.integers(-3, 4))
            level = rng.integers(80, 400, COMPONENTS)
            present = rng.random(COMPONENTS) < 1 / 3
            present[0] = True
            for c in np.flatnonzero(present):
                shape = (nuclei if c == 0 else cells)[radius]
                reach = shape.shape[0] // 2
                top, left = max(y - reach, 0), max(x - reach, 0)
                patch = planes[c, top:y + reach + 1, left:x + reach + 1]
                cut = shape[top - (y - reach):, left - (x - reach):][:patch.shape[0], :patch.shape[1]]
                np.maximum(patch, level[c] * cut, out=patch)
    return planes


def paint_field(folder, size):
    """Writes raw.tif and library.csv. Returns both paths, the bands and the spectra."""
    import tifffile

    rng = np.random.default_rng(1)
    matrix = library()
    abundances = paint_abundances(size, rng)
    bands = np.empty((BANDS, size, size), np.uint16)
    for b in range(BANDS):
        mean = np.tensordot(matrix[b].astype(np.float32), abundances, 1)
        noisy = mean + np.sqrt(mean + 4) * rng.standard_normal(mean.shape, np.float32) + OFFSET
        bands[b] = np.clip(np.rint(noisy), 0, 65535)
    raw, csv = os.path.join(folder, "raw.tif"), os.path.join(folder, "library.csv")
    tifffile.imwrite(raw, bands, photometric="minisblack", resolution=(2e4, 2e4), resolutionunit="CENTIMETER")
    with open(csv, "w") as f:
        f.write("band," + ",".join(["DAPI"] + [f"M{c}" for c in range(1, COMPONENTS)]) + "\n")
        for b in range(BANDS):
            f.write(f"{b + 1}," + ",".join(repr(float(v)) for v in matrix[b]) + "\n")
    return raw, csv, bands, matrix
