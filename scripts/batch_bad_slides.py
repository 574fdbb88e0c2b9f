#!/usr/bin/python3
"""A batch of 20 slides of which 4 are bad in different ways, beside each good slide run alone.

    scripts/batch_bad_slides.py [--hexaplex build/cpu/hexaplex]

The bad ones: cut short in the middle, no pixel size, fewer bands than the library, and one that is no picture at all. Expected:
exit code 4, four causes in the ledger, and 16 results that are byte-identical to solo runs. Exit status 1 where that is not so.
"""
import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

from batch_interruptions import MARROW, ROOT, finished


def gray_tiff(path, with_resolution):
    """A 64 x 64 picture of one 16-bit channel, as small a TIFF as there is."""
    pixels = struct.pack("<4096H", *range(4096))
    entries = [(256, 3, 1, 64), (257, 3, 1, 64), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
               (277, 3, 1, 1), (278, 3, 1, 64), (279, 4, 1, len(pixels))]
    after = 8 + len(pixels)
    if with_resolution:
        table = after + 2 + 12 * (len(entries) + 3) + 4
        entries += [(282, 5, 1, table), (283, 5, 1, table), (296, 3, 1, 3)]
    data = b"II*\0" + struct.pack("<I", after) + pixels + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        data += struct.pack("<HHII", tag, kind, count, value)
    data += struct.pack("<I", 0) + (struct.pack("<II", 20000, 1) if with_resolution else b"")
    with open(path, "wb") as file:
        file.write(data)


def make_cohort(folder):
    """20 slides; returns the table and the stems of the bad ones with what the ledger must say."""
    stages, names = ("before", "aplasia", "after"), []
    for i in range(16):
        names.append(f"good{i:02d}.ome.tif")
        shutil.copy(os.path.join(MARROW, f"{stages[i % 3]}.ome.tif"), os.path.join(folder, names[-1]))
    whole = open(os.path.join(MARROW, "before.ome.tif"), "rb").read()
    with open(os.path.join(folder, "cut.tif"), "wb") as file:
        file.write(whole[:len(whole) // 2])
    gray_tiff(os.path.join(folder, "no_pixel_size.tif"), with_resolution=False)
    gray_tiff(os.path.join(folder, "one_band.tif"), with_resolution=True)
    with open(os.path.join(folder, "letter.tif"), "w") as file:
        file.write("Dear colleague, the slide follows by post.\n")
    # Words that stand in no file's name.
    bad = {"cut": "truncated", "no_pixel_size": "no usable pixel size", "one_band": "has 8 bands", "letter": "is no TIFF"}
    for position, stem in zip((3, 8, 0, 19), bad):
        names.insert(position, f"{stem}.tif")
    with open(os.path.join(folder, "cohort.csv"), "w") as table:
        table.write("slide,patient\n" + "".join(f"{name},p{i}\n" for i, name in enumerate(names)))
    return os.path.join(folder, "cohort.csv"), bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    args = parser.parse_args()
    options = ["--panel", "aml-marrow-6plex", "--library", os.path.join(MARROW, "library.csv"), "--device", "cpu"]
    with tempfile.TemporaryDirectory() as work:
        cohort, bad = make_cohort(work)
        out, solo = os.path.join(work, "out"), os.path.join(work, "solo")
        batch = subprocess.run([args.hexaplex, "--quiet", "batch", cohort, "--out", out, "--jobs", "2", *options], stderr=subprocess.DEVNULL)
        assert batch.returncode == 4, f"the batch ended with {batch.returncode}"
        causes = {}
        for line in open(os.path.join(out, "ledger.jsonl")):
            event = json.loads(line)
            if event["event"] == "failed":
                causes[event["slide"]] = event["why"]
        assert set(causes) == set(bad), f"failed: {sorted(causes)}"
        for stem, word in bad.items():
            assert word in causes[stem], f"{stem}: {causes[stem]}"
            print(f"{stem}: {causes[stem].replace(work + os.sep, '')}")
        for i in range(16):
            subprocess.run([args.hexaplex, "--quiet", "run", os.path.join(work, f"good{i:02d}.ome.tif"), "--out", solo, "--threads", "1", *options], check=True)
        together, alone = finished(out), finished(solo)
        assert len(alone) == 16 and together == alone, "a result differs from that of its slide alone"
        print("16 results byte-identical to solo runs, exit code 4, four causes in the ledger")
    return 0


if __name__ == "__main__":
    sys.exit(main())
