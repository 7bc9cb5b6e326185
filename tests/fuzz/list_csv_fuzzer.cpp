// Any bytes are a list or an error with line and field; what is read holds together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"
#include "lists/csv.h"

static volatile std::uint8_t sink = 0;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace libmatch::detail;
  try {
    const hash_list list = read_csv({reinterpret_cast<const char *>(data), size}, "list");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const lm_list_entry &entry = list[i];
      for (std::uint32_t byte = 0; byte < entry.bits / 8; ++byte) {
        sink = entry.code[byte];  // for the address sanitizer to see
      }
      if (entry.id < -1 || !is_utf8(entry.label)) {
        std::abort();
      }
    }
  } catch (const error &failure) {
    if (failure.status() != LM_ERROR_FORMAT || std::string_view(failure.what()).substr(0, 11) != "list: line ") {
      std::abort();
    }
  }
  return 0;
}
