#include "mqtt/credentials/random_password.h"

#include <openssl/rand.h>

#include <array>
#include <string_view>

namespace mqtt {
namespace {

constexpr std::string_view alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
static_assert(alphabet.size() == 57);
/// Bytes from here on are discarded, so that each character is equally likely.
constexpr std::size_t fair_bytes = 256 / alphabet.size() * alphabet.size();

}  // namespace

tl::expected<std::string, std::string> random_password(std::size_t length) {
  std::string password;
  while (password.size() < length) {
    std::array<unsigned char, 64> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
      return tl::unexpected(std::string("the system has no random numbers"));
    }
    for (const unsigned char byte : random) {
      if (byte < fair_bytes && password.size() < length) {
        password += alphabet[byte % alphabet.size()];
      }
    }
  }
  return password;
}

}  // namespace mqtt
