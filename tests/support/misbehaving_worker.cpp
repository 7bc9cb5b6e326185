// A libmatch-worker whose decoder does what a file of "misbehave: ..." tells it to, as if the file had taken it over.
// Every other file is scanned as ever. It never leaves the build tree.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "image/decode.h"
#include "isolation/messages.h"
#include "isolation/worker.h"

using namespace libmatch::detail;

namespace {

[[noreturn]] void hang() {
  for (volatile unsigned turns = 0;;) {
    turns = turns + 1;
  }
}

// What it got for its trouble; the test reads it.
[[noreturn]] void report(bool went_well, const char *what) {
  throw scan_failure(LM_SCAN_DAMAGED, std::string(what) + (went_well ? ": yes" : ": no"));
}

void allocate() {
  std::vector<std::vector<char>> taken;
  for (;;) {
    taken.emplace_back(std::size_t{1} << 24U, 'x');
  }
}

void speak(const void *words, std::size_t size) {
  static_cast<void>(send(0, words, size, MSG_NOSIGNAL));
  hang();
}

void read_other_descriptors() {
  bool found = false;
  for (int descriptor = 3; descriptor < 1024; ++descriptor) {
    char byte;
    found = found || read(descriptor, &byte, 0) != -1 || errno != EBADF;
  }
  report(found, "other descriptors");
}

void start_thread() {
  int answer = 0;
  std::thread([&] { answer = 42; }).join();
  report(answer == 42, "threads");
}

void *volatile nowhere = nullptr;

const std::map<std::string_view, std::function<void()>> deeds{
    {"segfault", [] { *static_cast<volatile int *>(nowhere) = 1; }},
    {"abort", [] { std::abort(); }},
    {"exit", [] { _exit(7); }},
    {"hang", hang},
    {"allocate", allocate},
    {"open a file", [] { report(open("/etc/passwd", O_RDONLY) >= 0, "files"); }},
    {"connect", [] { static_cast<void>(socket(AF_INET, SOCK_STREAM, 0)); }},
    {"fork", [] { static_cast<void>(fork()); }},
    {"start a program", [] { execl("/bin/true", "true", nullptr); }},
    {"end the context", [] { static_cast<void>(kill(getppid(), SIGKILL)); }},
    {"run what it wrote",
     [] { mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }},
    {"read other descriptors", read_other_descriptors},
    {"read the environment", [] { report(std::getenv("LIBMATCH_TEST_SECRET") != nullptr, "the environment"); }},
    {"start a thread", start_thread},
    {"speak nonsense", [] { speak("nonsense nonsense nonsense", 26); }},
    {"promise much",
     [] {
       const reply_header header{reply_magic, UINT64_MAX};
       speak(&header, sizeof(header));
     }},
    {"hang up",
     [] {
       close(0);
       hang();
     }},
};

class misbehaving_scanner final : public image_scanner {
 public:
  explicit misbehaving_scanner(const std::string &backend) : images_(make_worker_images(backend)) {}

  void scan_image(std::span<const std::uint8_t> bytes, const scan_request &request,
                  scan_result &result) const override {
    constexpr std::string_view introduction = "misbehave: ";
    const std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    if (text.substr(0, introduction.size()) == introduction) {
      deeds.at(text.substr(introduction.size()))();
    }
    images_->scan_image(bytes, request, result);
  }

 private:
  std::unique_ptr<const image_scanner> images_;
};

std::unique_ptr<const image_scanner> make_images(const std::string &backend) {
  return std::make_unique<misbehaving_scanner>(backend);
}

}  // namespace

int main(int argument_count, char **arguments) { _exit(run_worker(argument_count, arguments, make_images)); }
