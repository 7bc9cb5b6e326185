// libmatch for C++20: the C API (libmatch.h, the manual) with ownership, exceptions and spans. Adds no behaviour.
#ifndef LIBMATCH_HPP
#define LIBMATCH_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "libmatch/libmatch.h"
#include "libmatch/live.h"

namespace libmatch {

// Every failure of a call. what() is lm_last_error, or what is wrong with an argument that no call was made with.
class error : public std::runtime_error {
 public:
  explicit error(lm_status status) : std::runtime_error(lm_last_error()), status_(status) {}
  error(lm_status status, const std::string &message) : std::runtime_error(message), status_(status) {}
  lm_status status() const noexcept { return status_; }

 private:
  lm_status status_;
};

inline void check(lm_status status) {
  if (status != LM_OK) {
    throw error(status);
  }
}

template <auto Free>
struct deleter {
  template <typename Handle>
  void operator()(Handle *handle) const noexcept {
    Free(handle);
  }
};

// The names of the backends that this machine can run, best first.
inline std::vector<std::string> backends() {
  std::vector<std::string> names;
  while (const char *name = lm_backend_name(names.size())) {
    names.emplace_back(name);
  }
  return names;
}

// lm_context. May be shared by threads.
class context {
 public:
  // backend: null for $LM_BACKEND, else the best. threads: 0 for one per processor.
  explicit context(const char *backend = nullptr, std::uint32_t threads = 0) {
    lm_context *handle = nullptr;
    check(lm_context_create(backend, threads, &handle));
    handle_.reset(handle);
  }

  // From now on files are decoded and hashed by worker processes; by a plug-in if it is in options.hasher, which has
  // to outlive the context. Nothing else may use the context meanwhile.
  void isolate(const lm_isolation_options &options = LM_ISOLATION_OPTIONS_INIT) {
    check(lm_context_isolate(get(), &options));
  }

  lm_context *get() const noexcept { return handle_.get(); }
  bool is_isolated() const noexcept { return lm_context_is_isolated(get()) != 0; }
  std::string_view backend() const noexcept { return lm_context_backend(get()); }
  std::uint32_t threads() const noexcept { return lm_context_threads(get()); }

 private:
  std::unique_ptr<lm_context, deleter<lm_context_free>> handle_;
};

// lm_hasher_handle: a plug-in hasher. Put get() into lm_hash_options, and keep it until every call with them is over.
class hasher {
 public:
  explicit hasher(const char *path) {
    lm_hasher_handle *handle = nullptr;
    check(lm_hasher_load(path, &handle));
    handle_.reset(handle);
  }

  const lm_hasher_handle *get() const noexcept { return handle_.get(); }
  lm_hasher_data data() const {
    lm_hasher_data data{};
    data.struct_size = sizeof(data);
    check(lm_hasher_view(get(), &data));
    return data;
  }

 private:
  std::unique_ptr<lm_hasher_handle, deleter<lm_hasher_free>> handle_;
};

// lm_hashes: codes of files.
class hashes {
 public:
  explicit hashes(lm_hashes *handle) noexcept : handle_(handle) {}

  const lm_hashes_data &data() const noexcept { return *lm_hashes_view(handle_.get()); }
  std::size_t size() const noexcept { return data().size; }
  // The codes of file i, one after the other: codes_each x code_size_bytes bytes.
  std::span<const std::uint8_t> codes(std::size_t i) const noexcept {
    const std::size_t bytes = data().codes_each * data().code_size_bytes;
    return {data().codes + i * bytes, bytes};
  }
  std::uint8_t quality(std::size_t i) const noexcept { return data().quality[i]; }
  // One image of a file, or what its border frames.
  struct image {
    std::size_t place;  // among the images of all files, and the sets of their keypoints
    std::uint32_t frame;
    bool trimmed;
    std::uint8_t quality;
    std::span<const std::uint8_t> codes;  // codes_each x code_size_bytes
  };
  // Of file i, in its order.
  std::vector<image> images(std::size_t i) const {
    const lm_hashes_data &all = data();
    const std::size_t bytes = all.codes_each * all.code_size_bytes;
    std::vector<image> found;
    for (auto m = static_cast<std::size_t>(all.image_offsets[i]);
         m < static_cast<std::size_t>(all.image_offsets[i + 1]); ++m) {
      found.push_back({m,
                       all.image_frames[m],
                       all.image_trimmed[m] != 0,
                       all.image_quality[m],
                       {all.image_codes + m * bytes, bytes}});
    }
    return found;
  }
  // A set for each image; null where none were asked for. Lives as long as this.
  const lm_keypoints *keypoints() const noexcept { return lm_hashes_keypoints(handle_.get()); }
  lm_scan scan(std::size_t i) const noexcept { return data().scans[i]; }
  std::string_view reason(std::size_t i) const noexcept { return data().reasons[i]; }
  lm_hashes *release() noexcept { return handle_.release(); }

