#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace bench {

// A child process, which ends when what it is told by is closed, or is killed.
class child_process {
 public:
  // work(told_by, tells): runs in the child.
  template <typename Work>
  explicit child_process(const Work &work) {
    int down[2];
    int up[2];
    if (::pipe(down) != 0 || ::pipe(up) != 0) {
      std::exit(1);
    }
    id_ = ::fork();
    if (id_ == 0) {
      ::close(down[1]);
      ::close(up[0]);
      work(down[0], up[1]);
      std::_Exit(0);
    }
    ::close(down[0]);
    ::close(up[1]);
    tell_ = down[1];
    hear_ = up[0];
  }
  child_process(const child_process &) = delete;
  child_process &operator=(const child_process &) = delete;
  ~child_process() {
    ::close(tell_);
    ::close(hear_);
    ::kill(id_, SIGCONT);
    ::waitpid(id_, nullptr, 0);
  }

  void signal(int number) const { ::kill(id_, number); }
  int tell() const { return tell_; }
  int hear() const { return hear_; }

 private:
  pid_t id_ = -1;
  int tell_ = -1;
  int hear_ = -1;
};

}  // namespace bench
