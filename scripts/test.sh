#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests: those of the CUDA build where nvcc is found, of the CPU build elsewhere.
#   test.sh [PRESET]   cpu or cuda, to choose
# Needs a Debian with a shell and apt, and root or sudo. Safe to run again. HEXAPLEX_JOBS bounds the parallel jobs.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-$(scripts/usual_preset.sh)}
scripts/packages.sh
scripts/build.sh "$preset"
ctest --preset "$preset" -j "${HEXAPLEX_JOBS:-$(nproc)}" -LE workflows --output-on-failure --progress </dev/null
scripts/test_workflows.sh "$preset"

if [ "$preset" = cpu ]; then
  echo "Built without CUDA: its twins ran on the CPU's queue only."
elif ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L >/dev/null 2>&1; then
  # The tests' stand-in runs every twin and makes its calls fail; what needs a GPU is skipped.
  echo "No NVIDIA GPU answers here: the CUDA twins ran on the stand-in (scripts/gpu_check.sh, where there is one)."
fi
