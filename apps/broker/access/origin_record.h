#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace broker {

/// What the logins from an origin were like of late, best first.
enum class Standing : std::uint8_t {
  proved,   ///< right passwords came from there, and not too many wrong ones since
  unknown,  ///< nothing is known
  refused   ///< the last ones were wrong
};
inline constexpr std::size_t number_of_standings = 3;

/// Remembers how logins from origins (addresses) went, in two tables of fixed size: those with
/// wrong passwords, of which a stranger can make as many as there are addresses, never displace
/// those with right ones. An origin whose place another one takes is unknown again. Not
/// synchronised.
class OriginRecord {
 public:
  Standing standing(std::string_view origin) const;
  void note_proved(std::string_view origin);
  void note_refused(std::string_view origin);

  /// Each of eight bytes, once there is something to remember.
  static constexpr std::size_t proved_slots = 65536;
  static constexpr std::size_t refused_slots = 16384;
  /// How many wrong passwords a right one outweighs, and how many an origin can save up.
  static constexpr std::uint8_t credit_of_login = 4;
  static constexpr std::uint8_t most_credit = 100;

 private:
  /// Which origin a slot is about, by 56 bits of its digest; the first byte is its credit.
  using Slot = std::uint64_t;
  static std::uint64_t digest_of(std::string_view origin);
  static bool is_of(Slot slot, std::uint64_t digest) { return slot >> 8U == digest >> 8U; }

  std::vector<Slot> proved_;   ///< empty until the first right password
  std::vector<Slot> refused_;  ///< likewise, wrong
};

}  // namespace broker
