#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "pub/source/message_source.h"

namespace pub {

/// The same message, once or several times.
class RepeatedMessage final : public MessageSource {
 public:
  /// `message` is lent, but for its payload.
  RepeatedMessage(const OutgoingMessage& message, std::string payload, std::uint32_t times)
      : message_(message), payload_(std::move(payload)), times_(times), left_(times) {}

  Step next(OutgoingMessage& message) override {
    if (left_ == 0) return Step::end;
    --left_;
    message = message_;
    message.payload = payload_;
    return Step::message;
  }
  bool is_exhausted() const override { return left_ == 0; }
  std::optional<double> share() const override {
    return 1 - static_cast<double>(left_) / static_cast<double>(times_);
  }

 private:
  OutgoingMessage message_;
  std::string payload_;
  std::uint32_t times_;
  std::uint32_t left_;
};

}  // namespace pub
