// Writes the packet table as seeds for the fuzz targets: write_seeds FOLDER makes
// FOLDER/decode_v31, decode_v311, decode_v5, properties and topic_matches, a file for each row.
// fuzz/corpus holds those of them, and of what fuzzing found, that reach something new each:
//
//     fuzz_decode_v5 -merge=1 -use_counters=0 fuzz/corpus/decode_v5 FOLDER/decode_v5
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "mqtt/protocol/decode.h"
#include "support/bytes_notation.h"
#include "support/packet_table.h"

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t max_seed_size = 600;

/// "PUBLISH QoS 1, 5" as a file name: "publish-qos-1-5".
std::string file_name(const std::string& name) {
  std::string result;
  for (const char character : name) {
    if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
    } else if (!result.empty() && result.back() != '-') {
      result += '-';
    }
  }
  return result;
}

void write(const fs::path& file, const Bytes& bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << std::string(bytes.begin(), bytes.end());
}

void write_packets(const fs::path& folder, mqtt::ProtocolVersion version) {
  for (const packet_table::Row& row : packet_table::rows()) {
    const Bytes bytes = BytesNotation::parse(row.bytes);
    if (packet_table::contains(row.versions, version) && bytes.size() <= max_seed_size) {
      write(folder / file_name(row.name), bytes);
    }
  }
}

/// The property blocks of CONNECT, PUBLISH and so on, after the number of their context as the fuzz
/// target counts it.
void write_properties(const fs::path& folder) {
  for (const packet_table::Row& row : packet_table::rows()) {
    if (!row.verdict.accepted) continue;
    const Bytes bytes = BytesNotation::parse(row.bytes);
    const auto decoded = mqtt::decode(bytes, mqtt::ProtocolVersion::v5, bytes.size());
    const auto* packet = std::get_if<mqtt::DecodedPacket>(&decoded);
    if (packet == nullptr || bytes.size() > max_seed_size) continue;
    std::visit(
        [&](const auto& alternative) {
          if constexpr (requires { alternative.properties; }) {
            const mqtt::ByteView block = alternative.properties.bytes();
            if (block.empty()) return;
            // Contexts are counted without PINGREQ and PINGRESP.
            const auto type = static_cast<unsigned>(mqtt::type_of(packet->packet));
            Bytes seed{static_cast<std::uint8_t>(type <= 11 ? type - 1 : type - 3)};
            seed.insert(seed.end(), block.begin(), block.end());
            write(folder / file_name(row.name), seed);
          }
        },
        packet->packet);
  }
}

void write_topics(const fs::path& folder) {
  constexpr const char* seeds[] = {"a\na",
                                   "a/b/c\na/b/c",
                                   "+\na",
                                   "a/+/c\na/b/c",
                                   "#\na/b",
                                   "a/#\na",
                                   "a/#\na/b/c",
                                   "/\n/",
                                   "+/+\n/",
                                   "#\n$SYS/x",
                                   "$SYS/#\n$SYS/x",
                                   "$share/g/a/+\na/b",
                                   "$share/g\na",
                                   "a/#/b\na",
                                   "a+\na",
                                   "a//b\na//b",
                                   "\xC3\xA9/+\n\xC3\xA9/x"};
  std::size_t number = 0;
  for (const std::string seed : seeds) {
    write(folder / ("topic-" + std::to_string(++number)), Bytes(seed.begin(), seed.end()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds FOLDER\n");
    return 2;
  }
  const fs::path folder(argv[1]);
  write_packets(folder / "decode_v31", mqtt::ProtocolVersion::v31);
  write_packets(folder / "decode_v311", mqtt::ProtocolVersion::v311);
  write_packets(folder / "decode_v5", mqtt::ProtocolVersion::v5);
  write_properties(folder / "properties");
  write_topics(folder / "topic_matches");
  return 0;
}
