#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "access/keyed_digest.h"
#include "mqtt/credentials/password_file.h"

namespace broker {

/// Which password each user of one password file has proved last, so that it need not be hashed
/// again when the client comes back. A proof is a keyed digest of user, password and stored hash:
/// it holds for this process and this line of the file only, and a guess cannot be tried against it
/// without the key. Sixteen bytes a user, whatever clients do; only a right password is remembered.
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
  /// Takes over what is remembered of users whose line is the same in `before`. What is known of
  /// the others is forgotten with that file.
  void take_over(const PasswordProofs& before);

 private:
  std::size_t index(const mqtt::PasswordFile::Entry& entry) const {
    return static_cast<std::size_t>(&entry - file_.entries().data());
  }

  const mqtt::PasswordFile& file_;
  mutable std::mutex mutex_;         ///< guards proved_
  std::vector<KeyedDigest> proved_;  ///< by position in the file's entries; all zero: nothing
};

}  // namespace broker