 private:
  std::unique_ptr<lm_hashes, deleter<lm_hashes_free>> handle_;
};

// The C strings of texts, for the calls that take them. Borrows from `texts`. LM_ERROR_INVALID_ARGUMENT for one that
// holds a zero byte: a C string would end there, and name another file.
inline std::vector<const char *> c_strings(std::span<const std::string> texts) {
  std::vector<const char *> pointers;
  pointers.reserve(texts.size());
  for (const std::string &text : texts) {
    if (const std::size_t zero = text.find('\0'); zero != std::string::npos) {
      throw error(LM_ERROR_INVALID_ARGUMENT, "text " + std::to_string(pointers.size()) + " holds a zero byte: \"" +
                                                 text.substr(0, zero) + "\\0...\"");
    }
    pointers.push_back(text.c_str());
  }
  return pointers;
}

inline hashes hash_files(const context &with, std::span<const std::string> paths,
                         const lm_hash_options *options = nullptr, const lm_progress *progress = nullptr) {
  const std::vector<const char *> pointers = c_strings(paths);
  lm_hashes *handle = nullptr;
  check(lm_hash_files(with.get(), options, pointers.data(), pointers.size(), progress, &handle));
  return hashes(handle);
}

inline hashes hash_buffers(const context &with, std::span<const lm_buffer> buffers,
                           const lm_hash_options *options = nullptr, const lm_progress *progress = nullptr) {
  lm_hashes *handle = nullptr;
  check(lm_hash_buffers(with.get(), options, buffers.data(), buffers.size(), progress, &handle));
  return hashes(handle);
}

// lm_keypoints: sets of keypoints, one an image.
class keypoints {
 public:
  explicit keypoints(lm_keypoints *handle) noexcept : handle_(handle) {}

  const lm_keypoints *get() const noexcept { return handle_.get(); }
  const lm_keypoints_data &data() const noexcept { return *lm_keypoints_view(get()); }
  std::size_t size() const noexcept { return data().size; }
  std::span<const lm_keypoint> points(std::size_t i) const noexcept {
    return {data().points + data().offsets[i], static_cast<std::size_t>(data().offsets[i + 1] - data().offsets[i])};
  }
  // 32 bytes a point.
  std::span<const std::uint8_t> codes(std::size_t i) const noexcept {
    return {data().codes + 32 * data().offsets[i], 32 * points(i).size()};
  }
  lm_keypoints *release() noexcept { return handle_.release(); }

 private:
  std::unique_ptr<lm_keypoints, deleter<lm_keypoints_free>> handle_;
};

inline keypoints extract_keypoints(const context &with, std::span<const lm_image> images,
                                   const lm_hash_options *options = nullptr, const lm_progress *progress = nullptr) {
  lm_keypoints *handle = nullptr;
  check(lm_extract_keypoints(with.get(), options, images.data(), images.size(), progress, &handle));
  return keypoints(handle);
}

// lm_decoded: the pixels of one file.
class decoded {
 public:
  explicit decoded(const lm_buffer &buffer, const lm_hash_options *options = nullptr) {
    lm_decoded *handle = nullptr;
    check(lm_decode(&buffer, options, &handle));
    handle_.reset(handle);
  }

