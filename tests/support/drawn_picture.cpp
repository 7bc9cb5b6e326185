// Compilers differ in which argument of a call they look at first: no call here has two arguments that draw numbers.
#include "support/drawn_picture.h"

#include <algorithm>

namespace libmatch::test {

namespace {

constexpr int side = drawn_picture::side;
constexpr int pixel = 16;  // the unit of lengths
constexpr int whole = side * pixel;
constexpr int one = 1024;  // a shape's half width and half height, once its own axes are stretched

// Of k sixteenths of a right angle, in 256ths.
constexpr std::array<int, 17> cosines{256, 255, 251, 245, 237, 226, 213, 198, 181, 162, 142, 121, 98, 74, 50, 25, 0};
// 256 x 2^(k / 16)
constexpr std::array<int, 17> powers_of_two{256, 267, 279, 292, 304, 318, 332, 347, 362,
                                            378, 395, 412, 431, 450, 470, 490, 512};

int cosine(int direction) {
  return direction <= 16 ? cosines[static_cast<std::size_t>(direction)] : -cosine(32 - direction);
}
int sine(int direction) { return direction <= 16 ? cosine(16 - direction) : sine(32 - direction); }

std::size_t place_of(int x, int y) { return static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x); }

std::uint8_t to_grey(int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); }

std::uint64_t cube_root(std::uint64_t n) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = 1U << 15; bit != 0; bit >>= 1) {
    const std::uint64_t larger = root | bit;
    if (larger * larger * larger <= n) {
      root = larger;
    }
  }
  return root;
}

// -128 to 127, the same for the same place and salt.
int grain(std::uint32_t salt, int x, int y) {
  std::uint32_t mixed = salt + static_cast<std::uint32_t>(y / 2 * side + x / 2) * 0x9e3779b9U;
  mixed = (mixed ^ (mixed >> 15)) * 0x85ebca6bU;
  return static_cast<int>(mixed >> 24) - 128;
}

}  // namespace

template <typename Paint>
void drawn_picture::for_each_inside(const shape &s, const Paint &paint) {
  const int cos = cosine(s.direction);
  const int sin = sine(s.direction);
  const int width = std::max(s.half_width, 4);
  const int height = std::max(s.half_height, 4);
  // Half of the box around the shape; a little large, which does no harm.
  const int reach_x = (width * std::abs(cos) + height * sin) / 256 + pixel;
  const int reach_y = (width * sin + height * std::abs(cos)) / 256 + pixel;
  const int first_x = std::max(0, (s.x - reach_x) / pixel);
  const int last_x = std::min(side - 1, (s.x + reach_x) / pixel);
  const int first_y = std::max(0, (s.y - reach_y) / pixel);
  const int last_y = std::min(side - 1, (s.y + reach_y) / pixel);
  // Along the shape's axes in units of half_width / 1024 and half_height / 1024, with 8 more bits.
  const int along_x = cos * pixel * one / width;
  const int along_y = sin * pixel * one / width;
  const int across_x = -sin * pixel * one / height;
  const int across_y = cos * pixel * one / height;
  for (int y = first_y; y <= last_y; ++y) {
    const auto is_inside = [&](int x) {
      const int dx = x - s.x / pixel;
      const int dy = y - s.y / pixel;
      const int along = (dx * along_x + dy * along_y) >> 8;
      const int across = (dx * across_x + dy * across_y) >> 8;
      return s.rectangular ? std::abs(along) <= one && std::abs(across) <= one
                           : along * along + across * across <= one * one;
    };
    // A shape has no gap in a row.
    int left = first_x;
    int right = last_x;
    while (left <= right && !is_inside(left)) {
      ++left;
    }
    while (left <= right && !is_inside(right)) {
      --right;
    }
    for (int x = left; x <= right; ++x) {
      paint(place_of(x, y), x, y);
    }
  }
}

