#include "config/directive_table.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "config/directive_subjects.h"
#include "spelling/nearest_word.h"

namespace broker {
namespace {

std::vector<Directive> joined() {
  std::vector<Directive> all;
  for (const auto rows :
       {subject::listeners(), subject::tls(), subject::access(), subject::limits(),
        subject::delivery(), subject::logging(), subject::process(), subject::persistence(),
        subject::plugins(), subject::bridges()}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

bool matches(const Directive& directive, std::string_view key) {
  return directive.name.ends_with('_') ? key.starts_with(directive.name) : key == directive.name;
}

}  // namespace

std::span<const Directive> directive_table() {
  static const std::vector<Directive> table = joined();
  return table;
}

const Directive* find_directive(std::string_view key, std::span<const Directive> table) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [key](const Directive& row) { return matches(row, key); });
  return found == table.end() ? nullptr : &*found;
}

std::string_view nearest_directive(std::string_view key, std::span<const Directive> table) {
  std::vector<std::string_view> names;
  std::ranges::transform(table, std::back_inserter(names), &Directive::name);
  const std::string_view before_tab = key.substr(0, key.find('\t'));
  return spelling::nearest_word(before_tab, names);
}

}  // namespace broker
