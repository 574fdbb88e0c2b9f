#!/usr/bin/python3
"""A complete inForm field of B and T cells: own nuclei against inForm's, and phenotypes of the cells that match.

Cy5 marks B cells, FITC helper and Alexa 594 cytotoxic T cells. 249 of the 270 cells are B, so the mean of the recalls is
what counts. The field's inForm segmentation is itself a machine's.
"""
import numpy as np

import common
from scoring import Overlap

STEM = "FIHC4__0929309_HP_IM3_2_"
PHENOTYPES = ("B", "Helper T", "Cytotoxic T")


def reference():
    """inForm's nuclei and cells, and {cell id: phenotype}."""
    _, nuclei, cytoplasm = common.read_pages(common.data("inform_fihc4", STEM + "binary_seg_maps.tif"), 3)
    table = common.read_table(common.data("inform_fihc4", STEM + "cell_seg_data.txt"), "\t")
    phenotype = dict(zip(map(int, table["Cell ID"]), table["Phenotype"]))
    return nuclei, np.where(nuclei > 0, nuclei, cytoplasm), phenotype


def recalls(found_cells, reference_cells, found_phenotype, reference_phenotype):
    """{phenotype: (right, matched)}"""
    out = {name: [0, 0] for name in PHENOTYPES}
    for f, r in zip(*Overlap(found_cells, reference_cells).matches()):
        name = reference_phenotype[int(r)]
        out[name][1] += 1
        out[name][0] += found_phenotype[int(f)] == name
    return out


def own_segmentation(bench, figures):
    slide = common.data("inform_fihc4", STEM + "component_data.tif")
    nuclei, cells, phenotype = reference()
    for title, size, least in (("given, 7.5 um", "7.5", 0.74), ("auto", "auto", 0.70)):
        panel = bench.panel("inform-bt-cell", f"inform-bt-cell-{size}", nucleus_um=size)
        result = bench.run(f"inform-{size}", slide, panel)
        found_nuclei, found_cells = result.labels()
        table = result.cells()
        by_nuclei = Overlap(found_nuclei, nuclei)
        given = size != "auto"
        figures.add(f"inform_fihc4, diameter {title}: nuclei", by_nuclei.found_count, 235, 310, "inForm has 270")
        figures.add(f"inform_fihc4, diameter {title}: F1 of nuclei", by_nuclei.f1(), least)
        figures.add(f"inform_fihc4, diameter {title}: F1 of cells", Overlap(found_cells, cells).f1())
        own = dict(zip(map(int, table["cell_id"]), table["phenotype"]))
        for how, found, truth in (("cells", found_cells, cells), ("nuclei", found_nuclei, nuclei)):
            counts = recalls(found, truth, own, phenotype)
            mean = np.mean([right / max(matched, 1) for right, matched in counts.values()])
            note = ", ".join(f"{n} {right}/{matched}" for n, (right, matched) in counts.items())
            figures.add(f"inform_fihc4, diameter {title}: mean recall of phenotypes, matched {how}", mean,
                        0.85 if given and how == "cells" else None, note=note)


def measure(bench, figures, _only=None):
    common.section(figures, "inform_fihc4, own segmentation", lambda: own_segmentation(bench, figures))


if __name__ == "__main__":
    common.main(measure, __doc__)
