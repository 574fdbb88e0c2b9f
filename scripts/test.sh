#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests; compiles the CUDA build too where nvcc is found.
# Needs a Debian with a shell and apt, and root or sudo. Safe to run again. HEXAPLEX_JOBS bounds the parallel jobs.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${HEXAPLEX_JOBS:-$(nproc)}

scripts/packages.sh
scripts/build.sh cpu
ctest --preset cpu -j "$jobs" -LE workflows --output-on-failure --progress </dev/null
scripts/test_workflows.sh

if command -v nvcc >/dev/null || [ -x /usr/local/cuda/bin/nvcc ]; then
  # What differs from the CPU build: the kernels with their tests, and the program.
  scripts/build.sh cuda kernels_tests hexaplex
  if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then
    ctest --preset cuda -j "$jobs" -L kernels --output-on-failure --progress </dev/null
  else
    echo "The CUDA build compiles; its tests wait for a machine with an NVIDIA GPU."
  fi
else
  echo "No nvcc: the CUDA build is left out."
fi
