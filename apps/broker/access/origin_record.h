#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace broker {

/// How recent logins from an origin went, best first.
enum class Standing : std::uint8_t {
  proved,   ///< sent correct passwords, and not too many wrong ones since
  unknown,  ///< no logins known
  refused   ///< the last ones were wrong
};
inline constexpr std::size_t number_of_standings = 3;

/// Remembers how logins from origins (addresses) went, in two tables of fixed size, so that origins
/// with wrong passwords (an attacker may use any number of addresses) never displace those with
/// correct ones. An origin whose slot is overwritten is unknown again. Not synchronised.
class OriginRecord {
 public:
  Standing standing(std::string_view origin) const;
  void note_proved(std::string_view origin);
  void note_refused(std::string_view origin);

  /// Eight bytes each, allocated when first needed.
  static constexpr std::size_t proved_slots = 65536;
  static constexpr std::size_t refused_slots = 16384;
  /// How many wrong passwords a right one outweighs, and how many an origin can save up.
  static constexpr std::uint8_t credit_of_login = 4;
  static constexpr std::uint8_t most_credit = 100;

 private:
  /// 56 bits of the origin's digest; the first byte is its credit.
  using Slot = std::uint64_t;
  static std::uint64_t digest_of(std::string_view origin);
  static bool is_of(Slot slot, std::uint64_t digest) { return slot >> 8U == digest >> 8U; }

  std::vector<Slot> proved_;   ///< empty until the first right password
  std::vector<Slot> refused_;  ///< likewise, wrong
};

}  // namespace broker
