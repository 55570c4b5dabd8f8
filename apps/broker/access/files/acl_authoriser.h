#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "access/authoriser.h"
#include "access/files/access_files.h"
#include "access/files/denial_log.h"

namespace broker {

/// Authorises by ACL files. Decides immediately, and caches the decision for a client and a topic
/// until the rules change. Belongs to one worker.
class AclAuthoriser final : public Authoriser {
 public:
  AclAuthoriser(std::shared_ptr<const AccessFiles> files, Log& log)
      : files_(std::move(files)), denials_(log) {}

  /// After a reload: clears the cache.
  void use(std::shared_ptr<const AccessFiles> files);

  Verdict authorise(const AccessRequest& request, const AnswerMaker& make_answer) override;

 private:
  /// A decision in the slot of its hash; a later one overwrites it.
  struct Remembered {
    std::uint64_t hash = 0;
    std::string text;  ///< client identifier, user name and topic in a row
    std::uint32_t client_size = 0;
    std::uint32_t user_size = 0;
    std::uint16_t listener = 0;
    Access access = Access::subscribe;  ///< which is never remembered: the slot is free
    bool allowed = false;
  };
  static constexpr std::size_t slots = 8192;              ///< a power of two
  static constexpr std::size_t longest_remembered = 256;  ///< bytes of Remembered::text

  static bool is_of(const Remembered& remembered, const AccessRequest& request);
  void remember(Remembered& slot, std::uint64_t hash, const AccessRequest& request, bool allowed);

  std::shared_ptr<const AccessFiles> files_;
  DenialLog denials_;
  std::vector<Remembered> remembered_;  ///< empty until the first decision
};

}  // namespace broker
