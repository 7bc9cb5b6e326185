// Any bytes are the body of a segment file or an error that names it; what is opened is in bounds, whatever is read,
// looked up or searched in it, and what the checks let pass holds together.
//
// Byte 0 chooses. Bit 7: the rest is a body. Otherwise the rest edits a whole one: a record of 12 bytes is a place (3
// bytes), a width (1; 255 cuts there) and a value (8).
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "backend/backend.h"
#include "core/aligned_vector.h"
#include "core/error.h"
#include "store/entry_lookup.h"
#include "store/segment_file.h"
#include "support/simulated_file_system.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

constexpr std::size_t n_rows = 600;
constexpr std::size_t n_originals = 4;
constexpr std::array<lm_hash, n_originals> hashes{LM_HASH_PDQ256, LM_HASH_MD5, history_hash, LM_HASH_AHASH64};
constexpr std::array<std::uint32_t, n_originals> widths{256, 128, history_bits, 64};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// The body of a written segment, as its reader sees it.
aligned_vector<std::uint8_t> make_original(std::size_t which) {
  random_source random(which + 1);
  segment_draft draft(hashes[which], widths[which], n_rows);
  for (std::size_t r = 0; r < n_rows; ++r) {
    const std::array<std::uint64_t, 4> row{random.next(), random.next(), random.next(), random.next()};
    const std::string list_id = r % 3 == 0 ? "" : "id " + std::to_string(r);
    const std::string reason = is_history(hashes[which]) ? std::string("by\0reason", 9) : "";
    draft.append({row.data(), static_cast<std::int64_t>(r), static_cast<std::uint32_t>(1 + r % 2), 5, list_id,
                  r % 2 == 0 ? "" : "label", reason});
  }
  const store_segment made = draft.finish();
  thread_pool threads(1);
  // Buckets of codes of 64 bits are small: an input takes as long as the body is large.
  if (hashes[which] == LM_HASH_PDQ256) {
    made.entry.rows->layouts().make_planes(made.entry.rows->view(), threads, derived_layouts::if_busy::wait);
  } else if (hashes[which] == LM_HASH_AHASH64) {
    made.entry.rows->layouts().make_buckets(made.entry.rows->view(), threads, derived_layouts::if_busy::wait);
  }
  simulated_file_system files;
  write_segment_file(files, "segment", 1, {}, hashes[which], widths[which], made);
  const held_bytes body = block_file(files, "segment", file_type::segment, {}).body(false, nullptr);
  return {body.bytes.begin(), body.bytes.end()};
}

aligned_vector<std::uint8_t> body_of(const std::uint8_t *data, std::size_t size, std::size_t which) {
  static const std::array<aligned_vector<std::uint8_t>, n_originals> originals{make_original(0), make_original(1),
                                                                               make_original(2), make_original(3)};
  if ((data[0] & 0x80U) != 0) {
    return {data + 1, data + size};
  }
  aligned_vector<std::uint8_t> body = originals[which];
  for (data += 1, size -= 1; size >= 12; data += 12, size -= 12) {
    const std::size_t place = (data[0] | std::size_t{data[1]} << 8 | std::size_t{data[2]} << 16) % body.size();
    if (data[3] == 0xFF) {
      body.erase(body.begin() + static_cast<std::ptrdiff_t>(place) + 1, body.end());
    } else {
      std::memcpy(&body[place], data + 4, std::min<std::size_t>(data[3] % 8 + 1U, body.size() - place));
    }
  }
  return body;
}

// Whether the call succeeds; a failure names the file.
template <typename Call>
bool succeeds(const Call &call) {
  try {
    call();
    return true;
  } catch (const error &failure) {
    const std::string_view message = failure.what();
    require(failure.status() == LM_ERROR_FORMAT);
    require(message.substr(0, 8) == "segment:" || message.substr(0, 8) == "damaged ");
    return false;
  }
}

void touch(const store_segment &segment, lm_hash hash, std::uint32_t bits) {
  store_table table;
  table.rows.hash = hash;
  table.rows.bits = bits;
  table.rows.segments.push_back(segment.entry);
  table.records.push_back(segment.records);
  table.files.push_back(1);
  const segment_view view = segment.entry.view();
  volatile std::size_t sink = 0;
  for (std::uint32_t r = 0; r < view.size; ++r) {
    succeeds([&] { sink = sink + entry_at(segment, r).label.size() + entry_at(segment, r).list_id.size(); });
  }
  succeeds([&] { sink = sink + find_code(table, view.rows).size(); });
  succeeds([&] { sink = sink + find_list_id(table, 1, "id 7").size(); });
  succeeds([&] {
    find_keys(table, segment.records->keys.subspan(0, 3),
              [&](std::size_t, row_location place) { sink = sink + place.row; });
  });
  if (hash == LM_HASH_PDQ256 || hash == LM_HASH_AHASH64) {
    static const std::shared_ptr<const backend> device = open_backend("scalar");
    thread_pool threads(1);
    progress_meter meter(nullptr, 0);
    for (const std::uint32_t distance : {0U, 7U, 31U}) {
      sink = sink +
             device->search_range({&view, 1}, {view.rows, 2, view.words, metric::hamming}, distance, threads, meter)
                 .ids.size();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::size_t which = data[0] % n_originals;
  const aligned_vector<std::uint8_t> body = body_of(data, size, which);
  const expected_segment expected{1, hashes[which], widths[which], n_rows};
  succeeds([&] {
    const store_segment segment = segment_in("segment", {{body.data(), body.size()}, nullptr}, expected);
    touch(segment, expected.hash, expected.bits);
    check_segment("segment", segment, expected);
  });
  return 0;
}
