// store_transaction: gathers changes, and writes them to files once they are many.
#if defined(__linux__)
#include <malloc.h>
#endif

#include <chrono>

#include "core/error.h"
#include "store/change_codec.h"
#include "store/folder_writer.h"

namespace libmatch::detail {

namespace {

// Entries are moved to files in portions of this size, so that a transaction takes little memory however large it is.
constexpr std::size_t most_tail_rows = std::size_t{1} << 17;

// The allocator keeps what a portion took for the next one, which may take it elsewhere: as much again, at times
// twice.
void give_back_freed_memory() {
#if defined(__GLIBC__)
  static_cast<void>(::malloc_trim(std::size_t{16} << 20));
#endif
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class folder_transaction final : public store_transaction {
 public:
  explicit folder_transaction(folder_writer &writer) : writer_(writer) {}

  void add(const new_entry &entry) override {
    changes_.add(entry);
    spill();
  }

  void withdraw(const withdrawal &change) override {
    withdrawal timed = change;
    timed.time = change.time >= 0 ? change.time : seconds_now();
    changes_.withdraw(timed);
    spill();
  }

  void set_attribute(std::string_view list, std::string_view name, std::string_view value) override {
    changes_.set_attribute(list, name, value);
    spill();
  }

  change_counts commit() override {
    if (committed_) {
      fail(LM_ERROR_INVALID_ARGUMENT, "the transaction is committed already");
    }
    committed_ = true;
    if (bulk_ == nullptr) {
      return changes_.changes() != 0 ? writer_.commit(changes_.bytes()) : change_counts{};
    }
    bulk_->apply(changes_.bytes());
    const change_counts counts = bulk_->finish();
    bulk_.reset();
    return counts;
  }

 private:
  void spill() {
    if (changes_.bytes().size() < writer_.transaction_bytes()) {
      return;
    }
    if (bulk_ == nullptr) {
      bulk_ = std::make_unique<folder_writer::bulk_commit>(writer_);
    }
    bulk_->apply(changes_.bytes());
    changes_.clear();
  }

  folder_writer &writer_;
  change_encoder changes_;
  std::unique_ptr<folder_writer::bulk_commit> bulk_;
  bool committed_ = false;
};

}  // namespace

folder_writer::bulk_commit::bulk_commit(folder_writer &writer)
    : writer_(writer), lock_(writer.writing_), next_(writer.state_.snapshot()) {
  writer_.refuse_if_failed();
  next_.begin_bulk();
}

folder_writer::bulk_commit::~bulk_commit() { writer_.remove_files(written_); }

void folder_writer::bulk_commit::apply(std::span<const std::uint8_t> changes) {
  next_.apply(changes, "transaction", 0, counts_);
  std::size_t tail = 0;
  for (const store_table &table : next_.snapshot().tables) {
    for (std::size_t s = 0; s < table.files.size(); ++s) {
      tail += table.files[s] == 0 ? table.rows.segments[s].rows->size() : 0;
    }
  }
  next_.let_go_of_pages();
  if (tail >= most_tail_rows) {
    writer_.write_segments(next_, written_);
    give_back_freed_memory();
  }
}

change_counts folder_writer::bulk_commit::finish() {
  if (next_.edits() == 0) {
    return counts_;
  }
  ++next_.edit().version;
  next_.end_bulk();
  writer_.write_segments(next_, written_);
  writer_.install(std::move(next_), written_);
  return counts_;
}

std::unique_ptr<store_transaction> folder_writer::begin() { return std::make_unique<folder_transaction>(*this); }

}  // namespace libmatch::detail
