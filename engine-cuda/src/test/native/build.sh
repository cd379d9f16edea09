#!/bin/sh
# Builds the stand-in for CUDA into a folder: build.sh FOLDER
# Exit status 0: it is there and newer than its sources. 3: this machine has no C++ compiler for it.
set -eu
sources=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
target=$(cd "$1" && pwd)
stamp=$target/built

if [ -f "$stamp" ] && [ -z "$(find "$sources" -type f -newer "$stamp")" ]; then
  exit 0
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
  echo "the CUDA stand-in is for Linux on x86-64 only" >&2
  exit 3
fi
compiler=
for candidate in ${CXX:-} c++ g++ clang++; do
  if command -v "$candidate" > /dev/null 2>&1; then
    compiler=$candidate
    break
  fi
done
if [ -z "$compiler" ]; then
  echo "no C++ compiler builds the CUDA stand-in (install g++ or clang++, or set CXX)" >&2
  exit 3
fi

rm -rf "$target"
mkdir -p "$target/objects"
flags="-std=c++17 -O2 -g1 -Wall -Wextra -fPIC -fvisibility=hidden -fvisibility-inlines-hidden -ffp-contract=off"
for folder in driver nvrtc cublas cudnn; do
  for file in "$sources/$folder"/*.cc; do
    echo "$folder-$(basename "$file" .cc) $file"
  done
done | xargs -P "$(nproc)" -n 2 sh -c '"$0" $1 -c -o "$2/objects/$3.o" "$4"' "$compiler" "$flags" "$target"

# SONAME and version node like NVIDIA's; each finds the others beside it.
library() {
  name=$1
  map=$2
  shift 2
  "$compiler" -shared -o "$target/$name" -Wl,-soname,"$name" -Wl,--version-script="$sources/versions/$map.map" \
    -Wl,-rpath,'$ORIGIN' "$@"
}
objects=$target/objects
library libcuda.so.1 cuda "$objects"/driver-*.o -ldl -lpthread
library libnvrtc-builtins.so.12.6 nvrtc-builtins "$objects"/nvrtc-builtins.o
library libnvrtc.so.12 nvrtc "$objects"/nvrtc-nvrtc.o "$objects"/nvrtc-rewrite.o -ldl
library libcublasLt.so.12 cublasLt "$objects"/cublas-lt.o
rm "$objects"/cublas-lt.o
library libcublas.so.12 cublas "$objects"/cublas-*.o "$target/libcuda.so.1" -Wl,--no-as-needed "$target/libcublasLt.so.12"
library libcudnn.so.9 cudnn "$objects"/cudnn-*.o "$target/libcuda.so.1"
cp "$sources/nvrtc/prelude.h" "$target/"
printf '%s' "$compiler" > "$target/compiler"
rm -r "$objects"
touch "$stamp"