void drawn_picture::fill(const shape &s) {
  const auto salt = static_cast<std::uint32_t>(random_.next());
  const int center = s.grey * 256 - (s.x / pixel) * s.slope_x - (s.y / pixel) * s.slope_y;
  for_each_inside(s, [&](std::size_t place, int x, int y) {
    if (s.on != nullptr && s.on[place] == 0) {
      return;
    }
    const int texture = s.texture > 0 ? grain(salt, x, y) * s.texture : 0;
    pixels_[place] = to_grey((center + x * s.slope_x + y * s.slope_y + texture) >> 8);
  });
}

// From 1.5 pixels on, with a density that falls as the power 2.5 of it, as sizes of things in pictures do: 1.5 pixels
// divided by the power 2/3 of a number between 0 and 1.
int drawn_picture::leaf_radius(int largest) {
  constexpr std::uint64_t smallest = 3 * pixel / 2;
  constexpr std::uint64_t scale = 1U << 16;
  for (;;) {
    const std::uint64_t part = random_.below(scale) + 1;
    const auto radius = static_cast<int>(cube_root(smallest * smallest * smallest * scale / part * scale / part));
    if (radius <= std::max(largest, 2 * pixel)) {
      return radius;
    }
  }
}

// contrast in thousandths
void drawn_picture::draw_leaves(const rectangle &area, int n, int largest, int contrast, int base,
                                const std::uint8_t *on) {
  for (int i = 0; i < n; ++i) {
    const int radius = leaf_radius(largest);
    const int power = between(-16, 16);
    const int stretch = powers_of_two[static_cast<std::size_t>(std::abs(power))];
    const int longer = radius * stretch / 256;
    const int shorter = radius * 256 / stretch;
    shape leaf{};
    leaf.half_width = power < 0 ? shorter : longer;
    leaf.half_height = power < 0 ? longer : shorter;
    leaf.rectangular = chance(350);
    leaf.direction = leaf.rectangular && chance(700) ? 0 : below(32);
    leaf.x = area.x + below(area.width);
    leaf.y = area.y + below(area.height);
    leaf.grey = base + between(-127, 127) * contrast / 1000;
    leaf.slope_x = between(-384, 384) * contrast / 1000;
    leaf.slope_y = between(-384, 384) * contrast / 1000;
    leaf.texture = chance(400) ? below(90) * contrast / 1000 : 0;
    leaf.on = on;
    fill(leaf);
  }
}

void drawn_picture::draw_background() {
  const int kind = below(100);
  const int base = kind < 40 ? 255 : kind < 58 ? 0 : below(256);
  const bool even = chance(264);
  const int slope_x = even ? 0 : between(-154, 154);
  const int slope_y = even ? 0 : between(-205, 205);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int change = ((x - side / 2) * slope_x + (y - side / 2) * slope_y) / 256;
      pixels_[place_of(x, y)] = to_grey(base + change);
    }
  }
  if (!even) {
    constexpr int margin = 10 * pixel;
    constexpr rectangle area{-margin, -margin, whole + 2 * margin, whole + 2 * margin};
    const int leaves = between(20, 139);
    const int contrast = below(450);
    draw_leaves(area, leaves, 50 * pixel, contrast, base, nullptr);
  }
}

// The union of one to four overlapping shapes, with leaves of its own.
void drawn_picture::draw_subject() {
  const auto size = [&] { return whole / 2 * between(300, 1260) / 1000; };
  const int width = size();
  const int height = chance(464) ? width : size();
  const auto around = [&] { return whole / 2 + between(-20, 20) + between(-20, 20); };
  shape part{};
  part.x = around();
  part.y = around();
  part.half_width = width;
  part.half_height = height;
  part.rectangular = chance(728);
  part.direction = part.rectangular && chance(700) ? 0 : (32 + between(-5, 5)) % 32;
  const int x = part.x;
  const int y = part.y;
  subject_.fill(0);
  const int parts = between(1, 4);
  for (int i = 0; i < parts; ++i) {
    if (i > 0) {
      part.half_width = width * between(300, 900) / 1000;
      part.half_height = height * between(300, 900) / 1000;
      part.x = x + width * between(-600, 600) / 1000;
      part.y = y + height * between(-600, 600) / 1000;
    }
    for_each_inside(part, [&](std::size_t place, int, int) { subject_[place] = 1; });
    if (parts > 1 && chance(500)) {
      part.rectangular = !part.rectangular;
    }
  }
  const int base = below(256);
  for (std::size_t place = 0; place < pixels_.size(); ++place) {
    if (subject_[place] != 0) {
      pixels_[place] = static_cast<std::uint8_t>(base);
    }
  }
  const rectangle area{x - width * 13 / 10, y - height * 13 / 10, width * 26 / 10, height * 26 / 10};
  const int leaves = between(3, 138);
  const int contrast = between(500, 1000);
  draw_leaves(area, leaves, width * 9 / 10, contrast, base, subject_.data());
}

