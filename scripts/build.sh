#!/usr/bin/env bash
# Configures and builds a preset quietly; the end of the log is shown where that fails.
#   build.sh PRESET [TARGET...]
# HEXAPLEX_JOBS bounds the parallel jobs; ccache is used where it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
targets=()
[ $# -eq 0 ] || targets=(--target "$@")
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 # what was compiled in one folder serves in another
fi

mkdir -p build
log=build/$preset.log
echo "Building the $preset preset (log in $log) ..."
{ cmake --preset "$preset" && cmake --build --preset "$preset" -j "${HEXAPLEX_JOBS:-$(nproc)}" "${targets[@]}"; } \
  >"$log" 2>&1 </dev/null || {
  tail -n 60 "$log" >&2
  echo "build.sh: the $preset preset does not build; the whole log is in $log" >&2
  exit 1
}
