#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt {

/// The algorithm of a hash.
enum class HashScheme : std::uint8_t {
  sha512,         ///< `$6$SALT$DIGEST`: one SHA-512 over password and salt; easy to brute-force
  pbkdf2_sha512,  ///< `$7$ITERATIONS$SALT$DIGEST`: PBKDF2 with HMAC-SHA-512
  argon2id,       ///< `$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$DIGEST`: RFC 9106
};

/// A scheme and its cost. The defaults suit thousands of machines that log in when a broker starts:
/// some hundredths of a second of one processor. They make guessing 30 times as hard as
/// Mosquitto's. Passwords chosen by people deserve more (see docs/sizing.md).
struct HashRecipe {
  HashScheme scheme = HashScheme::pbkdf2_sha512;
  std::uint32_t iterations = 30'000;  ///< PBKDF2
  std::uint32_t memory_kib = 47'104;  ///< argon2id
  std::uint32_t passes = 1;           ///< argon2id
  std::uint32_t lanes = 1;            ///< argon2id

  friend bool operator==(const HashRecipe&, const HashRecipe&) = default;
};

/// The maximum cost of a hash. A file with a higher cost is refused before anything is computed:
/// anyone who may write a line must not be able to block the reader for minutes or exhaust its
/// memory.
struct HashLimits {
  static constexpr std::uint32_t iterations = 5'000'000;
  static constexpr std::uint32_t memory_kib = 256 * 1024;
  static constexpr std::uint64_t memory_kib_times_passes = 4ULL * 1024 * 1024;
  static constexpr std::uint32_t lanes = 64;
};

/// The hash of one password, as stored in a password file. Does not contain the password.
class PasswordHash {
 public:
  /// Computes a hash with a new random salt (12 bytes; argon2id: 64). The error: a recipe beyond
  /// the limits, or no memory.
  static tl::expected<PasswordHash, std::string> create(ByteView password,
                                                        const HashRecipe& recipe);
  /// The same with the caller's salt (argon2id: at least 8 bytes).
  static tl::expected<PasswordHash, std::string> create(ByteView password, const HashRecipe& recipe,
                                                        ByteView salt);

  /// Parses the text form. The error does not quote `text`, which may be a password that was not
  /// hashed.
  static tl::expected<PasswordHash, std::string> parse(std::string_view text);
  /// The text form.
  std::string text() const;

  /// Whether `password` is correct; takes equally long for correct and wrong ones. Has the cost of
  /// the recipe, on the calling thread only. The error: it could not be computed (no memory).
  tl::expected<bool, std::string> fits(ByteView password) const;

  const HashRecipe& recipe() const { return recipe_; }

  /// Whether their text is equal: two hashes of one password have different salts.
  friend bool operator==(const PasswordHash&, const PasswordHash&) = default;

 private:
  PasswordHash() = default;

  static tl::expected<PasswordHash, std::string> parse_sha512(std::string_view fields);
  static tl::expected<PasswordHash, std::string> parse_pbkdf2(std::string_view fields);
  static tl::expected<PasswordHash, std::string> parse_argon2id(std::string_view fields);
  tl::expected<std::vector<std::uint8_t>, std::string> digest_of(ByteView password) const;

  HashRecipe recipe_;
  std::uint32_t argon2_version_ = 0;  ///< 0x13 or 0x10; 0 for other schemes
  std::vector<std::uint8_t> salt_;
  std::vector<std::uint8_t> digest_;
};

/// `sha512`, `sha512-pbkdf2` or `argon2id`.
std::string_view name_of(HashScheme scheme);

}  // namespace mqtt
