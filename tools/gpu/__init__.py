"""What is known about the CUDA backend without a GPU: its PTX is interpreted, its machine code counted."""
