#include "module.h"

namespace libmatch_python {

std::string version_text(std::int32_t version) {
  return std::to_string(version / 10000) + '.' + std::to_string(version / 100 % 100) + '.' +
         std::to_string(version % 100);
}

}  // namespace libmatch_python

PYBIND11_MODULE(_libmatch, module) {
  pybind11::options options;
  options.disable_function_signatures();
  module.doc() = "The compiled part of libmatch.";
  module.attr("version") = libmatch_python::version_text(lm_version());
  libmatch_python::define_context(module);
  libmatch_python::define_results(module);
  libmatch_python::define_decoding(module);
  libmatch_python::define_hasher(module);
  libmatch_python::define_hashing(module);
  libmatch_python::define_keypoints(module);
  libmatch_python::define_lists(module);
  libmatch_python::define_index(module);
  libmatch_python::define_matching(module);
  libmatch_python::define_cuda(module);
  libmatch_python::define_live(module);
  libmatch_python::define_writer(module);
}
