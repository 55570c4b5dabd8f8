/// The text forms of hashes.

#include <argon2.h>

#include <charconv>
#include <optional>

#include "hash_limits.h"
#include "mqtt/credentials/base64.h"
#include "mqtt/credentials/password_hash.h"

namespace mqtt {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Failure = tl::unexpected<std::string>;

constexpr std::string_view sha512_mark = "$6$";
constexpr std::string_view pbkdf2_mark = "$7$";
constexpr std::string_view argon2id_mark = "$argon2id$";
constexpr std::size_t sha512_digest_size = 64;

Failure failure(std::string_view text) {
  return Failure(std::string(text));
}

/// Removes the text up to the next `$`, and the `$`; the whole rest if there is none.
std::string_view take_field(std::string_view& fields) {
  const std::size_t end = fields.find('$');
  const std::string_view field = fields.substr(0, end);
  fields.remove_prefix(end == std::string_view::npos ? fields.size() : end + 1);
  return field;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Removes `NAME=NUMBER` from a comma-separated list.
std::optional<std::uint32_t> take_parameter(std::string_view& list, std::string_view name) {
  const std::size_t end = list.find(',');
  std::string_view parameter = list.substr(0, end);
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  if (!parameter.starts_with(name) || parameter.substr(name.size(), 1) != "=") return std::nullopt;
  return parse_number(parameter.substr(name.size() + 1));
}

struct SaltAndDigest {
  Bytes salt;
  Bytes digest;
};

/// `SALT$DIGEST` of the SHA-512 schemes. Old files have salts of 12 bytes, new ones of 64.
tl::expected<SaltAndDigest, std::string> parse_salt_and_digest(std::string_view fields) {
  auto salt = from_base64(take_field(fields), Base64Padding::padded);
  auto digest = from_base64(fields, Base64Padding::padded);
  if (!salt) return failure("the salt is not base64");
  if (salt->size() != 12 && salt->size() != 64) return failure("the salt must be 12 or 64 bytes");
  if (!digest) return failure("the digest is not base64");
  if (digest->size() != sha512_digest_size) return failure("the digest must be 64 bytes");
  return SaltAndDigest{std::move(*salt), std::move(*digest)};
}

std::string written(const Bytes& salt, const Bytes& digest, Base64Padding padding) {
  return to_base64(salt, padding) + "$" + to_base64(digest, padding);
}

}  // namespace

tl::expected<PasswordHash, std::string> PasswordHash::parse(std::string_view text) {
  if (text.starts_with(sha512_mark)) return parse_sha512(text.substr(sha512_mark.size()));
  if (text.starts_with(pbkdf2_mark)) return parse_pbkdf2(text.substr(pbkdf2_mark.size()));
  if (text.starts_with(argon2id_mark)) return parse_argon2id(text.substr(argon2id_mark.size()));
  return failure("this is no password hash: one begins with $6$, $7$ or $argon2id$");
}

tl::expected<PasswordHash, std::string> PasswordHash::parse_sha512(std::string_view fields) {
  auto parsed = parse_salt_and_digest(fields);
  if (!parsed) return Failure(parsed.error());
  PasswordHash hash;
  hash.recipe_.scheme = HashScheme::sha512;
  hash.salt_ = std::move(parsed->salt);
  hash.digest_ = std::move(parsed->digest);
  return hash;
}

tl::expected<PasswordHash, std::string> PasswordHash::parse_pbkdf2(std::string_view fields) {
  const auto iterations = parse_number(take_field(fields));
  if (!iterations) return failure("the iterations of PBKDF2 are not a number");
  PasswordHash hash;
  hash.recipe_.scheme = HashScheme::pbkdf2_sha512;
  hash.recipe_.iterations = *iterations;
  if (std::string excess = beyond_limits(hash.recipe_); !excess.empty())
    return Failure(std::move(excess));
  auto parsed = parse_salt_and_digest(fields);
  if (!parsed) return Failure(parsed.error());
  hash.salt_ = std::move(parsed->salt);
  hash.digest_ = std::move(parsed->digest);
  return hash;
}

/// Without a version, the first one is assumed, as in the reference implementation.
tl::expected<PasswordHash, std::string> PasswordHash::parse_argon2id(std::string_view fields) {
  PasswordHash hash;
  hash.recipe_.scheme = HashScheme::argon2id;
  hash.argon2_version_ = ARGON2_VERSION_10;
  std::string_view parameters = take_field(fields);
  if (parameters.starts_with("v=")) {
    const auto version = parse_number(parameters.substr(2));
    if (version != ARGON2_VERSION_10 && version != ARGON2_VERSION_13) {
      return failure("the version of argon2id must be 16 or 19");
    }
    hash.argon2_version_ = *version;
    parameters = take_field(fields);
  }
  const auto memory = take_parameter(parameters, "m");
  const auto passes = take_parameter(parameters, "t");
  const auto lanes = take_parameter(parameters, "p");
  if (!memory || !passes || !lanes || !parameters.empty()) {
    return failure("the parameters of argon2id must be m=KIB,t=PASSES,p=LANES");
  }
  hash.recipe_.memory_kib = *memory;
  hash.recipe_.passes = *passes;
  hash.recipe_.lanes = *lanes;
  if (std::string excess = beyond_limits(hash.recipe_); !excess.empty())
    return Failure(std::move(excess));

  auto salt = from_base64(take_field(fields), Base64Padding::none);
  auto digest = from_base64(fields, Base64Padding::none);
  if (!salt || salt->size() < ARGON2_MIN_SALT_LENGTH || salt->size() > 128) {
    return failure("the salt of argon2id must be 8 to 128 bytes in base64 without padding");
  }
  if (!digest || digest->size() < 16 || digest->size() > 128) {
    return failure("the digest of argon2id must be 16 to 128 bytes in base64 without padding");
  }
  hash.salt_ = std::move(*salt);
  hash.digest_ = std::move(*digest);
  return hash;
}

std::string PasswordHash::text() const {
  const auto number = [](std::uint32_t value) { return std::to_string(value); };
  switch (recipe_.scheme) {
    case HashScheme::sha512:
      return std::string(sha512_mark) + written(salt_, digest_, Base64Padding::padded);
    case HashScheme::pbkdf2_sha512:
      return std::string(pbkdf2_mark) + number(recipe_.iterations) + "$" +
             written(salt_, digest_, Base64Padding::padded);
    case HashScheme::argon2id:
      break;
  }
  return std::string(argon2id_mark) + "v=" + number(argon2_version_) +
         "$m=" + number(recipe_.memory_kib) + ",t=" + number(recipe_.passes) +
         ",p=" + number(recipe_.lanes) + "$" + written(salt_, digest_, Base64Padding::none);
}

}  // namespace mqtt
