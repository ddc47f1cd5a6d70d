#include <utility>

#include "scaler/policy/schema/description.h"

namespace scaler::policy::schema {
namespace {

constexpr int kMostReplicas = 10'000;
constexpr double kHour = 3600;
constexpr double kDay = 24 * kHour;
constexpr double kTenYears = 10 * 366 * kDay;

Rule MinToMax() {
  return Cel("!has(self.min) || !has(self.max) || self.min <= self.max", "min must be at most max");
}

Type Replicas(bool required) {
  return Keys({{"min", Integer(0, kMostReplicas),
                "Never fewer, but for none at all when `idle` says so; 0 needs `idle`.", "1"},
               {"max", Integer(1, kMostReplicas), "Never more.", "", required}},
              {MinToMax()});
}

Type Latency() {
  std::vector<Key> keys;
  std::vector<std::string> names;
  for (const auto* const name : {"p50", "p90", "p95", "p99"}) {
    keys.push_back(
        {name, Duration(0.001, kHour), "What that share of requests is to keep to.", ""});
    names.emplace_back(name);
  }
  Type quantile = Share(100);
  quantile.below_most = true;
  keys.push_back({"quantile", quantile, "Any other share of requests, like `99.9%`.", ""});
  keys.push_back({"below", Duration(0.001, kHour), "What that share is to keep to.", ""});
  names.emplace_back("quantile");
  return Keys(std::move(keys), {{.kind = Rule::Kind::kExactlyOne,
                                 .keys = std::move(names),
                                 .cel = {},
                                 .message = "expected one of p50, p90, p95, p99, quantile"},
                                {.kind = Rule::Kind::kTogether,
                                 .keys = {"quantile", "below"},
                                 .cel = {},
                                 .message = "quantile and below belong together"}});
}

Type External() {
  return Keys(
      {{"prometheus", Text("", 4096), "A query that gives one number.", "", true},
       {"perReplica", Quantity(), "What one replica takes of it; HPA v2's AverageValue.", ""},
       {"value", Quantity(),
        "What the query is to give, however many replicas there are; HPA "
        "v2's Value.",
        ""}},
      {{.kind = Rule::Kind::kExactlyOne,
        .keys = {"perReplica", "value"},
        .cel = {},
        .message = "expected either perReplica or value"}});
}

Type Signals() {
  const auto count = [](std::string doc) {
    return Keys({{"perReplica", Positive(1e6), std::move(doc), "", true}});
  };
  const auto utilization =
      Keys({{"utilization", Share(1000), "Of what the replicas request.", "", true}});
  Type type = Keys(
      {{"requests",
        Keys({{"perReplica", Choice({Rate(1e6), Word({"auto"})}),
               "What one replica carries at its limit; `auto` learns it from latency and use of "
               "CPU.",
               "", true}}),
        "Requests that arrive. This is the signal of a policy that names none that asks for a "
        "number of replicas (`auto`; with the profile `hpa` it is `cpu: {utilization: 80%}`).",
        ""},
       {"inFlight", count("How many one replica takes."), "Requests that are being served.", ""},
       {"queued", count("How many may wait for one replica."), "Requests that wait.", ""},
       {"latency", Latency(),
        "A guard: while requests are slower, replicas are not taken away, and what `auto` has "
        "learned is believed no longer.",
        ""},
       {"cpu", utilization, "Use of CPU.", ""},
       {"memory", utilization, "Use of memory.", ""}});
  type.items.push_back(External());
  type.pattern = Names(Type(), 0).pattern;
  type.fewest_items = 1;
  type.most_items = 32;
  return type;
}

Type ScalingRules() {
  const auto limit =
      Keys({{"type", Word({"Pods", "Percent"}), "What `value` counts.", "", true},
            {"value", Integer(1, kMostReplicas), "By how much the number may change.", "", true},
            {"periodSeconds", Integer(1, 1800), "In which time.", "", true}});
  return Keys(
      {{"stabilizationWindowSeconds", Integer(0, 3600),
        "Down: to the largest number that was wanted in this time. Up: to the smallest.",
        "the profile's"},
       {"selectPolicy", Word({"Max", "Min", "Disabled"}),
        "Which of several policies counts; `Disabled` forbids the direction.", "the profile's"},
       {"policies", List(limit, 0, 16),
        "How fast the number may change; an empty list is "
        "no limit.",
        "the profile's"}});
}

Type Guards() {
  return Keys(
      {{"crashLoop", Word({"hold", "ignore"}),
        "Whether replicas that end again and again keep the number from rising.",
        "hold; with the profile `hpa` ignore"},
       {"rollout", Word({"ignoreUnready", "countUnready"}),
        "Whether a roll-out's replicas that are not ready yet change nothing.",
        "ignoreUnready; with the profile `hpa` countUnready"},
       {"staleAfter", Duration(1, kHour), "Input that is older counts as missing.", "30s"},
       {"onMissing",
        Choice({Word({"hold"}),
                Keys({{"fallback", Integer(1, kMostReplicas),
                       "At least so many replicas while input is missing; at most `replicas.max`.",
                       "", true}})}),
        "What missing input does. `hold` keeps the number, which may still rise by what is known.",
        "hold"},
       {"flapping", Word({"damp", "ignore"}),
        "Whether a number that goes up and down again and again is kept up, and a fall by a "
        "replica "
        "or a tenth followed no sooner than five minutes after a rise; a fall far below that is "
        "followed.",
        "damp; with the profile `hpa` ignore"},
       {"blueGreen",
        Keys({{"hold", Duration(1, kDay),
               "So long the new one must have served before the old one may shrink.", "", true},
              {"peerLabel", LabelKey(), "The label whose value names the other workload.",
               "trimtab.io/peer"}}),
        "For two workloads that are switched between: the one that is to take over gets the "
        "other's replicas first.",
        ""}});
}

Type Schedules() {
  auto keys = RecurrenceKeys();
  keys.push_back({"min", Integer(0, kMostReplicas), "In the place of `replicas.min`.", ""});
  keys.push_back({"max", Integer(1, kMostReplicas), "In the place of `replicas.max`.", ""});
  return Names(Keys(std::move(keys), {{.kind = Rule::Kind::kAtLeastOne,
                                       .keys = {"min", "max"},
                                       .cel = {},
                                       .message = "expected min or max"},
                                      MinToMax()}),
               32);
}

Type Memory() {
  return Keys(
      {{"onOom", Word({"ignore", "recommend", "apply"}),
        "When a replica ran out of memory: nothing, a larger limit to read in the decision, or "
        "that limit for replicas to come, where the platform can.",
        "recommend"},
       {"max", Quantity(), "No replica gets a larger limit.",
        "no recommendation beyond the limit "
        "that it has"}});
}

Type Placement() {
  return Keys(
      {{"spot", Word({"prefer", "never", "only"}), "Nodes that may be taken away at short notice.",
        "prefer"},
       {"minReplicas", Integer(1, kMostReplicas), "While it runs at all.", "1"},
       {"minNodes", Integer(1, 1000), "On at least so many nodes, while it runs at all.", "1"},
       {"minZones", Integer(1, 16), "In at least so many zones, where there are.", "1"}});
}

}  // namespace

std::vector<Key> RecurrenceKeys() {
  return {
      {"cron", Text("^\\s*(@[A-Za-z]+|[-0-9A-Za-z*?,/]+([ \\t]+[-0-9A-Za-z*?,/]+){4})\\s*$", 256),
       "When it begins: minute, hour, day, month, weekday; or `@hourly`, `@daily`, `@weekly`, "
       "`@monthly`, `@yearly`. At most 48 times a day.",
       "", true},
      {"timeZone", Text("^[A-Za-z0-9_+/-]+$", 64),
       "IANA's name of the zone of the clock on the wall.", "UTC"},
      {"for", Duration(60, 31 * kDay), "How long it lasts, by a stopwatch.", "", true}};
}

std::vector<Key> Terms(bool required) {
  return {
      {"replicas", Replicas(required), "The bounds of the number of replicas.", "", required},
      {"objective",
       Keys({{"overload", Share(50),
              "The share of requests that may find no free capacity; 50% is no objective, but the "
              "need of now.",
              "0.1%"},
             {"hold", Choice({Word({"learned", "auto"}), Duration(0, kDay)}),
              "For so long replicas may be held for demand that was there and may come back; "
              "`auto`: for as long as the objective needs, also for hours; `learned`: the same, "
              "but only "
              "once the workload's own last day has shown that it is worth it, in two hours at the "
              "earliest, and not at all until then. Headroom for what demand usually rises by "
              "within "
              "the lead is not limited by it, and the window of `behavior.scaleDown` comes on top.",
              "learned"}}),
       "What is not to happen; the headroom follows from it. Not with the profile `hpa`.", ""},
      {"signals", Signals(),
       "What asks for replicas; the largest need wins, unless `formula` says otherwise. Any other "
       "name is a query of your own.",
       "see `requests`"},
      {"formula", Text("^ *[A-Za-z_0-9(][-+*/(),.0-9A-Za-z_ ]*$", 512),
       "What the needs of the signals come to, in replicas, like `max(requests, min(cpu, queue + "
       "1))`: numbers, names of signals, `+`, `-`, `*`, division by a number, parentheses, `min` "
       "and `max`. While a signal in it is missing, the number stays. Not with the profile `hpa`.",
       "the largest need"},
      {"idle",
       Keys({{"after", Duration(1, kTenYears), "When nothing has come for so long.", "", true},
             {"keepWarm", Word({"auto", "off"}),
              "`auto` keeps a replica longer, or starts one early, where the tenant's own gaps "
              "between requests say that somebody is about to come.",
              "off"}}),
       "To zero replicas, and back on the first request. Needs `min: 0`, of `replicas` or of a "
       "schedule.",
       "never"},
      {"schedules", Schedules(), "Other bounds at certain times; those that overlap hold together.",
       ""},
      {"forecast", Choice({Word({"auto", "off"}), List(Duration(60, 366 * kDay), 1, 8)}),
       "`auto`: a day and a week, where they show on the workload's own history that they help; or "
       "the lengths of the seasons, like `[24h, 168h]`.",
       "auto"},
      {"profile", Word({"fast", "steady", "hpa"}),
       "`fast` goes up at once and follows a lasting fall within 60 s. `steady` has the behavior "
       "of "
       "HPA v2. `hpa` has HPA v2's algorithm too, number for number, and only the guards that the "
       "policy names.",
       "fast"},
      {"behavior",
       Keys({{"scaleUp", ScalingRules(), "On the way up.", ""},
             {"scaleDown", ScalingRules(), "On the way down.", ""}}),
       "HPA v2's fields, for what the profile does otherwise.", "the profile's"},
      {"tolerance",
       [] {
         Type type = Share(90);
         type.above_least = false;
         return type;
       }(),
       "Within this share of a target nothing changes.", "10%"},
      {"guards", Guards(), "What keeps a workload's own trouble from changing its number.", ""},
      {"memory", Memory(), "What follows when a replica ran out of memory.", ""},
      {"placement", Placement(), "Where replicas may run.", ""},
      {"mode", Word({"active", "dryRun", "paused"}),
       "`dryRun` decides and explains, and acts never; `paused` decides nothing.", "active"},
  };
}

}  // namespace scaler::policy::schema
