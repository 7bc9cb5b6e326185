// Codes as arrays of bytes: raw, and in NumPy's format (numpy.lib.format).
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/hashes.h"
#include "lists/plain_formats.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t max_header_bytes = std::size_t{1} << 16;

// As many bytes as `size`, fewer at the end.
std::size_t read_whole(const list_source &source, char *destination, std::size_t size) {
  std::size_t held = 0;
  while (held < size) {
    const std::size_t count = source(destination + held, size - held);
    if (count == 0) {
      break;
    }
    held += count;
  }
  return held;
}

const hash_description &kind_of_rows(const std::string &name, const plain_options &options, std::uint64_t bits) {
  const hash_description &kind = *describe(options.kind != LM_HASH_BY_WIDTH ? options.kind
                                           : bits == 256                    ? LM_HASH_PDQ256
                                                                            : LM_HASH_CODE);
  if (!has_width(kind, bits)) {
    fail(LM_ERROR_FORMAT, name, ": field bits: ", bits, " where ", kind.name, " has ", widths(kind));
  }
  return kind;
}

// Rows until the source ends; `rows` of them where that is known.
void read_rows(const list_source &source, const std::string &name, const hash_description &kind,
               std::size_t row_bytes, std::optional<std::uint64_t> rows, record_sink &sink, list_summary &summary) {
  std::vector<char> row(row_bytes);
  std::uint64_t number = 0;
  for (;; ++number) {
    const std::size_t size = read_whole(source, row.data(), row_bytes);
    if (size == 0) {
      break;
    }
    if (size != row_bytes || (rows && number == *rows)) {
      fail(LM_ERROR_FORMAT, name, ": row ", number, ": ",
           size != row_bytes ? "the file ends within it" : "one more than the header says");
    }
    list_record record;
    record.hash = kind.hash;
    record.bits = static_cast<std::uint32_t>(row_bytes * 8);
    record.code = reinterpret_cast<const std::uint8_t *>(row.data());
    record.id = static_cast<std::int64_t>(number);
    sink.add(record);
    ++summary.records;
  }
  if (rows && number != *rows) {
    fail(LM_ERROR_FORMAT, name, ": row ", number, ": the file ends here; the header says ", *rows, " rows");
  }
}

struct array_shape {
  std::uint64_t rows, columns;
};

// What stands behind 'key': in a header that Python wrote as a dictionary, up to what ends it.
std::string_view value_of(std::string_view header, std::string_view key, std::string_view ending) {
  const std::size_t found = header.find(key);
  if (found == std::string_view::npos) {
    return {};
  }
  std::string_view rest = header.substr(found + key.size());
  const std::size_t begin = rest.find_first_not_of(": ");
  if (begin == std::string_view::npos) {
    return {};
  }
  rest = rest.substr(begin);
  return rest.substr(0, rest.find_first_of(ending));
}

array_shape read_shape(const std::string &name, std::string_view header) {
  const auto refuse = [&](const char *field, const char *reason) {
    fail(LM_ERROR_FORMAT, name, ": header, field ", field, ": ", reason);
  };
  const std::string_view type = value_of(header, "'descr'", ",}");
  if (type != "'|u1'" && type != "'u1'" && type != "'<u1'") {
    refuse("descr", "not unsigned bytes, '|u1'");
  }
  if (value_of(header, "'fortran_order'", ",}") != "False") {
    refuse("fortran_order", "not False");
  }
  std::string_view shape = value_of(header, "'shape'", ")");
  std::array<std::uint64_t, 2> sides{};
  for (std::uint64_t &side : sides) {
    shape.remove_prefix(std::min(shape.find_first_not_of("(, "), shape.size()));
    const auto [rest, result] = std::from_chars(shape.data(), shape.data() + shape.size(), side);
    if (result != std::errc()) {
      refuse("shape", "not two numbers: rows and bytes of a row");
    }
    shape.remove_prefix(static_cast<std::size_t>(rest - shape.data()));
  }
  if (shape.find_first_not_of(", ") != std::string_view::npos) {
    refuse("shape", "not two numbers: rows and bytes of a row");
  }
  return {sides[0], sides[1]};
}

std::string read_npy_header(const list_source &source, const std::string &name) {
  std::array<char, 12> start{};
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<std::uint8_t>(start[i])); };
  if (read_whole(source, start.data(), 10) != 10 || std::string_view(start.data(), 6) != "\x93NUMPY") {
    fail(LM_ERROR_FORMAT, name, ": header, field magic: not that of a NumPy array");
  }
  std::size_t size = byte(8) | byte(9) << 8U;
  if (byte(6) > 1) {
    if (read_whole(source, start.data() + 10, 2) != 2) {
      fail(LM_ERROR_FORMAT, name, ": header: the file ends within it");
    }
    size |= byte(10) << 16U | byte(11) << 24U;
  }
  if (size > max_header_bytes) {
    fail(LM_ERROR_FORMAT, name, ": header: longer than 64 KiB");
  }
  std::string header(size, '\0');
  if (read_whole(source, header.data(), size) != size) {
    fail(LM_ERROR_FORMAT, name, ": header: the file ends within it");
  }
  return header;
}

}  // namespace

void read_npy(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
              list_summary &summary) {
  const array_shape shape = read_shape(name, read_npy_header(source, name));
  // The widest code has 8,192 bits; a larger row must not overflow what follows.
  const std::uint64_t bits = std::min<std::uint64_t>(shape.columns, 1U << 20U) * 8;
  const hash_description &kind = kind_of_rows(name, options, bits);
  read_rows(source, name, kind, static_cast<std::size_t>(shape.columns), shape.rows, sink, summary);
}

void read_raw(const list_source &source, const std::string &name, const plain_options &options, record_sink &sink,
              list_summary &summary) {
  std::uint32_t bits = options.bits;
  if (bits == 0 && options.kind != LM_HASH_BY_WIDTH) {
    bits = describe(options.kind)->bits;
  }
  if (bits == 0) {
    fail(LM_ERROR_INVALID_ARGUMENT, name, ": a raw list does not say how wide its codes are: give bits or a kind");
  }
  const hash_description &kind = kind_of_rows(name, options, bits);
  read_rows(source, name, kind, bits / 8, std::nullopt, sink, summary);
}

}  // namespace libmatch::detail
