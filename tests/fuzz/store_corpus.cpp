// Writes seeds for the fuzzers of a store: for each, some inputs that reach past the first check.
#include "store/manifest.h"
#include "support/write_corpus.h"

using namespace libmatch::detail;
using namespace libmatch::test;

int main(int argument_count, char **arguments) {
  manifest content;
  content.version = 3;
  content.next_id = 100;
  content.next_file = 9;
  content.log_file = 8;
  content.removed_file = 7;
  content.lists = {{"", {{"profile", "some"}}}, {"first", {{"checkpoint", "5"}, {"role", "match"}}}, {"second", {}}};
  content.segments = {{1, LM_HASH_PDQ256, 256, 1000}, {2, LM_HASH_MD5, 128, 10}, {3, 15, 256, 4}};
  const std::vector<std::uint8_t> removed{2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
                                          9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  std::vector<named_file> files{{"manifest", encode_manifest(content)}, {"removed", removed}};
  for (std::uint8_t choice = 0; choice < 4; ++choice) {
    std::vector<std::uint8_t> edit{choice};
    edit.resize(13);
    files.push_back({"edit-" + std::to_string(choice), edit});
    edit[0] = static_cast<std::uint8_t>(choice | 0x40U);
    files.push_back({"repaired-edit-" + std::to_string(choice), edit});
  }
  return write_corpus(argument_count, arguments, files);
}
