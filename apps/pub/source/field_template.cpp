#include "pub/source/field_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "cli/options/suggestion.h"
#include "cli/output/json_members.h"
#include "cli/output/json_writer.h"

namespace pub {

namespace {

constexpr std::string_view json_suffix = ":json";

/// The member that a path of names leads to, from object to object.
std::optional<Field> member_of(const Row& row, std::string_view path) {
  const std::size_t dot = path.find('.');
  const Field* const outer = row.find(path.substr(0, dot));
  if (dot == std::string_view::npos || outer == nullptr || !outer->is_json) return std::nullopt;
  Field found = *outer;
  std::string_view rest = path.substr(dot + 1);
  for (;;) {
    const auto members = found.is_json ? cli::json_members(found.text) : std::nullopt;
    if (!members) return std::nullopt;
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const auto member =
        std::find_if(members->rbegin(), members->rend(),
                     [&](const cli::JsonMember& one) { return one.name == rest.substr(0, end); });
    if (member == members->rend()) return std::nullopt;
    found = {member->name, member->text, !member->is_string};
    if (end == rest.size()) return found;
    rest.remove_prefix(end + 1);
  }
}

void append(std::string& out, const Field& field, bool as_json) {
  if (field.is_json || !as_json) {
    out += field.text;
  } else {
    cli::JsonWriter(out, cli::JsonWriter::Style::compact).string(field.text);
  }
}

std::string missing(const Row& row, const std::string& name) {
  std::vector<std::string> names;
  for (const Field& field : row.fields) names.push_back(field.name);
  // One field whose name looks like several: the comma is not what stands between them.
  const bool is_uncut = names.size() == 1 && names[0].find_first_of(";\t|") != std::string::npos;
  return fmt::format("there is no field \"{}\"{} (there are: {}){}", name,
                     cli::suggestion(name, names), fmt::join(names, ", "),
                     is_uncut ? "; --delimiter says what stands between fields" : "");
}

}  // namespace

tl::expected<FieldTemplate, std::string> FieldTemplate::parse(std::string_view text) {
  FieldTemplate parsed;
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
    parsed.append_literal(text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.empty()) break;
    if (text.size() > 1 && text[1] == text[0]) {
      parsed.append_literal(text.substr(0, 1));
      text.remove_prefix(2);
      continue;
    }
    if (text[0] == '}') {
      return tl::unexpected(std::string("a '}' closes nothing (a brace itself is written \"}}\")"));
    }
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) {
      return tl::unexpected(std::string("a '{' is not closed (a brace itself is written \"{{\")"));
    }
    auto field = read_field(text.substr(1, end - 1));
    if (!field) return tl::unexpected(field.error());
    parsed.parts_.push_back(std::move(*field));
    text.remove_prefix(end + 1);
  }
  return parsed;
}

tl::expected<FieldTemplate::Part, std::string> FieldTemplate::read_field(std::string_view text) {
  Part part;
  part.is_field = true;
  part.as_json = text.ends_with(json_suffix);
  if (part.as_json) text.remove_suffix(json_suffix.size());
  if (text.empty()) return tl::unexpected(std::string("a field in braces has no name"));
  // Most likely the braces of a JSON text, and no field at all.
  if (text.find_first_of("{\"\n") != std::string_view::npos) {
    return tl::unexpected(fmt::format(
        "\"{}\" is not the name of a field (a brace itself is written \"{{{{\")", text));
  }
  part.text = text;
  return part;
}

void FieldTemplate::append_literal(std::string_view text) {
  if (text.empty()) return;
  if (parts_.empty() || parts_.back().is_field) parts_.emplace_back();
  parts_.back().text += text;
}

bool FieldTemplate::is_constant() const {
  return std::ranges::none_of(parts_, &Part::is_field);
}

tl::expected<std::string, std::string> FieldTemplate::expand(const Row& row) const {
  std::string out;
  for (const Part& part : parts_) {
    if (!part.is_field) {
      out += part.text;
    } else if (const Field* const field = row.find(part.text)) {
      append(out, *field, part.as_json);
    } else if (const auto member = member_of(row, part.text)) {
      append(out, *member, part.as_json);
    } else {
      return tl::unexpected(missing(row, part.text));
    }
  }
  return out;
}

}  // namespace pub