void drawn_picture::draw_scene() {
  draw_background();
  if (chance(840)) {
    draw_subject();
  }
}

void drawn_picture::draw_line_of_text(int x, int y, int length, int line_height, int paper, int ink) {
  const int bottom = std::min(side - 1, (y + line_height / 2) / pixel);
  const int end = x + length;
  while (x < end) {
    const int word = std::min(between(24, 136), end - x);
    if (word > 10) {
      const int right = std::min(side - 1, (x + word) / pixel);
      for (int row = y / pixel; row <= bottom; ++row) {
        for (int column = x / pixel; column <= right; ++column) {
          // Strokes cover about half of a letter's place.
          pixels_[place_of(column, row)] = to_grey(paper + (ink - paper) * between(350, 700) / 1000);
        }
      }
    }
    x += word + pixel;
  }
}

void drawn_picture::draw_page() {
  const int paper = chance(850) ? between(235, 255) : below(40);
  const int ink = paper > 128 ? below(80) : between(175, 255);
  pixels_.fill(static_cast<std::uint8_t>(paper));
  const int margin_x = whole * between(30, 150) / 1000;
  const int margin_y = whole * between(30, 130) / 1000;
  const int line_height = between(35, 115);
  const int columns = chance(250) ? 2 : 1;
  const int width = whole - 2 * margin_x;
  for (int y = margin_y; y < whole - margin_y; y += line_height) {
    const int kind = below(100);
    if (kind < 6 && y < whole * 8 / 10) {
      const rectangle box{0, y, width * between(400, 1000) / 1000,
                          std::min(between(8 * pixel, 48 * pixel), whole - margin_y - y)};
      const int left = margin_x + (width - box.width) * (chance(600) ? 500 : below(1000)) / 1000;
      fill({left + box.width / 2, y + box.height / 2, box.width / 2, box.height / 2, 0, true, below(256), 0, 0, 0,
            nullptr});
      draw_leaves({left, y, box.width, box.height}, between(5, 44), 12 * pixel, 800, 128, nullptr);
      y += box.height;
    } else if (kind >= 16) {
      for (int column = 0; column < columns; ++column) {
        const int room = width / columns;
        const int length = chance(750) ? room * 97 / 100 : room * below(1000) / 1000;
        const int indent = chance(150) ? 4 * pixel : 0;
        draw_line_of_text(margin_x + column * room + indent, y, length, line_height, paper, ink);
      }
    }
  }
}

void drawn_picture::draw() {
  if (chance(194)) {
    draw_page();
  } else {
    draw_scene();
  }
}

void drawn_picture::draw_plain() {
  const int grey = below(256);
  const int contrast = between(20, 120);
  pixels_.fill(static_cast<std::uint8_t>(grey));
  draw_leaves({whole / 4, whole / 4, whole / 2, whole / 2}, below(4), 30 * pixel, contrast, grey, nullptr);
}

std::array<std::uint8_t, drawn_picture::n_pixels / 4> drawn_picture::halved() const {
  std::array<std::uint8_t, n_pixels / 4> small{};
  std::size_t next = 0;
  for (int y = 0; y < side; y += 2) {
    for (int x = 0; x < side; x += 2) {
      const std::uint8_t *corner = &pixels_[place_of(x, y)];
      small[next++] = static_cast<std::uint8_t>((corner[0] + corner[1] + corner[side] + corner[side + 1] + 2) / 4);
    }
  }
  return small;
}

}  // namespace libmatch::test
