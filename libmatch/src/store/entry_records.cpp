#include "store/entry_records.h"

#include "core/error.h"
#include "store/file_system.h"

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

void entry_records::let_go_of_pages() const noexcept { detail::let_go_of_pages(mapped); }

}  // namespace libmatch::detail
