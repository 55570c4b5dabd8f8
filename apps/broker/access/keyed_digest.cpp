#include "access/keyed_digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstddef>
#include <cstring>
#include <memory>

namespace broker {
namespace {

/// BLAKE2b in its keyed form, with the key of this process.
struct Mac {
  Mac() : algorithm(EVP_MAC_fetch(nullptr, "BLAKE2BMAC", nullptr)) {
    usable = algorithm != nullptr && RAND_bytes(key.data(), static_cast<int>(key.size())) == 1;
  }
  ~Mac() { EVP_MAC_free(algorithm); }
  Mac(const Mac&) = delete;
  Mac& operator=(const Mac&) = delete;

  EVP_MAC* algorithm;
  std::array<unsigned char, 32> key{};
  bool usable = false;
};

bool update(EVP_MAC_CTX* context, const void* bytes, std::size_t size) {
  return EVP_MAC_update(context, static_cast<const unsigned char*>(bytes), size) == 1;
}

}  // namespace

std::optional<KeyedDigest> keyed_digest(std::initializer_list<std::string_view> parts) {
  static const Mac mac;
  if (!mac.usable) return std::nullopt;
  const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)> context(EVP_MAC_CTX_new(mac.algorithm),
                                                                     EVP_MAC_CTX_free);
  KeyedDigest digest{};
  std::size_t size = digest.size();
  const std::array<OSSL_PARAM, 2> params = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                            OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_init(context.get(), mac.key.data(), mac.key.size(), params.data()) != 1) {
    return std::nullopt;
  }
  for (const std::string_view part : parts) {
    const std::uint64_t length = part.size();
    if (!update(context.get(), &length, sizeof length) ||
        !update(context.get(), part.data(), part.size())) {
      return std::nullopt;
    }
  }
  if (EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) != 1) return std::nullopt;
  return digest;
}

std::uint64_t number_of(const KeyedDigest& digest) {
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

}  // namespace broker
