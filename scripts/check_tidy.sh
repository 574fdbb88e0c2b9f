#!/usr/bin/env bash
# Runs clang-tidy with the checks of .clang-tidy; every finding is an error.
#   check_tidy.sh [FOLDER...]   kernels core cli where none is given
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- kernels core cli
scripts/packages.sh clang-tidy-14
# A build folder of its own: clang sees the code without GCC's function clones.
mkdir -p build
cmake -S . -B build/tidy -G Ninja -D HEXAPLEX_CUDA=OFF -D HEXAPLEX_CLONES=OFF -D HEXAPLEX_BENCHMARKS=OFF \
  >build/tidy.log 2>&1 </dev/null || {
  cat build/tidy.log >&2
  exit 1
}
# Options that only GCC knows.
sed -i 's/ -fno-loop-unroll-and-jam//g' build/tidy/compile_commands.json
# cuda_device_api.cpp is compiled in CUDA builds alone.
find "$@" -name '*.cpp' ! -name 'cuda_*' -print0 |
  xargs -0 -n 4 -P "${HEXAPLEX_JOBS:-$(nproc)}" clang-tidy-14 -p build/tidy --quiet \
    --extra-arg=-Wno-unknown-warning-option 2> >(grep -v -E 'warnings? (generated|treated)|^Suppressed|^Use -' >&2)
echo "clang-tidy has no objection to $*."
