/// Computing hashes; password_hash_text.cpp has their text form.

#include "mqtt/credentials/password_hash.h"

#include <argon2.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "hash_limits.h"

namespace mqtt {
namespace {

/// Enough to be unique, and the only size that every version of Mosquitto reads (from 2.1 on, also
/// 64).
constexpr std::size_t sha512_salt_size = 12;
constexpr std::size_t argon2id_salt_size = 64;
constexpr std::size_t digest_size = 64;

using Bytes = std::vector<std::uint8_t>;
using Computed = tl::expected<Bytes, std::string>;

/// One SHA-512 over the password and then the salt.
Computed sha512(ByteView password, ByteView salt) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free);
  Bytes digest(digest_size);
  const bool computed = context != nullptr &&
                        EVP_DigestInit_ex(context.get(), EVP_sha512(), nullptr) == 1 &&
                        EVP_DigestUpdate(context.get(), password.data(), password.size()) == 1 &&
                        EVP_DigestUpdate(context.get(), salt.data(), salt.size()) == 1 &&
                        EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  if (!computed) return tl::unexpected(std::string("SHA-512 is not available"));
  return digest;
}

Computed pbkdf2_sha512(ByteView password, ByteView salt, std::uint32_t iterations) {
  Bytes digest(digest_size);
  const int computed =
      PKCS5_PBKDF2_HMAC(as_text(password).data(), static_cast<int>(password.size()), salt.data(),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha512(),
                        static_cast<int>(digest.size()), digest.data());
  if (computed != 1)
    return tl::unexpected(std::string("PBKDF2 with SHA-512 could not be computed"));
  return digest;
}

/// libargon2 writes to its input only if it must clear it, which it must not here.
std::uint8_t* unwritten(ByteView bytes) {
  return const_cast<std::uint8_t*>(bytes.data());
}

/// All lanes sequentially: the caller decides how many threads compute hashes, not the file.
Computed argon2id(ByteView password, ByteView salt, const HashRecipe& recipe, std::uint32_t version,
                  std::size_t size) {
  Bytes digest(size);
  argon2_context context{};
  context.out = digest.data();
  context.outlen = static_cast<std::uint32_t>(digest.size());
  context.pwd = unwritten(password);
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = unwritten(salt);
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = recipe.passes;
  context.m_cost = recipe.memory_kib;
  context.lanes = recipe.lanes;
  context.threads = 1;
  context.version = version;
  context.flags = ARGON2_DEFAULT_FLAGS;
  if (const int result = argon2id_ctx(&context); result != ARGON2_OK) {
    return tl::unexpected(std::string("argon2id: ") + argon2_error_message(result));
  }
  return digest;
}

}  // namespace

tl::expected<PasswordHash, std::string> PasswordHash::create(ByteView password,
                                                             const HashRecipe& recipe) {
  const bool is_argon2id = recipe.scheme == HashScheme::argon2id;
  Bytes salt(is_argon2id ? argon2id_salt_size : sha512_salt_size);
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
    return tl::unexpected(std::string("the system has no random numbers"));
  }
  return create(password, recipe, salt);
}

tl::expected<PasswordHash, std::string> PasswordHash::create(ByteView password,
                                                             const HashRecipe& recipe,
                                                             ByteView salt) {
  if (const std::string excess = beyond_limits(recipe); !excess.empty())
    return tl::unexpected(excess);
  PasswordHash hash;
  hash.recipe_ = recipe;
  if (recipe.scheme == HashScheme::argon2id) hash.argon2_version_ = ARGON2_VERSION_13;
  hash.salt_.assign(salt.begin(), salt.end());
  hash.digest_.resize(digest_size);
  auto digest = hash.digest_of(password);
  if (!digest) return tl::unexpected(std::move(digest.error()));
  hash.digest_ = std::move(*digest);
  return hash;
}

tl::expected<bool, std::string> PasswordHash::fits(ByteView password) const {
  const auto digest = digest_of(password);
  if (!digest) return tl::unexpected(digest.error());
  return digest->size() == digest_.size() &&
         CRYPTO_memcmp(digest->data(), digest_.data(), digest_.size()) == 0;
}

/// As long as the existing digest.
tl::expected<std::vector<std::uint8_t>, std::string> PasswordHash::digest_of(
    ByteView password) const {
  switch (recipe_.scheme) {
    case HashScheme::sha512:
      return sha512(password, salt_);
    case HashScheme::pbkdf2_sha512:
      return pbkdf2_sha512(password, salt_, recipe_.iterations);
    case HashScheme::argon2id:
      break;
  }
  return argon2id(password, salt_, recipe_, argon2_version_, digest_.size());
}

std::string_view name_of(HashScheme scheme) {
  switch (scheme) {
    case HashScheme::sha512:
      return "sha512";
    case HashScheme::pbkdf2_sha512:
      return "sha512-pbkdf2";
    case HashScheme::argon2id:
      break;
  }
  return "argon2id";
}

}  // namespace mqtt