  const lm_decoded_data &data() const noexcept { return *lm_decoded_view(handle_.get()); }
  lm_decoded *release() noexcept { return handle_.release(); }

 private:
  std::unique_ptr<lm_decoded, deleter<lm_decoded_free>> handle_;
};

// lm_list: entries of a list.
class list {
 public:
  // The pages of one list, in their order.
  static list read(std::span<const char *const> paths, const lm_list_options *options = nullptr,
                   const lm_progress *progress = nullptr) {
    lm_list *handle = nullptr;
    check(lm_list_read(paths.data(), paths.size(), options, progress, &handle));
    return list(handle);
  }
  void write(lm_list_format format, const char *path, const lm_progress *progress = nullptr) const {
    check(lm_list_write(get(), format, path, progress));
  }

  lm_list_data data() const {
    lm_list_data data{};
    data.struct_size = sizeof(data);
    check(lm_list_view(get(), &data));
    return data;
  }
  const lm_list *get() const noexcept { return handle_.get(); }
  std::size_t size() const noexcept { return lm_list_size(get()); }
  const lm_list_entry &operator[](std::size_t i) const noexcept { return *lm_list_get(get(), i); }

 private:
  explicit list(lm_list *handle) noexcept : handle_(handle) {}
  std::unique_ptr<lm_list, deleter<lm_list_free>> handle_;
};

// lm_matches: the answer to a search.
class matches {
 public:
  explicit matches(lm_matches *handle) noexcept : handle_(handle) {}

  const lm_matches_data &data() const noexcept { return *lm_matches_view(handle_.get()); }
  std::size_t n_queries() const noexcept { return data().n_queries; }
  std::span<const std::int64_t> ids(std::size_t query) const noexcept {
    return {data().ids + first(query), last(query) - first(query)};
  }
  std::span<const std::uint32_t> distances(std::size_t query) const noexcept {
    return {data().distances + first(query), last(query) - first(query)};
  }
  // Of entry i of all; "" for none.
  std::string_view label(std::size_t i) const {
    const char *text = nullptr;
    check(lm_matches_label(handle_.get(), i, &text));
    return text;
  }
  // Query q owns entries first(q) .. last(q) - 1.
  std::size_t first(std::size_t query) const noexcept { return static_cast<std::size_t>(data().offsets[query]); }
  std::size_t last(std::size_t query) const noexcept { return static_cast<std::size_t>(data().offsets[query + 1]); }
  // Where entry i of all comes from, in a live index. Lives until the next call, or as long as these matches.
  lm_entry entry(std::size_t i) const {
    lm_entry entry{};
    entry.struct_size = sizeof(entry);
    check(lm_matches_entry(handle_.get(), i, &entry));
    return entry;
  }
  lm_matches *get() const noexcept { return handle_.get(); }
  lm_matches *release() noexcept { return handle_.release(); }

 private:
  std::unique_ptr<lm_matches, deleter<lm_matches_free>> handle_;
};

// lm_pairs: pairs of entries whose codes are near each other.
class pairs {
 public:
  struct pair {
    std::int64_t first_id;
    std::int64_t second_id;
    std::uint32_t distance;
  };

  explicit pairs(lm_pairs *handle) noexcept : handle_(handle) {}

  const lm_pairs_data &data() const noexcept { return *lm_pairs_view(handle_.get()); }
  std::size_t size() const noexcept { return data().size; }
  pair operator[](std::size_t i) const noexcept {
    return {data().first_ids[i], data().second_ids[i], data().distances[i]};
  }
  // Of pair i; "" for none.
  std::string_view first_label(std::size_t i) const {
    const char *text = nullptr;
    check(lm_pairs_labels(handle_.get(), i, &text, nullptr));
    return text;
  }
  std::string_view second_label(std::size_t i) const {
    const char *text = nullptr;
    check(lm_pairs_labels(handle_.get(), i, nullptr, &text));
    return text;
  }
  lm_pairs *release() noexcept { return handle_.release(); }

