// Any bytes are an upload that gets a verdict: recognised, decoded, hashed, looked up.
#include <cstdlib>
#include <libmatch/libmatch.hpp>
#include <vector>

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

libmatch::index some_index(const libmatch::context &context) {
  libmatch::index index(context);
  std::vector<std::uint8_t> codes;
  for (int i = 0; i < 256; ++i) {
    codes.insert(codes.end(), 32, static_cast<std::uint8_t>(i));
  }
  index.add(codes);
  return index;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  static const libmatch::context context(nullptr, 1);
  static const libmatch::index index = some_index(context);
  // Small limits: the fuzzer learns nothing from large pictures.
  lm_hash_options limits = LM_HASH_OPTIONS_INIT;
  limits.max_bytes = 1U << 20U;
  limits.max_pixels = 1U << 16U;
  limits.max_frames = 50;
  limits.max_images = 4;
  lm_match_options options = LM_MATCH_OPTIONS_INIT;
  options.hash = &limits;
  options.effort = static_cast<lm_effort>(size % 3);
  const libmatch::verdicts answer =
      libmatch::match_buffers(context, index, std::vector<lm_buffer>{{data, size}}, &options);
  const lm_verdicts_data &verdict = answer.data();
  require(lm_verdict_name(answer.verdict(0)) != nullptr && lm_scan_name(verdict.scans[0]) != nullptr);
  require(verdict.quality[0] <= 100 && verdict.offsets[0] == 0 && verdict.offsets[1] >= 0);
  require(verdict.scans[0] == LM_SCAN_OK || !answer.reason(0).empty());
  // No answer is not "no match".
  require(verdict.scans[0] == LM_SCAN_OK || answer.verdict(0) != LM_VERDICT_NO_MATCH);
  return 0;
}
