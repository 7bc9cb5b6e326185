// JSON (RFC 8259, UTF-8, a byte order mark is skipped) as a stream of events: memory does not grow with the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "lists/source.h"

namespace libmatch::detail {

// A longer text or number is refused, and so are structures that are deeper.
inline constexpr std::size_t max_json_text_bytes = std::size_t{1} << 24;
inline constexpr std::size_t max_json_depth = 64;

// Where in the document an event stands: a member or an element of each structure around it, the outermost first.
class json_place {
 public:
  explicit json_place(std::string name) : name_(std::move(name)) {}

  std::size_t depth() const noexcept { return depth_; }
  // Whether step i (< depth()) is an element of an array; else it is the member key(i) of an object.
  bool is_element(std::size_t i) const noexcept { return steps_[i].in_array; }
  const std::string &key(std::size_t i) const noexcept { return steps_[i].key; }
  // "value[3].Media[12].MD5"; "the document" at the top.
  std::string text() const;

  // LM_ERROR_FORMAT "name: line 7, field value[3].MD5: reason".
  template <typename... Parts>
  [[noreturn]] void fail(const Parts &...parts) const {
    libmatch::detail::fail(LM_ERROR_FORMAT, name_, ": line ", line_, ", field ", text(), ": ", parts...);
  }
  // The same where there is a reason to.
  void check(const std::string &reason) const {
    if (!reason.empty()) {
      fail(reason);
    }
  }

 private:
  friend class json_events;
  struct step {
    bool in_array = false;
    std::size_t index = 0;
    std::string key;
  };
  std::string name_;
  std::uint64_t line_ = 1;
  std::vector<step> steps_;  // the first depth_ are in use; the others keep their memory
  std::size_t depth_ = 0;
};

struct json_scalar {
  enum class type { null, boolean, number, text };
  type is;
  std::string_view text;  // as written, without quotes and escapes; "" for null
};

class json_consumer {
 public:
  virtual ~json_consumer() = default;
  // A null, a boolean, a number or a text at place.
  virtual void scalar(const json_place &place, const json_scalar &value) = 0;
  // An object or array begins, or has ended, at place: its own, not that of its members.
  virtual void begin(const json_place &place, bool is_array) = 0;
  virtual void end(const json_place &place, bool is_array) = 0;
};

// LM_ERROR_FORMAT, with line and field, for what is no JSON, and what the consumer throws.
void read_json(const list_source &source, const std::string &name, json_consumer &consumer);

}  // namespace libmatch::detail