 private:
  std::unique_ptr<lm_pairs, deleter<lm_pairs_free>> handle_;
};

// lm_lists: the lists of a live index.
class lists {
 public:
  explicit lists(lm_lists *handle) noexcept : handle_(handle) {}
  const lm_lists_data &data() const noexcept { return *lm_lists_view(handle_.get()); }

 private:
  std::unique_ptr<lm_lists, deleter<lm_lists_free>> handle_;
};

// lm_entries: a walk over the entries of a live index.
class entries {
 public:
  explicit entries(lm_entries *handle) noexcept : handle_(handle) {}
  // The next one, whose texts and code live until the next call; false after the last.
  bool next(lm_entry &entry) {
    std::int32_t found = 0;
    entry.struct_size = sizeof(entry);
    check(lm_entries_next(handle_.get(), &entry, &found));
    return found != 0;
  }

 private:
  std::unique_ptr<lm_entries, deleter<lm_entries_free>> handle_;
};

// lm_index. Any number of threads may search while one changes it.
class index {
 public:
  explicit index(const context &with, std::uint32_t bits = 256, lm_hash hash = LM_HASH_PDQ256,
                 const char *profile = "") {
    lm_index *handle = nullptr;
    check(lm_index_create(with.get(), hash, bits, profile, &handle));
    handle_.reset(handle);
  }
  static index load(const context &with, const char *path, const lm_progress *progress = nullptr) {
    lm_index *handle = nullptr;
    check(lm_index_load(with.get(), path, progress, &handle));
    return index(handle);
  }
  static index map(const context &with, const char *path) {
    lm_index *handle = nullptr;
    check(lm_index_map(with.get(), path, &handle));
    return index(handle);
  }
  static void verify(const char *path, const lm_progress *progress = nullptr) {
    check(lm_index_verify(path, progress));
  }

  // A live index, for searches.
  static index open_live(const context &with, const char *folder,
                         const lm_live_options &options = LM_LIVE_OPTIONS_INIT) {
    lm_index *handle = nullptr;
    check(lm_live_open(with.get(), folder, &options, &handle));
    return index(handle);
  }

  lm_index *get() const noexcept { return handle_.get(); }
  std::int64_t size() const noexcept { return lm_index_size(get()); }
  lm_index_data data() const {
    lm_index_data data{};
    data.struct_size = sizeof(data);
    check(lm_index_view(get(), &data));
    return data;
  }

  // codes: any number of codes, one after the other. ids, labels: as many, or empty.
  void add(std::span<const std::uint8_t> codes, std::span<const std::int64_t> ids = {},
           std::span<const std::string> labels = {}) {
    const std::size_t n = count(codes.size(), data().bits / 8);
    require_size(ids.size(), n, "ids");
    require_size(labels.size(), n, "labels");
    const std::vector<const char *> pointers = c_strings(labels);
    check(lm_index_add(get(), codes.data(), ids.empty() ? nullptr : ids.data(),
                       labels.empty() ? nullptr : pointers.data(), n));
  }
  void add_digests(lm_hash hash, std::span<const std::uint8_t> digests, std::span<const std::int64_t> ids = {},
                   std::span<const std::string> labels = {}) {
    const std::size_t n = count(digests.size(), lm_hash_bits(hash) / 8);
    require_size(ids.size(), n, "ids");
    require_size(labels.size(), n, "labels");
    const std::vector<const char *> pointers = c_strings(labels);
    check(lm_index_add_digests(get(), hash, digests.data(), ids.empty() ? nullptr : ids.data(),
                               labels.empty() ? nullptr : pointers.data(), n));
  }
  void add(const list &entries) { check(lm_index_add_list(get(), entries.get())); }
  // ids: one a set; -1 leaves the set out.
  void add_keypoints(std::span<const std::int64_t> ids, const lm_keypoints *sets) {
    const lm_keypoints_data *given = lm_keypoints_view(sets);
    if (given == nullptr || given->size != ids.size()) {
      throw std::invalid_argument("libmatch: ids and sets of keypoints differ in number");
    }
    check(lm_index_add_keypoints(get(), ids.data(), sets));
  }
  std::int64_t remove(std::span<const std::int64_t> ids) {
    std::int64_t removed = 0;
    check(lm_index_remove(get(), ids.data(), ids.size(), &removed));
    return removed;
  }

