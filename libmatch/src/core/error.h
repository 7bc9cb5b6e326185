// The one exception of the library. It never leaves it: c_api turns it into a status and a message.
#pragma once

#include <exception>
#include <sstream>
#include <string>
#include <utility>

#include "libmatch/libmatch.h"

namespace libmatch::detail {

class error : public std::exception {
 public:
  error(lm_status status, std::string message) : status_(status), message_(std::move(message)) {}

  lm_status status() const noexcept { return status_; }
  const char *what() const noexcept override { return message_.c_str(); }

 private:
  lm_status status_;
  std::string message_;
};

// Throws an error whose message is all the parts written one after the other.
template <typename... Parts>
[[noreturn]] void fail(lm_status status, const Parts &...parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw error(status, message.str());
}

}  // namespace libmatch::detail
