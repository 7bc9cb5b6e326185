# shellcheck shell=bash
# Sourced by dev: the verbs test and lint.

run_tests() {
  case ${1:-} in
    '') test_for_users ;;
    --all) test_all ;;
    cuda)
      test_preset cuda
      test_kernels
      ;;
    gpu) test_gpu ;;
    *) test_preset "$1" ;;
  esac
}

# The C++, ABI, install and rooms tests of a preset; ctest's summary closes. CMakePresets.json says which kinds of tests
# each has.
test_preset() {
  local preset=$1 only=()
  build "$preset"
  case $preset in
    # Under qemu nothing is as slow as what has no instruction set, and that runs everywhere.
    neon) only=(--exclude-regex '/scalar|Simulated') ;;
    # Only the concurrent part. Comparing everything with the definition takes minutes there and adds no thread.
    tsan) only=(--tests-regex "$TSAN_TESTS" --exclude-regex "TheDefinition") ;;
    # Where a backend is forced, only what opens the one that it is given can do anything else than before.
    dev) if [[ -n ${LM_BACKEND:-} ]]; then only=(--exclude-regex "$OWN_BACKEND_TESTS"); fi ;;
  esac
  say "Testing preset $preset"
  # history_size: suppressions by the place of the earlier access need its stack, however long ago it was.
  TSAN_OPTIONS="suppressions='$ROOT/tests/tsan_suppressions.txt' halt_on_error=1 history_size=7" \
    run_for "$preset" ctest --test-dir "build/$preset" --output-on-failure --parallel "$JOBS" --no-tests=error "${only[@]}"
}

# What needs the wheel; pytest's summary closes.
test_python() {
  install_wheel
  say "Testing the Python module, the command line and the README"
  # Where a backend is forced, what takes longest and searches by no other is not run again.
  local selected=()
  if [[ -n ${LM_BACKEND:-} ]]; then selected=(-k "not quick_run and not limited_time"); fi
  LIBMATCH_COMMAND="$ROOT/build/dev/bindings/cli/libmatch" LIBMATCH_PREFIX="$ROOT/build/dev/tests/install/moved" \
    LIBMATCH_PLUGINS="$ROOT/build/dev/plugins" LIBMATCH_SIMULATED="$ROOT/build/dev/simulated" \
    .venv/bin/python -m pytest -q --numprocesses "$JOBS" --dist loadfile "${selected[@]}" tests/python \
      tests/cli tests/readme
}

# The CUDA backend's kernels where there is no GPU: their PTX is interpreted, what their machine code costs compared with
# docs/gpu_cost.csv. Their sources run in other presets' tests, by the executor of tests/simt.
test_kernels() {
  need_gpu_venv
  say "Running the PTX of the kernels"
  build/gpu-venv/bin/python -m pytest -q tests/ptx
  say "Comparing the cost of the kernels"
  build/gpu-venv/bin/python tools/gpu_cost.py --check build/cuda/libmatch/libmatch_cuda.so
}

# What only a GPU can show. The suites take the devices that they find; the rest is given the first.
test_gpu() {
  build cuda libmatch_cuda
  build dev conformance property c_api_test
  install_wheel
  export LM_CUDA_OBJECT="$ROOT/build/cuda/libmatch/libmatch_cuda.so"
  say "Testing on $(nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1)"
  build/dev/tests/conformance/conformance --gtest_filter='*cuda_*'
  build/dev/tests/property/property --gtest_filter='*auto*:*Concurrent*:*SavedIndex*'
  LM_BACKEND=cuda:0 build/dev/tests/c_api/c_api_test build/dev/c_api_test_gpu.data
  LM_BACKEND=cuda:0 .venv/bin/python -m pytest -q --numprocesses 4 --dist loadfile \
    tests/python/test_{bench_backends,context,efforts,hash_files,hash_images,index,layouts,live,match}.py \
    tests/python/test_{progress,save_and_load,search,threads,vectors}.py
}

# The tests that name their backends or instruction sets themselves, and those that search nothing.
OWN_BACKEND_TESTS='[Ss]imt|Simulated|^conformance|^golden|Store|^install|^build'

# The tests whose work is done by several threads, those of CUDA among them: of each operation there, the orders of its
# threads, removed rows, streams and devices.
TSAN_TESTS='Concurrent|_threads[2-9]|^simt\.|^simt_operations\..*(_schedule|every_order|_stream|_graph|_devices|_removed)'