  matches search_range(const context &with, std::span<const std::uint8_t> queries, std::uint32_t max_distance,
                       const lm_progress *progress = nullptr) const {
    lm_matches *handle = nullptr;
    check(lm_index_search_range(get(), with.get(), queries.data(), count(queries.size(), data().bits / 8),
                                max_distance, progress, &handle));
    return matches(handle);
  }
  matches search_knn(const context &with, std::span<const std::uint8_t> queries, std::uint32_t k,
                     const lm_progress *progress = nullptr) const {
    lm_matches *handle = nullptr;
    check(lm_index_search_knn(get(), with.get(), queries.data(), count(queries.size(), data().bits / 8), k, progress,
                              &handle));
    return matches(handle);
  }
  pairs search_pairs(const context &with, std::uint32_t max_distance, const lm_progress *progress = nullptr) const {
    lm_pairs *handle = nullptr;
    check(lm_index_search_pairs(get(), with.get(), max_distance, progress, &handle));
    return pairs(handle);
  }
  matches find_digests(lm_hash hash, std::span<const std::uint8_t> digests) const {
    lm_matches *handle = nullptr;
    check(lm_index_find_digests(get(), hash, digests.data(), count(digests.size(), lm_hash_bits(hash) / 8), &handle));
    return matches(handle);
  }
  // What may be made from now on to search faster; without options what an index begins with.
  void set_layouts(const lm_layout_options &options = LM_LAYOUT_OPTIONS_INIT) {
    check(lm_index_set_layouts(get(), &options));
  }
  void prepare(const context &with, const lm_progress *progress = nullptr) {
    check(lm_index_prepare(get(), with.get(), progress));
  }
  lm_plan_data plan(const context &with, std::size_t n_queries, std::uint32_t max_distance) const {
    lm_plan_data data{};
    data.struct_size = sizeof(data);
    check(lm_index_plan(get(), with.get(), n_queries, max_distance, &data));
    return data;
  }
  void save(const char *path, const lm_progress *progress = nullptr) const {
    check(lm_index_save(get(), path, progress));
  }

  // Of a live index: looks at the folder now; its lists; its entries, of one list or of all.
  void refresh() { check(lm_live_refresh(get())); }
  libmatch::lists lists() const {
    lm_lists *handle = nullptr;
    check(lm_live_lists(get(), &handle));
    return libmatch::lists(handle);
  }
  libmatch::entries entries(const char *list = nullptr, bool withdrawn = false) const {
    lm_entries *handle = nullptr;
    check(lm_live_entries(get(), list, withdrawn ? 1 : 0, &handle));
    return libmatch::entries(handle);
  }

 private:
  explicit index(lm_index *handle) noexcept : handle_(handle) {}

  static std::size_t count(std::size_t bytes, std::size_t code_size_bytes) {
    if (code_size_bytes == 0 || bytes % code_size_bytes != 0) {
      throw std::invalid_argument("libmatch: the bytes are no whole number of codes");
    }
    return bytes / code_size_bytes;
  }
  static void require_size(std::size_t size, std::size_t n, const char *argument) {
    if (size != 0 && size != n) {
      throw std::invalid_argument(std::string("libmatch: ") + argument + " and codes differ in number");
    }
  }

  std::unique_ptr<lm_index, deleter<lm_index_free>> handle_;
};

// lm_writer: the one writer of a live index. May be shared by threads; each call is one change, durable when it
// returns.
class writer {
 public:
  explicit writer(const char *folder, const lm_live_options &options = LM_LIVE_OPTIONS_INIT) {
    lm_writer *handle = nullptr;
    check(lm_writer_open(folder, &options, &handle));
    handle_.reset(handle);
  }

