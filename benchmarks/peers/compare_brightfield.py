#!/usr/bin/env python3
"""Stained sections beside what a user would write instead, in one run on one machine.

    benchmarks/peers/compare_brightfield.py [--size 2048] [--threads 2] [--hexaplex build/cpu/hexaplex]
                                            [--kernels-bench build/bench/kernels_bench] [--json FILE]

1. Amounts of stains: `hexaplex run --write unmixed` beside scikit-image's separate_stains with the same vectors, on every
   pixel of a picture (../shared/data/ihc/ihc.png where it is there, else the sample section).
2. Colour deconvolution in memory: `kernels_bench` beside scikit-image and an OpenCV and numpy composite, Mpx/s.
3. A section to cells, areas and mean densities: `hexaplex run`, reading included, without and with its result files, beside
   scikit-image in memory (deconvolve, smooth, local threshold, distance, seeds, watershed, expand, measure), Mpx/s.

Needs numpy, tifffile, scikit-image and OpenCV; what is missing is left out, and said.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import tifffile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.realpath(os.path.join(HERE, "..", ".."))
SECTION = os.path.join(ROOT, "sample_images", "sections", "hdab.ome.tif")
IHC = os.path.join(ROOT, "..", "shared", "data", "ihc", "ihc.png")
VECTORS = np.array([[.65, .70, .29], [.27, .57, .78]])
SKIMAGE_TARGET = 15

PANEL = """modality: brightfield
stains: {{estimate: 'off', white: {white}}}
channels: [{{marker: H, stain: haematoxylin, compartment: nucleus}}, {{marker: D, stain: DAB}}]
segmentation: {{nuclear: H, nucleus_um: 7, expansion_um: 1.4}}
quality: {{mask: 'off'}}
"""


def best_of(times, work):
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def stain_matrix():
    """Rows of unit length; the third is at right angles to the others."""
    rows = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    third = np.cross(rows[0], rows[1])
    return np.vstack([rows, third / np.linalg.norm(third)])


def run(hexaplex, slide, work, white, *options):
    panel = os.path.join(work, "panel.yaml")
    with open(panel, "w") as f:
        f.write(PANEL.format(white=white))
    out = os.path.join(work, "out")
    subprocess.run([hexaplex, "run", slide, "--panel", panel, "--out", out, "--overwrite", "--um-per-px", "0.5", "--device", "cpu",
                    "--quiet", *options], check=True, stderr=subprocess.DEVNULL)
    return os.path.join(out, os.path.basename(slide).split(".")[0])


def compare_amounts(hexaplex, work, slide, rgb):
    from skimage.color import separate_stains
    theirs = separate_stains(rgb / 255.0, np.linalg.inv(stain_matrix()))  # in units of a millionth of white: six decades
    ours = tifffile.imread(os.path.join(run(hexaplex, slide, work, 255, "--write", "unmixed"), "unmixed.ome.tif"), level=0)
    seen = (rgb > 0).all(axis=2)  # where a colour is black the two assume different blacks
    return max(float(np.abs(ours[k] / 6 - theirs[..., k])[seen].max()) for k in range(2)), float(seen.mean())


def skimage_section(rgb):
    from skimage.color import separate_stains
    from skimage.feature import peak_local_max
    from skimage.filters import gaussian, threshold_local
    from skimage.measure import label, regionprops_table
    from skimage.morphology import remove_small_objects
    from skimage.segmentation import expand_labels, watershed
    from scipy import ndimage as ndi
    amounts = separate_stains(rgb / 242.0, np.linalg.inv(stain_matrix()))
    h = gaussian(amounts[..., 0], 1.5)
    mask = remove_small_objects((h > threshold_local(h, 51, offset=0)) & (h > 0.02), 30)
    distance = gaussian(ndi.distance_transform_edt(mask), 1)
    peaks = peak_local_max(distance, min_distance=5, labels=label(mask))
    seeds = np.zeros(mask.shape, np.int32)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    nuclei = watershed(-distance, seeds, mask=mask)
    cells = expand_labels(nuclei, 3)
    regionprops_table(cells, amounts[..., :2], properties=("label", "area", "centroid", "mean_intensity"))
    return len(peaks)


def opencv_deconvolve(rgb, weights):
    import cv2
    table = -np.log10(np.maximum(np.arange(256), .5) / 242).astype(np.float32)
    return cv2.transform(cv2.LUT(rgb, table), weights.astype(np.float32))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    parser.add_argument("--kernels-bench", default=os.path.join(ROOT, "build", "bench", "kernels_bench"))
    parser.add_argument("--json")
    args = parser.parse_args()
    result = {}
    with tempfile.TemporaryDirectory() as work:
        section = tifffile.imread(SECTION)
        n = section.shape[0]
        around = np.pad(section, ((0, max(0, args.size - n)), (0, max(0, args.size - n)), (0, 0)), mode="symmetric")[: args.size, : args.size]
        slide = os.path.join(work, "section.ome.tif")
        tifffile.imwrite(slide, around, photometric="rgb", tile=(512, 512), compression="zlib",
                         metadata={"axes": "YXS", "PhysicalSizeX": .5, "PhysicalSizeXUnit": "\u00b5m", "PhysicalSizeY": .5, "PhysicalSizeYUnit": "\u00b5m"})
        mpx = around.shape[0] * around.shape[1] / 1e6
        try:
            from skimage.io import imread
            picture = IHC if os.path.exists(IHC) else SECTION
            rgb = imread(picture)[..., :3] if picture.endswith("png") else section
            result["amounts_largest_difference"], result["pixels_compared"] = compare_amounts(args.hexaplex, work, picture, rgb)
            from skimage.color import separate_stains
            inverse = np.linalg.inv(stain_matrix())
            result["skimage_deconvolve_mpx_s"] = mpx / best_of(3, lambda: separate_stains(around / 255.0, inverse))
            start = time.perf_counter()
            result["skimage_cells"] = skimage_section(around)
            result["skimage_section_mpx_s"] = mpx / (time.perf_counter() - start)
        except ImportError as e:
            print(f"left out: scikit-image ({e})")
        try:
            inverse = np.linalg.inv(stain_matrix()).T
            result["opencv_deconvolve_mpx_s"] = mpx / best_of(3, lambda: opencv_deconvolve(around, inverse))
        except ImportError as e:
            print(f"left out: OpenCV ({e})")
        bench = subprocess.run([args.kernels_bench, "--benchmark_filter=deconvolve_stains_cpu/side:2048/stains:2", "--benchmark_format=json"],
                               check=True, capture_output=True, text=True)
        timed = json.loads(bench.stdout)["benchmarks"][0]
        result["hexaplex_deconvolve_mpx_s"] = 2048 * 2048 / 1e6 / (timed["real_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3}[timed["time_unit"]])
        result["hexaplex_deconvolve_of_memcpy"] = timed.get("of_memcpy")
        seconds = best_of(3, lambda: run(args.hexaplex, slide, work, 242, "--threads", str(args.threads)))
        result["hexaplex_with_files_mpx_s"] = mpx / seconds
        with open(os.path.join(work, "out", "section", "run.json")) as f:
            stages = json.load(f)["execution"]["seconds"]
        result["hexaplex_section_mpx_s"] = mpx / sum(v for name, v in stages.items() if name != "results")
        with open(os.path.join(work, "out", "section", "summary.json")) as f:
            result["hexaplex_cells"] = json.load(f)["cells"]
    for key, value in result.items():
        print(f"{key:32} {value:.4g}")
    for what in ("deconvolve", "section"):
        if f"skimage_{what}_mpx_s" in result:
            ratio = result[f"hexaplex_{what}_mpx_s"] / result[f"skimage_{what}_mpx_s"]
            print(f"{what}: {ratio:.1f} times scikit-image (aim {SKIMAGE_TARGET})")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    sys.exit(main())
