// What is refused, and in which words.
#include <gtest/gtest.h>

#include <functional>

#include "index/index_file.h"
#include "support/index_file_support.h"

using namespace libmatch::detail;
using namespace libmatch::test;

namespace {

const index_description pdq{LM_HASH_PDQ256, 256, "test profile", LM_VERSION};

std::string reason_of(const std::function<void()> &call, lm_status expected = LM_ERROR_FORMAT) {
  try {
    call();
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), expected) << failure.what();
    return failure.what();
  }
  return "no error";
}

class RefusedIndexFile : public testing::Test {
 protected:
  temporary_folder folder;
  const std::string path = folder / "index";
};

}  // namespace

TEST_F(RefusedIndexFile, FilesThatAreNoIndex) {
  const auto reason = [&](const bytes &file) {
    write_bytes(path, file);
    const std::string loading = reason_of([&] { load_index_file(path, nullptr); });
    EXPECT_EQ(reason_of([&] { map_index_file(path); }), loading);
    EXPECT_EQ(reason_of([&] { verify_index_file(path, nullptr); }), loading);
    EXPECT_EQ(loading.substr(0, path.size()), path);
    return loading.substr(path.size());
  };
  EXPECT_EQ(reason({}), ": section header, offset 0: not a libmatch index: the file is empty");
  EXPECT_EQ(reason({'a', 'b', 'c'}), ": section header, offset 0: not a libmatch index");
  EXPECT_EQ(reason(bytes(5000, 0)), ": section header, offset 0: not a libmatch index");
  EXPECT_EQ(reason({0x89, 'L', 'M', 'I'}), ": section header, offset 4: not a libmatch index");
  EXPECT_EQ(reason({0x89, 'L', 'M', 'I', '\n', 0x1A, '\n'}), ": section header, offset 4: not a libmatch index");
  EXPECT_EQ(reason({0x89, 'L', 'M', 'I', '\r', '\n', 0x1A, '\n', 1}),
            ": section header, offset 9: the file ends within the header");
}

TEST_F(RefusedIndexFile, PathsThatAreNoFile) {
  const auto reason = [&](const std::string &name) {
    const std::string loading = reason_of([&] { load_index_file(name, nullptr); }, LM_ERROR_IO);
    EXPECT_EQ(reason_of([&] { verify_index_file(name, nullptr); }, LM_ERROR_IO), loading);
    EXPECT_EQ(reason_of([&] { map_index_file(name); }, LM_ERROR_IO), loading);
    return loading;
  };
  EXPECT_EQ(reason(path), path + ": cannot open: No such file or directory");
  EXPECT_EQ(reason(folder.path()), folder.path() + ": cannot read: Is a directory");
  EXPECT_EQ(reason("/dev/null"), "/dev/null: not a regular file");
}

namespace {

// Every message below comes from a file whose checksums are right, so that only the named check can refuse it.
class DamagedIndexFile : public RefusedIndexFile {
 protected:
  DamagedIndexFile() {
    code_index index(pdq);
    add(index, generated_entries(1, 0, 256, 4, 0, true));
    add(index, generated_entries(2, 2, 160, 4, 0, false));
    write_index_file(path, index.description(), *index.snapshot(), nullptr);
    original = read_bytes(path);
  }

  // What loading says, and verifying too; mapping says the same or, where the content is at fault, nothing.
  std::string reason(bytes file, bool mapping_finds_it = true) {
    repair_checksums(file);
    write_bytes(path, file);
    const std::string loading = reason_of([&] { load_index_file(path, nullptr); });
    EXPECT_EQ(reason_of([&] { verify_index_file(path, nullptr); }), loading);
    EXPECT_EQ(reason_of([&] { map_index_file(path); }), mapping_finds_it ? loading : "no error");
    return loading.substr(path.size());
  }

  template <typename Integer>
  bytes with(std::size_t offset, Integer value) const {
    bytes file = original;
    put(file, offset, value);
    return file;
  }

  // Sections: rows, ids, label offsets, labels of codes; rows, ids of sha1, each in a page.
  bytes original;
};

}  // namespace

