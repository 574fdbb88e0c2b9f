#!/usr/bin/python3
"""Kills a batch at random moments and looks whether `--resume` still ends in the same bytes.

    scripts/batch_interruptions.py [--kills 200] [--signals 50] [--seed 1] [--hexaplex build/cpu/hexaplex] [--slides 6]

One cohort of copies of the sample slides is worked through without interruption: the reference. Then, again and again, a
batch is begun (or resumed) and stopped after a random time: killed by SIGKILL (its workers must die with it), or asked to stop
by SIGINT or SIGTERM. Stages are kept as checkpoints, which batches take up. After every stop nothing partial may stand under a final name and every result that is there must
be the reference's; every few stops the batch is resumed to its end, compared with the reference byte by byte, and finished
slides must not have been done again. Exit status 1 at the first difference.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
MARROW = os.path.join(ROOT, "sample_images", "marrow")


def make_cohort(folder, slides):
    stages = ("before", "aplasia", "after")
    with open(os.path.join(folder, "cohort.csv"), "w") as table:
        table.write("slide,patient,timepoint\n")
        for i in range(slides):
            name = f"p{i}_{stages[i % 3]}.ome.tif"
            shutil.copy(os.path.join(MARROW, f"{stages[i % 3]}.ome.tif"), os.path.join(folder, name))
            table.write(f"{name},p{i},{stages[i % 3]}\n")
    return os.path.join(folder, "cohort.csv")


def command(args, cohort, out):
    return [args.hexaplex, "--quiet", "batch", cohort, "--panel", "aml-marrow-6plex", "--library", os.path.join(MARROW, "library.csv"),
            "--out", out, "--device", "cpu", "--jobs", str(args.jobs), "--threads", "2", "--checkpoints", "on", "--resume"]


def result_hashes(folder):
    """Hash of every file of a result, run.json without its execution block."""
    hashes = {}
    for base, folders, files in os.walk(folder):
        for name in files:
            path = os.path.join(base, name)
            with open(path, "rb") as file:
                data = file.read()
            if name == "run.json":
                run = json.loads(data)
                del run["execution"]
                data = json.dumps(run).encode()
            hashes[os.path.relpath(path, folder)] = hashlib.sha256(data).hexdigest()
    return hashes


def finished(out):
    """Results under a final name, by stem."""
    return {name: result_hashes(os.path.join(out, name)) for name in sorted(os.listdir(out))
            if not name.startswith(".") and os.path.isdir(os.path.join(out, name))}


def tables(out):
    return {name: open(os.path.join(out, name), "rb").read() for name in ("cohort.csv", "cohort_phenotypes.csv") if os.path.exists(os.path.join(out, name))}


def workers_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(p) for p in file.read().split()]
    except FileNotFoundError:
        return []


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def interrupt(args, cohort, out, how, seconds):
    """Begins a batch and stops it after a while. True where it was still at work."""
    process = subprocess.Popen(command(args, cohort, out), stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    workers = workers_of(process.pid)
    if process.poll() is not None:
        return False
    process.send_signal(how)
    code = process.wait()
    if how == signal.SIGKILL:
        until = time.time() + 10
        while any(alive(w) for w in workers) and time.time() < until:
            time.sleep(0.01)
        assert not any(alive(w) for w in workers), "a worker outlived its batch"
    else:
        # In its first milliseconds the program has not yet asked to be told, and the signal ends it: 128 + signal to a shell as well.
        assert code in (0, 128 + how, -how), f"ended with {code} after signal {how}"
    return True


def check_partial(out, reference):
    for stem, hashes in (finished(out) if os.path.isdir(out) else {}).items():
        assert stem in reference, f"{stem} is no result of this cohort"
        assert hashes == reference[stem], f"{stem} stands under its final name and is not the reference's: {set(hashes.items()) ^ set(reference[stem].items())}"


def check_complete(args, cohort, out, reference, reference_tables):
    before = {stem: os.stat(os.path.join(out, stem, "run.json")).st_mtime_ns for stem in finished(out)}
    code = subprocess.run(command(args, cohort, out), stderr=subprocess.DEVNULL).returncode
    assert code == 0, f"resuming ended with {code}"
    assert finished(out) == reference, "the resumed batch differs from the uninterrupted one"
    assert tables(out) == reference_tables, "the cohort's tables differ"
    for stem, written in before.items():
        assert os.stat(os.path.join(out, stem, "run.json")).st_mtime_ns == written, f"{stem} was finished and was done again"
    left = [name for name in os.listdir(out) if any(mark in name for mark in (".partial", ".previous", ".checkpoint"))]
    assert not left, f"left behind: {left}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--signals", type=int, default=50)
    parser.add_argument("--slides", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hexaplex", default=os.path.join(ROOT, "build", "cpu", "hexaplex"))
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as work:
        cohort, reference_out = make_cohort(work, args.slides), os.path.join(work, "reference")
        start = time.time()
        subprocess.run(command(args, cohort, reference_out), check=True, stderr=subprocess.DEVNULL)
        whole = time.time() - start
        reference, reference_tables = finished(reference_out), tables(reference_out)
        assert len(reference) == args.slides and len(reference_tables) == 2
        print(f"reference: {args.slides} slides in {whole:.1f} s", flush=True)
        moments = [signal.SIGKILL] * args.kills + [chance.choice((signal.SIGINT, signal.SIGTERM)) for _ in range(args.signals)]
        chance.shuffle(moments)
        out, hit, missed, completed = os.path.join(work, "out"), 0, 0, 0
        while moments:
            # Early and late moments of a batch alike; a batch that was done before its moment does not count.
            if interrupt(args, cohort, out, moments[-1], chance.uniform(0, 0.9 * whole)):
                moments.pop()
                hit += 1
            else:
                missed += 1
            check_partial(out, reference)
            done = os.path.isdir(out) and len(finished(out)) == args.slides
            if done or chance.random() < 0.1:
                check_complete(args, cohort, out, reference, reference_tables)
                shutil.rmtree(out)
                completed += 1
            if hit and hit % 25 == 0:
                print(f"{hit} interruptions, {completed} batches resumed to their end", flush=True)
        check_complete(args, cohort, out, reference, reference_tables) if os.path.isdir(out) else None
        print(f"{hit} interruptions ({args.kills} SIGKILL, {args.signals} SIGINT or SIGTERM), {completed} batches resumed to their end: "
              f"the uninterrupted bytes each time, nothing partial, nothing done twice")
    return 0


if __name__ == "__main__":
    sys.exit(main())
