#include <expat.h>

#include <array>
#include <exception>
#include <memory>
#include <new>
#include <string_view>

#include "core/error.h"
#include "lists/entry_builder.h"
#include "lists/exchange_formats.h"

namespace libmatch::detail {

namespace {

constexpr std::string_view name_space = "https://hashsharing.ncmec.org/hashsharing/v2|";
constexpr std::size_t max_text_bytes = std::size_t{1} << 20;
constexpr std::size_t max_depth = 64;
constexpr std::size_t block_size_bytes = std::size_t{1} << 16;

// Elements by depth: 0 queryResult, 1 images or videos or paging, 2 an item, 3 its fields, 4 a fingerprint.
class ncmec_reader {
 public:
  ncmec_reader(const std::string &name, record_sink &sink, list_summary &summary)
      : name_(name), summary_(summary), entry_(sink, summary), parser_(XML_ParserCreateNS("UTF-8", '|')) {
    if (parser_ == nullptr) {
      throw std::bad_alloc();
    }
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void *self, const XML_Char *element, const XML_Char **attributes) {
          static_cast<ncmec_reader *>(self)->kept([&](ncmec_reader &reader) { reader.start(element, attributes); });
        },
        [](void *self, const XML_Char *) {
          static_cast<ncmec_reader *>(self)->kept([](ncmec_reader &reader) { reader.end(); });
        });
    XML_SetCharacterDataHandler(parser_.get(), [](void *self, const XML_Char *text, int size) {
      static_cast<ncmec_reader *>(self)->kept([&](ncmec_reader &reader) {
        reader.add_text({text, static_cast<std::size_t>(size)});
      });
    });
    // Entities of its own are what a document can blow itself up with; these have none.
    XML_SetStartDoctypeDeclHandler(
        parser_.get(), [](void *self, const XML_Char *, const XML_Char *, const XML_Char *, int) {
          static_cast<ncmec_reader *>(self)->kept(
              [](ncmec_reader &reader) { reader.fail_here("the document", "has a DOCTYPE"); });
        });
  }

  void read(const list_source &source) {
    const auto block = std::make_unique<char[]>(block_size_bytes);
    std::size_t size = 0;
    do {
      size = source(block.get(), block_size_bytes);
      const XML_Status status = XML_Parse(parser_.get(), block.get(), static_cast<int>(size), size == 0 ? 1 : 0);
      if (failure_) {
        std::rethrow_exception(failure_);
      }
      if (status != XML_STATUS_OK) {
        fail_here(path_.empty() ? "the document" : path_.back(), XML_ErrorString(XML_GetErrorCode(parser_.get())));
      }
    } while (size != 0);
    summary_.checkpoint = std::max(summary_.checkpoint, checkpoint_);
    summary_.complete = !has_next_;
  }

