// Everything that a peer may send on a connection of MQTT 3.1.
#include "decode_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decode_stream::run({data, size}, mqtt::ProtocolVersion::v31);
  return 0;
}
