/* A plug-in hasher: the average colours of 4 x 4 fields, a vector of 48 bytes.
 *
 * Shows: the table of libmatch/hasher.h, pixels of every format, a quality, and a failure that names its reason. As a
 * hash it is too simple to be of use.
 *
 *   cc -shared -fPIC -o average_colour.so average_colour.c
 *   libmatch index build --hasher ./average_colour.so known.index photographs
 *   libmatch match --hasher ./average_colour.so known.index uploads
 */
#include <libmatch/hasher.h>
#include <stdio.h>

enum { side = 4, channels = 3, dimensions = side * side * channels };

static lm_status create(void **out_state, char *message, size_t message_size) {
  if (message_size > 0) message[0] = '\0'; /* nothing can go wrong */
  *out_state = NULL;                       /* nothing is kept between images */
  return LM_OK;
}

static void destroy(void *state) { (void)state; }

/* Red, green and blue; alpha is laid over white. */
static void colour_of(const uint8_t *pixel, lm_pixel_format format, unsigned colour[channels]) {
  for (int c = 0; c < channels; c++) {
    const unsigned value = pixel[format == LM_PIXEL_GRAY8 ? 0 : c];
    const unsigned alpha = format == LM_PIXEL_RGBA8 ? pixel[3] : 255;
    colour[c] = (value * alpha + 255 * (255 - alpha) + 127) / 255;
  }
}

/* The average over one field. */
static void hash_field(const lm_image *image, uint32_t row, uint32_t column, uint8_t *average) {
  const size_t pixel_size = image->format == LM_PIXEL_GRAY8 ? 1 : image->format == LM_PIXEL_RGB8 ? 3 : 4;
  const uint64_t width = image->width;
  const uint64_t height = image->height;
  uint64_t sums[channels] = {0, 0, 0};
  uint64_t n = 0;
  for (uint64_t y = row * height / side; y < (row + 1) * height / side; y++) {
    for (uint64_t x = column * width / side; x < (column + 1) * width / side; x++, n++) {
      unsigned colour[channels];
      colour_of(image->pixels + y * image->stride_bytes + x * pixel_size, image->format, colour);
      for (int c = 0; c < channels; c++) sums[c] += colour[c];
    }
  }
  if (n == 0) return; /* not with sides of 4 pixels and more */
  for (int c = 0; c < channels; c++) average[c] = (uint8_t)((sums[c] + n / 2) / n);
}

static lm_status hash_image(void *state, const lm_image *image, uint8_t *code, uint8_t *quality, char *message,
                            size_t message_size) {
  (void)state;
  if (image->width < side || image->height < side) {
    (void)snprintf(message, message_size, "%u x %u pixels are less than %d a side", (unsigned)image->width,
                   (unsigned)image->height, side);
    return LM_ERROR_UNSUPPORTED;
  }
  for (uint32_t row = 0; row < side; row++) {
    for (uint32_t column = 0; column < side; column++) {
      hash_field(image, row, column, code + ((size_t)row * side + column) * channels);
    }
  }
  /* Fields that are nearly alike say nothing about the image: 25 levels apart are enough. */
  int darkest = 255;
  int lightest = 0;
  for (int i = 0; i < dimensions; i++) {
    darkest = code[i] < darkest ? code[i] : darkest;
    lightest = code[i] > lightest ? code[i] : lightest;
  }
  *quality = (uint8_t)(lightest - darkest > 50 ? 100 : 2 * (lightest - darkest));
  return LM_OK;
}

const lm_hasher *lm_hasher_table(uint32_t host_abi) {
  static const lm_hasher table = {
      LM_HASHER_ABI,
      LM_HASHER_SQUARED_EUCLIDEAN,
      sizeof(lm_hasher),
      "average-colour",
      "1",
      dimensions,
      500, /* max_distance: about 3 a channel and field */
      LM_HASHER_THREAD_SAFE,
      create,
      destroy,
      hash_image,
  };
  return host_abi == LM_HASHER_ABI ? &table : NULL;
}
