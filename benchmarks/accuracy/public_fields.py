#!/usr/bin/python3
"""Nuclei and cells of real fields against what came with them: outlines by experts, published masks, positions.

Pixel size and nucleus diameter are given for each field. Where a field does not state its pixel size, one is chosen and
said: the two nuclei pictures have 0.35 and 0.8 um/px, at which the usual 7 um fits both; the six small fluorescence
fields, whose nuclei measure 8 to 60 px, have that at which the median nucleus of the reference measures 7.5 um, that is,
the nucleus size is given.
"""
import numpy as np

import common
from scoring import Overlap, centroids, match_positions

DSB = ("fl_0ea22171", "fl_777f7c42", "fl_9ebcfaf2", "fl_bde3727f", "fl_c53326fe", "fl_f728de04")


def sized(bench, preset, nucleus_um):
    return bench.panel(preset, f"{preset}-{nucleus_um}", nucleus_um=nucleus_um)


def codex(bench, figures):
    folder, um, size = common.data("codex_experts", "R001_X003_Y004"), 0.377, 5.5
    result = bench.run("codex", folder, sized(bench, "codex", size), "--um-per-px", um)
    cells = result.labels()[1]
    scores = {}
    for expert in ("expert1", "expert2", "Cellpose-0.6.1", "DeepCell-0.9.0_membrane"):
        reference = common.read_pages(common.data("codex_experts", "R001_X003_Y004", "masks", expert + ".tif"))[0]
        scores[expert] = Overlap(cells, reference).f1()
    best = max(scores["expert1"], scores["expert2"])
    figures.add("codex_experts: F1 of cells, better-matching expert", best, 0.56, note=f"at {um} um/px, nucleus {size} um")
    for who, score in scores.items():
        figures.add(f"codex_experts: F1 of cells against {who}", score)


def mif7(bench, figures):
    um = 0.5
    result = bench.run("mif7", common.data("mif7_breast", "ABCM22001_B09_MiniCrop.tif"), sized(bench, "breast-7plex", 7.5), "--um-per-px", um)
    cells = result.labels()[1]
    table = common.read_table(common.data("mif7_breast", "B09_phenotypes.csv"))
    points = np.stack([common.numbers(table["y_px_1based"]), common.numbers(table["x_px_1based"])], 1) - 1
    _, centres = centroids(cells)
    matched = len(match_positions(points, centres, 5 / um)[0])
    figures.add("mif7_breast: share of the 229 positions matched within 5 um", matched / len(points), 0.80, note=f"{matched}, one to one, cell centroids")
    figures.add("mif7_breast: cells over positions", len(centres) / len(points), 0.90, 1.10, note=f"{len(centres)} cells")
    y, x = np.clip(np.rint(points).astype(int), 0, np.array(cells.shape) - 1).T
    hit = len(np.unique(cells[y, x][cells[y, x] > 0]))
    figures.add("mif7_breast: share of positions inside a cell of their own", hit / len(points))


def outlined(bench, figures, name, slide, preset, size, um, kind, mask, least):
    result = bench.run(name, slide, sized(bench, preset, size), "--um-per-px", um)
    overlap = Overlap(result.labels()[0 if kind == "nuclei" else 1], common.read_pages(mask)[0])
    figures.add(f"{name}: F1 of {kind}", overlap.f1(), least, note=f"{overlap.found_count} of {overlap.truth_count}; {um:.4g} um/px, nucleus {size} um")
    return overlap.f1()


def nuclei512(bench, figures):
    outlined(bench, figures, "nuclei512", common.data("nuclei", "img2d.tif"), "nuclei", 7.0, 0.35, "nuclei", common.data("nuclei", "mask2d.tif"), 0.88)


def nuclei256(bench, figures):
    outlined(bench, figures, "nuclei256", common.data("nuclei", "test_img2d.tif"), "nuclei", 7.0, 0.8, "nuclei", common.data("nuclei", "test_mask2d.tif"), 0.82)


def mibi(bench, figures):
    mask = common.data("mibi_point8", "segmentation_output", "Point8_segmentation_labels.tiff")
    outlined(bench, figures, "mibi_point8", common.data("mibi_point8", "TIFs"), "mibi", 9.0, 0.39, "cells", mask, 0.68)


def dsb(bench, figures):
    scores = []
    for name in DSB:
        mask = common.data("nuclei_dsb", name + "_mask.tif")
        areas = np.unique(common.read_pages(mask)[0], return_counts=True)[1][1:]
        um = 7.5 / np.sqrt(np.median(areas) * 4 / np.pi)
        scores.append(outlined(bench, figures, name, common.data("nuclei_dsb", name + ".png"), "nuclei", 7.5, um, "nuclei", mask, None))
    figures.add("nuclei_dsb: mean F1 of the six", np.mean(scores), 0.80)


FIELDS = dict(codex=codex, mif7=mif7, nuclei512=nuclei512, nuclei256=nuclei256, mibi=mibi, nuclei_dsb=dsb)


def measure(bench, figures, only=None):
    for name, work in FIELDS.items():
        if not only or name in only:
            common.section(figures, name, lambda: work(bench, figures))


if __name__ == "__main__":
    common.main(measure, __doc__)
