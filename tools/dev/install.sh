# shellcheck shell=bash
# Sourced by dev: what the verbs stand on, and how it gets onto the machine.

# libheif1 is no part of the build: it is opened at run time, and the tests make their own HEIC and AVIF with it.
BUILD_PACKAGES=(build-essential cmake ninja-build pkg-config libjpeg62-turbo-dev libpng-dev libwebp-dev libgif-dev
  libtiff-dev libssl-dev libexpat1-dev libsqlite3-dev rapidjson-dev libtbb-dev libthrust-dev libxxhash-dev libcli11-dev
  nlohmann-json3-dev libgtest-dev libheif1 python3)
PYTHON_PACKAGES=(python3-dev python3-venv)
LINT_PACKAGES=(clang-format-14 shellcheck)
BENCH_PACKAGES=(libbenchmark-dev)
FUZZ_PACKAGES=(clang-14 libclang-rt-14-dev)
# For the preset neon: a cross-compiler, what it links of the other architecture, and what runs the tests.
ARM_PACKAGES=(g++-12-aarch64-linux-gnu qemu-user libjpeg62-turbo-dev:arm64 libpng-dev:arm64 libwebp-dev:arm64
  libgif-dev:arm64 libtiff-dev:arm64 libssl-dev:arm64 libexpat1-dev:arm64 libsqlite3-dev:arm64 libtbb-dev:arm64
  libgtest-dev:arm64)

PYTHON=${PYTHON:-/usr/bin/python3}

# need_packages NAME…: of this machine's architecture; NAME:ARCHITECTURE of another one, after need_architecture.
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "This is no Debian: it must offer what these packages do: $*"
    return
  fi
  local native installed package missing=()
  native=$(dpkg --print-architecture)
  installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}:${Architecture}\n' |
    sed --quiet --regexp-extended "s/:($native|all)\$//; s/^installed //p")
  for package in "$@"; do
    if ! grep --quiet --line-regexp --fixed-strings "$package" <<<"$installed"; then missing+=("$package"); fi
  done
  if ((${#missing[@]} == 0)); then return; fi
  say "Installing packages: ${missing[*]}"
  as_root apt-get update --quiet
  as_root apt-get install --quiet --yes --no-install-recommends "${missing[@]}"
}

# need_architecture NAME: lets packages of another architecture be installed beside this machine's own.
need_architecture() {
  if ! command -v dpkg >/dev/null || dpkg --print-foreign-architectures | grep --quiet --line-regexp "$1"; then return; fi
  say "Adding Debian's architecture $1"
  as_root dpkg --add-architecture "$1"
}

as_root() {
  if ((EUID == 0)); then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif ! command -v sudo >/dev/null; then
    say "Neither root nor sudo here. As root: $*" >&2
    return 1
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# One line for the content of all files given, and of all in the folders given.
hash_of_files() {
  local path found=()
  for path in "$@"; do
    if [[ -e $path ]]; then found+=("$path"); fi
  done
  find "${found[@]}" -type f ! -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

# Stamps say for which state a slow step was last done.
stamp_is() { [[ -f .cache/$1 && $(<".cache/$1") == "$2" ]]; }
set_stamp() {
  mkdir -p .cache
  printf '%s\n' "$2" >".cache/$1"
}

# make_venv FOLDER REQUIREMENTS…: the virtual environment in FOLDER, holding exactly these requirements.
make_venv() {
  local folder=$1 name state
  shift
  name=venv_$(basename "$folder")
  state="$ROOT $("$PYTHON" --version) $(hash_of_files "$@")"
  if stamp_is "$name" "$state" && [[ -x $folder/bin/python ]]; then return; fi
  say "Making the virtual environment $folder"
  rm -rf "$folder"
  "$PYTHON" -m venv "$folder"
  local requirements options=()
  for requirements in "$@"; do options+=(--requirement "$requirements"); done
  "$folder/bin/python" -m pip install --quiet "${options[@]}"
  set_stamp "$name" "$state"
}

need_venv() { make_venv .venv tools/requirements/dev.txt; }
need_lint_venv() { make_venv build/lint-venv tools/requirements/dev.txt tools/requirements/lint.txt; }

need_gpu_venv() { make_venv build/gpu-venv tools/requirements/gpu.txt; }

# nvcc of the system, or of NVIDIA's wheels where CMake looks for it (cmake/cuda.cmake).
need_cuda() {
  if command -v nvcc >/dev/null || [[ -n ${CUDACXX:-} || -x /usr/local/cuda/bin/nvcc ]]; then return; fi
  need_packages "${PYTHON_PACKAGES[@]}"
  make_venv build/cuda-venv tools/requirements/cuda.txt
}

need_peers_venv() {
  make_venv build/peers-venv tools/requirements/peers.txt
  build/peers-venv/bin/python -m pip install --quiet --force-reinstall --no-deps dist/libmatch-*.whl
}
