#include "index/index_file_layout.h"

#include <algorithm>
#include <bit>
#include <string_view>

#include "core/hashes.h"
#include "core/utf8.h"

namespace libmatch::detail {

static_assert(sizeof(std::size_t) >= sizeof(std::uint64_t), "sizes in a file are used as sizes in memory");

namespace {

// Not text, and changed by whatever takes it for text.
constexpr std::array<std::uint8_t, 8> magic{0x89, 'L', 'M', 'I', '\r', '\n', 0x1A, '\n'};
// The version of files without keypoints, which older libraries read too, and of those with them.
constexpr std::uint32_t version_without_keypoints = 2;
constexpr std::uint32_t format_version = 3;
constexpr std::uint32_t byte_order_mark = 0x01020304;
// Four tables of four kinds, five that only the codes have, and seven of the keypoints.
constexpr std::size_t max_sections = 28;

// Offsets of the header's fields.
namespace field {
constexpr std::size_t version = 8;
constexpr std::size_t byte_order = 12;
constexpr std::size_t file_size = 16;
constexpr std::size_t header_size = 24;
constexpr std::size_t section_count = 28;
constexpr std::size_t checksum = 32;
constexpr std::size_t library_version = 48;
constexpr std::size_t hash = 52;
constexpr std::size_t bits = 56;
constexpr std::size_t profile_size = 60;
constexpr std::size_t next_id = 64;
constexpr std::size_t counts = 72;
constexpr std::size_t section_table = 104;  // and behind it the profile
}  // namespace field

// Offsets of a section table entry's fields.
namespace entry_field {
constexpr std::size_t kind = 0;
constexpr std::size_t table = 4;
constexpr std::size_t offset = 8;
constexpr std::size_t size = 16;
constexpr std::size_t checksum = 24;
constexpr std::size_t end = 40;
}  // namespace entry_field

constexpr auto last_kind_of_digests = static_cast<std::uint32_t>(section_kind::label_bytes);
constexpr auto last_kind_of_codes = static_cast<std::uint32_t>(section_kind::bucket_words);

constexpr auto last_kind = static_cast<std::uint32_t>(section_kind::signatures);

constexpr std::array<const char *, 5> table_names{"codes", "md5", "sha1", "sha256", "keypoints"};

template <typename Integer>
void store_integer(std::vector<std::uint8_t> &bytes, std::size_t offset, Integer value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

std::uint64_t aligned(std::uint64_t offset) noexcept {
  return (offset + section_alignment - 1) / section_alignment * section_alignment;
}

template <typename... Parts>
[[noreturn]] void fail_in_header(const std::string &path, std::size_t offset, const Parts &...parts) {
  fail(LM_ERROR_FORMAT, path, ": section header, offset ", offset, ": ", parts...);
}

// Over all of the header but the field that holds it.
checksum header_checksum(const std::vector<std::uint8_t> &header) {
  checksum_stream sum;
  sum.update(header.data(), field::checksum);
  sum.update(header.data() + field::library_version, header.size() - field::library_version);
  return sum.value();
}

// Whether codes of this hash can be an index's: digests have tables of their own.
bool known_hash(lm_hash hash) noexcept {
  const hash_description *description = describe(hash);
  return description != nullptr && !description->is_digest;
}

bool valid_bits(lm_hash hash, std::uint32_t bits) noexcept { return has_width(*describe(hash), bits); }

bool valid_profile(std::string_view profile) noexcept {
  return is_utf8(profile) && profile.find('\0') == std::string_view::npos;
}

// Everything that can be said before the header's size is known.
void check_beginning(const byte_source &source, const std::vector<std::uint8_t> &start) {
  const std::string &path = source.name();
  if (start.empty()) {
    fail_in_header(path, 0, "not a libmatch index: the file is empty");
  }
  for (std::size_t i = 0; i < magic.size(); ++i) {
    if (i >= start.size() || start[i] != magic[i]) {
      fail_in_header(path, i, "not a libmatch index");
    }
  }
  if (start.size() < field::section_table) {
    fail_in_header(path, start.size(), "the file ends within the header");
  }
  const auto version = load_integer<std::uint32_t>(start.data() + field::version);
  if (version != format_version && version != version_without_keypoints) {
    fail_in_header(path, field::version, "format version ", version, ", but this library reads versions ",
                   version_without_keypoints, " and ", format_version,
                   version > format_version ? ": a newer library wrote it"
                                            : ": an older library wrote it, and the index must be built anew");
  }
  const auto order = load_integer<std::uint32_t>(start.data() + field::byte_order);
  if (order != byte_order_mark) {
    fail_in_header(path, field::byte_order, "not in little-endian byte order");
  }
  const auto file_size = load_integer<std::uint64_t>(start.data() + field::file_size);
  if (file_size != source.size()) {
    fail_in_header(path, field::file_size, "the file should have ", file_size, " bytes and has ", source.size(),
                   file_size > source.size() ? ": it is truncated" : "");
  }
  const auto header_size = load_integer<std::uint32_t>(start.data() + field::header_size);
  const auto section_count = load_integer<std::uint32_t>(start.data() + field::section_count);
  const auto profile_size = load_integer<std::uint32_t>(start.data() + field::profile_size);
  if (section_count > max_sections) {
    fail_in_header(path, field::section_count, section_count, " sections are more than the ", max_sections,
                   " there can be");
  }
  if (profile_size > max_profile_bytes) {
    fail_in_header(path, field::profile_size, "a profile of ", profile_size, " bytes is longer than ",
                   max_profile_bytes);
  }
  if (header_size != field::section_table + section_count * entry_field::end + profile_size) {
    fail_in_header(path, field::header_size, "a header of ", header_size, " bytes does not fit ", section_count,
                   " sections and a profile of ", profile_size, " bytes");
  }
  if (header_size > file_size) {
    fail_in_header(path, field::header_size, "the header goes beyond the end of the file");
  }
}

void read_description(const std::string &path, const std::vector<std::uint8_t> &header, file_layout &layout) {
  index_description &description = layout.description;
  description.library_version = load_integer<std::int32_t>(header.data() + field::library_version);
  description.hash = load_integer<lm_hash>(header.data() + field::hash);
  description.bits = load_integer<std::uint32_t>(header.data() + field::bits);
  if (!known_hash(description.hash)) {
    fail_in_header(path, field::hash, "hash ", description.hash, " is not known to this library");
  }
  if (!valid_bits(description.hash, description.bits)) {
    fail_in_header(path, field::bits, description.bits, " bits are no width of a code of this hash");
  }
  const auto profile_size = load_integer<std::uint32_t>(header.data() + field::profile_size);
  description.profile.assign(header.end() - profile_size, header.end());
  if (!valid_profile(description.profile)) {
    fail_in_header(path, header.size() - profile_size, "the profile is not text in UTF-8");
  }
  layout.next_id = load_integer<std::int64_t>(header.data() + field::next_id);
  if (layout.next_id < 0) {
    fail_in_header(path, field::next_id, "the next id, ", layout.next_id, ", is negative");
  }
  for (std::size_t t = 0; t < layout.counts.size(); ++t) {
    const std::size_t offset = field::counts + t * sizeof(std::uint64_t);
    layout.counts[t] = load_integer<std::uint64_t>(header.data() + offset);
    if (layout.counts[t] > max_table_rows) {
      fail_in_header(path, offset, layout.counts[t], " entries of ", table_names[t], " are more than ",
                     max_table_rows);
    }
  }
}

bool known_section(std::uint32_t kind, std::uint32_t table, std::uint32_t version) noexcept {
  if (table == keypoint_table_number) {
    return version == format_version &&
           std::any_of(keypoint_sections.begin(), keypoint_sections.end(),
                       [&](auto known) { return static_cast<std::uint32_t>(known) == kind; });
  }
  return table < keypoint_table_number && kind >= 1 &&
         kind <= (table == 0 ? last_kind_of_codes : last_kind_of_digests);
}

// The sections lie one behind the other, with no more between them than alignment asks for, and fill the file.
void read_section_table(const byte_source &source, const std::vector<std::uint8_t> &header, file_layout &layout) {
  const std::string &path = source.name();
  const auto count = load_integer<std::uint32_t>(header.data() + field::section_count);
  const auto version = load_integer<std::uint32_t>(header.data() + field::version);
  std::uint64_t end = header.size();
  std::uint64_t last_place = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = field::section_table + i * entry_field::end;
    const std::uint8_t *entry = header.data() + at;
    const auto kind = load_integer<std::uint32_t>(entry + entry_field::kind);
    file_section section;
    section.table = load_integer<std::uint32_t>(entry + entry_field::table);
    section.offset = load_integer<std::uint64_t>(entry + entry_field::offset);
    section.size = load_integer<std::uint64_t>(entry + entry_field::size);
    section.sum = {load_integer<std::uint64_t>(entry + entry_field::checksum),
                   load_integer<std::uint64_t>(entry + entry_field::checksum + 8)};
    if (!known_section(kind, section.table, version)) {
      fail_in_header(path, at, "section kind ", kind, " of table ", section.table, " is not known to this library");
    }
    section.kind = static_cast<section_kind>(kind);
    const std::uint64_t place = section.table * (last_kind + 1) + kind;
    if (place <= last_place) {
      fail_in_header(path, at, "section ", section_name(section.kind, section.table), " is not in its place");
    }
    last_place = place;
    if (section.offset != aligned(end)) {
      fail_in_header(path, at + entry_field::offset, "section ", section_name(section.kind, section.table),
                     " is said to begin at offset ", section.offset, " and not at ", aligned(end));
    }
    if (section.size == 0 || section.offset > source.size() || section.size > source.size() - section.offset) {
      fail_in_header(path, at + entry_field::size, "section ", section_name(section.kind, section.table), " of ",
                     section.size, " bytes at offset ", section.offset, " does not fit a file of ", source.size(),
                     " bytes");
    }
    end = section.offset + section.size;
    layout.sections.push_back(section);
  }
  if (version == format_version && layout.find(keypoint_table_number, section_kind::keypoint_shape) == nullptr) {
    fail_in_header(path, field::version, "format version ", version, ", but no keypoints");
  }
  if (end != source.size()) {
    fail_in_header(path, field::section_count, "the sections end at offset ", end, " of ", source.size());
  }
}

// A table of n rows has exactly the sections that n rows take.
void check_table_sections(const std::string &path, const file_layout &layout, std::uint32_t table,
                          std::uint32_t words) {
  const std::uint64_t count = layout.counts[table];
  const auto check = [&](section_kind kind, bool wanted, std::uint64_t size) {
    const file_section *section = layout.find(table, kind);
    if ((section != nullptr) != wanted) {
      fail_in_header(path, field::counts + table * sizeof(std::uint64_t), count, " entries of ", table_names[table],
                     wanted ? " without section " : " but there is section ", section_name(kind, table));
    }
    if (section != nullptr && size != 0 && section->size != size) {
      fail_in_section(path, *section, 0, section->size, " bytes, but ", count, " entries take ", size);
    }
  };
  check(section_kind::rows, count != 0, count * words * sizeof(std::uint64_t));
  check(section_kind::ids, count != 0, count * sizeof(std::int64_t));
  const bool labels = count != 0 && layout.find(table, section_kind::label_offsets) != nullptr;
  check(section_kind::label_offsets, labels, (count + 1) * sizeof(std::uint64_t));
  check(section_kind::label_bytes, labels, 0);
  if (table != 0) {
    return;
  }
  const bool layouts = count != 0 && describe(layout.description.hash)->compared_by == metric::hamming;
  const bool planes = layouts && layout.find(table, section_kind::planes) != nullptr;
  check(section_kind::planes, planes, plane_layout::words(count) * sizeof(std::uint64_t));
  const bool buckets = layouts && layout.find(table, section_kind::bucket_shape) != nullptr;
  check(section_kind::bucket_shape, buckets, sizeof(bucket_shape));
  check(section_kind::bucket_starts, buckets, 0);
  check(section_kind::bucket_rows, buckets, 0);
  check(section_kind::bucket_words, buckets, 0);
}

// Either none of the sections of the keypoints, or those that their shape asks for, in its sizes.
void read_keypoint_shape(const byte_source &source, file_layout &layout) {
  const std::string &path = source.name();
  const file_section *section = layout.find(keypoint_table_number, section_kind::keypoint_shape);
  if (section != nullptr) {
    if (section->size != sizeof layout.keypoints) {
      fail_in_section(path, *section, 0, section->size, " bytes are no shape of keypoints");
    }
    source.read(&layout.keypoints, sizeof layout.keypoints, section->offset);
    const stored_keypoint_shape &shape = layout.keypoints;
    if (shape.references == 0 || shape.references > shape.points || shape.points > max_file_points ||
        shape.signature_bytes > max_signature_bytes) {
      fail_in_section(path, *section, 0, shape.references, " references of ", shape.points,
                      " points with signatures of ", shape.signature_bytes, " bytes cannot be");
    }
    if (shape.extraction != keypoint_extraction) {
      fail_in_section(path, *section, 20, "keypoints of extraction ", shape.extraction, ", but this library's is ",
                      keypoint_extraction);
    }
  }
  for (const section_kind kind : keypoint_sections) {
    const std::uint64_t size = section != nullptr ? keypoint_section_bytes(layout.keypoints, kind) : 0;
    const file_section *part = layout.find(keypoint_table_number, kind);
    if ((part != nullptr) != (size != 0)) {
      fail_in_header(path, field::section_count, layout.keypoints.references, " references with keypoints",
                     size != 0 ? " without section " : " but there is section ",
                     section_name(kind, keypoint_table_number));
    }
    if (part != nullptr && part->size != size) {
      fail_in_section(path, *part, 0, part->size, " bytes, but ", layout.keypoints.references, " references of ",
                      layout.keypoints.points, " points take ", size);
    }
  }
}

}  // namespace

std::uint64_t keypoint_section_bytes(const stored_keypoint_shape &shape, section_kind kind) noexcept {
  switch (kind) {
    case section_kind::ids:
      return shape.references * sizeof(std::int64_t);
    case section_kind::keypoint_shape:
      return sizeof shape;
    case section_kind::keypoint_starts:
      return (shape.references + 1) * sizeof(std::uint32_t);
    case section_kind::plane_sizes:
      return shape.references * sizeof(stored_plane_size);
    case section_kind::keypoints:
      return shape.points * sizeof(keypoint);
    case section_kind::keypoint_codes:
      return shape.points * keypoint_code_words * sizeof(std::uint64_t);
    case section_kind::signatures:
      return shape.references * shape.signature_bytes;
    default:
      return 0;
  }
}

std::string section_name(section_kind kind, std::uint32_t table) {
  constexpr std::array<const char *, last_kind> kind_names{
      "rows",         "ids",           "label offsets", "labels",       "planes",
      "bucket shape", "bucket starts", "bucket rows",   "bucket words", "shape",
      "starts",       "plane sizes",   "points",        "point codes",  "signatures"};
  return std::string(kind_names[static_cast<std::size_t>(kind) - 1]) + " of " + table_names[table];
}

void require_little_endian() {
  if constexpr (std::endian::native != std::endian::little) {
    fail(LM_ERROR_UNSUPPORTED, "index files are little-endian, and this machine is not");
  }
}

std::uint64_t file_layout::header_size() const noexcept {
  return field::section_table + sections.size() * entry_field::end + description.profile.size();
}

std::uint64_t file_layout::file_size() const noexcept {
  return sections.empty() ? header_size() : sections.back().offset + sections.back().size;
}

const file_section *file_layout::find(std::uint32_t table, section_kind kind) const noexcept {
  for (const file_section &section : sections) {
    if (section.table == table && section.kind == kind) {
      return &section;
    }
  }
  return nullptr;
}

bucket_layout read_bucket_shape(const byte_source &source, const file_layout &layout) {
  bucket_layout buckets;
  const file_section *section = layout.find(0, section_kind::bucket_shape);
  if (section == nullptr) {
    return buckets;
  }
  bucket_shape shape{};
  source.read(&shape, sizeof shape, section->offset);
  const std::uint32_t bits = layout.description.bits;
  if (!is_possible(shape, bits)) {
    fail_in_section(source.name(), *section, 0, shape.tables, " tables of ", shape.width, " bits and ",
                    shape.n_inline, " words inline and ", shape.lines, " lines are no buckets of codes of ", bits,
                    " bits");
  }
  buckets = layout_of(shape, layout.counts[0]);
  const auto check = [&](section_kind kind, std::size_t words) {
    const file_section &part = *layout.find(0, kind);
    if (part.size != buckets.tables * words * sizeof(std::uint32_t)) {
      fail_in_section(source.name(), part, 0, part.size, " bytes, but ", buckets.tables, " tables take ",
                      buckets.tables * words * sizeof(std::uint32_t));
    }
  };
  check(section_kind::bucket_starts, buckets.starts_of_table());
  check(section_kind::bucket_rows, buckets.rows_of_table());
  check(section_kind::bucket_words, buckets.words_of_table());
  return buckets;
}

void place_sections(file_layout &layout) noexcept {
  std::uint64_t end = layout.header_size();
  for (file_section &section : layout.sections) {
    section.offset = aligned(end);
    end = section.offset + section.size;
  }
}

std::vector<std::uint8_t> encode_header(const file_layout &layout) {
  const index_description &description = layout.description;
  if (!known_hash(description.hash) || !valid_bits(description.hash, description.bits)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "hash ", description.hash, " of ", description.bits, " bits cannot be stored");
  }
  if (description.profile.size() > max_profile_bytes || !valid_profile(description.profile)) {
    fail(LM_ERROR_INVALID_ARGUMENT, "the profile is not text in UTF-8 of up to ", max_profile_bytes, " bytes");
  }
  std::vector<std::uint8_t> header(static_cast<std::size_t>(layout.header_size()));
  std::memcpy(header.data(), magic.data(), magic.size());
  store_integer(header, field::version,
                layout.keypoints.references != 0 ? format_version : version_without_keypoints);
  store_integer(header, field::byte_order, byte_order_mark);
  store_integer(header, field::file_size, layout.file_size());
  store_integer(header, field::header_size, static_cast<std::uint32_t>(header.size()));
  store_integer(header, field::section_count, static_cast<std::uint32_t>(layout.sections.size()));
  store_integer(header, field::library_version, description.library_version);
  store_integer(header, field::hash, description.hash);
  store_integer(header, field::bits, description.bits);
  store_integer(header, field::profile_size, static_cast<std::uint32_t>(description.profile.size()));
  store_integer(header, field::next_id, layout.next_id);
  for (std::size_t t = 0; t < layout.counts.size(); ++t) {
    store_integer(header, field::counts + t * sizeof(std::uint64_t), layout.counts[t]);
  }
  std::size_t at = field::section_table;
  for (const file_section &section : layout.sections) {
    store_integer(header, at + entry_field::kind, static_cast<std::uint32_t>(section.kind));
    store_integer(header, at + entry_field::table, section.table);
    store_integer(header, at + entry_field::offset, section.offset);
    store_integer(header, at + entry_field::size, section.size);
    store_integer(header, at + entry_field::checksum, section.sum.low);
    store_integer(header, at + entry_field::checksum + 8, section.sum.high);
    at += entry_field::end;
  }
  description.profile.copy(reinterpret_cast<char *>(header.data()) + at, description.profile.size());
  const checksum sum = header_checksum(header);
  store_integer(header, field::checksum, sum.low);
  store_integer(header, field::checksum + 8, sum.high);
  return header;
}

file_layout read_layout(const byte_source &source) {
  require_little_endian();
  std::vector<std::uint8_t> header(std::min<std::uint64_t>(source.size(), field::section_table));
  source.read(header.data(), header.size(), 0);
  check_beginning(source, header);
  // At most 104 + 28 x 40 + 65535 bytes, all of them in the file.
  header.resize(load_integer<std::uint32_t>(header.data() + field::header_size));
  source.read(header.data() + field::section_table, header.size() - field::section_table, field::section_table);
  const checksum stored{load_integer<std::uint64_t>(header.data() + field::checksum),
                        load_integer<std::uint64_t>(header.data() + field::checksum + 8)};
  if (!(header_checksum(header) == stored)) {
    fail_in_header(source.name(), field::checksum, "its ", header.size(), " bytes are not those that were written");
  }
  file_layout layout;
  read_description(source.name(), header, layout);
  read_section_table(source, header, layout);
  const index_snapshot empty = empty_snapshot(layout.description);
  for (std::uint32_t t = 0; t < empty.tables.size(); ++t) {
    check_table_sections(source.name(), layout, t, empty.tables[t].words());
  }
  read_keypoint_shape(source, layout);
  return layout;
}

}  // namespace libmatch::detail
