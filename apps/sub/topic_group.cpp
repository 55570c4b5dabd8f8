#include "sub/topic_group.h"

namespace sub {

std::string_view topic_group(std::string_view topic, std::size_t depth, std::string& scratch) {
  if (depth == 0) return topic;
  std::size_t end = topic.find('/');
  for (std::size_t level = 1; level < depth && end != std::string_view::npos; ++level) {
    end = topic.find('/', end + 1);
  }
  if (end == std::string_view::npos) return topic;
  scratch.assign(topic.substr(0, end + 1)) += '#';
  return scratch;
}

}  // namespace sub