TEST_F(DamagedIndexFile, HeaderFields) {
  EXPECT_EQ(reason(with(8, std::uint32_t{4})),
            ": section header, offset 8: format version 4, but this library reads versions 2 and 3: a newer library "
            "wrote it");
  EXPECT_EQ(reason(with(8, std::uint32_t{3})), ": section header, offset 8: format version 3, but no keypoints");
  EXPECT_EQ(reason(with(8, std::uint32_t{1})),
            ": section header, offset 8: format version 1, but this library reads versions 2 and 3: an older library "
            "wrote it, and the index must be built anew");
  EXPECT_EQ(reason(with(12, std::uint32_t{0x04030201})),
            ": section header, offset 12: not in little-endian byte order");
  EXPECT_EQ(
      reason(with(16, std::uint64_t{1} << 60)),
      ": section header, offset 16: the file should have 1152921504606846976 bytes and has 24608: it is truncated");
  EXPECT_EQ(reason(with(16, std::uint64_t{24607})),
            ": section header, offset 16: the file should have 24607 bytes and has 24608");
  EXPECT_EQ(reason(with(24, std::uint32_t{0xFFFFFFFF})),
            ": section header, offset 24: a header of 4294967295 bytes does not fit 6 sections and a profile of 12 "
            "bytes");
  EXPECT_EQ(reason(with(28, std::uint32_t{0xFFFFFFFF})),
            ": section header, offset 28: 4294967295 sections are more than the 28 there can be");
  EXPECT_EQ(reason(with(52, std::int32_t{99})), ": section header, offset 52: hash 99 is not known to this library");
  EXPECT_EQ(reason(with(52, std::int32_t{LM_HASH_MD5})),
            ": section header, offset 52: hash 2 is not known to this library");
  EXPECT_EQ(reason(with(56, std::uint32_t{64})),
            ": section header, offset 56: 64 bits are no width of a code of this hash");
  EXPECT_EQ(reason(with(60, std::uint32_t{65536})),
            ": section header, offset 60: a profile of 65536 bytes is longer than 65535");
  EXPECT_EQ(reason(with(64, std::int64_t{-1})), ": section header, offset 64: the next id, -1, is negative");
  EXPECT_EQ(reason(with(72, std::uint64_t{1} << 60)),
            ": section header, offset 72: 1152921504606846976 entries of codes are more than 4294967295");
  EXPECT_EQ(reason(with(80, std::uint64_t{1})),
            ": section header, offset 80: 1 entries of md5 without section rows of md5");
  EXPECT_EQ(reason(with(72, std::uint64_t{0})),
            ": section header, offset 72: 0 entries of codes but there is section rows of codes");
  EXPECT_EQ(reason(with(72, std::uint64_t{0xFFFFFFFF})),
            ": section rows of codes, offset 4096: 128 bytes, but 4294967295 entries take 137438953440");
  EXPECT_EQ(reason(with(344, std::uint8_t{0xFF})), ": section header, offset 344: the profile is not text in UTF-8");
}

TEST_F(DamagedIndexFile, SectionTable) {
  EXPECT_EQ(reason(with(104, std::uint32_t{10})),
            ": section header, offset 104: section kind 10 of table 0 is not known to this library");
  EXPECT_EQ(reason(with(108, std::uint32_t{4})),
            ": section header, offset 104: section kind 1 of table 4 is not known to this library");
  EXPECT_EQ(reason(with(144, std::uint32_t{1})),
            ": section header, offset 144: section rows of codes is not in its place");
  EXPECT_EQ(reason(with(112, std::uint64_t{0})),
            ": section header, offset 112: section rows of codes is said to begin at offset 0 and not at 4096");
  EXPECT_EQ(
      reason(with(120, std::uint64_t{1} << 60)),
      ": section header, offset 120: section rows of codes of 1152921504606846976 bytes at offset 4096 does not "
      "fit a file of 24608 bytes");
  EXPECT_EQ(reason(with(120, std::uint64_t{0xFFFFFFFFFFFFFFFF})),
            ": section header, offset 120: section rows of codes of 18446744073709551615 bytes at offset 4096 does "
            "not fit a file of 24608 bytes");
  EXPECT_EQ(reason(with(120, std::uint64_t{0})),
            ": section header, offset 120: section rows of codes of 0 bytes at offset 4096 does not fit a file of "
            "24608 bytes");
  EXPECT_EQ(reason(with(120, std::uint64_t{96})),
            ": section rows of codes, offset 4096: 96 bytes, but 4 entries take 128");
  EXPECT_EQ(reason(with(160, std::uint64_t{40})),
            ": section ids of codes, offset 8192: 40 bytes, but 4 entries take 32");
  EXPECT_EQ(reason(with(200, std::uint64_t{32})),
            ": section label offsets of codes, offset 12288: 32 bytes, but 4 entries take 40");
  EXPECT_EQ(reason(with(320, std::uint64_t{24})),
            ": section header, offset 28: the sections end at offset 24600 of 24608");
}

TEST_F(DamagedIndexFile, Content) {
  EXPECT_EQ(reason(with(8200, std::int64_t{-5}), false), ": section ids of codes, offset 8200: id -5 is negative");
  EXPECT_EQ(reason(with(24576 + 8, std::int64_t{4}), false),
            ": section ids of sha1, offset 24584: id 4 is not below the next id, 4");
  EXPECT_EQ(reason(with(20480 + 24 + 20, std::uint8_t{1}), false),
            ": section rows of sha1, offset 20504: row 1 has bits beyond the width of its digest");
  EXPECT_EQ(reason(with(20480, std::uint64_t{0xFFFFFFFFFFFFFFFF}), false),
            ": section rows of sha1, offset 20504: row 1 is smaller than the row before it");
  EXPECT_EQ(reason(with(12288, std::uint64_t{1}), false),
            ": section label offsets of codes, offset 12288: the first label begins at 1 and not at 0");
  EXPECT_EQ(reason(with(12296, std::uint64_t{0}), false),
            ": section label offsets of codes, offset 12296: label offset 0 is not above the one before it, 0");
  EXPECT_EQ(reason(with(12296, std::uint64_t{1} << 60), false),
            ": section label offsets of codes, offset 12296: label offset 1152921504606846976 lies beyond the 70 "
            "bytes of the labels");
}

