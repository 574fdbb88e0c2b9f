#!/usr/bin/python3
"""Measures of given objects (`--labels`) against the tables that came with two real fields.

inForm: nucleus areas and the means of 5 components for all 270 cells, to the table's three decimals; cytoplasm for the
262 cells whose map shows what the table was made from. MIBI: 395 whole cells, areas, means and shapes; shapes also
against scikit-image on the same mask.
"""
import numpy as np
import skimage.measure

import common

ROUNDING = 0.0005 + 1e-9  # half of the table's last decimal
STEM = "FIHC4__0929309_HP_IM3_2_"
COMPONENTS = ("Alexa 594", "Cy3", "Cy5", "DAPI", "FITC")


def um_per_px(result):
    import json
    with open(result.path("run.json")) as f:
        return json.load(f)["slide"]["um_per_px"]


def inform(bench, figures):
    result = bench.run("inform-labels", common.data("inform_fihc4", STEM + "component_data.tif"), "inform-bt-cell", "--labels",
                       common.data("inform_fihc4", STEM + "binary_seg_maps.tif"))
    table = common.read_table(common.data("inform_fihc4", STEM + "cell_seg_data.txt"), "\t")
    ours, um2 = result.cells(), um_per_px(result) ** 2
    same_ids = ours["cell_id"] == table["Cell ID"]
    figures.add("inform_fihc4 --labels: cells with inForm's ids", len(ours["cell_id"]) if same_ids else 0, 270, 270)
    if not same_ids:
        return
    right, same_area = {}, {}
    for compartment in ("Nucleus", "Cytoplasm"):
        area = common.numbers(ours[f"{compartment.lower()}_area_um2"]) / um2
        same_area[compartment] = np.abs(area - common.numbers(table[f"{compartment} Area (pixels)"])) < 1e-6
        means = [np.abs(common.numbers(ours[f"{c}_{compartment.lower()}_mean"])
                        - common.numbers(table[f"{compartment} {c} Mean (Normalized Counts, Total Weighting)"])) <= ROUNDING for c in COMPONENTS]
        right[compartment] = same_area[compartment] & np.all(means, axis=0)
    figures.add("inform_fihc4 --labels: nuclei with area and 5 means of the table", right["Nucleus"].sum(), 270, 270)
    figures.add("inform_fihc4 --labels: cytoplasms with area and 5 means of the table", right["Cytoplasm"].sum(), 262, 262)


def mibi(bench, figures):
    mask = common.data("mibi_point8", "segmentation_output", "Point8_segmentation_labels.tiff")
    # a pixel size that is a power of two, so that turning back into pixels is exact
    result = bench.run("mibi-labels", common.data("mibi_point8", "TIFs"), "mibi", "--um-per-px", 0.5, "--labels", mask)
    table = common.read_table(common.data("mibi_point8", "single_cell_output", "Point8_normalized.csv"))
    ours = result.cells()
    order = {int(float(label)): i for i, label in enumerate(ours["cell_id"])}
    rows = [order.get(int(float(label)), -1) for label in table["label"]]
    figures.add("mibi_point8 --labels: cells of the table found by id", sum(r >= 0 for r in rows), 395, 395)
    if min(rows) < 0:
        return
    um = um_per_px(result)
    column = lambda name, unit=1.0: common.numbers(ours[name])[rows] / unit
    figures.add("mibi_point8 --labels: areas equal to the table", (column("cell_area_um2", um * um) == common.numbers(table["area"])).sum(), 395, 395)
    channels = [n[:-len("_cell_mean")] for n in ours if n.endswith("_cell_mean")]
    shared = [c for c in channels if c in table]
    worst = max(np.abs(column(f"{c}_cell_mean") - common.numbers(table[c])).max() for c in shared)
    figures.add("mibi_point8 --labels: largest error of a mean", worst, most=1e-9, note=f"{len(shared)} channels")
    labels = common.read_pages(mask)[0]
    props = skimage.measure.regionprops_table(labels, properties=("label", "eccentricity", "major_axis_length", "minor_axis_length", "perimeter"))
    place = {int(label): i for i, label in enumerate(props["label"])}
    places = [place[int(float(label))] for label in table["label"]]
    for name, unit, published in (("eccentricity", 1, "eccentricity"), ("major_axis_um", um, "major_axis_length"),
                                  ("minor_axis_um", um, "minor_axis_length"), ("perimeter_um", um, "perimeter")):
        value = column("cell_" + name, unit)
        figures.add(f"mibi_point8 --labels: largest error of {published}, published", np.abs(value - common.numbers(table[published])).max(), most=1e-6)
        figures.add(f"mibi_point8 --labels: largest error of {published}, scikit-image", np.abs(value - props[published][places]).max(), most=1e-6)


def measure(bench, figures, only=None):
    for name, work in (("inform_fihc4", inform), ("mibi_point8", mibi)):
        if not only or name in only:
            common.section(figures, f"{name} --labels", lambda: work(bench, figures))


if __name__ == "__main__":
    common.main(measure, __doc__)
