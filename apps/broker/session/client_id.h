#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace broker {

/// A client identifier as a session keeps it: one pointer, to its length and text. The standard
/// does not let it be longer than 65535 bytes.
class ClientId {
 public:
  explicit ClientId(std::string_view text)
      : bytes_(std::make_unique_for_overwrite<char[]>(sizeof(Size) + text.size())) {
    const auto size = static_cast<Size>(text.size());
    std::memcpy(bytes_.get(), &size, sizeof size);
    std::memcpy(bytes_.get() + sizeof size, text.data(), size);
  }

  std::string_view text() const {
    Size size = 0;
    std::memcpy(&size, bytes_.get(), sizeof size);
    return {bytes_.get() + sizeof size, size};
  }

 private:
  using Size = std::uint16_t;
  std::unique_ptr<char[]> bytes_;
};

}  // namespace broker
