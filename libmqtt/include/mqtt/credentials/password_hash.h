#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/protocol/bytes.h"

namespace mqtt {

/// How a password becomes a digest.
enum class HashScheme : std::uint8_t {
  sha512,         ///< `$6$SALT$DIGEST`: one SHA-512 over password and salt; cheap to guess against
  pbkdf2_sha512,  ///< `$7$ITERATIONS$SALT$DIGEST`: PBKDF2 with HMAC-SHA-512
  argon2id,       ///< `$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$DIGEST`: RFC 9106
};

/// A scheme and what it costs. The defaults fit machines that log in by the thousand when a broker
/// starts: some hundredths of a second of one processor. They make guessing 30 times as hard as
/// Mosquitto's; for passwords that people choose more is better (see docs/sizing.md).
struct HashRecipe {
  HashScheme scheme = HashScheme::pbkdf2_sha512;
  std::uint32_t iterations = 30'000;   ///< PBKDF2
  std::uint32_t memory_kib = 47'104;   ///< argon2id
  std::uint32_t passes = 1;            ///< argon2id
  std::uint32_t lanes = 1;             ///< argon2id

  friend bool operator==(const HashRecipe&, const HashRecipe&) = default;
};

/// What a hash may cost at most. A file that asks for more is refused before anything is computed:
/// whoever may write a line of it must not stop the reader for minutes, or take its memory.
struct HashLimits {
  static constexpr std::uint32_t iterations = 5'000'000;
  static constexpr std::uint32_t memory_kib = 256 * 1024;
  static constexpr std::uint64_t memory_kib_times_passes = 4ULL * 1024 * 1024;
  static constexpr std::uint32_t lanes = 64;
};

/// The hash of one password, as a password file keeps it. A value without the password.
class PasswordHash {
 public:
  /// Computes a hash with a new random salt (12 bytes; argon2id: 64). The error says why there is
  /// none: a recipe beyond the limits, or no memory.
  static tl::expected<PasswordHash, std::string> create(ByteView password,
                                                        const HashRecipe& recipe);
  /// The same with a salt of the caller's (argon2id: of at least 8 bytes).
  static tl::expected<PasswordHash, std::string> create(ByteView password, const HashRecipe& recipe,
                                                        ByteView salt);

  /// Reads the written form. The error says what is wrong, without quoting `text`: it may be a
  /// password that someone forgot to hash.
  static tl::expected<PasswordHash, std::string> parse(std::string_view text);
  /// The written form.
  std::string text() const;

  /// Whether `password` is the one; takes as long for a wrong one as for the right one. Costs what
  /// the recipe says, on the calling thread alone. The error: it could not be computed (no memory).
  tl::expected<bool, std::string> fits(ByteView password) const;

  const HashRecipe& recipe() const { return recipe_; }

  /// Whether they are written alike: two hashes of one password have different salts.
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
