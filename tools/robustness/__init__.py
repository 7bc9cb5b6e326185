"""What `./dev robustness` is made of: pictures, altered copies of them, unrelated images, the counting, the charts."""
