#include "config/config_draft.h"

namespace broker {

void ConfigDraft::begin(Section section) {
  open.open(section, begun[static_cast<std::size_t>(section)]++);
  if (section == Section::listener) config.listeners.emplace_back();
}

bool ConfigDraft::select_default_listener() {
  const bool create = !default_listener.has_value();
  if (create) {
    begin(Section::listener);
    default_listener = open.number(Section::listener);
  }
  open.open(Section::listener, *default_listener);
  return create;
}

}  // namespace broker
