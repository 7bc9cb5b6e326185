#include "store/entry_records.h"

#include "core/error.h"

namespace libmatch::detail {

std::string_view text_column::at(std::size_t r) const {
  if (offsets.empty()) {
    return {};
  }
  const std::size_t begin = offsets[r];
  const std::size_t end = offsets[r + 1];
  if (begin > end || end > bytes.size()) {
    fail(LM_ERROR_FORMAT, "damaged store: the text of row ", r, " lies at ", begin, " to ", end, " of ", bytes.size(),
         " bytes");
  }
  return {bytes.data() + begin, end - begin};
}

}  // namespace libmatch::detail
