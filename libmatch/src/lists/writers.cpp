#include "lists/writers.h"

#include <openssl/evp.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "core/file.h"
#include "core/hashes.h"
#include "core/progress.h"
#include "lists/formats.h"
#include "lists/values.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t part_size_bytes = std::size_t{1} << 16;

std::string to_hexadecimal(const lm_list_entry &entry) {
  std::string digits;
  digits.reserve(entry.bits / 4);
  for (std::uint32_t i = 0; i < entry.bits / 8; ++i) {
    digits += "0123456789abcdef"[entry.code[i] >> 4U];
    digits += "0123456789abcdef"[entry.code[i] & 15U];
  }
  return digits;
}

// Text that goes to a file in parts, and takes its name at the end.
class list_file {
 public:
  list_file(const hash_list &list, const std::string &path, const lm_progress *progress)
      : list_(list), file_(path), meter_(progress, list.size()) {}

  const hash_list &list() const noexcept { return list_; }
  void write(std::string_view text) {
    part_ += text;
    if (part_.size() >= part_size_bytes) {
      flush();
    }
  }
  // Entries are written.
  void count(std::size_t entries) { meter_.add(entries); }
  void commit() {
    flush();
    file_.commit();
  }

 private:
  void flush() {
    file_.write(part_.data(), part_.size());
    part_.clear();
  }
  const hash_list &list_;
  atomic_file file_;
  progress_meter meter_;
  std::string part_;
};

[[noreturn]] void refuse(std::size_t i, const char *reason) { fail(LM_ERROR_UNSUPPORTED, "entry ", i, ": ", reason); }

std::string quoted(std::string_view field) {
  if (field.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
    return std::string(field);
  }
  std::string text = "\"";
  for (const char c : field) {
    text += c == '"' ? std::string(2, c) : std::string(1, c);
  }
  return text + '"';
}

void write_csv(list_file &out) {
  out.write("kind,code,id,label,list_id,time,withdrawn\n");
  for (std::size_t i = 0; i < out.list().size(); ++i) {
    const lm_list_entry &entry = out.list()[i];
    if (entry.bits == 0 && entry.list_id[0] == '\0') {
      refuse(i, "neither a code nor an id of the list's own");
    }
    out.write(entry.bits != 0 ? describe(entry.hash)->name : "");
    out.write(',' + to_hexadecimal(entry) + ',' + (entry.id >= 0 ? std::to_string(entry.id) : "") + ',' +
              quoted(entry.label) + ',' + quoted(entry.list_id) + ',' +
              (entry.time >= 0 ? write_time(entry.time) : "") + (entry.withdrawn != 0 ? ",1\n" : ",0\n"));
    out.count(1);
  }
}

void write_text(list_file &out) {
  for (std::size_t i = 0; i < out.list().size(); ++i) {
    const lm_list_entry &entry = out.list()[i];
    const std::string_view label = entry.label;
    if (entry.withdrawn != 0 || entry.bits == 0) {
      refuse(i, "a text list has no withdrawals");
    }
    if (label.find_first_of("\r\n") != std::string_view::npos || trim(label).size() != label.size()) {
      refuse(i, "a label of a text list has no line ends, and no blanks around it");
    }
    // A vector of another width than PhotoDNA's would be read as something else.
    if (entry.hash == LM_HASH_VECTOR8 && entry.bits != 1152) {
      refuse(i, "vectors of a text list are PhotoDNA's, of 144 bytes");
    }
    out.write(entry.hash == LM_HASH_VECTOR8 ? "photodna" : describe(entry.hash)->name);
    out.write(' ' + to_hexadecimal(entry) + (label.empty() ? "" : " ") + std::string(label) + '\n');
    out.count(1);
  }
}

// All codes have one width: that of the first.
std::uint32_t common_bits(const hash_list &list) {
  const std::uint32_t bits = list.size() == 0 ? 0 : list[0].bits;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].withdrawn != 0 || list[i].bits == 0) {
      refuse(i, "an array has no withdrawals");
    }
    if (list[i].bits != bits || list[i].hash != list[0].hash) {
      refuse(i, "an array has codes of one hash and width; this one differs from the first");
    }
  }
  return bits;
}

