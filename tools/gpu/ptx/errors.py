from __future__ import annotations


class PtxError(Exception):
    """What a kernel did wrong, or what this interpreter does not know."""
