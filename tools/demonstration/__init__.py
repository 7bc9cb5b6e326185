"""What `./dev demo` is made of: photographs, altered copies of them, the counting, and the page."""
