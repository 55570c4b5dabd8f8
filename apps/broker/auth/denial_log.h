#pragma once

#include <cstdint>
#include <string_view>

#include "auth/acl_rules.h"
#include "auth/authoriser.h"
#include "log/log.h"

namespace broker {

/// Tells of what was denied, at a rate that a log can take: some lines at once, then one a second,
/// and how many were left out. Belongs to one worker.
class DenialLog {
 public:
  explicit DenialLog(Log& log) : log_(log) {}

  void note(const AccessRequest& request, const AclRules& rules,
            const AclRules::Decision& decision);

 private:
  bool may_write(std::int64_t now_ms);

  Log& log_;
  std::int64_t refilled_at_ms_ = 0;
  unsigned lines_left_ = burst;
  std::uint64_t left_out_ = 0;

  static constexpr unsigned burst = 10;
  static constexpr std::int64_t refill_ms = 1000;
};

}  // namespace broker