void write_rows(list_file &out) {
  for (std::size_t i = 0; i < out.list().size(); ++i) {
    const lm_list_entry &entry = out.list()[i];
    out.write({reinterpret_cast<const char *>(entry.code), entry.bits / 8});
    out.count(1);
  }
}

void write_npy(list_file &out) {
  const std::uint32_t bits = common_bits(out.list());
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(out.list().size()) +
                       ", " + std::to_string(bits / 8) + "), }";
  // Magic, version, length and header together are a multiple of 64, and end with a line end.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  out.write(std::string_view("\x93NUMPY\x01\x00", 8));
  out.write({std::array{static_cast<char>(header.size() & 255U), static_cast<char>(header.size() >> 8U)}.data(), 2});
  out.write(header);
  write_rows(out);
}

// Entries that say one thing: neighbours of one list_id and label, each of another hash.
std::size_t end_of_item(const hash_list &list, std::size_t begin) {
  std::size_t end = begin + 1;
  for (; end < list.size(); ++end) {
    const auto same = [&](std::size_t i) { return list[i].hash == list[end].hash; };
    if (std::string_view(list[end].list_id) != list[begin].list_id ||
        std::string_view(list[end].label) != list[begin].label || list[end].list_id[0] == '\0') {
      break;
    }
    bool repeated = false;
    for (std::size_t i = begin; i < end; ++i) {
      repeated = repeated || same(i);
    }
    if (repeated) {
      break;
    }
  }
  return end;
}

using json_writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_member(json_writer &json, const char *key, std::string_view value) {
  json.Key(key);
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void write_vics_hash(json_writer &json, std::size_t i, const lm_list_entry &entry) {
  switch (entry.hash) {
    case LM_HASH_MD5:
      return write_member(json, "MD5", to_hexadecimal(entry));
    case LM_HASH_SHA1:
      return write_member(json, "SHA1", to_hexadecimal(entry));
    case LM_HASH_VECTOR8: {
      if (entry.bits != 1152) {
        refuse(i, "vectors of VICS are PhotoDNA's, of 144 bytes");
      }
      std::array<unsigned char, 193> text{};
      EVP_EncodeBlock(text.data(), entry.code, 144);
      return write_member(json, "PhotoDNA", {reinterpret_cast<const char *>(text.data()), 192});
    }
    default:
      break;
  }
}

void write_vics_alternatives(json_writer &json, const hash_list &list, std::size_t begin, std::size_t end) {
  json.Key("AlternativeHashes");
  json.StartArray();
  for (std::size_t i = begin; i < end; ++i) {
    const lm_list_entry &entry = list[i];
    if (entry.hash == LM_HASH_CODE) {
      refuse(i, "VICS has no name for codes of an unnamed hash");
    }
    if (entry.hash != LM_HASH_MD5 && entry.hash != LM_HASH_SHA1 && entry.hash != LM_HASH_VECTOR8) {
      json.StartObject();
      write_member(json, "HashName", describe(entry.hash)->name);
      write_member(json, "HashValue", to_hexadecimal(entry));
      json.EndObject();
    }
  }
  json.EndArray();
}

void write_vics(list_file &out) {
  const hash_list &list = out.list();
  out.write(
      "{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media\","
      "\"value\":[");
  rapidjson::StringBuffer buffer;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = end_of_item(list, begin);
    if (list[begin].withdrawn != 0) {
      refuse(begin, "VICS has no withdrawals");
    }
    buffer.Clear();
    json_writer json(buffer);
    json.StartObject();
    write_member(json, "MediaID", list[begin].list_id);
    write_member(json, "Category", list[begin].label);
    if (list[begin].time >= 0) {
      write_member(json, "DateUpdated", write_time(list[begin].time));
    }
    for (std::size_t i = begin; i < end; ++i) {
      write_vics_hash(json, i, list[i]);
    }
    write_vics_alternatives(json, list, begin, end);
    json.EndObject();
    out.write(begin == 0 ? "\n" : ",\n");
    out.write({buffer.GetString(), buffer.GetSize()});
    out.count(end - begin);
    begin = end;
  }
  out.write("\n]}\n");
}

