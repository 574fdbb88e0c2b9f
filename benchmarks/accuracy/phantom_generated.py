#!/usr/bin/python3
"""Generated marrow phantoms: nuclei at three stages beside the OpenCV composite, megakaryocytes over five seeds."""
import os
import subprocess
import sys

import numpy as np

import common
from phantom_maps import counts, phenotypes
from phantoms import GENERATED, MORE_SEEDS, Phantom
from scoring import Overlap


def opencv_nuclei(bench, phantom):
    """Nuclei of the best composite of OpenCV and scikit-image."""
    script = os.path.join(common.SHARED, "eval", "peer_pipelines.py")
    if not os.path.exists(script):
        raise common.Absent("../shared/eval/peer_pipelines.py")
    saved = os.path.join(bench.work, "peers", phantom.name + "-opencv.tif")
    os.makedirs(os.path.dirname(saved), exist_ok=True)
    if not os.path.exists(saved):
        subprocess.run([sys.executable, script, phantom.path("raw.ome.tif"), phantom.path("library.csv"), "--mode", "opencv", "--repeat", "1", "--save", saved],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return common.read_pages(saved, 2)[0]


def megakaryocytes(phantom, result):
    """Painted ones, those found whole (nucleus and cell), and cells called so that overlap none."""
    nuclei, cells = result.labels()
    true = {c for c, lineage in phantom.lineage.items() if lineage == "Megakaryocyte"}
    whole = [dict(zip(*reversed(Overlap(found, truth).matches()))) for found, truth in ((nuclei, phantom.nuclei), (cells, phantom.cells))]
    # nucleus and cell must be those of one found object
    good = sum(whole[0].get(c, -1) == whole[1].get(c, -2) for c in true)
    table = result.cells()
    called = [int(float(i)) for i, p in zip(table["cell_id"], table["phenotype"]) if p == "Megakaryocyte"]
    overlap = Overlap(cells, phantom.cells)
    touching = {int(f) for f, t in zip(overlap.found, overlap.truth) if int(t) in true}
    # a giant: a nucleus no other lineage has
    areas = np.bincount(nuclei.ravel().astype(np.int64))
    giants = [int(i) for i in np.flatnonzero(areas >= 94 / 0.25) if i > 0]
    nuclear = Overlap(nuclei, phantom.nuclei)
    over_true = {int(f) for f, t in zip(nuclear.found, nuclear.truth) if int(t) in true}
    return len(true), good, sum(c not in touching for c in called), sum(g not in over_true for g in giants)


def measure(bench, figures, only=None):
    painted = found = strangers = false_giants = 0
    for name in only or [*GENERATED, *MORE_SEEDS]:
        def work():
            nonlocal painted, found, strangers, false_giants
            phantom = Phantom(bench, name)
            result = phantom.run(bench, "own")
            nuclei, cells = result.labels()
            overlap = Overlap(nuclei, phantom.nuclei)
            figures.add(f"{name}: F1 of nuclei", overlap.f1(), 0.98, note=f"{overlap.found_count} of {overlap.truth_count}")
            figures.add(f"{name}: F1 of cells", Overlap(cells, phantom.cells).f1())
            if name in GENERATED:
                peer = Overlap(opencv_nuclei(bench, phantom), phantom.nuclei).f1()
                figures.add(f"{name}: F1 of nuclei less that of the OpenCV composite", overlap.f1() - peer, 0.0, note=f"OpenCV {peer:.4f}")
                counts(phantom, phenotypes(phantom, result, figures, "", 0.95), figures)
            true, whole, wrong, large = megakaryocytes(phantom, result)
            painted, found, strangers, false_giants = painted + true, found + whole, strangers + wrong, false_giants + large
            figures.add(f"{name}: megakaryocytes whole (nucleus and cell)", whole, note=f"of {true}; {wrong} called so elsewhere, {large} other nuclei above 94 um2")
            if true == 0:
                figures.add(f"{name}: cells called megakaryocyte where there is none", wrong, most=0)
                figures.add(f"{name}: giant nuclei where there is none", large, most=0)
        common.section(figures, name, work)
    if painted:
        figures.add("megakaryocytes whole over all seeds, share", found / painted, 0.95, note=f"{found} of {painted}; {strangers} false calls, {false_giants} false giants")


if __name__ == "__main__":
    common.main(measure, __doc__)
