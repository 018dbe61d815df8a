#!/usr/bin/env bash
# All that needs a CUDA device: build, checker, memory checker, benchmark; in some two minutes.
#
#   native/check/gpu.sh [folder]     results go there (target/gpu/results)
#
# Needs nvcc, cmake, a C++ compiler, ninja or make, and doctest's header: installed, or a folder that holds doctest/doctest.h
# named in DOCTEST. With JAVA_HOME (a JDK 25 or an image of one) and CLASSES (a class path that holds Gatun and what it
# needs) samples and nats of the command line on the device are compared, too, and timed; without, that is left out. MODELS: those whose
# nats are compared, all recorded cases' models unless told otherwise.
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
cmake --build "$build" --parallel "$(nproc)" --target gatun_cuda_check gatun_cuda_bench gatun_cuda_pass_bench gatun >>"$results/build.txt" 2>&1 ||
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

say "products of passes"
timeout 30 "$build/native/check/gatun_cuda_pass_bench" 2>&1 | tee "$results/pass-bench.txt" || failed+=("pass benchmark")

say "launches"
timeout 40 "$bench" 0.1 all >"$results/launches.txt" 2>&1 || failed+=(launches)
for model in W1 W2 nv; do
    for streams in 1 64 1024; do
        grep -E "^$model +$streams streams" "$results/launches.txt" | sort -k 17 -n -r | head -n 3 || true
    done
done

say "command line"
gatun() {
    "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "-Dgatun.library.path=$build/native/libgatun.so" \
        "-Dgatun.cuda.library.path=$build/native/libgatun_cuda.so" -cp "$CLASSES" dev.gatun.cli.Main "$@"
}
same_samples() {
    gatun sample digits --count 100 --seed 5 --out "$results/cpu.npy" &&
        gatun sample digits --count 100 --seed 5 --out "$results/cuda.npy" --device cuda --verbose &&
        cmp "$results/cpu.npy" "$results/cuda.npy" && echo "samples are the same"
}
# The likelihood of some samples of a model of each family: the same numbers, to the last digit.
same_nats() {
    local model name
    for model in ${MODELS:-src/test/resources/golden/*/model.safetensors}; do
        name=$(basename "$(dirname "$model")")
        gatun sample "$model" --count 8 --seed 2 --length "${LENGTH:-9}" --out "$results/x.npy" >/dev/null 2>&1 ||
            gatun sample "$model" --count 8 --seed 2 --out "$results/x.npy" >/dev/null 2>&1 || continue
        gatun evaluate "$model" --data "$results/x.npy" --nats "$results/cpu.npy" >/dev/null 2>&1 || continue
        gatun evaluate "$model" --data "$results/x.npy" --nats "$results/cuda.npy" --device cuda >/dev/null ||
            { echo "$name: failed"; return 1; }
        cmp "$results/cpu.npy" "$results/cuda.npy" || { echo "$name: other nats"; return 1; }
        echo "$name: the same nats"
    done
}
# Nats of whole test sets and an epoch of training, with the time that each took, the JVM's start included.
timed() {
    local began=$EPOCHREALTIME
    "$@" && awk -v a="$began" -v b="$EPOCHREALTIME" -v what="$*" 'BEGIN { printf "%.2f s: %s\n", b - a, what }'
}
timings() {
    for device in cpu cuda; do
        timed gatun evaluate digits --data digits --split test --device "$device" &&
            timed gatun train digits --epochs 2 --seed 0 --out "$results/$device.safetensors" --device "$device" || return 1
    done
}
if [ -n "${JAVA_HOME:-}" ] && [ -n "${CLASSES:-}" ]; then
    same_samples || failed+=("command line")
    same_nats 2>&1 | tee "$results/nats.txt" || failed+=(nats)
    timings 2>&1 | tee "$results/timings.txt" || failed+=(timings)
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
