// Any bytes are a manifest, which is then written as it was read, or an error that names file and offset. The same
// bytes are taken for a file of removed rows.
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "store/manifest.h"
#include "store/removed_file.h"

using namespace libmatch::detail;

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

template <typename Call>
void try_to(const Call &call) {
  try {
    call();
  } catch (const error &failure) {
    const std::string_view message = failure.what();
    require(failure.status() == LM_ERROR_FORMAT && message.substr(0, 13) == "file: offset ");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::span<const std::uint8_t> body(data, size);
  try_to([&] {
    manifest content;
    decode_manifest(body, "file", content);
    const std::vector<std::uint8_t> written = encode_manifest(content);
    manifest again;
    decode_manifest(written, "file", again);
    require(encode_manifest(again) == written);
  });
  try_to([&] {
    for (const auto &[file, rows] : decode_removed(body, "file")) {
      require(rows.count <= rows.bits->size() * 64);
    }
  });
  return 0;
}
