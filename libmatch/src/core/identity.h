// Names for what never changes, such as the rows of a segment: whoever keeps a copy elsewhere, on a device, knows by
// the name what it holds, and hears when it is no longer wanted.
#pragma once

#include <cstdint>
#include <vector>

namespace libmatch::detail {

// A number that nothing else in this process has had; never 0.
std::uint64_t next_identity() noexcept;

// A number for the life of an object.
class identity {
 public:
  identity() noexcept : number_(next_identity()) {}
  ~identity();
  identity(const identity &) = delete;
  identity &operator=(const identity &) = delete;

  std::uint64_t number() const noexcept { return number_; }

 private:
  std::uint64_t number_;
};

// Hears of identities whose objects end. Used by any number of threads at once.
class identity_watch {
 public:
  identity_watch();
  ~identity_watch();
  identity_watch(const identity_watch &) = delete;
  identity_watch &operator=(const identity_watch &) = delete;

  // Those that ended since the last call.
  std::vector<std::uint64_t> take_ended();

 private:
  friend class identity;
  std::vector<std::uint64_t> ended_;
};

}  // namespace libmatch::detail
