#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "access/files/acl_rules.h"
#include "access/files/password_proofs.h"
#include "access/files/psk_file.h"
#include "config/config.h"
#include "config/config_error.h"
#include "mqtt/credentials/password_file.h"

namespace broker {

/// The password, ACL and PSK files of one configuration, read and checked, by listener. Immutable
/// except for the proofs, which are thread-safe; shared by all workers.
class AccessFiles {
 public:
  struct Failure {
    bool not_readable = false;  ///< one of the files could not even be opened
    std::vector<ConfigError> errors;
  };

  /// Without any file: every user name is accepted, and everything is allowed.
  AccessFiles() = default;
  /// Reads all files that `config` names, each once. `notes` gets messages for the operator. Files
  /// of removed listeners are not read again but taken from `before`, if given. Passwords
  /// remembered under `before` stay remembered for lines that have not changed.
  static tl::expected<std::shared_ptr<const AccessFiles>, Failure> load(
      const Config& config, std::vector<ConfigNote>& notes, const AccessFiles* before = nullptr);

  /// nullptr: none. `listener` is an index of Config::listeners.
  const mqtt::PasswordFile* passwords(std::size_t listener) const;
  /// For the same users; exists wherever there are passwords.
  PasswordProofs* proofs(std::size_t listener) const;
  const AclRules* rules(std::size_t listener) const;
  std::shared_ptr<const PskFile> keys(std::size_t listener) const;
  /// Whether any listener has rules.
  bool any_rules() const;

 private:
  struct OfListener {
    std::shared_ptr<const mqtt::PasswordFile> passwords;
    std::shared_ptr<PasswordProofs> proofs;  ///< of `passwords`, shared as they are
    std::shared_ptr<const AclRules> rules;
    std::shared_ptr<const PskFile> keys;
  };
  class Loader;

  std::vector<OfListener> listeners_;
};

/// Whether a client that connected to `listener` as `user_name` under `before` could still log in
/// under `after`, as far as password files are concerned: the user's hash is the same, or there is
/// no file and was none. `anonymous_allowed`: the listener's rule under `after`.
bool is_still_known(const AccessFiles& before, const AccessFiles& after, std::size_t listener,
                    std::string_view user_name, bool anonymous_allowed);

}  // namespace broker
