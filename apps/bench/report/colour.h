#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// Whether text for `descriptor` is to be coloured: on a terminal, unless the environment has
/// NO_COLOR (with any value but an empty one) or TERM=dumb.
bool wants_colour(int descriptor);

/// Marks text for terminals, or leaves it alone.
class Paint {
 public:
  enum class Colour : std::uint8_t { bold, dim, red, green, yellow };

  explicit Paint(bool is_on) : is_on_(is_on) {}
  std::string operator()(Colour colour, std::string_view text) const;

 private:
  bool is_on_;
};

}  // namespace bench
