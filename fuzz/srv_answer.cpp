// What a name server answers: whatever it is, it is records that can be tried in some order, or an
// error.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "io/srv_record.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = mqtt::io::parse_srv_answer(mqtt::ByteView(data, size));
  if (!answer) {
    require(answer.error() < 0);
    return 0;
  }
  require(!answer->empty() && answer->size() <= mqtt::io::max_srv_records);
  std::vector<mqtt::io::SrvRecord> ordered = *answer;
  std::uint32_t draw = static_cast<std::uint32_t>(size);
  mqtt::io::order_by_weight(ordered, [&draw](std::uint32_t most) {
    draw = draw * 1'664'525 + 1'013'904'223;
    return most == 0 ? 0 : draw % (most + 1);
  });
  require(std::is_permutation(ordered.begin(), ordered.end(), answer->begin(), answer->end()));
  require(std::is_sorted(ordered.begin(), ordered.end(),
                         [](const auto& a, const auto& b) { return a.priority < b.priority; }));
  for (const mqtt::io::SrvRecord& one : ordered) require(!one.target.empty() && one.target != ".");
  return 0;
}
