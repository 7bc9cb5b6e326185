// What the command writes: rows with tabs, JSON Lines, messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace command {

// Keys in the order in which they are set.
using json = nlohmann::ordered_json;

// A name as a field of a row: tab, newline, carriage return and backslash as \t \n \r \\; other control characters
// and bytes that are not UTF-8 as \xNN.
std::string escape(std::string_view name);
// A name as text for JSON and labels: itself where it is UTF-8, otherwise escaped.
std::string to_utf8(std::string_view name);
// The field `path` of an answer. One that is not UTF-8 might look like another that is: its bytes stand beside it, in
// hexadecimal digits, as `path_bytes`.
void set_path(json &object, std::string_view path);
std::string to_hex(std::span<const std::uint8_t> code);

// 100 as "0.1.0": an LM_VERSION.
std::string version_text(std::int32_t version);

// To standard output. Throws when it cannot be written.
void print_row(std::initializer_list<std::string_view> fields);
void print_json(const json &value);
void flush_output();

// "libmatch: message" to standard error.
void print_message(std::string_view message);
// "path: reason" for print_message, the path once even where the reason begins with it.
std::string file_message(std::string_view path, std::string_view reason);

}  // namespace command
