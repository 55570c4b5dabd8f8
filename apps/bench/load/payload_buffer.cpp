#include "bench/load/payload_buffer.h"

#include <algorithm>

namespace bench {

PayloadBuffer::PayloadBuffer(const PayloadPlan& plan) : plan_(plan) {
  set_filler(plan.filler);
}

void PayloadBuffer::set_filler(const std::string& filler) {
  bytes_.resize(MessageHeader::size + filler.size());
  std::copy(filler.begin(), filler.end(), bytes_.begin() + MessageHeader::size);
}

void PayloadBuffer::expand(const TopicValues& values) {
  if (!plan_.text) return;
  text_.clear();
  plan_.text->expand_to(text_, values);
  set_filler(text_);
}

}  // namespace bench
