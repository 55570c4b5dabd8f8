#include "bench/verdict/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace bench {
namespace {

using Operator = Expectation::Operator;

struct OperatorRow {
  std::string_view text;
  Operator op;
};

// The longer ones first.
constexpr std::array operators{
    OperatorRow{"<=", Operator::at_most}, OperatorRow{">=", Operator::at_least},
    OperatorRow{"==", Operator::equal},   OperatorRow{"!=", Operator::unequal},
    OperatorRow{"<", Operator::less},     OperatorRow{">", Operator::greater},
    OperatorRow{"=", Operator::equal},
};

struct UnitRow {
  std::string_view text;
  double factor;
};

constexpr std::array duration_units{UnitRow{"ns", 1},   UnitRow{"us", 1e3}, UnitRow{"µs", 1e3},
                                    UnitRow{"ms", 1e6}, UnitRow{"s", 1e9},  UnitRow{"min", 60e9}};
constexpr std::array count_units{UnitRow{"", 1}, UnitRow{"k", 1e3}, UnitRow{"M", 1e6},
                                 UnitRow{"G", 1e9}};
constexpr std::array byte_units{
    UnitRow{"", 1},        UnitRow{"B", 1},        UnitRow{"k", 1e3},     UnitRow{"kB", 1e3},
    UnitRow{"M", 1e6},     UnitRow{"MB", 1e6},     UnitRow{"G", 1e9},     UnitRow{"GB", 1e9},
    UnitRow{"Ki", 0x1p10}, UnitRow{"KiB", 0x1p10}, UnitRow{"Mi", 0x1p20}, UnitRow{"MiB", 0x1p20},
    UnitRow{"Gi", 0x1p30}, UnitRow{"GiB", 0x1p30},
};

/// What may follow a number for a metric of this unit, and how to say so.
struct UnitChoice {
  std::span<const UnitRow> rows;
  std::string_view example;
  bool may_end_per_second = false;
};

UnitChoice choice_for(Unit unit) {
  switch (unit) {
    case Unit::duration:
      return {duration_units, "a duration such as 5ms (ns, us, ms, s, min)"};
    case Unit::bytes:
      return {byte_units, "a size such as 1.5k or 64KiB (B, k, M, G, Ki, Mi, Gi)"};
    case Unit::bytes_per_second:
      return {byte_units, "a size per second such as 20M/s (B, k, M, G, Ki, Mi, Gi)", true};
    case Unit::per_second:
      return {count_units, "a rate such as 50k/s (k, M, G)", true};
    case Unit::share:
      return {{}, "a percentage such as 80%"};
    case Unit::count:
      return {count_units, "a number such as 0 or 10k (k, M, G)"};
    case Unit::number:
    case Unit::cores:
      break;
  }
  return {count_units, "a number such as 1.5"};
}

bool is_space(char c) {
  return c == ' ' || c == '\t';
}

/// Reads an expectation from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  tl::expected<Expectation, std::string> read(bool is_ratio) {
    Expectation made;
    made.text = std::string(text_);
    skip_spaces();
    if (auto metric = read_metric(); metric) {
      made.metric = *std::move(metric);
    } else {
      return tl::unexpected(std::move(metric.error()));
    }
    skip_spaces();
    const auto op = read_operator();
    if (!op) return tl::unexpected(op.error());
    made.op = *op;
    skip_spaces();
    const auto bound = is_ratio ? read_ratio() : read_bound(made);
    if (!bound) return tl::unexpected(bound.error());
    made.bound = *bound;
    return made;
  }

 private:
  tl::expected<Metric, std::string> read_metric() {
    const std::size_t begin = position_;
    while (position_ < text_.size() && !is_space(text_[position_]) &&
           std::string_view("<>=!").find(text_[position_]) == std::string_view::npos) {
      ++position_;
    }
    const std::string_view name = text_.substr(begin, position_ - begin);
    if (name.empty()) return fail(begin, "the name of a metric is expected, such as p99 or loss");
    auto metric = find_metric(name);
    if (!metric) return fail(begin, metric.error());
    return metric;
  }

  tl::expected<Operator, std::string> read_operator() {
    for (const OperatorRow& row : operators) {
      if (rest().starts_with(row.text)) {
        position_ += row.text.size();
        return row.op;
      }
    }
    return fail(position_, found("<, <=, >, >=, = or != is expected"));
  }

  tl::expected<double, std::string> read_bound(Expectation& made) {
    const UnitChoice choice = choice_for(made.metric.unit);
    const std::size_t begin = position_;
    const auto number = read_number();
    if (!number) return fail(begin, found(fmt::format("{} is expected", choice.example)));
    skip_spaces();
    std::string_view unit = rest_without_spaces();
    if (unit == "%") {
      if (made.metric.unit == Unit::share) return *number / 100;
      if (!made.metric.whole) {
        return fail(position_, fmt::format("{} has no percentage, {} is expected", made.metric.name,
                                           choice.example));
      }
      made.is_share = true;
      return *number / 100;
    }
    if (choice.may_end_per_second && unit.ends_with("/s")) unit.remove_suffix(2);
    const auto row = std::find_if(choice.rows.begin(), choice.rows.end(),
                                  [&](const UnitRow& r) { return r.text == unit; });
    if (row != choice.rows.end()) return *number * row->factor;
    if (unit.empty() && *number == 0) return 0.0;
    return fail(position_, found(fmt::format("{} is expected", choice.example)));
  }

  /// "0.05", "1/20".
  tl::expected<double, std::string> read_ratio() {
    constexpr std::string_view expected = "a ratio such as 0.9 or 1/20 is expected";
    const auto above = read_number();
    if (!above) return fail(position_, found(expected));
    double below = 1;
    if (rest().starts_with('/')) {
      ++position_;
      const auto number = read_number();
      if (!number || *number == 0) return fail(position_, found(expected));
      below = *number;
    }
    skip_spaces();
    if (!rest().empty()) return fail(position_, found("nothing more is expected"));
    return *above / below;
  }

  std::optional<double> read_number() {
    double number = 0;
    const char* const begin = text_.data() + position_;
    const auto [end, error] =
        std::from_chars(begin, text_.data() + text_.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !std::isfinite(number) || number < 0 || *begin == '-') {
      return std::nullopt;
    }
    position_ += static_cast<std::size_t>(end - begin);
    return number;
  }

  std::string_view rest() const { return text_.substr(position_); }
  std::string_view rest_without_spaces() const {
    std::string_view left = rest();
    while (!left.empty() && is_space(left.back())) left.remove_suffix(1);
    return left;
  }
  void skip_spaces() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  }

  std::string found(std::string_view expected) const {
    const std::string_view left = rest_without_spaces();
    return left.empty() ? fmt::format("{}, but it ends here", expected)
                        : fmt::format("{}, not \"{}\"", expected, left);
  }
  tl::unexpected<std::string> fail(std::size_t position, std::string_view message) const {
    return tl::unexpected(fmt::format("\"{}\", column {}: {}", text_, position + 1, message));
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

bool is_near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

}  // namespace

