#!/usr/bin/python3
"""Every accuracy figure that Hexaplex promises, measured through the program and its result files.

    benchmarks/accuracy/run_all.py [--only GROUP ...] [--hexaplex build/cpu/hexaplex] [--work DIR] [--json FILE]

Groups: inform, labels, fields, maps, generated, exactness. Reads real images from ../shared/data and paints phantoms with
../shared/eval/phantom.py (about ten minutes, kept in --work); what is not there is skipped visibly. Exit status 1 where a
target is missed. Speed is another matter: benchmarks/peers.
"""
import argparse
import os
import sys
import tempfile
import time

import common
import exactness
import given_labels
import inform_field
import phantom_generated
import phantom_maps
import public_fields

GROUPS = dict(inform=inform_field, labels=given_labels, fields=public_fields, maps=phantom_maps, generated=phantom_generated, exactness=exactness)


def main():
    parser = common.arguments(argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter))
    parser.add_argument("--only", nargs="*", choices=GROUPS, metavar="GROUP", help=", ".join(GROUPS))
    args = parser.parse_args()
    if not os.path.exists(args.hexaplex):
        sys.exit(f"{args.hexaplex} is not there; build it first (cmake --preset cpu && cmake --build --preset cpu)")
    done = {}
    with tempfile.TemporaryDirectory() as scratch:
        bench = common.Bench(args.hexaplex, args.work or scratch)
        for name in args.only or GROUPS:
            start = time.perf_counter()
            print(f"\n== {name}: {GROUPS[name].__doc__.splitlines()[0]}", flush=True)
            done[name] = common.Figures()
            GROUPS[name].measure(bench, done[name])
            print(f"   ({time.perf_counter() - start:.0f} s)", flush=True)
    return common.finish(done, args.json)


if __name__ == "__main__":
    sys.exit(main())
