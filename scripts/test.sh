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
  # What differs from the CPU build: the kernels, what core does with a device, and the program. Without a GPU the tests'
  # stand-in for it runs every twin and makes its calls fail, and what needs a GPU is skipped.
  scripts/build.sh cuda kernels_tests device_tests hexaplex
  ctest --preset cuda -j "$jobs" -L 'kernels|device' --output-on-failure --progress </dev/null
  if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L >/dev/null 2>&1; then
    echo "No NVIDIA GPU answers here: the CUDA twins ran on the stand-in (scripts/gpu_check.sh, where there is one)."
  fi
else
  echo "No nvcc: the CUDA build is left out."
fi
