"""Recognises known images, altered copies included.

Codes are numpy arrays of uint8, one row of packed bits a code; byte 0 holds the first two hexadecimal digits
as the hash's reference prints them. A distance is the number of bits in which two codes differ; max_distance
is inclusive. Every array that comes back is read-only: copy one to change it. Calls release the GIL.

Wrong arguments and damaged files raise ValueError or TypeError, what the system cannot read or write OSError,
what this build or machine cannot do NotImplementedError, and lack of memory MemoryError.
"""

from libmatch._libmatch import (
    Context,
    Hasher,
    HashList,
    Index,
    Keypoints,
    Writer,
    backends,
    create_live,
    decode,
    digest_files,
    distances,
    extract_keypoints,
    hash_buffers,
    hash_files,
    hash_images,
    hash_profile,
    match_buffers,
    match_files,
    match_images,
    read_list,
    verify_live,
    version,
)
from libmatch._matcher import Matcher
from libmatch._results import (
    Change,
    Details,
    Entry,
    Hashes,
    Images,
    ListEntry,
    ListInfo,
    Match,
    Matches,
    Neighbours,
    Origins,
    Pairs,
    Plan,
    Verdict,
    Verdicts,
)

__version__ = version

__all__ = [
    "Change",
    "Context",
    "Details",
    "Entry",
    "HashList",
    "Hasher",
    "Hashes",
    "Images",
    "Index",
    "Keypoints",
    "ListEntry",
    "ListInfo",
    "Match",
    "Matcher",
    "Matches",
    "Neighbours",
    "Origins",
    "Pairs",
    "Plan",
    "Verdict",
    "Verdicts",
    "Writer",
    "__version__",
    "backends",
    "create_live",
    "decode",
    "digest_files",
    "distances",
    "extract_keypoints",
    "hash_buffers",
    "hash_files",
    "hash_images",
    "hash_profile",
    "match_buffers",
    "match_files",
    "match_images",
    "read_list",
    "verify_live",
    "version",
]
