#!/usr/bin/env bash
# All that needs a CUDA device: build, checker, memory checker, benchmark; in some two minutes.
#
#   native/check/gpu.sh [folder]     results go there (target/gpu/results)
#
# Needs nvcc, cmake, a C++ compiler, ninja or make, and doctest's header: installed, or a folder that holds doctest/doctest.h
# named in DOCTEST. BUILT, a folder that BUILD_ONLY=1 filled on a machine of the same kind (target/gpu/build), is taken in place
# of a build. With JAVA_HOME (a JDK 25 or an image of one) and CLASSES (a class path that holds Gatun and what it needs)
# samples of the command line on the device are compared, too, and training is timed; with TESTS (a class path that holds
# the tests and JUnit's console launcher as well) the tests of devices run on this one; without, that is left out.
# DATA: images of 28 x 28 with two levels, as .npy, that training and then sampling of images is timed with.
set -euo pipefail
cd "$(dirname "$0")/../.."

results=$(mkdir -p "${1:-target/gpu/results}" && cd "${1:-target/gpu/results}" && pwd)
build=${BUILT:-$PWD/target/gpu/build}
say() { printf '\n==== %s (after %d s)\n' "$1" "$SECONDS"; }

[ -n "${DOCTEST:-}" ] && export CPLUS_INCLUDE_PATH=$DOCTEST${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}
say "machine"
{
    nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.max.sm,clocks.mem --format=csv || true
    nvcc --version | tail -n 2
    g++ --version | head -n 1
    nproc
} | tee "$results/machine.txt"

build_all() {
    local generator=() capability
    command -v ninja >/dev/null && generator=(-G Ninja)
    capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -n 1 | tr -d .) || capability=""
    cmake -S . -B "$build" "${generator[@]}" -DGATUN_CHECK=ON -DGATUN_WERROR=OFF \
        "-DCMAKE_CUDA_ARCHITECTURES=${ARCHITECTURES:-${capability:-90}}" >"$results/build.txt" &&
        cmake --build "$build" --parallel "$(nproc)" --target gatun_cuda_check gatun_cuda_bench gatun_cuda_pass_bench gatun_cuda_probe gatun \
            >>"$results/build.txt" 2>&1 || { tail -n 50 "$results/build.txt"; return 1; }
}
say "build"
[ -n "${BUILT:-}" ] || build_all
[ "${BUILD_ONLY:-}" = 1 ] && { say "built"; exit 0; }

checker=$build/native/check/gatun_cuda_check
bench=$build/native/check/gatun_cuda_bench
failed=()

say "checker"
timeout 60 "$checker" "--seed=${SEED:-1}" >"$results/check.txt" 2>&1 || failed+=(checker)
tail -n 40 "$results/check.txt"

say "benchmark"
timeout 40 "$bench" 0.2 2>&1 | tee "$results/bench.txt" || failed+=(benchmark)

say "benchmark of bf16 weights"
timeout 40 "$bench" 0.2 bf16 2>&1 | tee "$results/bench-bf16.txt" || failed+=("benchmark of bf16")

say "products of passes"
timeout 30 "$build/native/check/gatun_cuda_pass_bench" 2>&1 | tee "$results/pass-bench.txt" || failed+=("pass benchmark")

say "cycles of waves"
probes() {
    for model in nv W1 W2 made nade; do timeout 20 "$build/native/check/gatun_cuda_probe" "$model" 0 || return 1; done
}
probes 2>&1 | tee "$results/probe.txt" || failed+=(probe)

