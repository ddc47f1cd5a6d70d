#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The one description of what policies look like: the JSON Schema, the CRDs and the reference for
/// people are made from it, and the reader is tested against it.
namespace scaler::policy::schema {

struct Key;
struct Rule;

enum class Form {
  kText,
  kWord,      ///< One of `words`.
  kInteger,   ///< Without quotes.
  kNumber,    ///< Without quotes.
  kDuration,  ///< As in Go; bounds in seconds.
  kQuantity,  ///< As in Kubernetes, more than 0.
  kRate,      ///< 20/s; bounds per second.
  kShare,     ///< 70%; bounds in percent.
  kMap,       ///< `keys`, and others of the type items[0] if there is one.
  kNames,     ///< Names of the writer's choice, each with an items[0].
  kList,      ///< Of items[0].
  kChoice,    ///< One of `items`.
};

/// What may stand somewhere.
struct Type {
  Form form = Form::kText;
  std::optional<double> least;
  std::optional<double> most;
  bool above_least = false;        ///< `least` itself is too small.
  bool below_most = false;         ///< `most` itself is too large.
  std::string pattern;             ///< Of a text, or of the names; RE2 and ECMA 262 alike.
  std::size_t longest = 0;         ///< Of a text, in characters; 0: no bound.
  std::vector<std::string> words;  ///< `off` may come as the `false` that YAML 1.1 makes of it.
  std::vector<Key> keys;
  std::vector<Type> items;
  std::size_t fewest_items = 0;
  std::size_t most_items = 0;  ///< 0: no bound.
  std::vector<Rule> rules;
};

struct Key {
  std::string name;
  Type type;
  std::string doc;        ///< One or two sentences; Markdown.
  std::string otherwise;  ///< What holds where it is not given; empty: nothing, or see `doc`.
  bool required = false;
};

/// What the keys of a map have to do with each other.
struct Rule {
  enum class Kind {
    kExactlyOne,
    kAtLeastOne,
    kAtMostOne,
    kTogether,  ///< All or none of them.
    kCel,       ///< What Kubernetes' expression says; JSON Schema cannot.
  };

  Kind kind = Kind::kCel;
  std::vector<std::string> keys;
  std::string cel;
  std::string message;
};

/// One kind of document.
struct Kind {
  std::string name;    ///< "ScalingPolicy"
  std::string plural;  ///< "scalingpolicies"
  std::string short_name;
  bool namespaced = false;
  std::string doc;
  Type spec;
  struct Column {
    std::string name;
    std::string type;
    std::string path;
    bool wide = false;  ///< Only with -o wide.
  };
  std::vector<Column> columns;  ///< Of `kubectl get`.
};

/// ScalingPolicy, ScalingGroup and CapacityPolicy.
[[nodiscard]] const std::vector<Kind>& Kinds();

/// Null where there is none of that name; letter case does not matter.
[[nodiscard]] const Kind* FindKind(std::string_view name);

/// What a kind's metadata may hold in a file.
[[nodiscard]] Type Metadata(const Kind& kind);

// How the description says it.
[[nodiscard]] Type Text(std::string pattern = {}, std::size_t longest = 1024);
[[nodiscard]] Type Word(std::vector<std::string> words);
[[nodiscard]] Type Integer(int least, int most);
[[nodiscard]] Type Positive(double most);
[[nodiscard]] Type Duration(double least_seconds, double most_seconds);
[[nodiscard]] Type Quantity();
[[nodiscard]] Type Rate(double most_per_second);
[[nodiscard]] Type Share(double most_percent);
[[nodiscard]] Type Keys(std::vector<Key> keys, std::vector<Rule> rules = {});
[[nodiscard]] Type Names(Type item, std::size_t most);
[[nodiscard]] Type List(Type item, std::size_t fewest, std::size_t most);
[[nodiscard]] Type Choice(std::vector<Type> alternatives);
[[nodiscard]] Type Labels();
[[nodiscard]] Type LabelKey();
[[nodiscard]] Type Selector();
[[nodiscard]] Type DnsName();
[[nodiscard]] Rule Cel(std::string expression, std::string message);

/// The keys of a spec that an override may repeat; `required` is for the spec.
[[nodiscard]] std::vector<Key> Terms(bool required);

/// cron, timeZone and for.
[[nodiscard]] std::vector<Key> RecurrenceKeys();

[[nodiscard]] Kind ScalingPolicyKind();
[[nodiscard]] Kind ScalingGroupKind();
[[nodiscard]] Kind CapacityPolicyKind();

}  // namespace scaler::policy::schema
