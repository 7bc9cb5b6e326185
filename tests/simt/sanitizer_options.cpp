// A race ends the program at once, so that a test can expect it.
extern "C" __attribute__((visibility("default"), used)) const char *__tsan_default_options();
extern "C" const char *__tsan_default_options() { return "halt_on_error=1"; }
