// Any bytes are an index or an error with section and offset; what is opened holds together.
//
// Byte 0 chooses. Bit 7: the rest is a file. Otherwise the rest edits one of nine whole files, because nobody finds
// pages of padding between sections by trial: a record of 12 bytes is a place (3 bytes), a width (1) and a value (8).
// Bit 6: the checksums are made right afterwards, so that the checks behind them are reached.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "core/aligned_vector.h"
#include "index/index_file.h"
#include "support/index_file_support.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bytes edited(const bytes &original, const std::uint8_t *records, std::size_t size) {
  constexpr std::size_t record_size = 12;
  bytes file = original;
  for (; size >= record_size; records += record_size, size -= record_size) {
    const std::size_t place =
        (records[0] | std::size_t{records[1]} << 8 | std::size_t{records[2]} << 16) % file.size();
    if (records[3] == 0xFF) {
      file.resize(place + 1);
    } else {
      std::memcpy(&file[place], records + 4, std::min<std::size_t>(records[3] % 8 + 1, file.size() - place));
    }
  }
  return file;
}

bytes file_of(const std::uint8_t *data, std::size_t size) {
  static const std::vector<bytes> originals = index_files_of_every_shape();
  const std::uint8_t choice = data[0];
  bytes file = (choice & 0x80U) != 0 ? bytes(data + 1, data + size)
                                     : edited(originals[choice % originals.size()], data + 1, size - 1);
  if ((choice & 0x40U) != 0) {
    repair_checksums(file);
  }
  return file;
}

// Null when the call succeeds, else its message, which names section and offset.
template <typename Call>
std::optional<std::string> refusal(const Call &call) {
  try {
    call();
    return std::nullopt;
  } catch (const error &failure) {
    const std::string_view message = failure.what();
    require(failure.status() == LM_ERROR_FORMAT && message.substr(0, 14) == "file: section " &&
            message.find(", offset ") != std::string_view::npos);
    return failure.what();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const bytes file = file_of(data, size);
  std::optional<stored_index> loaded;
  const auto loading = refusal([&] { loaded = load_index_bytes("file", file, nullptr); });
  require(refusal([&] { verify_index_bytes("file", file, nullptr); }) == loading);

  const auto memory = std::make_shared<const aligned_vector<std::uint8_t>>(file.begin(), file.end());
  std::optional<stored_index> mapped;
  const auto mapping = refusal([&] { mapped = map_index_bytes("file", *memory, memory); });
  require(!mapping || mapping == loading);
  if (mapped) {
    touch_everything(mapped->snapshot);
  }
  if (loaded) {
    require(mapped && touch_everything(loaded->snapshot) == 0);
    require(content_of(mapped->snapshot) == content_of(loaded->snapshot));
    require(keypoints_of(mapped->snapshot) == keypoints_of(loaded->snapshot));
  }
  return 0;
}
