#include "results.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>

#include "live.h"
#include "module.h"

namespace libmatch_python {

namespace {

const char labels_of_matches_doc[] = R"(_labels_of_matches(owner)
--

What Matches.labels and Neighbours.labels read.)";
const char entries_of_matches_doc[] = R"(_entries_of_matches(owner)
--

What Matches.entries reads.)";
const char labels_of_pairs_doc[] = R"(_labels_of_pairs(owner)
--

What Pairs.labels reads.)";

// Found once: a search in a small index takes less time than an import of what has been imported. The GIL guards it,
// and it is never destroyed, for Python may have ended by then.
const py::object &result_class(const char *name) {
  static auto *const classes = new std::map<std::string, py::object>;
  const auto found = classes->find(name);
  return found != classes->end()
             ? found->second
             : classes->try_emplace(name, py::module_::import("libmatch._results").attr(name)).first->second;
}

// What the owner of a result's arrays has beside them, read when it is asked for.

std::size_t size_of(const lm_matches_data &data) { return static_cast<std::size_t>(data.offsets[data.n_queries]); }

py::list labels_of_matches(const py::capsule &owner) {
  const auto *matches = owner.get_pointer<const lm_matches>();
  const std::size_t n = size_of(*lm_matches_view(matches));
  py::list labels(n);
  for (std::size_t i = 0; i < n; ++i) {
    const char *label = nullptr;
    check(lm_matches_label(matches, i, &label));
    labels[i] = text(label);
  }
  return labels;
}

py::list entries_of_matches(const py::capsule &owner) {
  auto *matches = owner.get_pointer<lm_matches>();
  const std::size_t n = size_of(*lm_matches_view(matches));
  py::list entries(n);
  for (std::size_t i = 0; i < n; ++i) {
    lm_entry entry{};
    entry.struct_size = sizeof(entry);
    check(lm_matches_entry(matches, i, &entry));
    entries[i] = entry_result(entry);
  }
  return entries;
}

py::list labels_of_pairs(const py::capsule &owner) {
  const auto *pairs = owner.get_pointer<const lm_pairs>();
  const std::size_t n = lm_pairs_view(pairs)->size;
  py::list labels(n);
  for (std::size_t i = 0; i < n; ++i) {
    const char *first = nullptr;
    const char *second = nullptr;
    check(lm_pairs_labels(pairs, i, &first, &second));
    labels[i] = py::make_tuple(text(first), text(second));
  }
  return labels;
}

// The first `each` of k places of every row come from `values`; the places left over hold `rest`.
template <typename T>
py::array padded(const T *values, std::size_t rows, std::size_t each, std::size_t k, T rest) {
  py::array_t<T> array({signed_size(rows), signed_size(k)});
  T *place = array.mutable_data();
  for (std::size_t row = 0; row < rows; ++row) {
    place = std::copy_n(values + row * each, each, place);
    place = std::fill_n(place, k - each, rest);
  }
  return read_only(array);
}

// [n, size], or [n, 8, size] for eight orientations.
std::vector<py::ssize_t> codes_shape(const lm_hashes_data &data, std::size_t n) {
  std::vector<py::ssize_t> shape{signed_size(n), signed_size(data.code_size_bytes)};
  if (data.codes_each != 1) {
    shape.insert(shape.begin() + 1, signed_size(data.codes_each));
  }
  return shape;
}

py::dtype detail_type() {
  return struct_type({{"tier", py::str("i4"), offsetof(lm_match_detail, tier)},
                      {"verdict", py::str("i4"), offsetof(lm_match_detail, verdict)},
                      {"frame", py::str("u4"), offsetof(lm_match_detail, frame)},
                      {"orientation", py::str("i4"), offsetof(lm_match_detail, orientation)},
                      {"trimmed", py::str("i4"), offsetof(lm_match_detail, trimmed)},
                      {"votes", py::str("u4"), offsetof(lm_match_detail, votes)},
                      {"transform", py::make_tuple("f4", 6), offsetof(lm_match_detail, transform)}},
                     sizeof(lm_match_detail));
}

py::object details_result(const lm_match_detail *details, std::size_t n, const py::capsule &owner) {
  py::list tiers(n);
  py::list verdicts(n);
  py::list orientations(n);
  const auto interned = [](const char *name) {
    return py::reinterpret_steal<py::object>(PyUnicode_InternFromString(name));
  };
  for (std::size_t i = 0; i < n; ++i) {
    tiers[i] = interned(lm_tier_name(details[i].tier));
    verdicts[i] = interned(lm_verdict_name(details[i].verdict));
    orientations[i] = interned(lm_orientation_name(details[i].orientation));
  }
  const py::array all = read_only(py::array(detail_type(), {signed_size(n)}, {}, details, owner));
  return result_class("Details")(tiers, verdicts, all["frame"], orientations, all["trimmed"].attr("astype")("bool"),
                                 all["votes"], all["transform"]);
}

}  // namespace

py::dtype struct_type(std::initializer_list<struct_field> fields, std::size_t size_bytes) {
  py::list names;
  py::list types;
  py::list offsets;
  for (const struct_field &field : fields) {
    names.append(field.name);
    types.append(field.type);
    offsets.append(field.offset);
  }
  return {names, types, offsets, signed_size(size_bytes)};
}

py::list texts(const char *const *utf8, std::size_t n) {
  py::list list(n);
  for (std::size_t i = 0; i < n; ++i) {
    list[i] = text(utf8[i]);
  }
  return list;
}

