#include "tests/bench/cluster_latency/bursts.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "tests/bench/cluster_latency/manifests.h"

namespace cluster::latency {
namespace {

using common::MonotonicTime;
using std::chrono::seconds;

constexpr auto kBurst = seconds(6);
constexpr double kRate = 200;  ///< Requests a second; ten replicas at the policy's 20/s.
constexpr int kNeeded = 10;
/// A visitor who is turned away comes back every second: fewer of them make as much trouble.
constexpr double kRateAtSleepers = 10;
/// Between two begins of bursts, on average.
constexpr auto kApart = std::chrono::milliseconds(1500);
constexpr auto kQuiet = seconds(10);
constexpr auto kWatched = seconds(100);

}  // namespace

std::vector<Shop> Shops(int count) {
  std::vector<Shop> shops;
  for (int i = 0; i < count; ++i) {
    const auto name = fmt::format("shop-{}", i);
    shops.push_back({.name = name, .host = name + ".example.test", .asleep = i % 2 == 0});
  }
  return shops;
}

Bursts::Bursts(Stage& stage, const Ingress& ingress, Witnesses witnesses, std::vector<Shop> shops)
    : stage_(stage),
      ingress_(ingress),
      witnesses_(std::move(witnesses)),
      shops_(std::move(shops)),
      visits_(shops_.size()) {
  constexpr auto kSleeps = "  idle: {after: 1h}\n  signals: {requests: {perReplica: 20/s}}\n";
  constexpr auto kIdles = "  signals: {requests: {perReplica: 20/s}}\n";
  const auto span = kApart * shops_.size();
  std::string manifests;
  for (const auto& shop : shops_) {
    const int replicas = shop.asleep ? 0 : 1;
    manifests += OurWorkload(shop.name, replicas, replicas, 40, shop.asleep ? kSleeps : kIdles);
    const auto at = stage_.Between(0, std::chrono::duration<double>(span).count());
    demo::Tenant tenant{.name = shop.name, .host = shop.host};
    tenant.phases = {{.begin = at, .rate = shop.asleep ? kRateAtSleepers : kRate},
                     {.begin = at + kBurst, .rate = 0}};
    course_.tenants.push_back(std::move(tenant));
  }
  course_.cycle = seconds(86400);
  stage_.Apply(manifests);
  begins_ = std::chrono::steady_clock::now() + kQuiet;
  ends_ = begins_ + span + kBurst + kWatched;
}

void Bursts::Begin() {
  generator_ = std::make_unique<demo::Generator>(
      course_, demo::GeneratorOptions{.port = ingress_.Port(), .seed = stage_.random()},
      [this](const demo::Event& event) { Take(event); });
  generator_->Start();
}

void Bursts::Take(const demo::Event& event) {
  const auto* const outcome = std::get_if<demo::Outcome>(&event);
  if (outcome == nullptr) {
    return;
  }
  const std::lock_guard lock(mutex_);
  auto& visits = visits_[outcome->tenant];
  visits.first = std::min(visits.first.value_or(outcome->sent), outcome->sent);
  visits.last = std::max(visits.last.value_or(outcome->sent), outcome->sent);
}

void Bursts::Poll(MonotonicTime now) {
  if (generator_ == nullptr && !done_ && now >= begins_) {
    Begin();
  }
  if (generator_ != nullptr && now >= ends_) {
    generator_->Finish();
    generator_.reset();
    done_ = true;
  }
}

std::string Bursts::Progress() const {
  const std::lock_guard lock(mutex_);
  return fmt::format(
      "{} of {} bursts",
      std::ranges::count_if(visits_, [](const Visits& visits) { return visits.first.has_value(); }),
      visits_.size());
}

/// From the first request at each shop that sleeps or not to the first write of `least` replicas.
std::vector<Row> Bursts::Rises(const char* name, bool asleep, int least,
                               const Records& records) const {
  Row all{.name = name, .seconds = {}};
  Path path;
  for (std::size_t i = 0; i < shops_.size(); ++i) {
    if (shops_[i].asleep != asleep) {
      continue;
    }
    const auto since = visits_[i].first.value_or(MonotonicTime::max());
    const auto& writes = stage_.writes.Of(shops_[i].name);
    const auto write = std::ranges::find_if(
        writes, [&](const Write& each) { return each.accepted >= since && each.to >= least; });
    if (write == writes.end()) {
      ++all.missed;
      continue;
    }
    all.seconds.push_back(Seconds(since, write->accepted));
    path.Add(shops_[i].name, since, *write, records);
  }
  auto rows = path.Rows();
  rows.insert(rows.begin(), std::move(all));
  return rows;
}

Row Bursts::Falls() const {
  Row fallen{.name = "Trimtab, after a burst that ended", .seconds = {}, .limit = Limit{1, 60}};
  for (std::size_t i = 0; i < shops_.size(); ++i) {
    const auto& writes = stage_.writes.Of(shops_[i].name);
    if (shops_[i].asleep) {
      continue;  // It stays at its number until it may sleep again.
    }
    if (visits_[i].last && !writes.empty() && writes.back().to == 1) {
      fallen.seconds.push_back(Seconds(*visits_[i].last, writes.back().accepted));
    } else {
      ++fallen.missed;
    }
  }
  return fallen;
}

std::vector<Section> Bursts::Report() const {
  const std::lock_guard lock(mutex_);
  const Records records{stage_.Decisions(), ReadSends(witnesses_.scaler_log()), witnesses_.frames};
  Section rises{
      .title = "the first request of a burst at HAProxy -> the write is accepted",
      .rows = {},
      .notes = {fmt::format("{:g} requests a second for {} s at a shop with 20/s a replica; "
                            "{:g}/s at one that sleeps",
                            kRate, kBurst.count(), kRateAtSleepers)}};
  const auto add = [&](const char* name, bool asleep, int least, std::optional<Limit> limit) {
    auto rows = Rises(name, asleep, least, records);
    rows.front().limit = limit;
    rises.rows.insert(rises.rows.end(), rows.begin(), rows.end());
  };
  const Limit limit{.share = 0.99, .seconds = 2};
  add("asleep: from none to some", true, 1, limit);
  add("idle: up from one", false, 2, limit);
  add("idle: up to what the burst needs", false, kNeeded, std::nullopt);
  return {
      rises,
      {.title = "the last request of a burst -> the last write is accepted", .rows = {Falls()}}};
}

}  // namespace cluster::latency
