#!/usr/bin/env bash
# Runs the workflows under their engines: installs Slurm and Snakemake where they are missing (Debian's; Snakemake brings
# 1.3 GB with it, nearly all of it Python for clouds), builds the program, and runs the tests of the label `workflows`.
# No service of the system is used or configured: every daemon is the tests' own, on the loopback, and ends with them. A
# test that cannot run here says SKIPPED and why.
#   test_workflows.sh [PRESET]   the build, cpu where none is named
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-cpu}

scripts/packages.sh slurmctld slurmd slurm-client munge snakemake python3
scripts/build.sh "$preset" hexaplex
# With all their words: why one is skipped is among them.
ctest --preset "$preset" -L workflows --verbose </dev/null
