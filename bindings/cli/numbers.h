// Numbers on the command line and in files of ids: decimal digits and nothing else, within a range.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace command {

inline constexpr std::uint64_t largest_id = INT64_MAX;

// Nothing where the text is no such number. A leading zero makes no octal number.
std::optional<std::uint64_t> to_number(std::string_view text, std::uint64_t min, std::uint64_t max);
// "no number from 0 to 256"
std::string no_number(std::uint64_t min, std::uint64_t max);

// An option or argument that takes numbers of the range; a usage error otherwise. CLI11's own would take 010 for 8.
CLI::Validator number_check(std::uint64_t min, std::uint64_t max);

template <typename Number>
CLI::Option *add_number(CLI::App &app, const std::string &name, Number &number, const std::string &help,
                        std::uint64_t min, std::uint64_t max) {
  return app
      .add_option_function<std::string>(
          name,
          [&number, min, max](const std::string &text) {
            number = static_cast<Number>(to_number(text, min, max).value_or(min));  // number_check has seen it
          },
          help)
      ->check(number_check(min, max));
}

// --max-milliseconds N, of each file.
CLI::Option *add_time_option(CLI::App &verb, std::optional<std::uint32_t> &max_milliseconds);

}  // namespace command