 private:
  // Exceptions must not go through expat, which is C.
  template <typename Body>
  void kept(const Body &body) noexcept {
    if (failure_) {
      return;
    }
    try {
      body(*this);
    } catch (...) {
      failure_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  [[noreturn]] void fail_here(std::string_view field, std::string_view reason) const {
    fail(LM_ERROR_FORMAT, name_, ": line ", XML_GetCurrentLineNumber(parser_.get()), ", field ", field, ": ", reason);
  }
  void check(const std::string &problem) const {
    if (!problem.empty()) {
      fail_here(path_.back(), problem);
    }
  }

  void start(std::string_view element, const XML_Char **attributes) {
    if (element.substr(0, name_space.size()) != name_space) {
      fail_here(printable(element), "not of the namespace https://hashsharing.ncmec.org/hashsharing/v2");
    }
    if (path_.size() == max_depth) {
      fail_here("the document", "more than 64 elements in each other");
    }
    path_.emplace_back(element.substr(name_space.size()));
    text_.clear();
    const std::string &local = path_.back();
    if (path_.size() == 1 && local != "queryResult") {
      fail_here(printable(local), "a document of NCMEC's hash sharing begins with queryResult");
    }
    if (path_.size() == 2 && in_list()) {
      begin_list(attributes);
    } else if (path_.size() == 3 && in_list()) {
      begin_item();
    } else if (path_.size() == 4 && in_list() && local == "member") {
      member_ = attribute(attributes, "id");
    }
  }

  bool in_list() const { return path_.size() > 1 && (path_[1] == "images" || path_[1] == "videos"); }

  static std::string attribute(const XML_Char **attributes, std::string_view name) {
    for (; *attributes != nullptr; attributes += 2) {
      if (name == attributes[0]) {
        return attributes[1];
      }
    }
    return {};
  }

  void begin_list(const XML_Char **attributes) {
    items_ = 0;
    count_ = attribute(attributes, "count");
    const std::string time = attribute(attributes, "maxTimestamp");
    if (!time.empty() && !read_time(time)) {
      fail_here(path_.back(), "maxTimestamp is no time");
    }
    // ISO 8601 in one time zone: the later is the greater text.
    checkpoint_ = std::max(checkpoint_, time);
  }

  void begin_item() {
    static constexpr std::array<std::string_view, 4> items{"image", "video", "deletedImage", "deletedVideo"};
    const std::string &local = path_.back();
    if (std::find(items.begin(), items.end(), local) == items.end()) {
      fail_here(printable(local), "none of image, video, deletedImage, deletedVideo");
    }
    entry_.begin();
    entry_.set_withdrawn(local[0] == 'd');
    member_.clear();
    id_.clear();
    ++items_;
  }

  void add_text(std::string_view text) {
    if (text_.size() + text.size() > max_text_bytes) {
      fail_here(path_.empty() ? "the document" : path_.back(), "longer than 1 MiB");
    }
    text_ += text;
  }

  void end() {
    const std::string_view text = trimmed();
    if (in_list()) {
      switch (path_.size()) {
        case 2:
          if (!count_.empty() && count_ != std::to_string(items_)) {
            fail_here(path_.back(), std::to_string(items_) + " entries where count says otherwise");
          }
          break;
        case 3:
          end_item();
          break;
        case 4:
          read_field(path_[3], text);
          break;
        case 5:
          if (path_[3] == "fingerprints") {
            read_fingerprint(path_[4], text);
          }
          break;
        default:
          break;
      }
    } else if (path_.size() == 3 && path_[1] == "paging" && path_[2] == "next") {
      has_next_ = !text.empty();
    }
    path_.pop_back();
    text_.clear();
  }

  std::string_view trimmed() const {
    constexpr std::string_view blanks = " \t\r\n";
    const std::string_view text = text_;
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
  }

  void read_field(std::string_view field, std::string_view text) {
    if (field == "id") {
      id_ = text;
    } else if (field == "classification") {
      check(entry_.set_label(text));
    } else if (field == "timestamp") {
      const std::optional<std::int64_t> time = read_time(text);
      check(time ? "" : "no time");
      entry_.set_time(*time);
    }
  }

  void read_fingerprint(std::string_view field, std::string_view text) {
    // Some are given by a link and have no text.
    if (text.empty()) {
      entry_.leave_out(field);
    } else {
      check(entry_.add_named_code(field, text));
    }
  }

  void end_item() {
    if (id_.empty() || member_.empty()) {
      check(id_.empty() ? "no id" : "no member with an id");
    }
    check(entry_.set_list_id(member_ + ':' + id_));
    entry_.end();
  }

  struct parser_free {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
  };

  const std::string &name_;
  list_summary &summary_;
  entry_builder entry_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, parser_free> parser_;
  std::exception_ptr failure_;
  std::vector<std::string> path_;  // the elements around, the outermost first
  std::string text_;               // of the innermost, so far
  std::string member_, id_;        // of the item that is read
  std::uint64_t items_ = 0;        // of the list that is read
  std::string count_;              // that it says
  std::string checkpoint_;
  bool has_next_ = false;
};

}  // namespace

void read_ncmec(const list_source &source, const std::string &name, record_sink &sink, list_summary &summary) {
  ncmec_reader(name, sink, summary).read(source);
}

}  // namespace libmatch::detail
