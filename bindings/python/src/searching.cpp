// The searches of libmatch.Index.
#include "arguments.h"
#include "index_docs.h"
#include "module.h"

namespace libmatch_python {

namespace {

py::object search_range(const index_object &self, const py::object &queries, const py::object &max_distance,
                        py::object progress) {
  const auto rows = codes_argument(queries, "queries", describe(self).bits / 8);
  const std::uint32_t radius = count32_argument(max_distance, "max_distance");
  lm_matches *matches = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_index_search_range(self.handle.get(), self.context.get(), rows.data(),
                                 static_cast<std::size_t>(rows.shape(0)), radius, meter, &matches);
  });
  return matches_result(matches_handle(matches));
}

py::object search_knn(const index_object &self, const py::object &queries, const py::object &k, py::object progress) {
  const auto rows = codes_argument(queries, "queries", describe(self).bits / 8);
  const std::uint32_t count = count32_argument(k, "k");
  lm_matches *matches = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_index_search_knn(self.handle.get(), self.context.get(), rows.data(),
                               static_cast<std::size_t>(rows.shape(0)), count, meter, &matches);
  });
  return neighbours_result(matches_handle(matches), count);
}

py::object search_pairs(const index_object &self, const py::object &max_distance, py::object progress) {
  const std::uint32_t radius = count32_argument(max_distance, "max_distance");
  lm_pairs *pairs = nullptr;
  call_with_progress(std::move(progress), [&](const lm_progress *meter) {
    return lm_index_search_pairs(self.handle.get(), self.context.get(), radius, meter, &pairs);
  });
  return pairs_result(pairs_handle(pairs));
}

py::object find_digests(const index_object &self, const std::string &hash, const py::object &digests) {
  const lm_hash kind = digest_argument(hash);
  const auto rows = codes_argument(digests, "digests", lm_hash_bits(kind) / 8);
  lm_matches *matches = nullptr;
  call([&] {
    return lm_index_find_digests(self.handle.get(), kind, rows.data(), static_cast<std::size_t>(rows.shape(0)),
                                 &matches);
  });
  return matches_result(matches_handle(matches));
}

}  // namespace

void define_search(py::class_<index_object> &index) {
  const py::arg_v no_progress = py::arg("progress") = py::none();
  index.def("search_range", &search_range, py::arg("queries"), py::kw_only(), py::arg("max_distance"), no_progress,
            search_range_doc);
  index.def("search_knn", &search_knn, py::arg("queries"), py::kw_only(), py::arg("k"), no_progress, search_knn_doc);
  index.def("search_pairs", &search_pairs, py::kw_only(), py::arg("max_distance"), no_progress, search_pairs_doc);
  index.def("find_digests", &find_digests, py::arg("hash"), py::arg("digests"), find_digests_doc);
}

}  // namespace libmatch_python
