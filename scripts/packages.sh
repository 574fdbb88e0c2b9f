#!/usr/bin/env bash
# The one list of Debian packages: installs what is missing, says nothing and needs no rights where all is there.
#   packages.sh              what building and testing need
#   packages.sh PACKAGE...   those instead (.ci/run and sample_images/regenerate.sh ask for their tools this way)
set -euo pipefail

packages=(
  # building
  g++ cmake ninja-build pkg-config git ca-certificates
  # kernels
  libtbb-dev
  # core
  libtiff-dev libopenslide-dev libpng-dev zlib1g-dev libdeflate-dev libzstd-dev libturbojpeg0-dev libssl-dev libopencv-imgproc-dev libopencv-ml-dev
  libnanoflann-dev
  nlohmann-json3-dev libfmt-dev libyaml-cpp-dev libpugixml-dev libvalijson-dev
  # cli
  libcli11-dev
  # tests and benchmarks
  libgtest-dev libgmock-dev libbenchmark-dev libtiff-tools
)
[ $# -eq 0 ] || packages=("$@")

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=(env)
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  echo "packages.sh: installing needs root or sudo; missing: ${missing[*]}" >&2
  exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { # quiet, but not about a failure
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    echo "packages.sh: apt-get $* failed" >&2
    return 1
  }
}
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}" >&2
# A package index may be old, or absent in a fresh container.
apt update
apt install --no-install-recommends "${missing[@]}"
