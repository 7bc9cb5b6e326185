// Digests against the test vectors of RFC 1321 (MD5) and FIPS 180 (SHA-1, SHA-256).
#include "hash/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/error.h"
#include "support/hex.h"

namespace libmatch::detail {

namespace {

std::string digest_of(lm_hash hash, const std::string &text, std::size_t chunk_bytes) {
  digester digest(hash);
  for (std::size_t begin = 0; begin < text.size(); begin += chunk_bytes) {
    digest.update(text.data() + begin, std::min(chunk_bytes, text.size() - begin));
  }
  std::uint8_t bytes[max_digest_size_bytes] = {};
  digest.finish(bytes);
  return test::hex_of(bytes, hash == LM_HASH_MD5 ? 16 : hash == LM_HASH_SHA1 ? 20 : 32);
}

TEST(Digest, Md5) {
  EXPECT_EQ(digest_of(LM_HASH_MD5, "", 1), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(digest_of(LM_HASH_MD5, "abc", 3), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(digest_of(LM_HASH_MD5, "message digest", 5), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, Sha1) {
  EXPECT_EQ(digest_of(LM_HASH_SHA1, "", 1), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(digest_of(LM_HASH_SHA1, "abc", 3), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest_of(LM_HASH_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 7),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST(Digest, Sha256) {
  EXPECT_EQ(digest_of(LM_HASH_SHA256, "", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of(LM_HASH_SHA256, "abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of(LM_HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 13),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, AMillionLettersInOddChunks) {
  const std::string letters(1000000, 'a');
  for (const std::size_t chunk_bytes : {1UL, 63UL, 64UL, 65UL, 4099UL, 1000000UL}) {
    EXPECT_EQ(digest_of(LM_HASH_MD5, letters, chunk_bytes), "7707d6ae4e027c70eea2a935c2296f21") << chunk_bytes;
    EXPECT_EQ(digest_of(LM_HASH_SHA1, letters, chunk_bytes), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    EXPECT_EQ(digest_of(LM_HASH_SHA256, letters, chunk_bytes),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Digest, RefusesWhatIsNoDigest) {
  try {
    digester digest(LM_HASH_PDQ256);
    FAIL() << "PDQ is no digest";
  } catch (const error &failure) {
    EXPECT_EQ(failure.status(), LM_ERROR_INTERNAL);
    EXPECT_STREQ(failure.what(), "hash 1 is not a digest");
  }
}

}  // namespace

}  // namespace libmatch::detail
