// libmatch index export: the entries of a live index, as a list or as an index file.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "index_file.h"
#include "live_folder.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

namespace command {

namespace {

constexpr std::size_t part_size_bytes = std::size_t{1} << 16;

struct export_options {
  std::string folder, key, output, list;
  std::string format = "csv";
  bool wants_withdrawn = false;
};

// Text that takes its name once it is whole and on the disk; without finish() nothing of it remains.
class new_file {
 public:
  explicit new_file(const std::string &path) : path_(path), temporary_(path + ".part") {
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
      fail(temporary_);
    }
  }
  new_file(const new_file &) = delete;
  new_file &operator=(const new_file &) = delete;
  ~new_file() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
      ::unlink(temporary_.c_str());
    }
  }

  void write(const std::string &text) {
    part_ += text;
    if (part_.size() >= part_size_bytes) {
      flush();
    }
  }
  void finish() {
    flush();
    if (fsync(descriptor_) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
      fail(path_);
    }
    ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  void flush() {
    for (std::size_t done = 0; done < part_.size();) {
      const ssize_t count = ::write(descriptor_, part_.data() + done, part_.size() - done);
      if (count < 0 && errno != EINTR) {
        fail(temporary_);
      }
      done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    part_.clear();
  }
  [[noreturn]] static void fail(const std::string &path) {
    throw std::runtime_error(file_message(path, "cannot be written: " + std::generic_category().message(errno)));
  }

  std::string path_, temporary_, part_;
  int descriptor_ = -1;
};

std::string quoted(std::string_view field) {
  if (field.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
    return std::string(field);
  }
  std::string text = "\"";
  for (const char c : field) {
    text += c == '"' ? std::string(2, c) : std::string(1, c);
  }
  return text + '"';
}

std::string time_text(std::int64_t time) {
  const json text = time_or_null(time);
  return text.is_string() ? text.get<std::string>() : "";
}

// The columns that `index import` reads; and what only tells.
std::string csv_row(const lm_entry &entry, bool has_list) {
  const std::string code = entry.code != nullptr ? to_hex({entry.code, entry.bits / 8}) : "";
  std::string row = std::string(lm_hash_name(entry.hash)) + ',' + code + ',' + std::to_string(entry.id) + ',' +
                    quoted(entry.label) + ',' + quoted(entry.list_id) + ',' + time_text(entry.time);
  if (has_list) {
    row += ',' + quoted(entry.list);
  }
  if (entry.withdrawn != 0) {
    row += ',' + time_text(entry.withdrawn_at) + ',' + quoted(entry.withdrawn_by) + ',' + quoted(entry.reason);
  }
  return row + '\n';
}

std::uint64_t write_entries(const libmatch::index &index, const export_options &options, new_file &file) {
  const bool has_list = options.list.empty();
  file.write(std::string("kind,code,id,label,list_id,time") + (has_list ? ",list" : "") +
             (options.wants_withdrawn ? ",withdrawn_at,withdrawn_by,reason\n" : "\n"));
  libmatch::entries entries = index.entries(has_list ? nullptr : options.list.c_str(), options.wants_withdrawn);
  const progress_bar bar("entries");
  const lm_progress *progress = bar.call();
  lm_entry entry{};
  std::uint64_t written = 0;
  while (entries.next(entry)) {
    file.write(csv_row(entry, has_list));
    ++written;
    if (written % 4096 == 0 && progress->callback(progress->user_data, written, 0) != 0) {
      throw libmatch::error(LM_ERROR_CANCELLED, "interrupted");
    }
  }
  return written;
}

int export_index(const common_options &common, const export_options &options) {
  const libmatch::context context = open_context(common);
  const libmatch::index index =
      libmatch::index::open_live(context, options.folder.c_str(), live_options(options.key));
  if (options.format == "index") {
    save_index(index, options.output);
    print_row({"exported", std::to_string(entry_count(index))});
    return all_scanned;
  }
  new_file file(options.output);
  const std::uint64_t written = write_entries(index, options, file);
  file.finish();
  print_row({"exported", std::to_string(written)});
  return all_scanned;
}

}  // namespace

void add_index_export(CLI::App &index, const common_options &common, action &chosen) {
  const auto options = std::make_shared<export_options>();
  CLI::App *verb = index.add_subcommand("export", "Writes the entries of a live index to a file");
  verb->footer(
      "csv: kind, code, id, label, list_id and time, and the list where it is not one of --list, which alone can be\n"
      "imported again; with --withdrawn what was taken back, when, by whom and why, without codes. index: an index\n"
      "file, of codes of one kind and all digests, without the lists' names.");
  verb->add_option("FOLDER", options->folder, folder_help)->required();
  verb->add_option("FILE", options->output, "The file to write")->required();
  add_key_option(*verb, options->key);
  verb->add_option("--list", options->list, "Only this list");
  CLI::Option *withdrawn = verb->add_flag("--withdrawn", options->wants_withdrawn, "What was taken back instead");
  verb->add_option("--format", options->format, "csv (the default) or index")->check(CLI::IsMember({"csv", "index"}));
  verb->callback([=, &common, &chosen] {
    if (options->format == "index" && (withdrawn->count() != 0 || !options->list.empty())) {
      throw CLI::ValidationError("--format", "an index file holds all that is live: no --list and no --withdrawn");
    }
    chosen = [options, &common] { return export_index(common, *options); };
  });
}

}  // namespace command
