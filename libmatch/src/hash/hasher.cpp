#include "hash/hasher.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "core/file.h"
#include "core/hashes.h"
#include "core/utf8.h"

namespace libmatch::detail {

namespace {

constexpr std::size_t message_size = 512;
constexpr std::size_t longest_name = 64;
constexpr const char *table_symbol = "lm_hasher_table";

using message_buffer = std::array<char, message_size>;

// What a plug-in left in its buffer: perhaps nothing, perhaps no text.
std::string text_of(message_buffer &message) {
  message.back() = '\0';
  const std::string text = message.data();
  if (text.empty()) {
    return "no reason given";
  }
  return is_utf8(text) ? text : "a reason that is not UTF-8";
}

// A plug-in's failure is never one of the library's or of the caller's.
lm_status status_of(lm_status status) {
  return status == LM_ERROR_OUT_OF_MEMORY || status == LM_ERROR_UNSUPPORTED || status == LM_ERROR_LIMIT
             ? status
             : LM_ERROR_DEVICE;
}

bool is_name(const char *text) {
  if (text == nullptr) {
    return false;
  }
  // A text without an end must not be read beyond what a name may have.
  const std::string_view name(text, strnlen(text, longest_name + 1));
  return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

const char *last_loader_error() {
  const char *reason = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it for each thread
  return reason != nullptr ? reason : "no reason given";
}

lm_hash hash_of(const lm_hasher &table) { return table.metric == LM_HASHER_HAMMING ? LM_HASH_CODE : LM_HASH_VECTOR8; }

std::uint64_t bits_of(const lm_hasher &table) {
  return table.metric == LM_HASHER_HAMMING ? table.size : std::uint64_t{8} * table.size;
}

}  // namespace

// Everything that is used later.
void check_table(const lm_hasher *table, const std::string &where) {
  if (table == nullptr) {
    fail(LM_ERROR_UNSUPPORTED, where, "has no table for version ", LM_HASHER_ABI, " of the interface");
  }
  if (table->abi != LM_HASHER_ABI) {
    fail(LM_ERROR_UNSUPPORTED, where, "is of version ", table->abi, " of the interface; this library takes ",
         LM_HASHER_ABI);
  }
  if (table->struct_size < sizeof(lm_hasher)) {
    fail(LM_ERROR_FORMAT, where, "struct_size is ", table->struct_size, ", less than the ", sizeof(lm_hasher),
         " of its version");
  }
  const bool knows_metric = table->metric == LM_HASHER_HAMMING || table->metric == LM_HASHER_SQUARED_EUCLIDEAN;
  const char *wrong = !is_name(table->name)          ? "name is not 1 to 64 letters, digits, '.', '_' and '-'"
                      : !is_name(table->version)     ? "version is not 1 to 64 letters, digits, '.', '_' and '-'"
                      : !knows_metric                ? "metric is neither Hamming nor squared Euclidean"
                      : table->create == nullptr     ? "create is NULL"
                      : table->destroy == nullptr    ? "destroy is NULL"
                      : table->hash_image == nullptr ? "hash_image is NULL"
                                                     : nullptr;
  if (wrong != nullptr) {
    fail(LM_ERROR_FORMAT, where, wrong);
  }
  const hash_description &kind = *describe(hash_of(*table));
  if (!has_width(kind, bits_of(*table))) {
    fail(LM_ERROR_FORMAT, where, "size is ", table->size, " where ", kind.name, " has ",
         widths(kind, table->metric == LM_HASHER_HAMMING ? 1 : 8));
  }
  if ((table->flags & ~std::uint64_t{LM_HASHER_THREAD_SAFE}) != 0) {
    fail(LM_ERROR_UNSUPPORTED, where, "sets a flag that this library does not know");
  }
}

void plugin_hasher::unload::operator()(void *library) const noexcept { dlclose(library); }

plugin_hasher::plugin_hasher(const std::string &path) {
  const std::string where = path + ": ";
  // Says whether there is a file at all; and a pipe would be waited for.
  file_descriptor::open_for_reading(path);
  std::error_code failed;
  path_ = std::filesystem::absolute(path, failed);
  if (failed) {
    fail(LM_ERROR_IO, where, failed.message());
  }
  library_.reset(dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (library_ == nullptr) {
    fail(LM_ERROR_FORMAT, where, "no shared object that can be loaded: ", last_loader_error());
  }
  void *symbol = dlsym(library_.get(), table_symbol);
  if (symbol == nullptr) {
    fail(LM_ERROR_FORMAT, where, "no plug-in hasher, for it exports no ", table_symbol);
  }
  table_ = reinterpret_cast<decltype(&lm_hasher_table)>(symbol)(LM_HASHER_ABI);
  check_table(table_, where);
  message_buffer message{};
  const lm_status status = table_->create(&state_, message.data(), message.size());
  if (status != LM_OK) {
    fail(status_of(status), where, "the hasher ", table_->name, " cannot begin: ", text_of(message));
  }
}

plugin_hasher::~plugin_hasher() { table_->destroy(state_); }

lm_hash plugin_hasher::hash() const noexcept { return hash_of(*table_); }

std::uint32_t plugin_hasher::bits() const noexcept { return static_cast<std::uint32_t>(bits_of(*table_)); }

std::string plugin_hasher::identity() const {
  return std::string(table_->name) + ' ' + table_->version + ", a " + describe(hash())->name + " of " +
         std::to_string(bits()) + " bits";
}

lm_status plugin_hasher::hash_locked(const lm_image &image, hasher_code &result, char *message) const {
  const auto hash = [&] {
    return table_->hash_image(state_, &image, result.code.data(), &result.quality, message, message_size);
  };
  if ((table_->flags & LM_HASHER_THREAD_SAFE) != 0) {
    return hash();
  }
  const std::lock_guard lock(one_at_a_time_);
  return hash();
}

hasher_code plugin_hasher::hash_image(const lm_image &image) const {
  hasher_code result{std::vector<std::uint8_t>(bits() / 8), 0};
  message_buffer message{};
  const lm_status status = hash_locked(image, result, message.data());
  if (status != LM_OK) {
    throw hasher_failure(status_of(status),
                         std::string("the hasher ") + table_->name + " failed: " + text_of(message));
  }
  if (result.quality > 100) {
    throw hasher_failure(LM_ERROR_DEVICE, std::string("the hasher ") + table_->name + " gave the quality " +
                                              std::to_string(result.quality) + ", which is over 100");
  }
  return result;
}

}  // namespace libmatch::detail