say "launches"
timeout 60 "$bench" 0.1 all >"$results/launches.txt" 2>&1 || failed+=(launches)
for model in W1 W2 nv; do
    for streams in 1 64 1024; do
        grep -E "^$model +$streams streams" "$results/launches.txt" | sort -k 18 -n -r | head -n 3 || true
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
# Seconds with the JVM's start, and what training says of itself.
timed() {
    local began=$EPOCHREALTIME
    "$@" && awk -v a="$began" -v b="$EPOCHREALTIME" -v what="$*" 'BEGIN { printf "%.2f s: %s\n", b - a, what }'
}
timings() {
    for device in cpu cuda; do
        timed gatun evaluate digits --data digits --split test --device "$device" &&
            timed gatun train digits --epochs 2 --seed 0 --out "$results/$device.safetensors" --device "$device" || return 1
    done
    [ -n "${DATA:-}" ] || return 0
    train_images pixelcnn features=32 blocks=7 head_features=32 && train_images pixelcnn features=128 blocks=7 head_features=64 &&
        train_images gated_pixelcnn features=64 layers=12 kernel_size=5 head_features=64 &&
        train_images row_lstm features=32 hidden=16 layers=7 head_features=32 &&
        train_images diagonal_bilstm features=32 hidden=16 layers=7 head_features=32 &&
        MORE='--ema 0.999 --gradient-clip 1 --dropout 0.3 --set distribution={"type":"discretized_logistic_mixture","components":5}' \
            train_images pixelcnn_pp features=32 resnet_blocks=1 &&
        for model in "pixelcnn features=32 blocks=7 head_features=32" "gated_pixelcnn features=64 layers=12 kernel_size=5 head_features=64" \
            "row_lstm features=32 hidden=16 layers=7 head_features=32" "diagonal_bilstm features=32 hidden=16 layers=7 head_features=32"; do
            sample_images $model || return 1
        done
}
train_images() {
    local family=$1 keys=() key
    shift
    for key in "$@" 'data={"kind":"image","height":28,"width":28,"channels":1,"levels":2}' 'distribution={"type":"bernoulli"}'; do keys+=(--set "$key"); done
    timed gatun train "$DATA" --family "$family" "${keys[@]}" --batch "${BATCH:-128}" --validation 0 --max-steps "${STEPS:-20}" --verbose ${MORE:-} \
        --out "$results/trained.safetensors" --device "${ON:-cuda}"
}
# Milliseconds of a step, by what runs of 10 and of so many more say of their time.
step_of() {
    local more=$1 few many
    shift
    few=$(STEPS=10 seconds_of "$@") && many=$(STEPS=$((10 + more)) seconds_of "$@") &&
        awk -v few="$few" -v many="$many" -v more="$more" -v what="${MORE:-} $*" \
            'BEGIN { printf "%.2f ms a step: %s\n", 1000 * (many - few) / more, what }'
}
seconds_of() {
    train_images "$@" 2>&1 | tee "$results/step.txt" | sed -nE 's/^all steps made.* ([0-9.]+) s$/\1/p' | grep . || { tail -n 3 "$results/step.txt" >&2; return 1; }
}
# On tensor cores, beside float32: what bench/peers/training.py has as P2 and P++.
tensor_timings() {
    local products
    [ -n "${DATA:-}" ] || return 0
    for products in own tf32 bf16; do
        MORE="--products $products" step_of 200 gated_pixelcnn features=64 layers=12 kernel_size=5 head_features=64 || return 1
        MORE="--products $products --set distribution={\"type\":\"discretized_logistic_mixture\",\"components\":5}" \
            BATCH=32 step_of 50 pixelcnn_pp features=160 resnet_blocks=5 || return 1
    done
}
# 256 images after a step of training, and how long 16 take the processor; these must be the first of the others.
sample_images() {
    STEPS=1 train_images "$@" || return 1
    local device precision
    for device in cpu cuda; do
        timed gatun sample "$results/trained.safetensors" --count 16 --seed 5 --out "$results/$device.npy" --device "$device" || return 1
    done
    cmp "$results/cpu.npy" "$results/cuda.npy" || return 1
    for precision in f32 bf16; do
        timed gatun sample "$results/trained.safetensors" --count 256 --seed 5 --out "$results/$precision.npy" --device cuda \
            --precision "$precision" || return 1
    done
}
# Each method of sampling, with what it says of its time; all draw the same.
methods() {
    local count method
    for count in 1 16 256; do
        for method in cached predictive jacobi gs-jacobi auto; do
            gatun sample mnist --count "$count" --seed 3 --method "$method" --explain --out "$results/$method.npy" --device cuda &&
                cmp "$results/cached.npy" "$results/$method.npy" || return 1
        done
    done
}
# What goes position by position: the same files, and how long they take.
conditionals() {
    local device
    gatun sample mnist --count 2048 --seed 9 --out "$results/images.npy" --device cuda || return 1
    for device in cpu cuda; do
        timed gatun compress mnist --data "$results/images.npy" --out "$results/$device.gtn" --device "$device" &&
            timed gatun decompress "$results/cpu.gtn" --model mnist --out "$results/$device.npy" --device "$device" &&
            timed gatun defend mnist --data "$results/images.npy" --epsilon 1 --out "$results/defended-$device.npy" --device "$device" || return 1
    done
    cmp "$results/cpu.gtn" "$results/cuda.gtn" && cmp "$results/images.npy" "$results/cuda.npy" &&
        cmp "$results/defended-cpu.npy" "$results/defended-cuda.npy"
}
# One line for each test that fails, and how many passed.
tests() {
    "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "-Dgatun.library.path=$build/native/libgatun.so" \
        "-Dgatun.cuda.library.path=$build/native/libgatun_cuda.so" -cp "$TESTS" org.junit.platform.console.ConsoleLauncher \
        execute --disable-banner --details=summary -c dev.gatun.CudaTest -c dev.gatun.CudaPassTest \
        -c dev.gatun.CudaStepsTest -c dev.gatun.CudaGridTest -c dev.gatun.CudaTrainingTest -c dev.gatun.CudaWindowsTest \
        -c dev.gatun.CudaStreamSamplerTest -c dev.gatun.CudaStreamServiceTest -c dev.gatun.cli.CudaSampleTest \
        -c dev.gatun.CudaForecastTest -c dev.gatun.CudaConditionalsTest -c dev.gatun.cli.CudaVerbsTest
}
if [ -n "${JAVA_HOME:-}" ] && [ -n "${TESTS:-}" ]; then
    tests >"$results/tests.txt" 2>&1 || failed+=(tests)
    grep -vE '^\s+(at |org\.|java\.|\.\.\.)' "$results/tests.txt" | cut -c 1-300 | tail -n 60
fi
if [ -n "${JAVA_HOME:-}" ] && [ -n "${CLASSES:-}" ]; then
    same_samples || failed+=("command line")
    timings 2>&1 | tee "$results/timings.txt" || failed+=(timings)
    tensor_timings 2>&1 | tee "$results/tensor.txt" || failed+=("tensor timings")
    methods 2>&1 | tee "$results/methods.txt" || failed+=(methods)
    conditionals 2>&1 | tee "$results/conditionals.txt" || failed+=(conditionals)
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
