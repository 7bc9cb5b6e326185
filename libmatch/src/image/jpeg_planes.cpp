#include "image/jpeg_planes.h"

#include <algorithm>

namespace libmatch::detail {

bool jpeg_planes::can_take(const jpeg_decompress_struct &decoder) {
  if (decoder.jpeg_color_space != JCS_YCbCr || decoder.num_components != 3) {
    return false;
  }
  const jpeg_component_info &luma = decoder.comp_info[0];
  const bool is_known = luma.h_samp_factor <= 2 && luma.v_samp_factor <= luma.h_samp_factor;
  // Of two columns of colour libjpeg makes four by repetition.
  const bool is_wide = luma.h_samp_factor == 1 || decoder.image_width > 4;
  return is_known && is_wide && std::all_of(decoder.comp_info + 1, decoder.comp_info + 3, [](const auto &colour) {
           return colour.h_samp_factor == 1 && colour.v_samp_factor == 1;
         });
}

jpeg_planes::jpeg_planes(const jpeg_decompress_struct &decoder, const jpeg_row_kernels &kernels)
    : kernels_(kernels),
      doubles_columns_(decoder.comp_info[0].h_samp_factor == 2),
      doubles_rows_(decoder.comp_info[0].v_samp_factor == 2) {
  for (std::size_t component = 0; component < planes_.size(); ++component) {
    const jpeg_component_info &info = decoder.comp_info[component];
    const auto columns_to_one = static_cast<std::size_t>(decoder.max_h_samp_factor / info.h_samp_factor);
    const auto rows_to_one = static_cast<std::size_t>(decoder.max_v_samp_factor / info.v_samp_factor);
    plane &made = planes_[component];
    made.columns = (decoder.image_width + columns_to_one - 1) / columns_to_one;
    made.rows = (decoder.image_height + rows_to_one - 1) / rows_to_one;
    made.group_rows = static_cast<std::size_t>(info.v_samp_factor) * DCTSIZE;
    made.stride_bytes = std::size_t{info.width_in_blocks} * DCTSIZE + jpeg_row_padding;
    made.samples.resize(groups_held * made.group_rows * made.stride_bytes);
    if (component > 0 && doubles_columns_) {
      doubled_[component].resize(2 * made.columns + jpeg_row_padding);
      sums_.resize(made.columns + 2 + jpeg_row_padding);
    }
  }
}

void jpeg_planes::read_group(jpeg_decompress_struct &decoder) {
  JSAMPARRAY components[3];
  for (std::size_t component = 0; component < planes_.size(); ++component) {
    plane &filled = planes_[component];
    for (std::size_t i = 0; i < filled.group_rows; ++i) {
      group_rows_[component][i] = filled.row(groups_read_ * filled.group_rows + i);
    }
    components[component] = group_rows_[component].data();
  }
  jpeg_read_raw_data(&decoder, components, static_cast<JDIMENSION>(planes_[0].group_rows));
  ++groups_read_;
}

const std::uint8_t *jpeg_planes::colour_row(std::size_t component, std::size_t y) {
  plane &colour = planes_[component];
  if (!doubles_columns_) {
    return colour.row(y);
  }
  std::uint8_t *output = doubled_[component].data();
  if (!doubles_rows_) {
    kernels_.double_columns(colour.row(y), colour.columns, sums_.data(), output);
    return output;
  }
  const std::size_t near = y / 2;
  const std::size_t far = y % 2 == 0 ? near - (near > 0 ? 1 : 0) : std::min(near + 1, colour.rows - 1);
  kernels_.double_both(colour.row(near), colour.row(far), colour.columns, sums_.data(), output);
  return output;
}

void jpeg_planes::read_rows(jpeg_decompress_struct &decoder, std::uint32_t count, std::uint8_t *rgb) {
  const std::size_t columns = planes_[0].columns;
  for (std::uint32_t i = 0; i < count; ++i, ++next_row_) {
    const std::size_t last_needed = std::min(next_row_ + (doubles_rows_ ? 1 : 0), planes_[0].rows - 1);
    while (groups_read_ * planes_[0].group_rows <= last_needed) {
      read_group(decoder);
    }
    kernels_.to_rgb(planes_[0].row(next_row_), colour_row(1, next_row_), colour_row(2, next_row_), columns,
                    rgb + i * columns * 3);
  }
}

}  // namespace libmatch::detail
