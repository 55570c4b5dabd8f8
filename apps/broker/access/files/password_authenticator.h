#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "access/authenticator.h"
#include "access/files/access_files.h"
#include "access/hash_pool.h"

namespace broker {

/// Password files: a client with a user name must know its password; one without is let in as its
/// listener's anonymous rule says. A password that was proved before is known at once (see
/// PasswordProofs); the others are hashed by a pool. A user who does not exist costs as much as one
/// who does, so that the time of an answer tells nothing.
///
/// Belongs to one worker; the pool is all workers'.
class PasswordAuthenticator final : public Authenticator {
 public:
  PasswordAuthenticator(std::shared_ptr<const AccessFiles> files, HashPool& pool);

  /// A reload. Answers that are under way are given by the new files: who is not in them any more
  /// is not let in.
  void use(std::shared_ptr<const AccessFiles> files) { *files_ = std::move(files); }

  std::unique_ptr<Request> authenticate(const Credentials& credentials, Answer answer) override;

 private:
  struct Question;
  class PendingRequest;

  static const mqtt::PasswordFile::Entry& decoy(const mqtt::PasswordFile& file,
                                                std::string_view user);
  std::unique_ptr<Request> ask_pool(const Credentials& credentials,
                                    std::shared_ptr<Question> question);

  /// Shared with the questions under way, which may be answered after this has gone.
  std::shared_ptr<std::shared_ptr<const AccessFiles>> files_;
  HashPool& pool_;
};

}  // namespace broker
