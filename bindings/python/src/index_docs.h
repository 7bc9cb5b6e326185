// Docstrings of libmatch.Index.
#pragma once

namespace libmatch_python {

inline constexpr const char *index_doc = R"(Index(bits=256, *, hash=None, profile='', context=None)
--

Codes of one hash, and digests of any kind, each with an id and perhaps a label.

Any number of threads may search one index while others add and remove: a search answers from what the
index held when it began.

Args:
    bits: of one code, a multiple of 64 up to 2048; 8 a dimension for "vector8", 128 to 8192.
    hash: "pdq256"; "ahash64", "dhash64", "phash64", "ahash256", "dhash256", "phash256"; "code" for codes of a hash that libmatch does not compute; "vector8" for vectors of
        unsigned bytes, compared by squared Euclidean distance; None for "pdq256" if bits is 256, else
        "code".
    profile: what makes the codes, as hash_profile() names it; "" when not known.
    context: the Context that searches; None for the process's default one.)";

inline constexpr const char *add_doc = R"(add(self, codes, ids=None, labels=None)
--

Appends n codes, all or none.

Args:
    codes: uint8 [n, bits / 8]. C-contiguous arrays are read in place.
    ids: n integers from 0 to 2**63 - 1, repeats allowed; None continues after the largest id ever held.
    labels: n str, "" or None for no label; None for no labels at all.)";

inline constexpr const char *add_digests_doc = R"(add_digests(self, hash, digests, ids=None, labels=None)
--

Appends n digests, all or none.

Args:
    hash: "md5", "sha1" or "sha256".
    digests: uint8 [n, 16], [n, 20] or [n, 32].
    ids, labels: as in add.)";

inline constexpr const char *add_csv_doc = R"(add_csv(self, path, *, kind=None, progress=None)
--

Appends every entry of a CSV list, all or none, and returns how many they are.

The first line may name the columns kind, code, id, label in any order (code is required); without it a line
is code[,id[,label]]. Codes are hexadecimal.

Args:
    path: of the list, or of a pipe.
    kind: what lines hold that name no kind: "pdq256", "md5", "sha1", "sha256", "code" or another hash of images. None goes by the width:
        64 digits are pdq256, others code, and a digest is mistaken.
    progress: callable(done, total) of bytes. Return False or raise to cancel.

Raises:
    ValueError: a line is wrong; the message gives line, field and reason.)";

inline constexpr const char *add_keypoints_doc = R"(add_keypoints(self, ids, keypoints)
--

Adds the keypoints of n images, all or none, for matching with effort "thorough".

Args:
    ids: n integers, of codes of the same images: a match by keypoints has their label. -1 leaves an image out.
    keypoints: Keypoints of n images. They tell far more of an image than its code does: an index with them is for
        whoever may hold the images.)";

inline constexpr const char *remove_doc = R"(remove(self, ids)
--

Removes every code and digest that carries one of the ids, int64 [n], and its keypoints. Returns how many codes and
digests they were.)";

inline constexpr const char *search_range_doc = R"(search_range(self, queries, *, max_distance, progress=None)
--

Every code within max_distance of a query, ordered by (query, distance, id). Exact: none is left out.

Args:
    queries: uint8 [n, bits / 8].
    max_distance: differing bits, inclusive: 0 finds equal codes, 31 is usual for PDQ. For "vector8" the
        squared Euclidean distance.
    progress: called now and then, perhaps from another thread, as progress(done, total) in pairs of codes
        and queries; an exception from it ends the search and is raised.

Returns:
    Matches(offsets, ids, distances), int64 [n + 1], int64 [m] and uint32 [m]: query i owns entries
    offsets[i] to offsets[i + 1] - 1; .labels has the m labels.)";

inline constexpr const char *search_knn_doc = R"(search_knn(self, queries, *, k, progress=None)
--

The k nearest codes of each query, nearest first, ties by smaller id.

Args:
    queries: uint8 [n, bits / 8].
    k: how many; where the index holds fewer, the places left over hold -1 and 2**32 - 1.
    progress: as in search_range.

