#!/usr/bin/env python3
"""Paint a brightfield organ section whose infiltration is known.

    paint_section.py OUT --stain hdab|hes [--burden 0.15] [--size 640] [--seed 1] [--um-per-px 0.5] [--stain-shift 0] [--dab 1]
                     [--stain-seed N]

A tissue section with a border, vessels, resident nuclei, and tumour cells in foci near the border and around vessels,
covering about BURDEN of the tissue. In `hdab` tumour cells carry a brown marker of graded strength; in `hes` they are
only larger, darker and packed. --stain-shift turns the stain vectors a little, as another laboratory's batch would;
sections of one --stain-seed are turned alike, as those of one batch are.
--dab 0.4 paints 40 % of the marker: a section whose cells have lost 60 % of the antigen.

Writes into OUT:
  STAIN.ome.tif            RGB, 8 bit
  truth/STAIN_labels.tif   uint32, two pages: nucleus, cell
  truth/STAIN_tumour.tif, truth/STAIN_tissue.tif   uint8 regions
  truth/STAIN_cells.csv    cell_id, x_um, y_um, tumour, dab_od
  truth/STAIN.json         tissue_mm2, tumour_area_fraction of the planted region, tumour_cell_area_fraction of the
                           cells themselves, cells, tumour_cells, foci, and the stain vectors that were painted
Needs numpy, scipy and tifffile.
"""
import argparse
import csv
import json
import os
import uuid

import numpy as np
import tifffile
from scipy import ndimage as ndi

# optical density in red, green and blue (Ruifrok and Johnston 2001; saffron is a guess: none is published)
HAEMATOXYLIN, DAB, EOSIN, SAFFRON = [.65, .70, .29], [.27, .57, .78], [.07, .99, .11], [.20, .40, .90]
WHITE = 242  # 8-bit level of empty glass

# kind of cell: per mm2 of its region, nucleus radius (um) and its spread, cytoplasm rim (um), haematoxylin density
RESIDENT = (1500, 3.0, 0.5, 2.0, 0.55)
TUMOUR = (30000, 4.0, 0.4, 1.4, 0.75)  # as many as find room


def noise(rng, size, sigma):
    """Smooth noise with mean 0 and standard deviation 1."""
    field = ndi.gaussian_filter(rng.standard_normal((size, size)), sigma)
    return field / field.std()


def shape(rng, size, um, burden):
    """Masks of the tissue and of the regions that tumour cells fill."""
    yy, xx = np.mgrid[0:size, 0:size]
    radius = 0.42 + 0.03 * noise(rng, size, size / 12)
    tissue = (yy / size - 0.5) ** 2 + (xx / size - 0.5) ** 2 < radius ** 2
    for _ in range(6):
        y, x, vessel = rng.uniform(.2, .8) * size, rng.uniform(.2, .8) * size, rng.uniform(8, 18) / um
        tissue &= (yy - y) ** 2 + (xx - x) ** 2 >= vessel ** 2
    depth_um = ndi.distance_transform_edt(tissue) * um  # from the border and from the lumens
    affinity = np.where(tissue, noise(rng, size, 22 / um) - depth_um / 90, -np.inf)
    if burden <= 0:
        return tissue, np.zeros_like(tissue)
    tumour = affinity > np.quantile(affinity[tissue], 1 - burden)
    return tissue, ndi.binary_opening(tumour, iterations=max(1, int(4 / um)))


def lay_out(rng, tissue, tumour, um):
    """Label maps of nuclei and cells, and for each cell (x, y in pixels, is tumour)."""
    size = len(tissue)
    yy, xx = np.mgrid[0:size, 0:size]
    nuclei, cells = np.zeros((size, size), np.uint32), np.zeros((size, size), np.uint32)
    placed = []
    for is_tumour, region in ((True, tumour), (False, tissue & ~tumour)):
        per_mm2, mean_um, spread_um, rim_um, _ = TUMOUR if is_tumour else RESIDENT
        places = np.argwhere(region)
        for _ in range(int(len(places) * um * um / 1e6 * per_mm2)):
            y, x = places[rng.integers(len(places))] + rng.uniform(0, 1, 2)
            radius, rim = rng.normal(mean_um, spread_um) / um, rim_um / um
            axis, angle = rng.uniform(1, 1.4), rng.uniform(0, np.pi)
            box = int((radius + rim) * 1.5) + 2
            window = (slice(max(0, int(y) - box), int(y) + box), slice(max(0, int(x) - box), int(x) + box))
            dy, dx = yy[window] - y, xx[window] - x
            u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
            distance = np.sqrt((u / axis) ** 2 + (v * axis) ** 2)
            free = cells[window] == 0
            if (distance < radius).sum() == 0 or free[distance < radius].mean() < 0.92:
                continue
            placed.append((x, y, is_tumour))
            cells[window][(distance < radius + rim) & free] = len(placed)
            nuclei[window][(distance < radius) & free] = len(placed)
    return nuclei, cells, placed


def vector(rng, stain, shift):
    """A unit stain vector, turned a little."""
    turned = np.array(stain) + rng.normal(0, shift, 3)
    return turned / np.linalg.norm(turned)


