// The hashes of python imagehash 4.3.2, with Pillow 13.0.0 and SciPy 1.17.1, of images that integer arithmetic makes.
//
//   image = PIL.Image.fromarray(synthetic_image(seed, width, height))       # tests/python/synthetic.py
//   str(imagehash.average_hash(image, size)), dhash and phash likewise, with size 8 and 16
//
// In the order of lm_hash: ahash64, dhash64, phash64, ahash256, dhash256, phash256.
#pragma once

#include <array>
#include <cstdint>

namespace libmatch::test {

struct imagehash_vector {
  std::uint32_t seed, width, height;
  std::array<const char *, 6> codes;
};

inline constexpr std::array<imagehash_vector, 9> imagehash_vectors{{
    {1000,
     5,
     5,
     {"181c0e1e9e9e1e1c", "f0f8f8f838383030", "9a072dd867279327",
      "03e003e003e003f001f801f803f807f8c7f8e7f8c7f8c3f883f803f803f003e0",
      "ff00ff00ff80ffc0ffe0ffe0ffe03fc00fc00fc00fc00f800f800f800f800f02",
      "9a5507002daad87767ac23fd924023292daad97d6f3e472a0c6f4ee869d19d96"}},
    {1037,
     7,
     64,
     {"a63d787af087630f", "6c69d1d6230dcb36", "a0c69e765ce17269",
      "ffb8ee1e067f07f03fe0f801301f0fdcff80fc03e03f0c7b3e03f007c0ff01fc",
      "3c3018781cf03fc3f307e10fe338ff183c18083f08e7f8e3f0cfe31f07bc0790",
      "8000c6279ebe760f5cb5e1e0727269cacbe39cbe088098bea7ff1c8a14e39cbe"}},
    {1111,
     65,
     63,
     {"dddddddddddddddd", "b1b9b1b9b9b1b9b1", "fa2ad900bd0aff28",
      "a24165f3f376b24167d3eb36b36027d3e9b2b36026d3e9f393602241e5f3f366",
      "4ed3cb3606666ed7cbb6926666c54d96926666c54c93db6666444c93cb262644",
      "fa562abf74d80035f81500b57f990835aa9a2abd55e0fd488d62f54a7e3bd548"}},
    {1259,
     200,
     300,
     {"c3c3c3c3c3c3e3c3", "0f0f0f0f0f0f0f0f", "e6f8708580a4dd77",
      "b05de8abf00f6417d127ea8bd927f445dc17ba0f689bd547641ff82eba1fdc17",
      "6a99912a445c89b52a6e5cbb156e4cd5ab2e46dad536225dc8b3326a54d1b165",
      "e6667abf700085ffe600a4fffff855f788aa80b2e66680b6f400a0b6dd6422c9"}},
    {1333,
     320,
     240,
     {"de245a255a255a24", "3649924992499249", "89fe20d623d491fc",
      "dd6b2a96e729185375adab5a2284dd7b10d4e7298ad2552d995362accf7b10d4",
      "aa5b56a41d6b32d6ad295ad2552dba53e6a50b6a5496ad692a96c5295a52f5b5",
      "c39bfea44f42f624a7d2fca4b5b0fc8581a0f6044b53fe84c468de845ca9297b"}},
    {1481,
     1024,
     768,
     {"7f817e4da17a81ff", "9249b6926d924965", "88a0ed80bc8affd5",
      "a5a569694a4ad6d655551010bfbf29295a5ad6d625a46969eaea00005b5b9696",
      "492dda4b96d225b4ab65aaa54929d24b96d225b4692dda4b549a555ab6d62db4",
      "834e828de4a0808dd485a88fff7affd2e0c480185dfafd5209a05d50ceaf7ff2"}},
    {1667,
     17,
     16,
     {"28c392adc9c3b485", "aaaa2a2baaaa2a2b", "d7415e415b4e5e4a",
      "0f60f6d6696496fe6c01c2fe2f40f0370f60f6d64924b6fe6c01c2fe2f40e037",
      "dac9edb6da486c94da4b24e4d84bada4dac9edb6d2486c84da4b24e4d84b8da4",
      "d727412f5e05416f5bad4ead5e894aadd6a94a2de6b50a2d37c2628f40bd428d"}},
    {1789,
     1,
     200,
     {"00ff00ff00ffff00", "0000000000000000", "8080008000800000",
      "ffff0000ffffffffffff0000ffffffffffff00000000ffffffff0000ffffffff",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "8000800080008000800080000000000080008000800080008000800080008000"}},
    {1873,
     300,
     1,
     {"1d1d1d1d1d1d1d1d", "a9a9a9a9a9a9a9a9", "8a00000000000000",
      "46f546f546f546f546f546f546f546f546f546f546f546f546f546f546f546f5",
      "d4edd4edd4edd4edd4edd4edd4edd4edd4edd4edd4edd4edd4edd4edd4edd4ed",
      "8a41000000000000000000000000000000000000000000000000000000000000"}},
}};

}  // namespace libmatch::test
