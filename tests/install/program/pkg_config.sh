#!/bin/sh
# Builds the program with pkg-config and runs it: pkg_config.sh COMPILER c|cxx PREFIX LIBDIR shared|static FOLDER
set -eu
compiler=$1 language=$2 prefix=$3 libdir=$4 linkage=$5 folder=$6
source=$(dirname "$0")
mkdir -p "$folder"
export PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
static=''
if [ "$linkage" = static ]; then static=--static; fi
case $language in
  c) set -- -std=c99 "$source/program.c" ;;
  cxx) set -- -std=c++20 "$source/program.cpp" ;;
esac
# pkg-config escapes what the shell would split, so its answer is to be read by the shell.
# shellcheck disable=SC2086
flags=$(pkg-config --cflags --libs $static libmatch)
eval "set -- \"\$@\" $flags"
"$compiler" -Wall -Wextra -Wpedantic -Werror -o "$folder/program" "$@"
LD_LIBRARY_PATH="$prefix/$libdir" "$folder/program"
