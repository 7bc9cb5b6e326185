#include "support/simulated_file_system.h"

#include <algorithm>
#include <stdexcept>

#include "core/aligned_vector.h"
#include "core/error.h"

namespace libmatch::test {

using detail::fail;

namespace {

constexpr std::size_t sector = 512;

void put(simulated_disk::bytes &content, std::uint64_t offset, const std::uint8_t *data, std::size_t size) {
  const auto begin = static_cast<std::size_t>(offset);
  content.resize(std::max(content.size(), begin + size));
  std::copy(data, data + size, content.begin() + static_cast<std::ptrdiff_t>(begin));
}

void put_some_sectors(simulated_disk::bytes &content, const simulated_disk::write &written, random_source &random) {
  for (std::size_t begin = 0; begin < written.data.size();) {
    // Sectors are those of the file.
    const auto left = sector - static_cast<std::size_t>((written.offset + begin) % sector);
    const std::size_t size = std::min(left, written.data.size() - begin);
    if (random.below(2) == 0) {
      put(content, written.offset + begin, written.data.data() + begin, size);
    }
    begin += size;
  }
}

class simulated_file final : public detail::store_file {
 public:
  simulated_file(const std::string &path, std::shared_ptr<simulated_disk::inode> file, simulated_file_system *system)
      : store_file(path), file_(std::move(file)), system_(system) {}

  std::uint64_t size() const override { return file_->content.size(); }

  std::size_t read_at(void *destination, std::size_t size, std::uint64_t offset) const override {
    if (offset >= file_->content.size()) {
      return 0;
    }
    const std::size_t count = std::min<std::size_t>(size, file_->content.size() - static_cast<std::size_t>(offset));
    std::copy_n(file_->content.begin() + static_cast<std::ptrdiff_t>(offset), count,
                static_cast<std::uint8_t *>(destination));
    return count;
  }

  void write_at(const void *source, std::size_t size, std::uint64_t offset) override {
    const fault wrong = system_->begin_call(path(), "write");
    const auto *data = static_cast<const std::uint8_t *>(source);
    const std::size_t written = wrong == fault::half_done ? size / 2 : size;
    put(file_->content, offset, data, written);
    file_->pending.push_back({offset, {data, data + written}});
    ++file_->changes;
    if (wrong == fault::half_done) {
      fail(LM_ERROR_IO, path(), ": cannot write: simulated: no space left");
    }
  }

  void sync() override {
    if (system_->begin_call(path(), "sync") == fault::lost_sync) {
      // As Linux does it: the pages count as clean afterwards, whatever became of them.
      fail(LM_ERROR_IO, path(), ": cannot sync: simulated");
    }
    file_->durable = file_->content;
    file_->pending.clear();
  }

  detail::held_bytes map() const override {
    const auto copy =
        std::make_shared<detail::aligned_vector<std::uint8_t>>(file_->content.begin(), file_->content.end());
    return {{copy->data(), copy->size()}, copy};
  }