py::object hashes_result(hashes_handle handle) {
  const lm_hashes_data &data = *lm_hashes_view(handle.get());
  const py::capsule owner = owned_by_python(std::move(handle));
  const py::ssize_t n = signed_size(data.size);
  const py::object result =
      result_class("Hashes")(view(data.codes, codes_shape(data, data.size), owner), view(data.quality, {n}, owner),
                             names(data.scans, data.size, &lm_scan_name), texts(data.reasons, data.size));
  const py::ssize_t images = signed_size(data.n_images);
  result.attr("images") = result_class("Images")(
      view(data.image_offsets, {n + 1}, owner), view(data.image_frames, {images}, owner),
      view(data.image_codes, codes_shape(data, data.n_images), owner), view(data.image_quality, {images}, owner),
      view(data.image_trimmed, {images}, owner).attr("view")("bool"));
  const lm_keypoints *keypoints = lm_hashes_keypoints(owner.get_pointer<const lm_hashes>());
  result.attr("keypoints") =
      keypoints != nullptr ? py::cast(keypoints_object{keypoints, owner}) : py::object(py::none());
  return result;
}

py::object matches_result(matches_handle handle) {
  const lm_matches_data &data = *lm_matches_view(handle.get());
  const py::capsule owner = owned_by_python(std::move(handle));
  const std::int64_t entries = data.offsets[data.n_queries];
  const py::object result = result_class("Matches")(view(data.offsets, {signed_size(data.n_queries + 1)}, owner),
                                                    view(data.ids, {py::ssize_t{entries}}, owner),
                                                    view(data.distances, {py::ssize_t{entries}}, owner));
  result.attr("_owner") = owner;
  result.attr("version") = data.version;
  return result;
}

// Every query has the same number of neighbours, min(k, size of the snapshot).
py::object neighbours_result(matches_handle handle, std::size_t k) {
  const lm_matches_data &data = *lm_matches_view(handle.get());
  const py::capsule owner = owned_by_python(std::move(handle));
  const std::size_t rows = data.n_queries;
  const auto entries = static_cast<std::size_t>(data.offsets[rows]);
  const std::size_t each = rows == 0 ? k : entries / rows;
  const bool full = each == k;
  const std::vector<py::ssize_t> shape{signed_size(rows), signed_size(k)};
  const py::object result = result_class("Neighbours")(
      full ? view(data.ids, shape, owner) : padded<std::int64_t>(data.ids, rows, each, k, -1),
      full ? view(data.distances, shape, owner) : padded<std::uint32_t>(data.distances, rows, each, k, UINT32_MAX));
  result.attr("_owner") = owner;
  return result;
}

py::object pairs_result(pairs_handle handle) {
  const lm_pairs_data &data = *lm_pairs_view(handle.get());
  const py::capsule owner = owned_by_python(std::move(handle));
  const std::size_t n = data.size;
  const std::vector<py::ssize_t> shape{signed_size(n)};
  const py::object result = result_class("Pairs")(
      view(data.first_ids, shape, owner), view(data.second_ids, shape, owner), view(data.distances, shape, owner));
  result.attr("_owner") = owner;
  return result;
}

py::object list_entry_result(const lm_list_entry &entry) {
  const bool has_code = entry.bits != 0;
  const py::object none = py::none();
  return result_class("ListEntry")(
      has_code ? text(lm_hash_name(entry.hash)) : none,
      py::bytes(has_code ? reinterpret_cast<const char *>(entry.code) : "", entry.bits / 8),
      entry.id >= 0 ? py::int_(entry.id) : none, text(entry.label), text(entry.list_id),
      entry.time >= 0 ? py::int_(entry.time) : none, entry.withdrawn != 0);
}

py::object plan_result(const lm_plan_data &plan) {
  return result_class("Plan")(text(plan.method), plan.microseconds, plan.codes, plan.planes_codes,
                              plan.buckets_codes);
}

py::object verdicts_result(verdicts_handle handle) {
  const lm_verdicts_data &data = *lm_verdicts_view(handle.get());
  const py::capsule owner = owned_by_python(std::move(handle));
  const py::ssize_t n = signed_size(data.size);
  const auto entries = static_cast<std::size_t>(data.offsets[data.size]);
  const py::object result = result_class("Verdicts")(
      names(data.verdicts, data.size, &lm_verdict_name), view(data.quality, {n}, owner),
      names(data.scans, data.size, &lm_scan_name), texts(data.reasons, data.size), view(data.offsets, {n + 1}, owner),
      names(data.hashes, entries, &lm_hash_name), view(data.ids, {signed_size(entries)}, owner),
      view(data.distances, {signed_size(entries)}, owner), texts(data.labels, entries));
  result.attr("details") = details_result(data.details, entries, owner);
  result.attr("origins") = result_class("Origins")(
      texts(data.lists, entries), texts(data.list_ids, entries), view(data.times, {signed_size(entries)}, owner),
      names(data.roles, entries, &lm_list_role_name),
      view(data.overruled, {signed_size(entries)}, owner).attr("view")("bool"), data.version);
  return result;
}

void define_results(py::module_ &module) {
  module.def("_labels_of_matches", &labels_of_matches, py::arg("owner"), labels_of_matches_doc);
  module.def("_entries_of_matches", &entries_of_matches, py::arg("owner"), entries_of_matches_doc);
  module.def("_labels_of_pairs", &labels_of_pairs, py::arg("owner"), labels_of_pairs_doc);
}

}  // namespace libmatch_python
