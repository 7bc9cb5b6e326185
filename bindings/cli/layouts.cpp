#include "layouts.h"

#include <array>
#include <string_view>

#include "progress.h"

namespace command {

namespace {

struct named_layouts {
  const char *name;
  lm_layout_policy planes;
  lm_layout_policy buckets;
};
constexpr std::array<named_layouts, 5> choices{{
    {"auto", LM_LAYOUT_AUTOMATIC, LM_LAYOUT_AUTOMATIC},
    {"none", LM_LAYOUT_NEVER, LM_LAYOUT_NEVER},
    {"planes", LM_LAYOUT_ALWAYS, LM_LAYOUT_NEVER},
    {"buckets", LM_LAYOUT_NEVER, LM_LAYOUT_ALWAYS},
    {"all", LM_LAYOUT_ALWAYS, LM_LAYOUT_ALWAYS},
}};

lm_layout_options options_of(std::string_view name) {
  lm_layout_options options = LM_LAYOUT_OPTIONS_INIT;
  for (const named_layouts &choice : choices) {
    if (name == choice.name) {
      options.planes = choice.planes;
      options.buckets = choice.buckets;
    }
  }
  return options;
}

}  // namespace

void add_layout_option(CLI::App &verb, layout_choice &choice) {
  verb.add_option(
          "--layouts", choice.name,
          "What to store beside the codes for fast searches: planes (12 bytes a code), buckets (some 260 bytes "
          "a code), all, none, or auto: each where the index is large enough for it to pay")
      ->check(CLI::IsMember({"auto", "none", "planes", "buckets", "all"}))
      ->default_str(choice.name);
}

void prepare_layouts(libmatch::index &index, const libmatch::context &context, const layout_choice &choice) {
  index.set_layouts(options_of(choice.name));
  const progress_bar bar("code layouts");
  index.prepare(context, bar.call());
}

}  // namespace command