 private:
  std::shared_ptr<simulated_disk::inode> file_;
  simulated_file_system *system_;
};

}  // namespace

simulated_disk simulated_disk::copy() const {
  simulated_disk other;
  std::map<const inode *, std::shared_ptr<inode>> copies;
  const auto copy_of = [&](const std::shared_ptr<inode> &file) -> std::shared_ptr<inode> {
    if (file == nullptr) {
      return nullptr;
    }
    std::shared_ptr<inode> &copied = copies[file.get()];
    if (copied == nullptr) {
      copied = std::make_shared<inode>(*file);
    }
    return copied;
  };
  for (const auto &[name, file] : names) {
    other.names[name] = copy_of(file);
  }
  for (const auto &[name, file] : durable_names) {
    other.durable_names[name] = copy_of(file);
  }
  for (const name_change &change : pending_names) {
    other.pending_names.push_back({change.name, copy_of(change.file), change.from});
  }
  other.next_number = next_number;
  return other;
}

simulated_disk simulated_disk::after_power_cut(random_source &random) const {
  simulated_disk left = copy();
  for (const name_change &change : left.pending_names) {
    const std::size_t happened = random.below(4);
    if (happened == 0) {
      continue;
    }
    if (change.file == nullptr) {
      left.durable_names.erase(change.name);
      continue;
    }
    left.durable_names[change.name] = change.file;
    if (!change.from.empty() && happened != 1) {
      left.durable_names.erase(change.from);
    }
  }
  left.names = left.durable_names;
  left.pending_names.clear();
  for (auto &[name, file] : left.names) {
    bytes content = file->durable;
    for (const write &written : file->pending) {
      const std::size_t happened = random.below(4);
      if (happened >= 2) {
        put(content, written.offset, written.data.data(), written.data.size());
      } else if (happened == 1) {
        put_some_sectors(content, written, random);
      }
    }
    file->content = content;
    file->durable = content;
    file->pending.clear();
  }
  return left;
}

simulated_disk simulated_disk::after_kill() const { return copy(); }

fault simulated_file_system::begin_call(const std::string &path, const char *action) {
  const std::uint64_t number = calls++;
  const fault wrong = before_call ? before_call(number) : fault::none;
  if (wrong == fault::error) {
    fail(LM_ERROR_IO, path, ": cannot ", action, ": simulated");
  }
  return wrong;
}

bool simulated_file_system::exists(const std::string &path) const { return disk.names.count(path) != 0; }

std::vector<std::string> simulated_file_system::list(const std::string &folder) const {
  std::vector<std::string> found;
  for (const auto &[path, file] : disk.names) {
    if (path.substr(0, folder.size() + 1) == folder + '/') {
      found.push_back(path.substr(folder.size() + 1));
    }
  }
  return found;
}

void simulated_file_system::create_folder(const std::string & /*path*/) {}

std::unique_ptr<detail::store_file> simulated_file_system::open(const std::string &path) const {
  const auto found = disk.names.find(path);
  if (found == disk.names.end()) {
    fail(LM_ERROR_IO, path, ": cannot open: simulated: no such file");
  }
  return std::make_unique<simulated_file>(path, found->second, const_cast<simulated_file_system *>(this));
}

std::unique_ptr<detail::store_file> simulated_file_system::create(const std::string &path) {
  const fault wrong = begin_call(path, "create");
  if (wrong != fault::none) {
    fail(LM_ERROR_IO, path, ": cannot create: simulated");
  }
  const auto file = std::make_shared<simulated_disk::inode>();
  file->number = disk.next_number++;
  disk.names[path] = file;
  disk.pending_names.push_back({path, file, ""});
  return std::make_unique<simulated_file>(path, file, this);
}

void simulated_file_system::rename(const std::string &from, const std::string &to) {
  if (begin_call(from, "rename") != fault::none) {
    fail(LM_ERROR_IO, from, ": cannot rename: simulated");
  }
  const std::shared_ptr<simulated_disk::inode> file = disk.names.at(from);
  disk.names[to] = file;
  disk.names.erase(from);
  disk.pending_names.push_back({to, file, from});
}

void simulated_file_system::remove(const std::string &path) {
  if (begin_call(path, "remove") != fault::none) {
    fail(LM_ERROR_IO, path, ": cannot remove: simulated");
  }
  disk.names.erase(path);
  disk.pending_names.push_back({path, nullptr, ""});
}

void simulated_file_system::sync_folder(const std::string &path) {
  if (begin_call(path, "sync the folder") != fault::none) {
    fail(LM_ERROR_IO, path, ": cannot sync the folder: simulated");
  }
  disk.durable_names = disk.names;
  disk.pending_names.clear();
}

std::shared_ptr<void> simulated_file_system::lock(const std::string &path) {
  if (!locks_->insert(path).second) {
    return nullptr;
  }
  return {locks_.get(), [locks = locks_, path](void * /*unused*/) { locks->erase(path); }};
}

std::string simulated_file_system::identity(const std::string &path) const {
  const auto found = disk.names.find(path);
  if (found == disk.names.end()) {
    fail(LM_ERROR_IO, path, ": cannot examine: simulated: no such file");
  }
  return std::to_string(found->second->number) + ' ' + std::to_string(found->second->changes);
}

}  // namespace libmatch::test
