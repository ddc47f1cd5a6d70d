#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "common/text.h"
#include "scaler/policy/reading.h"

namespace scaler::policy {
namespace {

using common::yaml::Node;
using common::yaml::Value;
using engine::ExternalSignal;
using namespace std::chrono_literals;

/// Beyond it a number is more likely a slip than a wish.
constexpr double kMostRequestsPerSecond = 1e6;
constexpr double kMostThings = 1e6;

/// As with the HPA, a replica may use more than it requests.
constexpr double kHighestUtilization = 10;

constexpr std::size_t kMostSignals = 32;
constexpr std::size_t kLongestQuery = 4096;

constexpr std::array<std::pair<std::string_view, double>, 4> kQuantiles = {
    {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}}};

void ReadRequests(const Value& value, std::optional<engine::RequestsSignal>& requests) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto given = map->Required("perReplica");
  map->Finish();
  if (given.Kind() == Node::Kind::kScalar && given.ScalarText() == "auto") {
    requests = engine::RequestsSignal{};
    return;
  }
  const auto rate = given.Rate();
  if (rate && (*rate <= 0 || *rate > kMostRequestsPerSecond)) {
    given.Problem("must be more than 0/s and at most 1000000/s");
  } else if (rate) {
    requests = engine::RequestsSignal{rate};
  }
}

void ReadCount(const Value& value, std::optional<engine::CountSignal>& count) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto given = map->Required("perReplica");
  const auto number = given.Number(0, kMostThings);
  map->Finish();
  if (number && *number <= 0) {
    given.Problem("must be more than 0");
  } else if (number) {
    count = engine::CountSignal{*number};
  }
}

void ReadUtilization(const Value& value, std::optional<engine::UtilizationSignal>& utilization) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  const auto share = ReadShare(map->Required("utilization"), kHighestUtilization);
  map->Finish();
  if (share) {
    utilization = engine::UtilizationSignal{*share};
  }
}

void ReadLatency(const Value& value, std::optional<engine::LatencyGuard>& latency) {
  auto map = value.AsMap();
  if (!map) {
    return;
  }
  engine::LatencyGuard guard;
  int given = 0;
  bool good = true;
  const auto read_below = [&](const Value& below) {
    const auto duration = below.Duration(1ms, 1h);
    good = good && duration;
    guard.below = duration.value_or(guard.below);
  };
  for (const auto& [name, quantile] : kQuantiles) {
    if (const auto below = map->Optional(name)) {
      guard.quantile = quantile;
      read_below(below);
      ++given;
    }
  }
  const auto quantile = map->Optional("quantile");
  const auto below = map->Optional("below");
  map->Finish();
  if (quantile || below) {
    ++given;
    const auto share = quantile.Percent();
    if (!quantile || !below) {
      value.Problem("quantile and below belong together");
      good = false;
    } else if (share && (*share <= 0 || *share >= 1)) {
      quantile.Problem("must be more than 0% and less than 100%");
    }
    good = good && share && *share > 0 && *share < 1;
    guard.quantile = share.value_or(guard.quantile);
    read_below(below);
  }
  if (given != 1) {
    value.Problem("expected one of p50, p90, p95, p99, or quantile with below");
  } else if (good) {
    latency = guard;
  }
}

/// Where a name is neither known nor that of a query of the user's own, a slip is more likely.
bool IsQuery(const std::string& name, const Value& value) {
  if (value.Kind() != Node::Kind::kMap) {
    return false;
  }
  const auto entries = value.Entries();
  return std::any_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return entry.first == "prometheus"; }) &&
         !name.empty();
}

std::optional<ExternalSignal> ReadExternal(const std::string& name, const Value& value) {
  auto map = value.AsMap();
  if (!map) {
    return std::nullopt;
  }
  ExternalSignal signal;
  signal.name = name;
  const auto query = map->Required("prometheus");
  signal.query = ReadString(query).value_or("");
  if (signal.query.size() > kLongestQuery) {
    query.Problem(fmt::format("is longer than {} bytes", kLongestQuery));
  }
  const auto per_replica = map->Optional("perReplica");
  const auto whole = map->Optional("value");
  map->Finish();
  if (per_replica && whole) {
    whole.Problem("perReplica and value exclude each other; keep one of them");
    return std::nullopt;
  }
  if (!per_replica && !whole) {
    value.Problem("expected perReplica, what one replica takes, or value, what all are to keep to");
    return std::nullopt;
  }
  signal.kind = whole ? ExternalSignal::Kind::kValue : ExternalSignal::Kind::kPerReplica;
  const auto target = ReadAmount(whole ? whole : per_replica);
  signal.target = target.value_or(0);
  return target && !signal.query.empty() ? std::optional(signal) : std::nullopt;
}

void Put(std::vector<ExternalSignal>& signals, ExternalSignal signal) {
  const auto at = std::lower_bound(signals.begin(), signals.end(), signal,
                                   [](const ExternalSignal& left, const ExternalSignal& right) {
                                     return left.name < right.name;
                                   });
  if (at != signals.end() && at->name == signal.name) {
    *at = std::move(signal);
  } else {
    signals.insert(at, std::move(signal));
  }
}

void ReadOther(const std::string& name, const Value& value, std::vector<ExternalSignal>& signals) {
  static const std::vector<std::string> kKnown = {"requests", "inFlight", "queued",
                                                  "latency",  "cpu",      "memory"};
  if (!IsQuery(name, value)) {
    auto near = common::NearestWord(name, kKnown).value_or("");
    auto what = near.empty() ? fmt::format(
                                   "is none of {}; a signal of your own is a query: "
                                   "{{prometheus: '...', perReplica: 100}}",
                                   fmt::join(kKnown, ", "))
                             : std::string("unknown signal");
    value.Problem(std::move(what), std::move(near));
    return;
  }
  if (auto signal = ReadExternal(name, value)) {
    Put(signals, std::move(*signal));
  }
}

}  // namespace

void ReadSignals(const Value& value, engine::Signals& signals) {
  if (!value) {
    return;
  }
  const auto entries = ReadNamed(value, kMostSignals);
  for (const auto& [name, given] : entries) {
    if (name == "requests") {
      ReadRequests(given, signals.requests);
    } else if (name == "inFlight") {
      ReadCount(given, signals.in_flight);
    } else if (name == "queued") {
      ReadCount(given, signals.queued);
    } else if (name == "latency") {
      ReadLatency(given, signals.latency);
    } else if (name == "cpu") {
      ReadUtilization(given, signals.cpu);
    } else if (name == "memory") {
      ReadUtilization(given, signals.memory);
    } else {
      ReadOther(name, given, signals.external);
    }
  }
  if (value.Kind() == Node::Kind::kMap && value.Entries().empty()) {
    value.Problem("expected at least one signal, like requests or cpu");
  }
}

}  // namespace scaler::policy
