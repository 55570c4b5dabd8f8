#pragma once

#include "access/authoriser.h"
#include "access/files/acl_rules.h"
#include "log/line_rate.h"
#include "log/log.h"

namespace broker {

/// Logs denials at a limited rate: a few lines at once, then one per second, with the number of
/// omitted ones. Belongs to one worker.
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
