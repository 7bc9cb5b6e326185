/* Prints the PDQ code and the quality of each image file named on the command line.
 *
 * Shows: a context, hashing files, and a file that cannot be hashed being told apart from a failure of the call.
 * Run:   hash_image photo.jpg drawing.png
 * Exits 0 when every file was hashed, 3 when one was not, 2 without files, 1 when the library failed. */
#include <libmatch/libmatch.h>
#include <stdio.h>

/* Byte 0 of a code holds the first two digits. */
static void print_code(const uint8_t *code, size_t size_bytes) {
  for (size_t i = 0; i < size_bytes; i++) printf("%02x", (unsigned)code[i]);
}

/* Returns how many files were not hashed. */
static size_t print_hashes(const lm_hashes_data *hashes, char **paths) {
  size_t failures = 0;
  for (size_t i = 0; i < hashes->size; i++) {
    if (hashes->scans[i] == LM_SCAN_OK) {
      print_code(hashes->codes + i * hashes->codes_each * hashes->code_size_bytes, hashes->code_size_bytes);
      printf("\t%u\t%s\n", (unsigned)hashes->quality[i], paths[i]);
    } else {
      (void)fprintf(stderr, "%s: %s: %s\n", paths[i], lm_scan_name(hashes->scans[i]), hashes->reasons[i]);
      failures++;
    }
  }
  return failures;
}

static int fail(void) {
  (void)fprintf(stderr, "%s\n", lm_last_error());
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    (void)fprintf(stderr, "usage: %s IMAGE...\n", argv[0]);
    return 2;
  }
  lm_context *context = NULL; /* the best backend, one thread per processor */
  if (lm_context_create(NULL, 0, &context) != LM_OK) return fail();
  lm_hashes *hashes = NULL;
  int exit_code;
  char **paths = argv + 1;
  if (lm_hash_files(context, NULL, (const char *const *)paths, (size_t)(argc - 1), NULL, &hashes) == LM_OK) {
    exit_code = print_hashes(lm_hashes_view(hashes), paths) == 0 ? 0 : 3;
    lm_hashes_free(hashes);
  } else {
    exit_code = fail();
  }
  lm_context_free(context);
  return exit_code;
}