tl::expected<Expectation, std::string> parse_expectation(std::string_view text) {
  return Reader(text).read(false);
}

tl::expected<Expectation, std::string> parse_ratio_expectation(std::string_view text) {
  return Reader(text).read(true);
}

bool holds(Expectation::Operator op, double measured, double bound) {
  const bool near = is_near(measured, bound);
  switch (op) {
    case Operator::less:
      return measured < bound && !near;
    case Operator::at_most:
      return measured < bound || near;
    case Operator::greater:
      return measured > bound && !near;
    case Operator::at_least:
      return measured > bound || near;
    case Operator::equal:
      return near;
    case Operator::unequal:
      return !near;
  }
  return false;
}

Check evaluate(const Expectation& expectation, const Result& result) {
  const auto measured = expectation.metric.measure(result);
  if (!measured) return {expectation.text, "not measured", false};
  if (!expectation.is_share) {
    return {expectation.text, show(*measured, expectation.metric.unit),
            holds(expectation.op, *measured, expectation.bound)};
  }
  const auto whole = expectation.metric.whole(result);
  if (!whole || *whole == 0) return {expectation.text, "not measured", false};
  const double share = *measured / *whole;
  return {expectation.text, show(share, Unit::share),
          holds(expectation.op, share, expectation.bound)};
}

void judge(std::span<const Expectation> expectations, Result& result) {
  for (const Expectation& expectation : expectations) {
    Check check = evaluate(expectation, result);
    if (!check.passed) {
      result.failures.push_back(fmt::format(
          "expected {}: {}", check.expectation,
          check.measured == "not measured" ? check.measured : "it is " + check.measured));
    }
    result.checks.push_back(std::move(check));
  }
}

}  // namespace bench