TEST_F(DamagedIndexFile, Labels) {
  EXPECT_EQ(reason(with(16387, std::uint8_t{0xFF}), false), ": section labels of codes, offset 16387: not UTF-8");
  EXPECT_EQ(reason(with(16390, std::uint8_t{0}), false),
            ": section labels of codes, offset 16390: a zero byte where no label ends");
  EXPECT_EQ(reason(with(16406, std::uint8_t{'x'}), false),
            ": section labels of codes, offset 16429: a zero byte where no label ends");
  EXPECT_EQ(reason(with(12296, std::uint64_t{22}), false),
            ": section labels of codes, offset 16406: a zero byte where no label ends");
  EXPECT_EQ(reason(with(16453, std::uint8_t{'x'}), false),
            ": section labels of codes, offset 16453: the last label does not end with a zero byte");
}

// A mapped label is looked at when it is asked for.
TEST_F(DamagedIndexFile, MappedLabels) {
  const auto label_1 = [&](bytes file) {
    repair_checksums(file);
    write_bytes(path, file);
    const stored_index mapped = map_index_file(path);
    const segment &rows = *mapped.snapshot.tables[0].segments[0].rows;
    return reason_of([&] { rows.label(1); });
  };
  EXPECT_EQ(label_1(original), "no error");
  EXPECT_EQ(label_1(with(12296, std::uint64_t{46})),
            "damaged index: the label of row 1 lies at 46 to 46 of 70 bytes");
  EXPECT_EQ(label_1(with(12296, std::uint64_t{1} << 60)),
            "damaged index: the label of row 1 lies at 1152921504606846976 to 46 of 70 bytes");
  EXPECT_EQ(label_1(with(12304, std::uint64_t{71})),
            "damaged index: the label of row 1 lies at 23 to 71 of 70 bytes");
  EXPECT_EQ(label_1(with(16384 + 45, std::uint8_t{'x'})),
            "damaged index: the label of row 1 does not end with a zero byte");
  EXPECT_EQ(label_1(with(16384 + 30, std::uint8_t{0})), "damaged index: the label of row 1 has a zero byte within");
  EXPECT_EQ(label_1(with(16384 + 30, std::uint8_t{0x80})), "damaged index: the label of row 1 is not UTF-8");
}

// Saving what was mapped must not give damage a valid checksum.
TEST_F(DamagedIndexFile, SavingAMappedFileFindsTheDamage) {
  const auto saving = [&](bytes file) {
    write_bytes(path, file);
    const stored_index mapped = map_index_file(path);
    const std::string name = folder / "copy";
    const std::string message =
        reason_of([&] { write_index_file(name, mapped.description, mapped.snapshot, nullptr); });
    EXPECT_EQ(folder.names(), std::vector<std::string>{"index"});
    const std::string prefix = "index to be written to " + name;
    return message.substr(0, prefix.size()) == prefix ? message.substr(prefix.size()) : message;
  };
  EXPECT_EQ(saving(with(8200, std::int64_t{-5})), ": section ids of codes, offset 8200: id -5 is negative");
  EXPECT_EQ(saving(with(20480, std::uint64_t{0xFFFFFFFFFFFFFFFF})),
            ": section rows of sha1, offset 20504: row 1 is smaller than the row before it");
  EXPECT_EQ(saving(with(16387, std::uint8_t{0xFF})), "damaged index: the label of row 0 is not UTF-8");
}

TEST_F(DamagedIndexFile, ChecksumsAndPadding) {
  const auto unrepaired = [&](bytes file) {
    write_bytes(path, file);
    const std::string loading = reason_of([&] { load_index_file(path, nullptr); });
    EXPECT_EQ(reason_of([&] { verify_index_file(path, nullptr); }), loading);
    return loading.substr(path.size());
  };
  EXPECT_EQ(unrepaired(with(48, std::int32_t{7})),
            ": section header, offset 32: its 356 bytes are not those that were written");
  EXPECT_EQ(unrepaired(with(4100, static_cast<std::uint8_t>(original[4100] ^ 1U))),
            ": section rows of codes, offset 4096: its 128 bytes are not those that were written");
  EXPECT_EQ(unrepaired(with(356, std::uint8_t{1})), ": section padding, offset 356: not zero");
  EXPECT_EQ(unrepaired(with(8191, std::uint8_t{1})), ": section padding, offset 8191: not zero");
}
