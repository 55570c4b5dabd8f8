#include "routing/text_hash.h"

#include <random>

namespace broker {

TextHash::TextHash() {
  std::random_device random;
  seed_ = std::uint64_t{random()} << 32 | random();
}

}  // namespace broker
