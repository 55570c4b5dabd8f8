#include "access/origin_record.h"

#include <algorithm>

#include "access/keyed_digest.h"

namespace broker {
namespace {

constexpr std::uint64_t credit_mask = 0xFF;

std::uint64_t& slot_of(std::vector<std::uint64_t>& slots, std::size_t size, std::uint64_t digest) {
  if (slots.empty()) slots.resize(size);
  return slots[digest % size];
}

}  // namespace

/// Keyed, so that nobody can look for an address that displaces another one. Never 0 in the bits
/// that count: that is an empty slot.
std::uint64_t OriginRecord::digest_of(std::string_view origin) {
  const auto digest = keyed_digest({"origin", origin});
  return (digest ? number_of(*digest) : 0) | std::uint64_t{1} << 63U;
}

Standing OriginRecord::standing(std::string_view origin) const {
  const std::uint64_t digest = digest_of(origin);
  if (!proved_.empty() && is_of(proved_[digest % proved_slots], digest)) return Standing::proved;
  if (!refused_.empty() && is_of(refused_[digest % refused_slots], digest))
    return Standing::refused;
  return Standing::unknown;
}

void OriginRecord::note_proved(std::string_view origin) {
  const std::uint64_t digest = digest_of(origin);
  Slot& slot = slot_of(proved_, proved_slots, digest);
  const std::uint64_t before = is_of(slot, digest) ? slot & credit_mask : 0;
  const std::uint64_t credit = std::min<std::uint64_t>(before + credit_of_login, most_credit);
  slot = (digest & ~credit_mask) | credit;
  if (!refused_.empty() && is_of(refused_[digest % refused_slots], digest))
    refused_[digest % refused_slots] = 0;
}

void OriginRecord::note_refused(std::string_view origin) {
  const std::uint64_t digest = digest_of(origin);
  if (!proved_.empty()) {
    Slot& slot = proved_[digest % proved_slots];
    if (is_of(slot, digest) && (slot & credit_mask) > 1) {
      --slot;
      return;
    }
    if (is_of(slot, digest)) slot = 0;
  }
  slot_of(refused_, refused_slots, digest) = digest & ~credit_mask;
}

}  // namespace broker
