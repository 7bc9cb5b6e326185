#include "live/list_state.h"

#include <array>
#include <optional>

#include "core/error.h"
#include "lists/values.h"

namespace libmatch::detail {

namespace {

constexpr const char *role_attribute = "role";
constexpr const char *checkpoint_attribute = "checkpoint";
constexpr std::array<const char *, 3> role_names{"known", "harmless", "degenerate"};

std::string_view attribute(const list_info &list, std::string_view name) {
  const auto found = list.attributes.find(name);
  return found != list.attributes.end() ? std::string_view(found->second) : std::string_view();
}

std::string_view attribute(const store_snapshot &snapshot, std::string_view list, std::string_view name) {
  const std::uint32_t number = snapshot.find_list(list);
  return number != 0 ? attribute(snapshot.lists[number], name) : std::string_view();
}

bool is_earlier(std::string_view checkpoint, std::string_view held) {
  const std::optional<std::int64_t> time = read_time(checkpoint);
  const std::optional<std::int64_t> held_time = read_time(held);
  return time && held_time && *time < *held_time;
}

}  // namespace

const char *list_role_name(lm_list_role role) noexcept {
  const auto i = static_cast<std::size_t>(role);
  return role >= 0 && i < role_names.size() ? role_names[i] : nullptr;
}

lm_list_role role_of(const list_info &list) {
  const std::string_view name = attribute(list, role_attribute);
  for (std::size_t i = 0; i < role_names.size(); ++i) {
    if (name == role_names[i]) {
      return static_cast<lm_list_role>(i);
    }
  }
  if (!name.empty()) {
    fail(LM_ERROR_UNSUPPORTED, "list ", list.name, ": its role is ", printable(name),
         ", which only a newer library knows");
  }
  return LM_LIST_KNOWN;
}

std::string_view checkpoint_of(const list_info &list) { return attribute(list, checkpoint_attribute); }

void set_role(store_transaction &changes, const store_snapshot &before, std::string_view list, lm_list_role role) {
  if (attribute(before, list, role_attribute) != list_role_name(role)) {
    changes.set_attribute(list, role_attribute, list_role_name(role));
  }
}

void set_checkpoint(store_transaction &changes, const store_snapshot &before, std::string_view list,
                    const std::string &checkpoint) {
  const std::string_view held = attribute(before, list, checkpoint_attribute);
  if (!checkpoint.empty() && checkpoint != held && !is_earlier(checkpoint, held)) {
    changes.set_attribute(list, checkpoint_attribute, checkpoint);
  }
}

}  // namespace libmatch::detail