  lm_change_data add(const lm_additions &additions) {
    lm_change_data change = none();
    check(lm_writer_add(get(), &additions, &change));
    return change;
  }
  // The pages of one list.
  lm_change_data import_list(std::span<const std::string> paths, const lm_import_options &options,
                             const lm_progress *progress = nullptr) {
    const std::vector<const char *> pointers = c_strings(paths);
    lm_change_data change = none();
    check(lm_writer_import(get(), pointers.data(), pointers.size(), &options, progress, &change));
    return change;
  }
  lm_change_data import_pages(std::span<const lm_buffer> pages, const lm_import_options &options,
                              const lm_progress *progress = nullptr) {
    lm_change_data change = none();
    check(lm_writer_import_buffers(get(), pages.data(), pages.size(), &options, progress, &change));
    return change;
  }
  lm_change_data withdraw(const lm_withdrawal &withdrawal) {
    lm_change_data change = none();
    check(lm_writer_withdraw(get(), &withdrawal, &change));
    return change;
  }
  void set_role(const char *list, lm_list_role role) { check(lm_writer_set_role(get(), list, role)); }
  void compact(const lm_progress *progress = nullptr) { check(lm_writer_compact(get(), progress)); }
  lm_writer *get() const noexcept { return handle_.get(); }

 private:
  static lm_change_data none() noexcept {
    lm_change_data change{};
    change.struct_size = sizeof(change);
    return change;
  }

  std::unique_ptr<lm_writer, deleter<lm_writer_free>> handle_;
};

// lm_verdicts: what is to be thought of uploads.
class verdicts {
 public:
  struct match {
    lm_hash hash;
    std::int64_t id;
    std::uint32_t distance;
    std::string_view label;
    lm_match_detail detail;
    // In a live index:
    std::string_view list;
    std::string_view list_id;
    std::int64_t time;
    lm_list_role role;
    bool overruled;
  };

  explicit verdicts(lm_verdicts *handle) noexcept : handle_(handle) {}

  const lm_verdicts_data &data() const noexcept { return *lm_verdicts_view(handle_.get()); }
  std::size_t size() const noexcept { return data().size; }
  lm_verdict verdict(std::size_t i) const noexcept { return data().verdicts[i]; }
  std::string_view reason(std::size_t i) const noexcept { return data().reasons[i]; }
  // Of upload i, best first.
  std::vector<match> matches(std::size_t i) const {
    std::vector<match> found;
    for (auto m = static_cast<std::size_t>(data().offsets[i]); m < static_cast<std::size_t>(data().offsets[i + 1]);
         ++m) {
      found.push_back({data().hashes[m], data().ids[m], data().distances[m], data().labels[m], data().details[m],
                       data().lists[m], data().list_ids[m], data().times[m], data().roles[m],
                       data().overruled[m] != 0});
    }
    return found;
  }
  lm_verdicts *release() noexcept { return handle_.release(); }

 private:
  std::unique_ptr<lm_verdicts, deleter<lm_verdicts_free>> handle_;
};

inline verdicts match_files(const context &with, const index &known, std::span<const std::string> paths,
                            const lm_match_options *options = nullptr, const lm_progress *progress = nullptr) {
  const std::vector<const char *> pointers = c_strings(paths);
  lm_verdicts *handle = nullptr;
  check(lm_match_files(with.get(), known.get(), options, pointers.data(), pointers.size(), progress, &handle));
  return verdicts(handle);
}

inline verdicts match_images(const context &with, const index &known, std::span<const lm_image> images,
                             const lm_match_options *options = nullptr, const lm_progress *progress = nullptr) {
  lm_verdicts *handle = nullptr;
  check(lm_match_images(with.get(), known.get(), options, images.data(), images.size(), progress, &handle));
  return verdicts(handle);
}

inline verdicts match_buffers(const context &with, const index &known, std::span<const lm_buffer> buffers,
                              const lm_match_options *options = nullptr, const lm_progress *progress = nullptr) {
  lm_verdicts *handle = nullptr;
  check(lm_match_buffers(with.get(), known.get(), options, buffers.data(), buffers.size(), progress, &handle));
  return verdicts(handle);
}

}  // namespace libmatch

#endif
