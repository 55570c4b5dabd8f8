#include "mqtt/protocol/packet.h"

namespace mqtt {

static_assert(std::is_same_v<std::variant_alternative_t<0, Packet>, Connect> &&
                  std::is_same_v<std::variant_alternative_t<14, Packet>, Auth>,
              "the alternatives stand in the order of the packet types");

PacketType type_of(const Packet& packet) {
  return static_cast<PacketType>(packet.index() + 1);
}

}  // namespace mqtt