Returns:
    Neighbours(ids, distances), int64 [n, k] and uint32 [n, k]; .labels has n lists of k labels.)";

inline constexpr const char *search_pairs_doc = R"(search_pairs(self, *, max_distance, progress=None)
--

Every two codes of the index within max_distance of each other, each pair once, ordered by (first id, second
id, distance).

Entries are told apart by themselves, not by their ids: two that carry one id are a pair as any other. No code
is a pair with itself.

Args:
    max_distance: as in search_range.
    progress: called now and then, perhaps from another thread, as progress(done, total) in comparisons of
        codes; an exception from it ends the search and is raised.

Returns:
    Pairs(first_ids, second_ids, distances), int64 [m], int64 [m] and uint32 [m], the smaller id of each pair
    first; .labels has m pairs of labels.

Raises:
    MemoryError: n codes have n * (n - 1) / 2 pairs, and more are near than memory holds.)";

inline constexpr const char *find_digests_doc = R"(find_digests(self, hash, digests)
--

Every entry that equals one of n digests, ordered by (query, id).

Args:
    hash: "md5", "sha1" or "sha256".
    digests: uint8 [n, 16], [n, 20] or [n, 32].

Returns:
    Matches(offsets, ids, distances) as from search_range; distances are 0.)";

inline constexpr const char *set_layouts_doc =
    R"(set_layouts(self, *, planes='automatic', buckets='automatic', max_memory_bytes=0)
--

Which layouts may be made from now on to search faster; those there are stay. Answers are the same with and
without.

Each is "automatic" (when it pays), "always" (by prepare or the next search, whatever it costs) or "never".

Args:
    planes: 12 bytes a code: the same bit of 512 codes side by side, for a scan of the whole list.
    buckets: some 260 bytes a code: multi-index hashing, for lists of 65,536 codes or more. Holds for tables that a
        CUDA device keeps, too, of which none is used while they are "never".
    max_memory_bytes: that all layouts of the index may take; 0 for half of the machine's memory.)";

inline constexpr const char *prepare_doc = R"(prepare(self, progress=None)
--

Puts the codes side by side, without those removed, and makes the layouts that set_layouts asks for; save then
stores them. Without it searches make them, once they have lost as much time for want of them.

Args:
    progress: called now and then, perhaps from another thread, as progress(done, total) in codes, each
        counted twice; an exception from it ends the call and is raised.)";

inline constexpr const char *plan_doc = R"(plan(self, n_queries, max_distance)
--

How a range search of n_queries at once would be done now.

Args:
    n_queries: of one call of search_range.
    max_distance: as in search_range.

Returns:
    Plan(method, microseconds, codes, planes_codes, buckets_codes): "rows", "planes", "lookups", "probes",
    "visits" or "none"; the time expected on one thread, to compare plans; the codes held, removed ones counted, and how
    many of them have planes and buckets.)";

inline constexpr const char *save_doc = R"(save(self, path, *, progress=None)
--

Writes the index to one file. At every moment the path holds the old file or the new one, whole.

Args:
    path: str, bytes or os.PathLike.
    progress: called as progress(done, total) in bytes.)";

inline constexpr const char *load_doc = R"(load(path, *, map=False, context=None, progress=None)
--

Opens a saved index.

Args:
    path: str, bytes or os.PathLike.
    map: False reads all of it into memory and verifies it; True maps the file, verifying header, tables and
        offsets only (verify checks the rest). A mapped file must not be changed in place; save replaces
        it, which is harmless.
    context: the Context that searches; None for the process's default one.
    progress: called as progress(done, total) in bytes; a file that is mapped needs none.

Raises:
    ValueError: not an index, damaged, or too new; the message names section and offset.)";

inline constexpr const char *verify_doc = R"(verify(path, *, progress=None)
--

Checks all of a saved index in constant memory; raises ValueError for one that is damaged.)";

}  // namespace libmatch_python