void write_hashdeep(list_file &out) {
  const hash_list &list = out.list();
  constexpr std::array<lm_hash, 3> columns{LM_HASH_MD5, LM_HASH_SHA1, LM_HASH_SHA256};
  out.write("%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,sha256,filename\n");
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = end_of_item(list, begin);
    std::array<std::string, 3> digests;
    for (std::size_t i = begin; i < end; ++i) {
      const auto *const found = std::find(columns.begin(), columns.end(), list[i].hash);
      if (found == columns.end() || list[i].withdrawn != 0) {
        refuse(i, "hashdeep has md5, sha1 and sha256, and no withdrawals");
      }
      digests[static_cast<std::size_t>(found - columns.begin())] = to_hexadecimal(list[i]);
    }
    if (std::string_view(list[begin].label).find_first_of("\r\n") != std::string_view::npos) {
      refuse(begin, "a name of hashdeep has no line ends");
    }
    out.write("," + digests[0] + ',' + digests[1] + ',' + digests[2] + ',' + list[begin].label + '\n');
    out.count(end - begin);
    begin = end;
  }
}

void write_vpdq(list_file &out) {
  for (std::size_t i = 0; i < out.list().size(); ++i) {
    const lm_list_entry &entry = out.list()[i];
    const std::string_view frame = entry.list_id;
    if (entry.hash != LM_HASH_PDQ256 || entry.withdrawn != 0) {
      refuse(i, "vPDQ has pdq256, and no withdrawals");
    }
    if (frame.find_first_not_of("0123456789") != std::string_view::npos || frame.size() > 9 ||
        std::string_view(entry.label).find_first_of(",\r\n") != std::string_view::npos) {
      refuse(i, "a frame of vPDQ has a number for its id, and no comma or line end in its label");
    }
    // A list does not keep the quality; those that it holds had enough of it.
    out.write((frame.empty() ? std::to_string(i) : std::string(frame)) + ",100," + to_hexadecimal(entry) + ',' +
              entry.label + '\n');
    out.count(1);
  }
}

}  // namespace

std::vector<std::size_t> current_entries(const hash_list &list) {
  struct state {
    std::int64_t time = -1;
    bool withdrawn = false;
    std::size_t since = 0;  // the first entry that may count
  };
  std::unordered_map<std::string_view, state> states;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const lm_list_entry &entry = list[i];
    if (entry.list_id[0] == '\0') {
      continue;
    }
    state &known = states[entry.list_id];
    if (entry.time < known.time) {
      continue;
    }
    if (entry.time > known.time || entry.withdrawn != 0 || known.withdrawn) {
      known.since = i;
    }
    known.time = entry.time;
    known.withdrawn = entry.withdrawn != 0;
  }
  std::vector<std::size_t> current;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const lm_list_entry &entry = list[i];
    if (entry.withdrawn != 0 || entry.bits == 0) {
      continue;
    }
    if (entry.list_id[0] != '\0') {
      const state &known = states[entry.list_id];
      if (known.withdrawn || i < known.since || entry.time != known.time) {
        continue;
      }
    }
    current.push_back(i);
  }
  return current;
}

void write_list(const hash_list &list, lm_list_format format, const std::string &path, const lm_progress *progress) {
  list_file out(list, path, progress);
  switch (format) {
    case LM_LIST_CSV:
      write_csv(out);
      break;
    case LM_LIST_TEXT:
      write_text(out);
      break;
    case LM_LIST_NPY:
      write_npy(out);
      break;
    case LM_LIST_RAW:
      common_bits(list);
      write_rows(out);
      break;
    case LM_LIST_VICS:
      write_vics(out);
      break;
    case LM_LIST_HASHDEEP:
      write_hashdeep(out);
      break;
    case LM_LIST_VPDQ:
      write_vpdq(out);
      break;
    default: {
      const char *name = list_format_name(format);
      fail(LM_ERROR_UNSUPPORTED, "format: ", name != nullptr ? name : "an unknown one", " is not written");
    }
  }
  out.commit();
}

}  // namespace libmatch::detail
