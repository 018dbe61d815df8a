#!/usr/bin/env bash
# All that needs a CUDA device: build, checker, memory checker, benchmark; in some two minutes.
#
#   native/check/gpu.sh [folder]     results go there (target/gpu/results)
#
# Needs nvcc, cmake, a C++ compiler, ninja or make, and doctest's header: installed, or a folder that holds doctest/doctest.h
# named in DOCTEST. With JAVA_HOME (a JDK 25 or an image of one) and CLASSES (a class path that holds Gatun and what it
# needs) samples of the command line on the device are compared, too; without, that is left out.
set -euo pipefail
cd "$(dirname "$0")/../.."

results=$(mkdir -p "${1:-target/gpu/results}" && cd "${1:-target/gpu/results}" && pwd)
build=$PWD/target/gpu/build
say() { printf '\n==== %s (after %d s)\n' "$1" "$SECONDS"; }

[ -n "${DOCTEST:-}" ] && export CPLUS_INCLUDE_PATH=$DOCTEST${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}
say "machine"
{
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm,clocks.mem --format=csv || true
    nvcc --version | tail -n 2
    g++ --version | head -n 1
    nproc
} | tee "$results/machine.txt"

say "build"
generator=(); command -v ninja >/dev/null && generator=(-G Ninja)
capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d .) || capability=""
cmake -S . -B "$build" "${generator[@]}" -DGATUN_CHECK=ON -DGATUN_WERROR=OFF "-DCMAKE_CUDA_ARCHITECTURES=${ARCHITECTURES:-${capability:-90}}" \
    >"$results/build.txt" || { cat "$results/build.txt"; exit 1; }
cmake --build "$build" --parallel "$(nproc)" --target gatun_cuda_check gatun_cuda_bench gatun >>"$results/build.txt" 2>&1 ||
    { tail -n 50 "$results/build.txt"; exit 1; }
[ "${BUILD_ONLY:-}" = 1 ] && { say "built"; exit 0; }

checker=$build/native/check/gatun_cuda_check
bench=$build/native/check/gatun_cuda_bench
failed=()

say "checker"
timeout 60 "$checker" "--seed=${SEED:-1}" >"$results/check.txt" 2>&1 || failed+=(checker)
tail -n 40 "$results/check.txt"

say "benchmark"
timeout 30 "$bench" 0.2 2>&1 | tee "$results/bench.txt" || failed+=(benchmark)

say "launches"
timeout 40 "$bench" 0.1 all >"$results/launches.txt" 2>&1 || failed+=(launches)
for model in W1 W2 nv; do
    for streams in 1 64 1024; do
        grep -E "^$model +$streams streams" "$results/launches.txt" | sort -k 17 -n -r | head -n 3 || true
    done
done

say "command line"
same_samples() {
    gatun() {
        "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "-Dgatun.library.path=$build/native/libgatun.so" \
            "-Dgatun.cuda.library.path=$build/native/libgatun_cuda.so" -cp "$CLASSES" dev.gatun.cli.Main "$@"
    }
    gatun sample digits --count 100 --seed 5 --out "$results/cpu.npy" &&
        gatun sample digits --count 100 --seed 5 --out "$results/cuda.npy" --device cuda --verbose &&
        cmp "$results/cpu.npy" "$results/cuda.npy" && echo "samples are the same"
}
if [ -n "${JAVA_HOME:-}" ] && [ -n "${CLASSES:-}" ]; then
    same_samples || failed+=("command line")
else
    echo "left out: JAVA_HOME or CLASSES is not set"
fi

say "compute-sanitizer"
# RACECHECK=1: racecheck, too, which tells of numbers that all sixteen threads of a group write alike: it is read, not obeyed.
sanitize() {
    GATUN_CHECK_LIGHT=1 timeout 40 compute-sanitizer --tool "$1" --error-exitcode 9 \
        "$checker" "--seed=${SEED:-1}" "-tce=*functions*,*cannot be*" >"$results/$1.txt" 2>&1
    local status=$?
    printf '%s: status %s\n' "$1" "$status"
    tail -n 4 "$results/$1.txt"
    return "$status"
}
if command -v compute-sanitizer >/dev/null; then
    sanitize memcheck || failed+=(memcheck)
    if [ "${RACECHECK:-}" = 1 ]; then sanitize racecheck || true; fi
else
    echo "left out: compute-sanitizer is not there"
fi

[ ${#failed[@]} -eq 0 ] || { say "failed: ${failed[*]}"; exit 1; }
say "all passed"
