#!/bin/sh
# Fuzzes the slide readers with libFuzzer: scripts/fuzz.sh [SECONDS] [SEED_FOLDER...]. Needs clang.
# Findings are left in build/fuzz/findings; exit code 0 where there are none.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-300}
[ $# -gt 0 ] && shift
cmake -S . -B build/fuzz -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ \
  -DHEXAPLEX_CUDA=OFF -DHEXAPLEX_FUZZ=ON -DHEXAPLEX_BENCHMARKS=OFF >/dev/null
cmake --build build/fuzz --target fuzz_slide fuzz_ome_xml
mkdir -p build/fuzz/findings build/fuzz/corpus/fuzz_slide build/fuzz/corpus/fuzz_ome_xml
for name in fuzz_slide fuzz_ome_xml; do
  echo "$name for $seconds seconds"
  build/fuzz/$name -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=20 -malloc_limit_mb=1024 \
    -artifact_prefix=build/fuzz/findings/ -print_final_stats=1 build/fuzz/corpus/$name "$@"
done
