#!/usr/bin/env bash
# Proves the CUDA twins on this machine's GPU: same bytes as the CPU on every test, NVIDIA's sanitizers on them, and a table of
# speeds. Needs a compiler, cmake, nvcc and a driver, nothing else: GoogleTest and nlohmann-json travel in build/gpu_pack.
#   gpu_check.sh                 build, test, sanitize, measure; the result in build/gpu/
#   gpu_check.sh --pack          lays what a bare machine lacks in build/gpu_pack/: then take the project's folder there
#   gpu_check.sh --build-only [TARGET...]    without a GPU: builds what would run, or those targets of it
# HEXAPLEX_GPU_TOOLS="memcheck racecheck initcheck synccheck" chooses the sanitizers, empty: none.
set -euo pipefail
cd "$(dirname "$0")/.."

pack=$PWD/build/gpu_pack
if [ "${1:-}" = --pack ]; then
  scripts/packages.sh libgtest-dev libgmock-dev nlohmann-json3-dev
  rm -rf "$pack"
  mkdir -p "$pack/include"
  cp -r /usr/src/googletest "$pack/googletest"
  cp -r /usr/include/nlohmann "$pack/include/nlohmann"
  echo "Packed $(du -sh "$pack" | cut -f1) in build/gpu_pack"
  exit 0
fi

PATH=$PATH:/usr/local/cuda/bin
for tool in c++ cmake nvcc; do
  command -v "$tool" >/dev/null || {
    echo "gpu_check.sh: $tool is not installed; nothing was checked" >&2
    exit 1
  }
done
[ -d "$pack" ] || "$0" --pack || {
  echo "gpu_check.sh: GoogleTest and nlohmann-json are not here; run scripts/gpu_check.sh --pack where packages can be installed, and bring build/gpu_pack along" >&2
  exit 1
}

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi

out=build/gpu
mkdir -p "$out"
architecture=90
targets=(kernels_tests device_bench)
build_only=false
if [ "${1:-}" = --build-only ]; then
  build_only=true
  shift
  [ $# -eq 0 ] || targets=("$@")
else
  command -v nvidia-smi >/dev/null || {
    echo "gpu_check.sh: no NVIDIA driver is installed here (no nvidia-smi); nothing was checked" >&2
    exit 1
  }
  nvidia-smi --query-gpu=name,compute_cap,driver_version,memory.total --format=csv,noheader >"$out/device.txt" 2>&1 || {
    echo "gpu_check.sh: no GPU answers here ($(head -n 1 "$out/device.txt")); nothing was checked" >&2
    exit 1
  }
  architecture=$(head -n 1 "$out/device.txt" | cut -d, -f2 | tr -d ' .')
  echo "Device: $(head -n 1 "$out/device.txt")"
fi

echo "Building for compute capability $architecture (log in $out/build.log) ..."
{ cmake -S . -B "$out" -DCMAKE_BUILD_TYPE=Release -DHEXAPLEX_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES="$architecture-real" \
    -DHEXAPLEX_KERNELS_ONLY=ON -DHEXAPLEX_TBB=OFF -DHEXAPLEX_GPU_PACK="$pack" &&
  cmake --build "$out" -j "${HEXAPLEX_JOBS:-$(nproc)}" --target "${targets[@]}"; } >"$out/build.log" 2>&1 </dev/null || {
  tail -n 40 "$out/build.log" >&2
  echo "gpu_check.sh: it does not build; the whole log is in $out/build.log" >&2
  exit 1
}
if $build_only; then
  echo "Built. Without a GPU nothing was run."
  exit 0
fi

export HEXAPLEX_REQUIRE_BACKEND=cuda
bad=0
echo "Tests, the GPU required (log in $out/tests.log) ..."
"$out/kernels_tests" >"$out/tests.log" 2>&1 || bad=1
tail -n 3 "$out/tests.log"

for tool in ${HEXAPLEX_GPU_TOOLS-memcheck racecheck initcheck synccheck}; do
  command -v compute-sanitizer >/dev/null || {
    echo "compute-sanitizer is not installed: no sanitizer was run" >&2
    bad=1
    break
  }
  echo "compute-sanitizer, $tool (log in $out/$tool.log) ..."
  compute-sanitizer --tool "$tool" --error-exitcode 9 "$out/kernels_tests" --gtest_filter='*/cuda:-*/*Large*' \
    >"$out/$tool.log" 2>&1 || bad=1
  tail -n 1 "$out/$tool.log"
done

echo "A hundred runs of every operator, and of a whole field (log in $out/repeats.log) ..."
"$out/device_bench" --side 512 --repeats 100 >"$out/repeats.log" || bad=1
tail -n 1 "$out/repeats.log"

echo "Speeds (in $out/baseline.json) ..."
"$out/device_bench" --json "$out/baseline.json" || bad=1
[ "$bad" -eq 0 ] || {
  echo "gpu_check.sh: something failed; the logs are in $out" >&2
  exit 1
}
echo "All of it holds on this GPU."
