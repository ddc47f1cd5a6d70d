#include "scaler/policy/writing.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "common/text.h"

namespace scaler::policy {
namespace {

using document::Node;

/// Behind the point; the smallest numbers that people write have some, those of fuzzers all.
constexpr int kMostDigits = 400;

const char* NameOf(LabelRequirement::Operator op) {
  using Operator = LabelRequirement::Operator;
  switch (op) {
    case Operator::kIn:
      return "In";
    case Operator::kNotIn:
      return "NotIn";
    case Operator::kExists:
      return "Exists";
    case Operator::kDoesNotExist:
      return "DoesNotExist";
  }
  return "";
}

}  // namespace

Node WriteNumber(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15
             ? Node(static_cast<std::int64_t>(value))
             : Node(value);
}

std::string WriteShare(double share) {
  // Dividing by 100 need not undo multiplying by it: look for the neighbour that does.
  auto percent = share * 100;
  for (const double candidate :
       {percent, std::nextafter(percent, 1e9), std::nextafter(percent, 0.0)}) {
    if (candidate / 100 == share) {
      percent = candidate;
      break;
    }
  }
  // As few digits as will do.
  for (int digits = 0; digits <= kMostDigits; ++digits) {
    auto text = fmt::format("{:.{}f}%", percent, digits);
    if (const auto read = common::ParsePercent(text); read && *read == share) {
      return text;
    }
  }
  return fmt::format("{:.{}f}%", percent, kMostDigits);
}

std::string WriteQuantity(double value) {
  static constexpr std::array<std::pair<double, const char*>, 6> kUnits = {{{1099511627776.0, "Ti"},
                                                                            {1073741824.0, "Gi"},
                                                                            {1048576.0, "Mi"},
                                                                            {1024.0, "Ki"},
                                                                            {1, ""},
                                                                            {1e-3, "m"}}};
  for (const auto& [unit, name] : kUnits) {
    const auto count = std::round(value / unit);
    if (count >= 1 && count < 1e15 && count * unit == value) {
      return fmt::format("{:.0f}{}", count, name);
    }
  }
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    auto text = fmt::format("{:.{}f}", value, digits);
    if (const auto read = common::ParseQuantity(text); read && *read == value) {
      return text;
    }
  }
  return fmt::format("{:.{}f}", value, kMostDigits);
}

Node WriteSelector(const Selector& selector) {
  Node node = Node::EmptyMap();
  if (!selector.match_labels.empty()) {
    Node labels;
    for (const auto& [key, value] : selector.match_labels) {
      labels.Set(key, value);
    }
    node.Set("matchLabels", std::move(labels));
  }
  Node requirements;
  for (const auto& one : selector.match_expressions) {
    Node requirement;
    requirement.Set("key", one.key).Set("operator", NameOf(one.op));
    if (!one.values.empty()) {
      requirement.Set("values", Node::Texts(one.values));
    }
    requirements.Add(std::move(requirement));
  }
  if (!requirements.IsNull()) {
    node.Set("matchExpressions", std::move(requirements));
  }
  return node;
}

Node WriteHead(const char* kind, const std::string& name, const std::string& name_space) {
  Node metadata;
  metadata.Set("name", name);
  if (!name_space.empty()) {
    metadata.Set("namespace", name_space);
  }
  Node head;
  return head.Set("apiVersion", "trimtab.io/v1alpha1")
      .Set("kind", kind)
      .Set("metadata", std::move(metadata));
}

Node WriteRecurrence(const schedule::Recurrence& when) {
  Node node;
  node.Set("cron", when.cron.text);
  if (when.time_zone != "UTC") {
    node.Set("timeZone", when.time_zone);
  }
  return node.Set("for", common::FormatDuration(when.length));
}

}  // namespace scaler::policy
