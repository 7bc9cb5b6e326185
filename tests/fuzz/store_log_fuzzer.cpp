// Any bytes are a log, with or without a torn tail, or an error that names file and offset; what it holds can be
// applied.
//
// Byte 0 chooses. Bit 7: the rest follows the first page. Otherwise the rest edits a whole log, as
// store_segment_fuzzer does. Bit 6: the checksums of the records are made right afterwards.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "core/checksum.h"
#include "core/error.h"
#include "store/change_codec.h"
#include "store/loading.h"
#include "support/simulated_file_system.h"
#include "support/store_model.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

using bytes = std::vector<std::uint8_t>;
constexpr std::size_t record_header_bytes = 48;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// A log of several records, of every change.
bytes make_original() {
  simulated_file_system files;
  log_writer log(files, "log", 1, {});
  random_source random(1);
  for (int record = 0; record < 6; ++record) {
    change_encoder changes;
    for (const model_change &change : random_transaction(random, 8, 1000 + record)) {
      const model_entry &entry = change.entry;
      if (change.what == model_change::kind::attribute) {
        changes.set_attribute(entry.list, change.attribute, change.value);
      } else if (change.what == model_change::kind::withdraw) {
        changes.withdraw({entry.list, entry.list_id, entry.hash, entry.bits,
                          entry.code.empty() ? nullptr : entry.code.data(), entry.id_given ? entry.id : -1,
                          change.whole_list, change.by, change.reason, entry.time, change.entries_until,
                          change.only_outdated});
      } else {
        changes.add({entry.hash, entry.bits, entry.code.data(), entry.list, entry.list_id, entry.label,
                     entry.id_given ? entry.id : -1, entry.time});
      }
    }
    log.append(1, changes.bytes());
    if (record % 2 == 0) {
      log.sync();
    }
  }
  return files.disk.names.at("log")->content;
}

// docs/store.md: a record is 48 bytes of header, of which the last 16 are the checksum of the salt, the first 32 and
// the payload.
void repair_checksums(bytes &file) {
  std::size_t at = page_bytes;
  while (file.size() - at >= record_header_bytes) {
    std::uint32_t payload = 0;
    std::memcpy(&payload, &file[at + 4], sizeof payload);
    const std::size_t padded = (std::size_t{payload} + 7) / 8 * 8;
    if (padded > file.size() - at - record_header_bytes) {
      return;
    }
    checksum_stream sum;
    sum.update(&file[64], 32);
    sum.update(&file[at], 32);
    sum.update(file.data() + at + record_header_bytes, payload);
    const checksum value = sum.value();
    std::memcpy(&file[at + 32], &value.low, 8);
    std::memcpy(&file[at + 40], &value.high, 8);
    at += record_header_bytes + padded;
  }
}

bytes file_of(const std::uint8_t *data, std::size_t size) {
  static const bytes original = make_original();
  bytes file = original;
  if ((data[0] & 0x80U) != 0) {
    file.resize(page_bytes);
    file.insert(file.end(), data + 1, data + size);
  } else {
    const std::uint8_t *edit = data + 1;
    for (std::size_t left = size - 1; left >= 12; edit += 12, left -= 12) {
      const std::size_t place = (edit[0] | std::size_t{edit[1]} << 8) % file.size();
      if (edit[3] == 0xFF) {
        file.resize(std::max<std::size_t>(place + 1, page_bytes));
      } else {
        std::memcpy(&file[place], edit + 4, std::min<std::size_t>(edit[3] % 8 + 1U, file.size() - place));
      }
    }
  }
  if ((data[0] & 0x40U) != 0) {
    repair_checksums(file);
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  simulated_file_system files;
  const auto file = std::make_shared<simulated_disk::inode>();
  file->content = file_of(data, size);
  files.disk.names["log"] = file;
  try {
    log_reader log(files, "log", 1, {});
    store_state state;
    apply_records(state, "log", log.read_new());
    const std::vector<std::string> lines = lines_of(state.snapshot());
    require(!lines.empty());
    // What was read once is not read again.
    require(log.read_new().empty());
  } catch (const error &failure) {
    const std::string_view message = failure.what();
    // A log may ask for more ids than there are.
    const bool runs_out = failure.status() == LM_ERROR_INVALID_ARGUMENT && message.substr(0, 4) == "ids:";
    require(runs_out || (failure.status() == LM_ERROR_FORMAT && message.substr(0, 4) == "log:"));
  }
  return 0;
}