test_for_users() {
  test_preset dev
  test_python
}

# The backends that this machine can run but would not choose, as the library says: the best comes first, and `scalar`
# last, which has a stage of its own.
other_backends() { .venv/bin/python -c 'import libmatch; print(*libmatch.backends()[1:-1])'; }

# Every stage is a run of this script and goes on after a failure of another: one run tells all that is wrong. What it
# prints is kept in build/stages/.
failed_stages=()
stage() {
  local start=$SECONDS
  printf '\n'
  say "Stage: $*"
  mkdir -p build/stages
  if "$@" 2>&1 | tee "$(stage_log "$*")"; then
    say "Passed in $((SECONDS - start)) s: $*"
  else
    failed_stages+=("$*")
    say "FAILED after $((SECONDS - start)) s: $*"
  fi
}

stage_log() {
  local name=${1//"$ROOT/"/}
  printf 'build/stages/%s.log' "${name//[^a-zA-Z0-9]/_}"
}

# Whoever reads the end alone of a run learns what failed and why.
tell_failures() {
  local failed log
  for failed in "${failed_stages[@]}"; do
    log=$(stage_log "$failed")
    say "FAILED: $failed; the first findings and the end of $log:"
    grep -m 3 -E -A 24 '\*\*\*(Failed|Exception|Timeout)|Sanitizer|error: |^FAILED|^E  ' "$log" || true
    tail -n 12 "$log"
  done
}

test_all() {
  local dev="$ROOT/dev" backend
  unset LM_BACKEND
  stage "$dev" lint
  stage "$dev" test asan
  stage "$dev" test tsan
  # Always the same inputs, so that a finding is found again; `fuzz` by itself tries others each time.
  stage env LIBMATCH_FUZZ_SEED=1 "$dev" fuzz 5
  stage "$dev" test scalar
  stage "$dev" test neon
  stage "$dev" test cuda
  stage "$dev" test
  # Python and the command line are the same over every backend: with the plainest of them they run once more.
  for backend in $(other_backends); do
    stage env LM_BACKEND="$backend" "$dev" test dev
  done
  stage env LM_BACKEND=scalar "$dev" test
  if ((${#failed_stages[@]} > 0)); then
    tell_failures
    printf '==> FAILED: %s\n' "${failed_stages[@]}"
    return 1
  fi
}

lint() {
  need_packages "${BUILD_PACKAGES[@]}" "${PYTHON_PACKAGES[@]}" "${LINT_PACKAGES[@]}" "${BENCH_PACKAGES[@]}" "${FUZZ_PACKAGES[@]}"
  need_lint_venv
  local sources=()
  mapfile -d '' sources < <(find libmatch bindings bench cuda examples tests -type f \
    \( -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.hpp' -o -name '*.cuh' \) -print0 | sort -z)
  local failures=0
  say "clang-format"
  clang-format-14 --dry-run -Werror "${sources[@]}" || failures=$((failures + 1))
  say "Rooms"
  "$PYTHON" tests/rooms/rooms_test.py includes || failures=$((failures + 1))
  "$PYTHON" tests/rooms/rooms_test.py sizes || failures=$((failures + 1))
  say "shellcheck"
  shellcheck --external-sources dev .ci/run tests/install/program/pkg_config.sh || failures=$((failures + 1))
  say "ruff"
  build/lint-venv/bin/ruff check . || failures=$((failures + 1))
  say "mypy"
  build/lint-venv/bin/mypy || failures=$((failures + 1))
  # Both read the compile commands of the preset fuzz, which has everything. Building it compiles the library by clang.
  cmake --preset fuzz --log-level=WARNING
  say "clang"
  "$PYTHON" tools/dev/compile_quietly.py build/fuzz "$JOBS" "^$ROOT/(bindings|examples|bench|cuda|tests)/" ||
    failures=$((failures + 1))
  say "clang-tidy"
  build/lint-venv/bin/run-clang-tidy.py -quiet -clang-tidy-binary "$ROOT/build/lint-venv/bin/clang-tidy" -p build/fuzz \
    -j "$JOBS" "^$ROOT/(libmatch|bindings|examples|bench)/" || failures=$((failures + 1))
  if ((failures > 0)); then
    say "lint: $failures of its checks failed"
    return 1
  fi
  say "lint: clean"
}
