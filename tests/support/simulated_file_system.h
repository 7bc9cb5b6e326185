// A file system in memory that remembers what was synced: any call can fail, and a crash keeps any part of what was
// not synced.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "store/file_system.h"
#include "support/random_codes.h"

namespace libmatch::test {

// What is on a disk, and what the system has not written there yet.
class simulated_disk {
 public:
  using bytes = std::vector<std::uint8_t>;

  struct write {
    std::uint64_t offset;
    bytes data;
  };
  struct inode {
    bytes content;               // as programs see it
    bytes durable;               // as of the last sync
    std::vector<write> pending;  // since then
    std::uint64_t number = 0;
    std::uint64_t changes = 0;
  };
  struct name_change {
    std::string name;  // that leads to `file` from now on; null: that is no more
    std::shared_ptr<inode> file;
    std::string from;  // of a rename: the name before; else ""
  };

  std::map<std::string, std::shared_ptr<inode>> names;
  std::map<std::string, std::shared_ptr<inode>> durable_names;
  std::vector<name_change> pending_names;
  std::uint64_t next_number = 1;

  // A copy that shares nothing.
  simulated_disk copy() const;
  // What a power cut may leave: of every unsynced write nothing, all, or some sectors of 512 bytes; of the unsynced
  // changes of names any, and of a rename half.
  simulated_disk after_power_cut(random_source &random) const;
  // What the end of the process leaves: all that was written.
  simulated_disk after_kill() const;
};

// What goes wrong at a call.
enum class fault : std::uint8_t {
  none,
  error,      // it fails and does nothing
  half_done,  // a write fails after half of its bytes; everything else as error
  lost_sync   // a sync fails, and what it should have synced may be anything; everything else as error
};

class simulated_file_system final : public detail::file_system {
 public:
  simulated_disk disk;
  // Before each call that changes something, with its number from 0; says what goes wrong.
  std::function<fault(std::uint64_t)> before_call;
  std::uint64_t calls = 0;

  bool exists(const std::string &path) const override;
  std::vector<std::string> list(const std::string &folder) const override;
  void create_folder(const std::string &path) override;
  std::unique_ptr<detail::store_file> open(const std::string &path) const override;
  std::unique_ptr<detail::store_file> create(const std::string &path) override;
  void rename(const std::string &from, const std::string &to) override;
  void remove(const std::string &path) override;
  void sync_folder(const std::string &path) override;
  std::shared_ptr<void> lock(const std::string &path) override;
  std::string identity(const std::string &path) const override;

  // Asks before_call; throws LM_ERROR_IO for `error`, and returns every other fault.
  fault begin_call(const std::string &path, const char *action);

 private:
  std::shared_ptr<std::set<std::string>> locks_ = std::make_shared<std::set<std::string>>();
};

}  // namespace libmatch::test