def paint(rng, batch, stain, shift, um, tissue, nuclei, cells, is_tumour, dab_od):
    """The RGB picture, and the stain vectors that it was made from."""
    size = len(tissue)
    grain = 1 + 0.2 * noise(rng, size, 1.2)
    haematoxylin = (nuclei > 0) * np.where(is_tumour[nuclei], TUMOUR[-1], RESIDENT[-1]) * grain + 0.05 * tissue
    layers = [("haematoxylin", HAEMATOXYLIN, haematoxylin)]
    if stain == "hdab":
        layers.append(("dab", DAB, dab_od[cells] * np.where(nuclei > 0, 0.5, 1.0) * grain + 0.02 * tissue))
    else:
        eosin = tissue * (nuclei == 0) * (0.22 + 0.04 * noise(rng, size, 6))
        fibres = ndi.gaussian_filter(rng.standard_normal((size, size)), (2, 14))
        layers.append(("eosin", EOSIN, eosin))
        layers.append(("saffron", SAFFRON, tissue * (fibres > np.quantile(fibres, .93)) * 0.35))
    vectors = {name: vector(batch, base, shift) for name, base, _ in layers}
    density = sum(ndi.gaussian_filter(np.clip(od, 0, None), 0.35 / um)[..., None] * vectors[name]
                  for name, _, od in layers)
    light = WHITE * 10 ** -density + rng.normal(0, 1.5, (size, size, 3))
    return np.clip(np.rint(light), 0, 255).astype(np.uint8), vectors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--stain", choices=("hdab", "hes"), default="hdab")
    parser.add_argument("--burden", type=float, default=0.15)
    parser.add_argument("--size", type=int, default=640, help="pixels along a side")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--um-per-px", type=float, default=0.5)
    parser.add_argument("--stain-shift", type=float, default=0.0)
    parser.add_argument("--stain-seed", type=int, help="where the turn is drawn from; else from the section's own seed")
    parser.add_argument("--dab", type=float, default=1.0, help="strength of the marker")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    um = args.um_per_px
    tissue, tumour = shape(rng, args.size, um, args.burden)
    nuclei, cells, placed = lay_out(rng, tissue, tumour, um)
    is_tumour = np.array([False] + [cell[2] for cell in placed])
    dab_od = np.zeros(len(is_tumour))
    if args.stain == "hdab":
        strengths = rng.choice([.15, .35, .6, .95], size=len(dab_od), p=[.1, .25, .35, .3])
        dab_od = args.dab * is_tumour * strengths * rng.lognormal(0, .12, len(dab_od))
    batch = rng if args.stain_seed is None else np.random.default_rng(args.stain_seed)
    rgb, vectors = paint(rng, batch, args.stain, args.stain_shift, um, tissue, nuclei, cells, is_tumour, dab_od)

    truth = os.path.join(args.out, "truth", args.stain)
    os.makedirs(os.path.dirname(truth), exist_ok=True)
    tifffile.imwrite(
        os.path.join(args.out, args.stain + ".ome.tif"), rgb, ome=True, photometric="rgb", tile=(256, 256),
        compression="zlib", predictor=True, software="", resolution=(1e4 / um, 1e4 / um), resolutionunit="CENTIMETER",
        metadata={"axes": "YXS", "PhysicalSizeX": um, "PhysicalSizeY": um,
                  "UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"section {args.stain} {args.seed} {args.size}"))})
    plain = {"photometric": "minisblack", "compression": "zlib", "software": "", "metadata": None}
    tifffile.imwrite(truth + "_labels.tif", np.stack([nuclei, cells]), **plain)
    tifffile.imwrite(truth + "_tumour.tif", tumour.astype(np.uint8), **plain)
    tifffile.imwrite(truth + "_tissue.tif", tissue.astype(np.uint8), **plain)
    with open(truth + "_cells.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["cell_id", "x_um", "y_um", "tumour", "dab_od"])
        for label, (x, y, tumour_cell) in enumerate(placed, 1):
            writer.writerow([label, f"{x * um:.3f}", f"{y * um:.3f}", int(tumour_cell), f"{dab_od[label]:.4f}"])
    facts = {
        "tissue_mm2": round(tissue.sum() * um * um / 1e6, 6),
        "tumour_area_fraction": round(tumour.sum() / tissue.sum(), 6),
        "tumour_cell_area_fraction": round(is_tumour[cells].sum() / tissue.sum(), 6),
        "cells": len(placed),
        "tumour_cells": int(is_tumour.sum()),
        "foci": int(ndi.label(tumour)[1]),
        "stain_vectors": {name: [round(float(x), 6) for x in v] for name, v in vectors.items()},
    }
    with open(truth + ".json", "w") as file:
        json.dump(facts, file, indent=1)
        file.write("\n")
    print(f"{args.stain}: {facts['cells']} cells, {facts['tumour_cells']} of tumour in {facts['foci']} foci, "
          f"{100 * facts['tumour_area_fraction']:.1f} % of the tissue")


if __name__ == "__main__":
    main()
