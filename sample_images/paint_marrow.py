#!/usr/bin/env python3
"""Paint a multispectral marrow field whose every cell is known.

    paint_marrow.py OUT --stage before|aplasia|after [--size 400] [--seed 1] [--bands 8|35] [--um-per-px 0.5]
                    [--vignette 0] [--photons 400] [--components]

Cells lie as in marrow: around adipocytes, in erythroid islands, in a compact CD34+ infiltrate before treatment. Every
cell gets a lineage; its markers are painted into nucleus, cytoplasm or membrane, blurred by the optics, mixed with
measured dye spectra (dye_emission.csv) into the bands of a Vectra-like microscope, and counted with Poisson noise and
read noise. It shares no code with the program that it tests.

Writes into OUT:
  STAGE.ome.tif            uint16, one page per band
  library.csv              band, wavelength_nm, one column per component; rows in page order
  channels.csv             marker_name, fluorophore, compartment
  truth/STAGE_labels.tif   uint32, two pages: nucleus, cell
  truth/STAGE_cells.csv    cell_id, x_um, y_um, phenotype, painted level of each marker
  truth/STAGE_components.tif   float32 abundances without noise (with --components)
Needs numpy, scipy and tifffile.
"""
import argparse
import csv
import os
import uuid

import numpy as np
import tifffile
from scipy import ndimage as ndi

HERE = os.path.dirname(os.path.abspath(__file__))
CAMERA_OFFSET = 10  # counts
READ_NOISE = 2.0  # counts

# marker, fluorophore, the dye whose measured spectrum stands in for it, compartment
CHANNELS = [
    ("DAPI", "DAPI", "DAPI", "nucleus"),
    ("MPO", "Opal 520", "Alexa Fluor 488", "cytoplasm"),
    ("CD34", "Opal 540", "Alexa Fluor 532", "membrane"),
    ("E-cadherin", "Opal 570", "Alexa Fluor 555", "membrane"),
    ("CD42b", "Opal 620", "Alexa Fluor 594", "cytoplasm"),
    ("CD3", "Opal 650", "Alexa Fluor 633", "membrane"),
    ("CD20", "Opal 690", "Alexa Fluor 680", "membrane"),
]
COMPONENTS = [fluorophore for _, fluorophore, _, _ in CHANNELS] + ["Autofluorescence"]

# how strongly the lamp of each filter cube excites each component
EXCITATION = np.array([
    [1.00, 0.02, 0.00, 0.00, 0.00],
    [0.10, 1.00, 0.05, 0.01, 0.00],
    [0.06, 0.60, 0.70, 0.05, 0.00],
    [0.02, 0.15, 1.00, 0.35, 0.01],
    [0.01, 0.03, 0.40, 1.00, 0.10],
    [0.01, 0.01, 0.05, 0.45, 0.90],
    [0.01, 0.00, 0.02, 0.10, 1.00],
    [0.45, 0.40, 0.20, 0.12, 0.08],
])

# wavelengths (nm) that each filter cube passes
CUBES = {
    35: [range(440, 601, 20), range(520, 681, 20), range(570, 691, 20), range(580, 701, 20), range(680, 721, 20)],
    8: [[460], [520, 540], [555, 575], [615], [650, 690]],
}

# lineage: nucleus radius (um), cytoplasm rim (um), its markers with their mean level, DAPI level
LINEAGES = {
    "Granulopoiesis": (3.6, 2.2, {"MPO": 1.0}, 0.8),
    "Erythropoiesis": (2.9, 1.2, {"E-cadherin": 0.9}, 1.1),
    "Megakaryocyte": (8.5, 5.5, {"CD42b": 1.1}, 0.7),
    "Myeloblast": (4.2, 1.2, {"CD34": 0.9}, 0.7),
    "T cell": (2.8, 0.9, {"CD3": 0.9}, 1.0),
    "B cell": (2.9, 0.9, {"CD20": 0.9}, 1.0),
    "Other": (3.3, 1.4, {}, 0.8),
}

# stage: density of cells relative to a full marrow, adipocytes per mm2, share of each lineage
STAGES = {
    "before": (1.0, 130, [.17, .09, .002, .60, .03, .01, .10]),
    "aplasia": (0.25, 320, [.08, .05, .001, .0, .12, .02, .73]),
    "after": (0.8, 130, [.46, .24, .010, .012, .06, .03, .188]),
}
FULL_MARROW_PER_MM2 = 9000


def library(band_count):
    """Wavelength and filter cube of each band, and the spectra as a matrix [band, component] with maxima of 1."""
    with open(os.path.join(HERE, "dye_emission.csv")) as file:
        rows = list(csv.DictReader(file))
    wavelengths = [float(row["wavelength_nm"]) for row in rows]
    bands = [(nm, cube) for cube, passed in enumerate(CUBES[band_count]) for nm in passed]
    nm = np.array([band[0] for band in bands], float)
    cube = np.array([band[1] for band in bands])
    spectra = []
    for k, (_, _, dye, _) in enumerate(CHANNELS):
        emission = np.interp(nm, wavelengths, [float(row[dye]) for row in rows])
        spectra.append(emission * EXCITATION[k, cube])
    broad = np.exp(-0.5 * ((nm - 520) / 75.0) ** 2)  # lipofuscin and collagen, roughly
    spectra.append(broad * EXCITATION[-1, cube])
    matrix = np.array(spectra).T
    return bands, matrix / matrix.max(axis=0)


