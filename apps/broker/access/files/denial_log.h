#pragma once

#include "access/authoriser.h"
#include "access/files/acl_rules.h"
#include "log/line_rate.h"
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
  Log& log_;
  LineRate rate_;
};

}  // namespace broker
