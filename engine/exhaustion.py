"""How to tell that memory ran out: libraries say so in many ways, few by the type of the error."""

from __future__ import annotations

from typing import Final

# torch's allocator of CPU memory, C++'s new, CUDA, cuBLAS, cuDNN, and oneDNN in turn. oneDNN, which
# compiles its programs as they are needed, says no more than that it has none.
_WORDS: Final = (
    "can't allocate memory",
    "not enough memory",
    "bad_alloc",
    "CUDA out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "could not create a memory",
    "could not create a primitive",
)


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on the CPU or on a GPU; needs no torch."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