class Field:
    """Label maps that cells are painted into; what is painted first stays on top."""

    def __init__(self, rng, size, um):
        self.rng, self.size, self.um = rng, size, um
        self.yy, self.xx = np.mgrid[0:size, 0:size]
        self.nuclei = np.zeros((size, size), np.uint32)
        self.cells = np.zeros((size, size), np.uint32)
        self.lineages = []
        self.circles = np.empty((0, 3))  # y, x, nucleus radius of each cell, in pixels

    def touches(self, y, x, radius, rim):
        """Nuclei may be squeezed against each other a little, not stacked."""
        ys, xs, radii = self.circles.T
        return ((ys - y) ** 2 + (xs - x) ** 2 < (0.93 * (radii + radius) + 0.3 * rim) ** 2).any()

    def paint(self, lineage, y, x, radius, rim):
        label = len(self.lineages) + 1
        self.lineages.append(lineage)
        self.circles = np.vstack([self.circles, (y, x, radius)])
        axis, angle, phase = self.rng.uniform(1.0, 1.35), self.rng.uniform(0, np.pi), self.rng.uniform(0, 6)
        box = int((radius + rim) * 1.5) + 2
        window = (slice(max(0, int(y) - box), int(y) + box + 1), slice(max(0, int(x) - box), int(x) + box + 1))
        dy, dx = self.yy[window] - y, self.xx[window] - x
        u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        around = np.arctan2(v, u)
        outline = 1 + 0.08 * np.sin(3 * around + phase)
        if lineage == "Megakaryocyte":
            outline += 0.18 * np.sin(4 * around)  # lobed
        distance = np.sqrt((u / axis) ** 2 + (v * axis) ** 2) / outline
        free = self.cells[window] == 0
        self.cells[window][(distance < radius + rim) & free] = label
        self.nuclei[window][(distance < radius) & free] = label


def lay_out(rng, size, um, stage):
    """A field of the stage: label maps of nuclei and cells, and the lineage of every cell."""
    density, adipocytes_per_mm2, shares = STAGES[stage]
    field = Field(rng, size, um)
    area_mm2 = (size * um) ** 2 / 1e6
    blocked = np.zeros((size, size), bool)
    for _ in range(int(adipocytes_per_mm2 * area_mm2)):
        y, x, radius = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(14, 30) / um
        blocked |= (field.yy - y) ** 2 + (field.xx - x) ** 2 < radius ** 2
    bone = np.abs(ndi.gaussian_filter(rng.standard_normal((size, size)), 60 / um))
    blocked |= bone < np.quantile(bone, 0.04)
    infiltrate = rng.uniform(0.2, 0.8, (3, 2)) * size
    islands = rng.uniform(0, size, (int(40 * area_mm2) + 1, 2))

    def place(lineage):
        if lineage == "Myeloblast" and stage == "before" and rng.random() < 0.85:
            return rng.normal(infiltrate[rng.integers(len(infiltrate))], 0.10 * size)
        if lineage == "Erythropoiesis" and rng.random() < 0.8:
            return rng.normal(islands[rng.integers(len(islands))], 18 / um)
        return rng.uniform(0, size, 2)

    target = int(FULL_MARROW_PER_MM2 * density * area_mm2)
    names = rng.choice(list(LINEAGES), size=target, p=np.array(shares) / np.sum(shares))
    for lineage in sorted(names, key=lambda name: -LINEAGES[name][0]):  # the large ones find room first
        nucleus_um, rim_um, _, _ = LINEAGES[lineage]
        radius, rim = nucleus_um * rng.normal(1, 0.10) / um, rim_um / um
        for _ in range(40):
            y, x = place(lineage)
            inside = 0 <= y < size and 0 <= x < size
            if inside and not blocked[int(y), int(x)] and not field.touches(y, x, radius, rim):
                field.paint(lineage, y, x, radius, rim)
                break
    return field.nuclei, field.cells, field.lineages


