#include "numbers.h"

#include <charconv>
#include <system_error>

namespace command {

std::optional<std::uint64_t> to_number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t number = 0;
  const char *const end = text.data() + text.size();
  const auto [rest, result] = std::from_chars(text.data(), end, number);
  const bool is_number = result == std::errc() && rest == end && number >= min && number <= max;
  return is_number ? std::optional(number) : std::nullopt;
}

std::string no_number(std::uint64_t min, std::uint64_t max) {
  return "no number from " + std::to_string(min) + " to " + std::to_string(max);
}

CLI::Validator number_check(std::uint64_t min, std::uint64_t max) {
  return {[min, max](const std::string &text) {
            return to_number(text, min, max).has_value() ? std::string() : text + " is " + no_number(min, max);
          },
          std::to_string(min) + " to " + std::to_string(max)};
}

CLI::Option *add_time_option(CLI::App &verb, std::optional<std::uint32_t> &max_milliseconds) {
  return add_number(verb, "--max-milliseconds", max_milliseconds,
                    "A file that takes longer to decode is not scanned; 0: no limit. Without it 60000", 0,
                    UINT32_MAX);
}

}  // namespace command
