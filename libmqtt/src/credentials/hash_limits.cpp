#include "hash_limits.h"

namespace mqtt {
namespace {

std::string not_within(std::string_view what, std::uint64_t least, std::uint64_t most) {
  return std::string(what) + " must be " + std::to_string(least) + " to " + std::to_string(most);
}

std::string beyond_argon2_limits(const HashRecipe& recipe) {
  constexpr std::uint32_t least_kib_per_lane = 8;
  if (recipe.lanes < 1 || recipe.lanes > HashLimits::lanes) {
    return not_within("the lanes of argon2id", 1, HashLimits::lanes);
  }
  const std::uint32_t least_kib = least_kib_per_lane * recipe.lanes;
  if (recipe.memory_kib < least_kib || recipe.memory_kib > HashLimits::memory_kib) {
    return not_within("the memory of argon2id in KiB", least_kib, HashLimits::memory_kib);
  }
  const std::uint64_t most_passes = HashLimits::memory_kib_times_passes / recipe.memory_kib;
  if (recipe.passes < 1 || recipe.passes > most_passes) {
    return not_within("the passes of argon2id with this memory", 1, most_passes);
  }
  return {};
}

}  // namespace

std::string beyond_limits(const HashRecipe& recipe) {
  switch (recipe.scheme) {
    case HashScheme::sha512:
      return {};
    case HashScheme::pbkdf2_sha512:
      if (recipe.iterations >= 1 && recipe.iterations <= HashLimits::iterations) return {};
      return not_within("the iterations of PBKDF2", 1, HashLimits::iterations);
    case HashScheme::argon2id:
      break;
  }
  return beyond_argon2_limits(recipe);
}

}  // namespace mqtt
