#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "access/authenticator.h"
#include "access/files/access_files.h"
#include "access/hash_pool.h"

namespace broker {

/// Authenticates by password files. A client with a user name must know its password; for others
/// the listener's anonymous rule applies. A password that was correct before needs no hash (see
/// PasswordProofs); others are hashed by a pool. A user who does not exist costs as much as one who
/// does, so that response times reveal nothing.
///
/// Belongs to one worker; the pool is shared by all workers.
class PasswordAuthenticator final : public Authenticator {
 public:
  PasswordAuthenticator(std::shared_ptr<const AccessFiles> files, HashPool& pool);

  /// After a reload. Pending answers use the new files: a user who is no longer in them is refused.
  void use(std::shared_ptr<const AccessFiles> files) { *files_ = std::move(files); }

  std::unique_ptr<Request> authenticate(const Credentials& credentials, Answer answer) override;

 private:
  struct Question;
  class PendingRequest;

  static const mqtt::PasswordFile::Entry& decoy(const mqtt::PasswordFile& file,
                                                std::string_view user);
  std::unique_ptr<Request> ask_pool(const Credentials& credentials,
                                    std::shared_ptr<Question> question);

  /// Shared with pending questions, which may be answered after this object is destroyed.
  std::shared_ptr<std::shared_ptr<const AccessFiles>> files_;
  HashPool& pool_;
};

}  // namespace broker
