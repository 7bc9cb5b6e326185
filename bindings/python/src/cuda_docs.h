// Docstrings of what works in a CUDA stream.
#pragma once

namespace libmatch_python {

inline constexpr const char *cuda_view_doc = R"(CudaView(index, *, context=None)
--

The codes of an index as they are at this moment, on a CUDA device, for searches in a stream.

Making one uploads what is not on the device yet and waits for that. A search then is put into the stream
and returns at once: nothing is waited for, nothing is allocated, so it can be captured into a CUDA graph.
All arrays are on the device, as CuPy, Numba, PyTorch and JAX have them: with __dlpack__ or
__cuda_array_interface__, C-contiguous. They belong to the call until the stream has done it: keep them.
If an array names a stream that still writes it, the device waits for that one first.

Args:
    index: an Index; not of "vector8". Its later changes do not show.
    context: a Context of one CUDA device; None for the process's default one. It must be the device that
        the arrays are on, which __cuda_array_interface__ does not tell.

Raises:
    NotImplementedError: the context's backend is not one CUDA device, or the index holds vectors.
    MemoryError: the codes do not fit the device.)";

inline constexpr const char *cuda_workspace_doc = R"(workspace_bytes(self, n, capacity)
--

The bytes of workspace that a search of n queries with room for so many matches takes.)";

inline constexpr const char *cuda_search_doc = R"(search_range(self, queries, *, max_distance, offsets, ids,
    distances, required, workspace, stream=0)
--

Finds every live entry within max_distance bits of each query, as Index.search_range: the rows of Matches,
ordered by (query, distance, id).

Args:
    queries: uint8 [n, bits / 8].
    max_distance: inclusive.
    offsets: int64 [n + 1], written: query q owns the matches offsets[q] to offsets[q + 1].
    ids: int64 [capacity], written.
    distances: uint32 or int32 [capacity], written.
    required: uint64 or int64 [1], written: how many matches there are. More than capacity: all offsets
        are 0, and the search has to be put again with room for so many.
    workspace: uint8 [bytes], at least workspace_bytes(n, capacity), its memory aligned to 256.
    stream: a cudaStream_t as an int (torch: stream.cuda_stream, cupy: stream.ptr), or an object with
        __cuda_stream__; 0 is the default stream.)";

inline constexpr const char *cuda_hash_workspace_doc =
    R"(cuda_hash_workspace_bytes(n, width, height, *, context=None)
--

The bytes of workspace that cuda_hash_images takes for n images of this size.

Raises:
    NotImplementedError: the context's backend is not one CUDA device.)";

inline constexpr const char *cuda_hash_doc =
    R"(cuda_hash_images(images, *, codes, workspace, orientations='plain', stream=0, context=None)
--

Puts the hashing of n images on a CUDA device into a stream: PDQ, bit for bit as hash_images.

Arrays, stream and context are as of CudaView, which also says whose they are meanwhile.

Args:
    images: uint8 [n, H, W] grey, [n, H, W, 3] RGB or [n, H, W, 4] RGBA (alpha is ignored).
    codes: uint8 [n, size], written: a record of cuda_codes_type() each, of that many bytes.
    workspace: uint8 [bytes], at least cuda_hash_workspace_bytes(n, W, H), its memory aligned to 256.
    orientations: "plain", or "derived" or "sampled" for all eight.)";

inline constexpr const char *cuda_codes_doc = R"(cuda_codes_type()
--

The dtype of what cuda_hash_images writes for an image: `copied_to_host.view(cuda_codes_type())`.

whole, trimmed: uint8 [8, 32], PDQ codes of the image and of what its border frames, by orientation; "plain"
sets the first alone. whole_quality, trimmed_quality. is_framed: 1 where there is a border, and trimmed and
the rectangle left, top, width, height are set.)";

inline constexpr const char *cuda_allocator_doc = R"(cuda_set_allocator(allocate, release, *, context=None)
--

Takes memory of a CUDA device from the caller instead of CUDA's own pool, for all that this process keeps
there. Set it before the first search. It may be used, and is given back, in the order of the stream.

Args:
    allocate: callable(bytes, stream) that returns a pointer as an int, or None where there is no memory; an
        exception is reported and means the same. For torch:
        lambda bytes, stream: torch.cuda.caching_allocator_alloc(bytes, device, stream).
    release: callable(pointer, bytes, stream). None for both: CUDA's pool again.
    context: a Context of the device; None for the process's default one.

Raises:
    NotImplementedError: the context's backend is not one CUDA device.
    ValueError: memory of the allocator before is in use.)";

}  // namespace libmatch_python
