#include "core/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string_view>
#include <thread>

#include "core/error.h"
#include "support/files.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

std::string reason_of(const std::function<void()> &call, lm_status expected = LM_ERROR_IO) {
  try {
    call();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), expected) << failure.what();
    return failure.what();
  }
  return "no error";
}

void replace(const std::string &path, std::string_view text) {
  atomic_file file(path);
  file.write(text.data(), text.size());
  file.commit();
}

std::string text_of(const std::string &path) {
  const bytes content = read_bytes(path);
  return {content.begin(), content.end()};
}

mode_t permissions(const std::string &path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

using names = std::vector<std::string>;

}  // namespace

TEST(AtomicFile, TakesItsNameOnCommitOnly) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  replace(path, "old");
  {
    atomic_file file(path);
    file.write("new", 3);
    EXPECT_EQ(text_of(path), "old");
    EXPECT_EQ(folder.names().size(), 2U);
  }
  EXPECT_EQ(text_of(path), "old");
  EXPECT_EQ(folder.names(), names{"file"});
  replace(path, "new");
  EXPECT_EQ(text_of(path), "new");
  EXPECT_EQ(folder.names(), names{"file"});
}

TEST(AtomicFile, OverwritesWhatItHasWritten) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  atomic_file file(path);
  file.write("....cdef", 8);
  file.write_at("ab", 2, 1);
  file.write("g", 1);
  file.commit();
  EXPECT_EQ(text_of(path), ".ab.cdefg");
}

TEST(AtomicFile, ANewFileIsItsOwnersAndAReplacedOneKeepsItsPermissions) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  replace(path, "1");
  EXPECT_EQ(permissions(path), 0600U);
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  replace(path, "2");
  EXPECT_EQ(permissions(path), 0640U);
}

TEST(AtomicFile, FollowsASymbolicLink) {
  const temporary_folder folder;
  std::filesystem::create_directory(folder / "elsewhere");
  const std::string target = folder / "elsewhere/target";
  const std::string link = folder / "link";
  replace(target, "old");
  std::filesystem::create_symlink("elsewhere/target", link);
  replace(link, "new");
  EXPECT_EQ(text_of(target), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(folder.names(), (names{"elsewhere", "link"}));
}

TEST(AtomicFile, ReplacesNothingButRegularFiles) {
  const temporary_folder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(reason_of([&] { atomic_file file(pipe); }), pipe + ": cannot replace what is not a regular file");
  EXPECT_EQ(reason_of([&] { atomic_file file(folder.path()); }),
            folder.path() + ": cannot replace what is not a regular file");
  EXPECT_EQ(folder.names(), names{"pipe"});
}

TEST(AtomicFile, SaysWhereItCannotWrite) {
  const temporary_folder folder;
  EXPECT_EQ(reason_of([&] { atomic_file file(folder / "none/file"); }),
            folder.path() + "/none: cannot open: No such file or directory");
  const std::string long_name = folder / std::string(252, 'x');
  EXPECT_EQ(reason_of([&] { atomic_file file(long_name); }),
            long_name + ": cannot create a temporary file beside: File name too long");
  // Not even root makes files there.
  EXPECT_EQ(reason_of([] { atomic_file file("/proc/self/file"); }).substr(0, 53),
            "/proc/self/file: cannot create a temporary file besid");
}

TEST(AtomicFile, AFullDiskLeavesTheOldFile) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  replace(path, "old");
  {
    const file_size_limit full(100);
    EXPECT_EQ(reason_of([&] { replace(path, std::string(1000, 'x')); }), path + ": cannot write: File too large");
  }
  EXPECT_EQ(text_of(path), "old");
  EXPECT_EQ(folder.names(), names{"file"});
}

TEST(MappedFile, HoldsTheBytesOfARegularFile) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  write_bytes(path, {1, 2, 3});
  const mapped_file mapped(path);
  EXPECT_EQ(bytes(mapped.bytes().begin(), mapped.bytes().end()), (bytes{1, 2, 3}));
  write_bytes(folder / "empty", {});
  EXPECT_TRUE(mapped_file(folder / "empty").bytes().empty());
  EXPECT_EQ(reason_of([&] { mapped_file missing(folder / "none"); }),
            folder / "none" + ": cannot open: No such file or directory");
  EXPECT_EQ(reason_of([&] { mapped_file no_file(folder.path()); }), folder.path() + ": cannot read: Is a directory");
  EXPECT_EQ(reason_of([&] { mapped_file device("/dev/zero"); }), "/dev/zero: not a regular file");
}

TEST(ReadFile, TakesRegularFilesUpToALimit) {
  const temporary_folder folder;
  const std::string path = folder / "file";
  write_bytes(path, bytes(100, 7));
  EXPECT_EQ(read_file(path, 100), bytes(100, 7));
  EXPECT_EQ(reason_of([&] { read_file(path, 99); }, LM_ERROR_LIMIT), path + ": more than 99 bytes");
  write_bytes(path, {});
  EXPECT_TRUE(read_file(path, 0).empty());
  EXPECT_EQ(reason_of([&] { read_file(folder.path(), 100); }), folder.path() + ": cannot read: Is a directory");
}

TEST(ReadFile, RefusesWhatMayHaveNoEndWithoutWaiting) {
  const temporary_folder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(reason_of([&] { read_file(pipe, 100); }), pipe + ": not a regular file");
  EXPECT_EQ(reason_of([&] { mapped_file mapped(pipe); }), pipe + ": not a regular file");
  EXPECT_EQ(reason_of([&] { file_descriptor::open_for_reading(pipe); }), pipe + ": not a regular file");
  EXPECT_EQ(reason_of([] { read_file("/dev/zero", 100); }), "/dev/zero: not a regular file");
}

TEST(FileDescriptor, ReadsAPipeAsAStream) {
  const temporary_folder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "abc"; });
  const file_descriptor stream = file_descriptor::open_stream(pipe);
  writer.join();
  char text[8] = {};
  EXPECT_EQ(stream.read(text, sizeof(text)), 3U);
  EXPECT_STREQ(text, "abc");
  EXPECT_EQ(stream.read(text, sizeof(text)), 0U);
  EXPECT_EQ(stream.size(), 0U);
}
