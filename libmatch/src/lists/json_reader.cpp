#include "lists/json_reader.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <memory>
#include <utility>

namespace libmatch::detail {

namespace {

constexpr std::size_t block_size_bytes = std::size_t{1} << 18;

// What RapidJSON reads from: a block at a time, with the lines counted.
class block_stream {
 public:
  using Ch = char;

  block_stream(list_source source, const json_place &place)
      : source_(std::move(source)), place_(place), block_(new char[block_size_bytes]) {
    fill();
    const std::string_view first(block_.get(), size_);
    if (first.substr(0, 3) == "\xEF\xBB\xBF") {
      next_ = 3;
    }
    if (first.substr(0, 2) == "\xFF\xFE" || first.substr(0, 2) == "\xFE\xFF") {
      place_.fail("the file is UTF-16, not UTF-8");
    }
  }

  // RapidJSON takes a zero character for the end.
  Ch Peek() const noexcept { return next_ < size_ ? block_[next_] : '\0'; }
  Ch Take() {
    const Ch taken = Peek();
    if (taken == '\n') {
      ++line_;
    }
    if (++next_ >= size_) {
      fill();
      // Looked at once a block: within a block of what the bound says.
      if (block_begin_ - event_ > max_json_text_bytes) {
        place_.fail("longer than 16 MiB");
      }
    }
    return taken;
  }
  std::size_t Tell() const noexcept { return block_begin_ + next_; }
  std::uint64_t line() const noexcept { return line_; }
  // The text before is done with.
  void mark_event() noexcept { event_ = Tell(); }
  bool ended() const noexcept { return next_ >= size_; }

  // For writing in place, which is not done here.
  Ch *PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  std::size_t PutEnd(Ch *) { return 0; }

 private:
  void fill() {
    block_begin_ += size_;
    size_ = source_(block_.get(), block_size_bytes);
    next_ = 0;
  }

  list_source source_;
  const json_place &place_;
  std::unique_ptr<char[]> block_;
  std::size_t block_begin_ = 0;
  std::size_t size_ = 0;
  std::size_t next_ = 0;
  std::size_t event_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

// RapidJSON's events, with their place.
class json_events {
 public:
  json_events(json_place &place, json_consumer &consumer) : place_(place), consumer_(consumer) {}
  void set_stream(block_stream &stream) { stream_ = &stream; }

  bool Null() { return scalar(json_scalar::type::null, {}); }
  bool Bool(bool value) { return scalar(json_scalar::type::boolean, value ? "true" : "false"); }
  bool RawNumber(const char *text, rapidjson::SizeType size, bool) {
    return scalar(json_scalar::type::number, {text, size});
  }
  bool String(const char *text, rapidjson::SizeType size, bool) {
    return scalar(json_scalar::type::text, {text, size});
  }
  // Numbers come as text (kParseNumbersAsStringsFlag).
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool StartObject() { return start(false); }
  bool Key(const char *text, rapidjson::SizeType size, bool) {
    place_.steps_[place_.depth_ - 1].key.assign(text, size);
    return seen();
  }
  bool EndObject(rapidjson::SizeType) { return end(false); }
  bool StartArray() { return start(true); }
  bool EndArray(rapidjson::SizeType) { return end(true); }

 private:
  bool seen() {
    stream_->mark_event();
    place_.line_ = stream_->line();
    return true;
  }
  bool scalar(json_scalar::type type, std::string_view text) {
    seen();
    consumer_.scalar(place_, {type, text});
    next_element();
    return true;
  }
  bool start(bool is_array) {
    seen();
    consumer_.begin(place_, is_array);
    if (place_.depth_ == max_json_depth) {
      place_.fail("more than 64 structures in each other");
    }
    if (place_.steps_.size() == place_.depth_) {
      place_.steps_.emplace_back();
    }
    json_place::step &step = place_.steps_[place_.depth_++];
    step.in_array = is_array;
    step.index = 0;
    step.key.clear();
    return true;
  }
  bool end(bool is_array) {
    seen();
    --place_.depth_;
    consumer_.end(place_, is_array);
    next_element();
    return true;
  }
  void next_element() {
    if (place_.depth_ > 0) {
      ++place_.steps_[place_.depth_ - 1].index;
    }
  }

  json_place &place_;
  json_consumer &consumer_;
  block_stream *stream_ = nullptr;
};

std::string json_place::text() const {
  std::string text;
  for (std::size_t i = 0; i < depth_; ++i) {
    if (steps_[i].in_array) {
      text += '[' + std::to_string(steps_[i].index) + ']';
    } else {
      // A hostile key may be long, and need not be text.
      text += (text.empty() ? "" : ".");
      for (const char c : std::string_view(steps_[i].key).substr(0, 40)) {
        text += c < ' ' || c > '~' ? '?' : c;
      }
    }
  }
  return text.empty() ? "the document" : text;
}

void read_json(const list_source &source, const std::string &name, json_consumer &consumer) {
  json_place place(name);
  json_events events(place, consumer);
  block_stream stream(source, place);
  events.set_stream(stream);
  // Iterative: a recursive parser would let a file choose how deep the stack gets.
  constexpr unsigned flags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
  rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>> reader;
  const rapidjson::ParseResult result = reader.Parse<flags>(stream, events);
  if (result.IsError()) {
    fail(LM_ERROR_FORMAT, name, ": line ", stream.line(), ", field ", place.text(), ": ",
         stream.ended() ? "the file ends here. " : "", rapidjson::GetParseError_En(result.Code()));
  }
  // RapidJSON takes a zero byte for the end.
  if (!stream.ended()) {
    fail(LM_ERROR_FORMAT, name, ": line ", stream.line(), ", field the document: a zero byte behind it");
  }
}

}  // namespace libmatch::detail
