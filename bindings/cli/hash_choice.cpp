#include "hash_choice.h"

#include <algorithm>
#include <vector>

namespace command {

namespace {

std::vector<std::string> image_hashes() {
  return {"pdq256", "ahash64", "dhash64", "phash64", "ahash256", "dhash256", "phash256"};
}

}  // namespace

CLI::Option *add_hasher_option(CLI::App &verb, hash_choice &choice) {
  return verb.add_option("--hasher", choice.hasher, "A plug-in hasher that hashes images instead: its shared object");
}

void add_hash_choice(CLI::App &verb, hash_choice &choice, const std::string &hash_help) {
  CLI::Option *name = verb.add_option("--hash", choice.name, hash_help)->check(CLI::IsMember(image_hashes()));
  add_hasher_option(verb, choice)->excludes(name);
}

chosen_hash::chosen_hash(const hash_choice &choice) : is_chosen_(!choice.hasher.empty() || !choice.name.empty()) {
  if (!choice.hasher.empty()) {
    hasher_.emplace(choice.hasher.c_str());
    options_.hasher = hasher_->get();
  } else if (!choice.name.empty()) {
    libmatch::check(lm_hash_from_name(choice.name.c_str(), &options_.hash));
  }
  options_.max_milliseconds = choice.max_milliseconds.value_or(options_.max_milliseconds);
}

void chosen_hash::follow(const lm_index_data &index) {
  const std::vector<std::string> names = image_hashes();
  const bool is_of_images = std::find(names.begin(), names.end(), lm_hash_name(index.hash)) != names.end();
  if (!is_chosen_ && is_of_images) {
    options_.hash = index.hash;
  }
}

bool chosen_hash::has_quality() const noexcept { return hasher_ || !is_digest(options_.hash); }

bool chosen_hash::is_pdq() const noexcept { return !hasher_ && options_.hash == LM_HASH_PDQ256; }

lm_hash chosen_hash::hash() const { return hasher_ ? hasher_->data().hash : options_.hash; }

std::uint32_t chosen_hash::bits() const { return hasher_ ? hasher_->data().bits : lm_hash_bits(options_.hash); }

std::uint32_t chosen_hash::usual_distance() const {
  return hasher_ ? hasher_->data().max_distance : lm_hash_usual_distance(options_.hash);
}

std::string chosen_hash::name() const {
  if (!hasher_) {
    return lm_hash_name(options_.hash);
  }
  const lm_hasher_data data = hasher_->data();
  return std::string("plugin:") + data.name + ' ' + data.version;
}

libmatch::context open_context(const common_options &common, bool isolate, const chosen_hash &hash) {
  libmatch::context context = open_context(common);
  if (isolate) {
    lm_isolation_options isolation = LM_ISOLATION_OPTIONS_INIT;
    isolation.hasher = hash.options().hasher;
    context.isolate(isolation);
  }
  return context;
}

}  // namespace command
