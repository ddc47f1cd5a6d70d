#include "scaler/policy/schema/description.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace scaler::policy::schema {
namespace {

constexpr const char* kDnsName = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";
constexpr const char* kDnsLabel = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
constexpr const char* kLabelKey =
    "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
constexpr const char* kLabelValue = "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";
constexpr const char* kChosenName = "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
constexpr std::size_t kMostLabels = 64;

Type LabelValue() { return Text(kLabelValue, 63); }

bool SameLetters(std::string_view left, std::string_view right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

}  // namespace

Type Text(std::string pattern, std::size_t longest) {
  Type type;
  type.pattern = std::move(pattern);
  type.longest = longest;
  return type;
}

Type Word(std::vector<std::string> words) {
  Type type;
  type.form = Form::kWord;
  type.words = std::move(words);
  return type;
}

Type Integer(int least, int most) {
  Type type;
  type.form = Form::kInteger;
  type.least = least;
  type.most = most;
  return type;
}

Type Positive(double most) {
  Type type;
  type.form = Form::kNumber;
  type.least = 0;
  type.above_least = true;
  type.most = most;
  return type;
}

Type Duration(double least_seconds, double most_seconds) {
  Type type;
  type.form = Form::kDuration;
  type.least = least_seconds;
  type.most = most_seconds;
  return type;
}

Type Quantity() {
  Type type;
  type.form = Form::kQuantity;
  return type;
}

Type Rate(double most_per_second) {
  Type type;
  type.form = Form::kRate;
  type.least = 0;
  type.above_least = true;
  type.most = most_per_second;
  return type;
}

Type Share(double most_percent) {
  Type type;
  type.form = Form::kShare;
  type.least = 0;
  type.above_least = true;
  type.most = most_percent;
  return type;
}

Type Keys(std::vector<Key> keys, std::vector<Rule> rules) {
  Type type;
  type.form = Form::kMap;
  type.keys = std::move(keys);
  type.rules = std::move(rules);
  return type;
}

Type Names(Type item, std::size_t most) {
  Type type;
  type.form = Form::kNames;
  type.pattern = kChosenName;
  type.items.push_back(std::move(item));
  type.most_items = most;
  return type;
}

Type List(Type item, std::size_t fewest, std::size_t most) {
  Type type;
  type.form = Form::kList;
  type.items.push_back(std::move(item));
  type.fewest_items = fewest;
  type.most_items = most;
  return type;
}

Type Choice(std::vector<Type> alternatives) {
  Type type;
  type.form = Form::kChoice;
  type.items = std::move(alternatives);
  return type;
}

Type Labels() {
  Type type = Names(LabelValue(), kMostLabels);
  type.pattern = kLabelKey;
  type.fewest_items = 1;
  return type;
}

Type LabelKey() { return Text(kLabelKey, 317); }

Type DnsName() { return Text(kDnsName, 253); }

Rule Cel(std::string expression, std::string message) {
  return {.kind = Rule::Kind::kCel,
          .keys = {},
          .cel = std::move(expression),
          .message = std::move(message)};
}

Type Selector() {
  const auto requirement =
      Keys({{"key", LabelKey(), "The label.", "", true},
            {"operator", Word({"In", "NotIn", "Exists", "DoesNotExist"}),
             "As in Kubernetes: `NotIn` also holds where the label is absent.", "", true},
            {"values", List(LabelValue(), 0, 256), "For `In` and `NotIn`.", ""}},
           {Cel("self.operator in ['In', 'NotIn'] ? (has(self.values) && self.values.size() > 0) : "
                "(!has(self.values) || self.values.size() == 0)",
                "In and NotIn need values; Exists and DoesNotExist have none")});
  return Keys(
      {{"matchLabels", Labels(), "Labels that must all be there, with these values.", ""},
       {"matchExpressions", List(requirement, 1, 64), "Requirements that must all hold.", ""}},
      {{.kind = Rule::Kind::kAtLeastOne,
        .keys = {"matchLabels", "matchExpressions"},
        .cel = {},
        .message = "expected matchLabels or matchExpressions"}});
}

Type Metadata(const Kind& kind) {
  Type any_labels = Names(Text("", 262'144), 0);
  any_labels.pattern.clear();
  std::vector<Key> keys = {{"name", DnsName(), "As Kubernetes names objects.", "", true}};
  if (kind.namespaced) {
    keys.push_back({"namespace", Text(kDnsLabel, 63),
                    "The policy is for workloads of this namespace; replicas that are processes "
                    "of this machine are in `local`.",
                    "local"});
  }
  keys.push_back({"labels", any_labels, "For others.", ""});
  keys.push_back({"annotations", any_labels, "For others.", ""});
  return Keys(std::move(keys));
}

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kKinds = {ScalingPolicyKind(), ScalingGroupKind(),
                                           CapacityPolicyKind()};
  return kKinds;
}

const Kind* FindKind(std::string_view name) {
  const auto found = std::find_if(Kinds().begin(), Kinds().end(), [&](const Kind& kind) {
    return SameLetters(kind.name, name) || kind.plural == name || kind.short_name == name;
  });
  return found == Kinds().end() ? nullptr : &*found;
}

}  // namespace scaler::policy::schema
