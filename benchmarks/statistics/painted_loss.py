#!/usr/bin/env python3
"""An antigen loss from pixels to a sentence: is what was painted found?

    painted_loss.py HEXAPLEX OUT [--size 1600] [--block-mm 0.2]

Paints two sections of a patient before therapy, two after it with 100, 70, 40 and 10 % of the brown marker, and a control
without any. Tumour cells are told from others by their nuclei, by a classifier that is shown 60 cells of another section, so that
the marker does not choose the cells it is measured on. Runs `hexaplex run` and `hexaplex loss`, and prints planted and found
losses: those of the tumour cells as painted (medians of all of them) and the found ones with their intervals. Exit code 1 where
the interval does not hold the planted loss. Needs what paint_section.py needs.
"""
import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PANEL = """name: cd123-on-tumour-cells
modality: brightfield
channels:
  - {marker: Haematoxylin, stain: haematoxylin, compartment: nucleus}
  - {marker: CD123, stain: DAB, compartment: cytoplasm}
segmentation: {nuclear: Haematoxylin, nucleus_um: 7, expansion_um: 1.4}
classifier: tumour.json
positivity:
  CD123: {method: fixed, value: 0.2, statistic: median}
phenotypes:
  - {name: Tumour cell, when: "Tumour"}
  - {name: Other cell, when: "true"}
scores:
  CD123: {bins: [0.2, 0.4, 0.6], statistic: median}
"""


def paint(out, name, size, seed, dab):
    """Paints a section. Returns: its path, and the cells painted as (x, y, is tumour, density)."""
    folder = out / "painted" / name
    subprocess.run([sys.executable, ROOT / "sample_images/paint_section.py", folder, "--stain", "hdab", "--burden", "0.4",
                    "--size", str(size), "--seed", str(seed), "--dab", str(dab)], check=True, stdout=subprocess.DEVNULL)
    with open(folder / "truth/hdab_cells.csv", newline="") as table:
        cells = [(float(r["x_um"]), float(r["y_um"]), r["tumour"] == "1", float(r["dab_od"])) for r in csv.DictReader(table)]
    return (folder / "hdab.ome.tif").rename(out / f"{name}.ome.tif"), cells


def draw_examples(cells, file, each=30):
    """Points on so many tumour cells and others, as QuPath exports them."""
    features = []
    for kind, is_tumour in (("Tumour", True), ("Other", False)):
        for x, y, *_ in [c for c in cells if c[2] == is_tumour][:each]:
            features.append({"type": "Feature", "geometry": {"type": "Point", "coordinates": [x / 0.5 + 0.5, y / 0.5 + 0.5]},
                             "properties": {"objectType": "annotation", "classification": {"name": kind}}})
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hexaplex")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--size", type=int, default=1600)
    parser.add_argument("--block-mm", type=float, default=0.2)
    given = parser.parse_args()
    out = given.out
    out.mkdir(parents=True)

    def hexaplex(*words):
        subprocess.run([given.hexaplex, "--quiet", *map(str, words)], check=True)

    shown, shown_cells = paint(out, "shown", 1000, 90, 1)
    hexaplex("run", shown, "--panel", "cd123-level", "--out", out / "shown_result", "--device", "cpu")
    draw_examples(shown_cells, out / "shown.geojson")
    hexaplex("train", out / "shown_result/shown", out / "shown.geojson", "--out", out / "tumour.json")
    (out / "panel.yaml").write_text(PANEL)

    def sample(name, seeds, dab):
        """Runs a side. Returns: the median density of its tumour cells as painted."""
        painted = [paint(out, f"{name}_{i}", given.size, seed, dab) for i, seed in enumerate(seeds, 1)]
        hexaplex("run", *[slide for slide, _ in painted], "--panel", out / "panel.yaml", "--out", out / name, "--device", "cpu")
        return statistics.median(density for _, cells in painted for *_, tumour, density in cells if tumour)

    before = sample("before", (1, 2), 1)
    sample("control", (3,), 0)
    missed = False
    print("| planted | as painted | found loss % | positive before, after % | H-score before, after | antigen-low % | blocks |")
    print("|---|---|---|---|---|---|---|")
    for i, loss in enumerate((0, 30, 60, 90)):
        name = f"after_{loss}"
        after = sample(name, (10 + 2 * i, 11 + 2 * i), 1 - loss / 100)
        hexaplex("loss", out / "before", "--after", out / name, "--marker", "CD123", "--cells", "Tumour cell", "--control",
                 out / "control", "--block-mm", given.block_mm, "--out", out / f"loss_{loss}")
        answer = json.loads((out / f"loss_{loss}/loss.json").read_text())
        m = answer["measures"]

        def shown(measure):
            low, high = m[measure]["interval_95"]
            return f"{m[measure]['value']:.1f} ({low:.1f} to {high:.1f})"

        low, high = m["loss_percent"]["interval_95"]
        painted = 100 * (1 - after / before)
        missed = missed or not low <= loss <= high
        print(f"| {loss} | {painted:.1f} | {shown('loss_percent')} "
              f"| {m['percent_positive.before']['value']:.1f}, {m['percent_positive.after']['value']:.1f} "
              f"| {m['h_score.before']['value']:.0f}, {m['h_score.after']['value']:.0f} | {shown('low_percent.after')} "
              f"| {answer['before']['blocks']}, {answer['after']['blocks']} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