def stain(rng, nuclei, cells, lineages, um):
    """Abundance of every component in every pixel, after the optics; and the level painted into each cell."""
    border = np.zeros(cells.shape, bool)
    for axis in (0, 1):
        for shift in (1, -1):
            border |= np.roll(cells, shift, axis) != cells
    where = {
        "nucleus": nuclei > 0,
        "cytoplasm": (cells > 0) & (nuclei == 0),
        "membrane": ndi.binary_dilation(border) & (cells > 0),
    }
    levels = np.zeros((len(lineages) + 1, len(CHANNELS)), np.float32)
    for label, lineage in enumerate(lineages, 1):
        _, _, markers, dapi = LINEAGES[lineage]
        levels[label, 0] = dapi * rng.lognormal(0, 0.15)
        for k, (marker, _, _, _) in enumerate(CHANNELS[1:], 1):
            level = markers.get(marker, 0.0)
            levels[label, k] = level * rng.lognormal(0, 0.25) if level else abs(rng.normal(0, 0.01))
    texture = np.clip(1 + 0.25 * ndi.gaussian_filter(rng.standard_normal(cells.shape), 1.5) / 0.19, 0.3, 2)
    components = np.zeros((len(COMPONENTS),) + cells.shape, np.float32)
    for k, (_, _, _, compartment) in enumerate(CHANNELS):
        components[k] = ndi.gaussian_filter(levels[cells, k] * where[compartment] * texture, 0.4 / um)
    tissue = ndi.gaussian_filter((cells > 0).astype(np.float32), 8)
    drift = np.clip(1 + ndi.gaussian_filter(rng.standard_normal(cells.shape), 20) * 15, 0.3, 2)
    speckle = ndi.gaussian_filter((rng.random(cells.shape) < 2e-5).astype(np.float32), 1.5)
    components[-1] = 0.06 + 0.12 * tissue * drift + 36 * speckle
    return components, levels


def expose(rng, components, matrix, photons, vignette):
    """Counts of the camera, one plane per band."""
    height, width = components.shape[1:]
    yy, xx = np.mgrid[-1:1:height * 1j, -1:1:width * 1j]
    light = 1 - vignette * (yy ** 2 + xx ** 2) / 2
    raw = np.zeros((len(matrix), height, width), np.uint16)
    for band, mixing in enumerate(matrix):
        signal = np.clip(np.tensordot(mixing, components, axes=1) * photons * light, 0, None)
        counts = rng.poisson(signal) + rng.normal(0, READ_NOISE, signal.shape) + CAMERA_OFFSET
        raw[band] = np.clip(np.rint(counts), 0, 65535)
    return raw


def write_csv(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--stage", choices=STAGES, default="before")
    parser.add_argument("--size", type=int, default=400, help="pixels along a side")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bands", type=int, choices=sorted(CUBES), default=8)
    parser.add_argument("--um-per-px", type=float, default=0.5)
    parser.add_argument("--vignette", type=float, default=0.0, help="loss of light in the corners, 0..0.6")
    parser.add_argument("--photons", type=float, default=400.0, help="counts of a fully stained pixel in its best band")
    parser.add_argument("--components", action="store_true", help="write the abundances too")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    um = args.um_per_px
    nuclei, cells, lineages = lay_out(rng, args.size, um, args.stage)
    components, levels = stain(rng, nuclei, cells, lineages, um)
    bands, matrix = library(args.bands)
    raw = expose(rng, components, matrix, args.photons, args.vignette)

    truth = os.path.join(args.out, "truth", args.stage)
    os.makedirs(os.path.dirname(truth), exist_ok=True)
    names = [f"cube{cube} {nm} nm" for nm, cube in bands]
    plain = {"photometric": "minisblack", "compression": "zlib", "software": ""}
    tifffile.imwrite(
        os.path.join(args.out, args.stage + ".ome.tif"), raw, ome=True, **plain,
        resolution=(1e4 / um, 1e4 / um), resolutionunit="CENTIMETER",
        metadata={"axes": "CYX", "PhysicalSizeX": um, "PhysicalSizeY": um, "Channel": {"Name": names},
                  "UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"marrow {args.stage} {args.seed} {args.size}"))})
    tifffile.imwrite(truth + "_labels.tif", np.stack([nuclei, cells]), metadata=None, **plain)
    if args.components:
        tifffile.imwrite(truth + "_components.tif", components, metadata=None, **plain)
    write_csv(os.path.join(args.out, "library.csv"), ["band", "wavelength_nm"] + COMPONENTS,
              [[name, nm] + [f"{value:.6f}" for value in row] for name, (nm, _), row in zip(names, bands, matrix)])
    write_csv(os.path.join(args.out, "channels.csv"), ["marker_name", "fluorophore", "compartment"],
              [[marker, fluorophore, compartment] for marker, fluorophore, _, compartment in CHANNELS])
    visible = [label for label in range(1, len(lineages) + 1) if (cells == label).any()]
    centres = np.array(ndi.center_of_mass(cells > 0, cells, visible)) * um
    write_csv(truth + "_cells.csv", ["cell_id", "x_um", "y_um", "phenotype"] + [channel[0] for channel in CHANNELS],
              [[label, f"{x:.3f}", f"{y:.3f}", lineages[label - 1]] + [f"{level:.4f}" for level in levels[label]]
               for label, (y, x) in zip(visible, centres)])
    print(f"{args.stage}: {len(visible)} cells, {len(bands)} bands, {args.size} x {args.size} px, "
          f"condition number {np.linalg.cond(matrix):.1f}")


if __name__ == "__main__":
    main()
