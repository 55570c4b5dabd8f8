#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "access/keyed_digest.h"
#include "mqtt/credentials/password_file.h"

namespace broker {

/// The last correct password of each user of one password file, so that it need not be hashed again
/// when the client reconnects. A proof is a keyed digest of user, password and stored hash: it is
/// valid only for this process and this line of the file, and guesses cannot be tested against it
/// without the key. Uses sixteen bytes per user, regardless of clients; only correct passwords are
/// remembered.
///
/// Any thread.
class PasswordProofs {
 public:
  using Proof = std::optional<KeyedDigest>;

  /// `file` outlives this.
  explicit PasswordProofs(const mqtt::PasswordFile& file)
      : file_(file), proved_(file.entries().size()) {}
  PasswordProofs(const PasswordProofs&) = delete;
  PasswordProofs& operator=(const PasswordProofs&) = delete;

  static Proof proof_of(const mqtt::PasswordFile::Entry& entry, std::string_view password);

  /// `entry` is one of the file's.
  bool holds(const mqtt::PasswordFile::Entry& entry, const Proof& proof) const;
  void remember(const mqtt::PasswordFile::Entry& entry, const Proof& proof);
  /// Takes over the proofs of users whose line is the same in `before`. The others are discarded
  /// with that file.
  void take_over(const PasswordProofs& before);

 private:
  std::size_t index(const mqtt::PasswordFile::Entry& entry) const {
    return static_cast<std::size_t>(&entry - file_.entries().data());
  }

  const mqtt::PasswordFile& file_;
  mutable std::mutex mutex_;         ///< guards proved_
  std::vector<KeyedDigest> proved_;  ///< by index in the file's entries; all zero: none
};

}  // namespace broker
