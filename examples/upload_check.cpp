// Checks uploads against known images in a pipeline of several threads, as a service would.
//
// Shows: one index shared by threads that take uploads from a queue, hash and match them; what to do on each verdict;
// and that an upload which could not be checked goes to a person, for no answer is not 'no match'.
// Run:   upload_check known.jpg known.png -- upload.jpg upload.gif
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>
#include <libmatch/libmatch.hpp>
#include <mutex>
#include <optional>
#include <thread>

struct Upload {
  std::string name;
  std::vector<char> bytes;
};

class Queue {
 public:
  void give(Upload upload) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return uploads_.size() < 64; });  // so that reading cannot outrun checking
    uploads_.push_back(std::move(upload));
    changed_.notify_all();
  }
  // The next upload; none once the queue is empty and a stop was requested.
  std::optional<Upload> take(const std::stop_token &stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [this] { return !uploads_.empty(); })) return std::nullopt;
    std::optional<Upload> upload(std::move(uploads_.front()));
    uploads_.pop_front();
    changed_.notify_all();
    return upload;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Upload> uploads_;
};

static libmatch::index index_of(const libmatch::context &context, const std::vector<std::string> &paths) {
  libmatch::index known(context, 256, LM_HASH_PDQ256, lm_hash_profile(nullptr));
  const libmatch::hashes hashes = libmatch::hash_files(context, paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (hashes.quality(i) < 50) throw std::runtime_error(paths[i] + " is too plain, or no image, to be known");
    known.add(hashes.codes(i), {}, {&paths[i], 1});
  }
  return known;
}

// What to do with an upload. Whatever goes wrong on the way, it is not published unseen.
static std::string decide(const libmatch::context &context, const libmatch::index &known, const Upload &upload) try {
  const lm_buffer buffer{upload.bytes.data(), upload.bytes.size()};
  const libmatch::verdicts verdicts = libmatch::match_buffers(context, known, {&buffer, 1});
  const std::string reason(verdicts.reason(0));
  switch (verdicts.verdict(0)) {
    case LM_VERDICT_MATCH:
      return "block: distance " + std::to_string(verdicts.matches(0)[0].distance) + " from " +
             std::string(verdicts.matches(0)[0].label);
    case LM_VERDICT_REVIEW:
      return "review: like " + std::string(verdicts.matches(0)[0].label);
    case LM_VERDICT_NO_MATCH:
    case LM_VERDICT_LOW_QUALITY:
      return reason.empty() ? "publish" : "publish: " + reason;
    default:  // not scanned, or a verdict of a later version
      return "review: " + reason;
  }
} catch (const std::exception &error) {
  return std::string("review: ") + error.what();
}

int main(int argc, char **argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  const libmatch::context context(nullptr, 1);  // one thread a call, as the pipeline has its own
  const libmatch::index known = index_of(context, {arguments.begin(), dashes});
  Queue queue;
  std::mutex output;
  const auto work = [&](const std::stop_token &stop) {
    while (const auto upload = queue.take(stop)) {
      const std::string decision = decide(context, known, *upload);
      const std::lock_guard lock(output);
      std::cout << upload->name << '\t' << decision << '\n';
    }
  };
  std::vector<std::jthread> threads(4);  // their end requests a stop, and waits until the queue is empty
  for (std::jthread &thread : threads) thread = std::jthread(work);
  for (auto name = dashes; name != arguments.end() && ++name != arguments.end();) {
    std::ifstream file(*name, std::ios::binary);  // one that is missing reads as empty, and so is not scanned
    queue.give({*name, {std::istreambuf_iterator<char>(file), {}}});
  }
} catch (const std::exception &error) {
  std::cerr << error.what() << '\n';
  return 1;
}
