// Pictures drawn at random whose PDQ codes are spread as those of real images: docs/decisions/004-exact-search.md.
//
// Drawn with integers alone, so that a seed gives the same picture on every machine. Lengths are in sixteenths of a
// pixel, directions in sixteenths of a right angle, grey in 0 to 255.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "support/random_codes.h"

namespace libmatch::test {

class drawn_picture {
 public:
  static constexpr int side = 128;
  static constexpr std::size_t n_pixels = std::size_t{side} * side;

  explicit drawn_picture(std::uint64_t seed) : random_(seed) {}

  // Draws over everything: a background with a subject in its centre, or a page of text.
  void draw();
  // One grey with up to three faint shapes, far below a quality of 50.
  void draw_plain();

  // Averages of 2 x 2 pixels, row by row.
  std::array<std::uint8_t, n_pixels / 4> halved() const;

 private:
  struct shape {
    int x, y;                // of the centre
    int half_width;          // along its own axis
    int half_height;         // across it
    int direction;           // of its axis, 0 to 31
    bool rectangular;        // or an ellipse
    int grey;                // in the centre
    int slope_x, slope_y;    // of grey, in 256ths a pixel
    int texture;             // range of grey of its grain, 0: none
    const std::uint8_t *on;  // only where this is not zero; null: everywhere
  };
  struct rectangle {
    int x, y, width, height;
  };

  int below(int n) { return static_cast<int>(random_.below(static_cast<std::size_t>(n))); }
  bool chance(int thousandths) { return below(1000) < thousandths; }
  int between(int first, int last) { return first + below(last - first + 1); }  // last may come

  void draw_scene();
  void draw_background();
  void draw_subject();
  void draw_page();
  void draw_line_of_text(int x, int y, int length, int line_height, int paper, int ink);
  void draw_leaves(const rectangle &area, int n, int largest, int contrast, int base, const std::uint8_t *on);
  int leaf_radius(int largest);
  void fill(const shape &s);
  // Calls paint(pixel, x, y) for every pixel inside.
  template <typename Paint>
  static void for_each_inside(const shape &s, const Paint &paint);

  random_source random_;
  std::array<std::uint8_t, n_pixels> pixels_{};
  std::array<std::uint8_t, n_pixels> subject_{};
};

}  // namespace libmatch::test
