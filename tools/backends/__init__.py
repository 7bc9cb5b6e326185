"""The same operations on several backends: ./dev bench --backends."""
