#include "store/manifest.h"

#include <charconv>
#include <set>

#include "core/error.h"
#include "core/hashes.h"
#include "store/bytes.h"
#include "store/changes.h"
#include "store/segment_draft.h"

namespace libmatch::detail {

namespace {

constexpr const char *new_suffix = ".new";
constexpr file_type numbered_types[] = {file_type::segment, file_type::removed, file_type::log};

bool is_possible_kind(std::uint32_t hash, std::uint32_t bits) {
  if (hash == static_cast<std::uint32_t>(history_hash)) {
    return bits == history_bits;
  }
  for (const hash_description &description : all_hashes()) {
    if (static_cast<std::uint32_t>(description.hash) == hash) {
      return has_width(description, bits);
    }
  }
  return false;
}

void put_lists(byte_writer &writer, const std::vector<list_info> &lists) {
  writer.put(static_cast<std::uint32_t>(lists.size()));
  for (const list_info &list : lists) {
    writer.put_text(list.name);
    writer.put(static_cast<std::uint32_t>(list.attributes.size()));
    for (const auto &[name, value] : list.attributes) {
      writer.put_text(name);
      writer.put_text(value);
    }
  }
}

std::vector<list_info> take_lists(byte_reader &reader) {
  std::vector<list_info> lists(reader.take_count(8));
  std::set<std::string> names;
  for (list_info &list : lists) {
    list.name = reader.take_text(max_list_name_bytes);
    const auto attributes = reader.take_count(8);
    for (std::uint32_t a = 0; a < attributes; ++a) {
      const std::string name(reader.take_text(max_text_bytes));
      list.attributes[name] = reader.take_text(max_text_bytes);
    }
    names.insert(list.name);
  }
  if (lists.empty() || lists.size() > max_lists + 1 || !lists[0].name.empty() || names.size() != lists.size()) {
    reader.refuse("the names of the lists cannot be");
  }
  return lists;
}

}  // namespace

std::string manifest_path(const std::string &folder) { return folder + "/manifest"; }

std::string file_path(const std::string &folder, file_type type, std::uint64_t number) {
  return folder + '/' + file_type_name(type) + '-' + std::to_string(number);
}

bool parse_file_name(std::string_view name, file_type &type, std::uint64_t &number) {
  for (const file_type candidate : numbered_types) {
    const std::string prefix = std::string(file_type_name(candidate)) + '-';
    if (name.substr(0, prefix.size()) != prefix) {
      continue;
    }
    const char *end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + prefix.size(), end, number);
    type = candidate;
    return parsed.ec == std::errc() && parsed.ptr == end && file_path("", candidate, number).substr(1) == name;
  }
  return false;
}

std::vector<std::uint8_t> encode_manifest(const manifest &content) {
  byte_writer writer;
  writer.put(content.version);
  writer.put(content.next_id);
  writer.put(content.next_file);
  writer.put(content.log_file);
  writer.put(content.removed_file);
  put_lists(writer, content.lists);
  writer.put(static_cast<std::uint32_t>(content.segments.size()));
  for (const manifest_segment &segment : content.segments) {
    writer.put(segment.number);
    writer.put(segment.hash);
    writer.put(segment.bits);
    writer.put(segment.rows);
  }
  return std::move(writer.bytes());
}

void decode_manifest(std::span<const std::uint8_t> body, const std::string &name, manifest &content) {
  byte_reader reader(body, name);
  content.version = reader.take<std::uint64_t>();
  content.next_id = reader.take<std::int64_t>();
  content.next_file = reader.take<std::uint64_t>();
  content.log_file = reader.take<std::uint64_t>();
  content.removed_file = reader.take<std::uint64_t>();
  content.lists = take_lists(reader);
  content.segments.resize(reader.take_count(24));
  std::set<std::uint64_t> numbers{content.log_file, content.removed_file};
  for (manifest_segment &segment : content.segments) {
    segment.number = reader.take<std::uint64_t>();
    segment.hash = reader.take<std::uint32_t>();
    segment.bits = reader.take<std::uint32_t>();
    segment.rows = reader.take<std::uint64_t>();
    if (!numbers.insert(segment.number).second || segment.number >= content.next_file ||
        !is_possible_kind(segment.hash, segment.bits) || segment.rows == 0 || segment.rows >= no_row) {
      reader.refuse("a segment has no possible number, kind or size");
    }
  }
  if (content.next_id < 0 || content.log_file == 0 || content.log_file >= content.next_file ||
      content.removed_file >= content.next_file) {
    reader.refuse("the next id or the number of a file cannot be");
  }
  if (!reader.at_end()) {
    reader.refuse("more bytes than a manifest has");
  }
}

void prepare_manifest(file_system &files, const std::string &folder, const store_identity &identity,
                      const manifest &content) {
  block_file_writer writer(files, manifest_path(folder) + new_suffix, file_type::manifest, content.generation,
                           identity);
  const std::vector<std::uint8_t> body = encode_manifest(content);
  writer.write(body.data(), body.size());
  writer.finish();
  // Its name, and those of the files that it names.
  files.sync_folder(folder);
}

void replace_manifest(file_system &files, const std::string &folder) {
  files.rename(manifest_path(folder) + new_suffix, manifest_path(folder));
  files.sync_folder(folder);
}

manifest read_manifest(const file_system &files, const std::string &folder, const std::optional<cipher_key> &key) {
  const std::string path = manifest_path(folder);
  if (!files.exists(path)) {
    fail(LM_ERROR_IO, path, ": there is no manifest: the folder is no store, or has lost it");
  }
  const block_file file(files, path, file_type::manifest, {{}, key}, true);
  manifest content;
  content.id = file.header().store;
  content.generation = file.header().number;
  const held_bytes body = file.body(false, nullptr);
  decode_manifest(body.bytes, path, content);
  return content;
}

}  // namespace libmatch::detail
