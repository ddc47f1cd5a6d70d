// What one cycle of the live loop costs with ten thousand workloads, each under a policy of its
// own: observe, decide, commit, act and publish. CPU time of one thread; the agent's frames are
// folded beside it and measured by themselves.

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/log.h"
#include "common/signal/frame.h"
#include "scaler/codec/codec.h"
#include "scaler/ledger/ledger.h"
#include "scaler/loop/govern.h"
#include "scaler/loop/loop.h"
#include "support/scratch_directory.h"
#include "support/simulated_executor.h"

namespace {

using common::signal::Frame;
using scaler::loop::LoopOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kWorkloads = 10'000;

std::string NameOf(int number) { return "shop-" + std::to_string(10'000 + number); }

double ThreadSeconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Replicas that are ready at once.
class StillPlatform final : public scaler::platform::Platform {
 public:
  StillPlatform() {
    for (int number = 0; number < kWorkloads; ++number) {
      scaler::platform::Workload workload;
      workload.id = {"local", NameOf(number)};
      workload.labels = {{"app.kubernetes.io/part-of", "shop"}, {"plan", "starter"}};
      workload.cpu_request_cores = 0.1;
      workloads_.push_back(Resized(std::move(workload), 2));
    }
  }

  [[nodiscard]] scaler::platform::Workloads List() const override { return workloads_; }

  void Scale(const scaler::platform::WorkloadId& id, int replicas,
             std::function<void(common::Result<void>)> done) override {
    const auto found = std::lower_bound(
        workloads_.begin(), workloads_.end(), id,
        [](const auto& workload, const auto& wanted) { return workload->id < wanted; });
    *found = Resized(**found, replicas);
    done({});
  }

  void OnChange(std::function<void()>) override {}

 private:
  static std::shared_ptr<const scaler::platform::Workload> Resized(
      scaler::platform::Workload workload, int replicas) {
    workload.desired = replicas;
    auto& all = workload.replicas;
    while (static_cast<int>(all.size()) > replicas) {
      all.pop_back();
    }
    while (static_cast<int>(all.size()) < replicas) {
      scaler::platform::Replica replica;
      replica.id = workload.id.name + "-" + std::to_string(all.size());
      replica.phase = scaler::platform::Phase::kReady;
      replica.address = "127.0.0.1:20000";
      all.push_back(replica);
    }
    return std::make_shared<const scaler::platform::Workload>(std::move(workload));
  }

  scaler::platform::Workloads workloads_;
};

/// An agent whose frames come when they are asked for.
class Agent final : public scaler::signals::StreamTransport {
 public:
  Agent() {
    for (int number = 0; number < kWorkloads; ++number) {
      rates_.push_back(std::uniform_real_distribution<double>(0, 60)(random_));
      totals_.push_back(0);
    }
  }

  std::unique_ptr<scaler::signals::Stream> Open(
      const std::string&, std::function<void(std::string_view)> on_bytes,
      std::function<void(const common::Error&)>) override {
    on_bytes_ = std::move(on_bytes);
    return std::make_unique<scaler::signals::Stream>();
  }

  /// Half a second of arrivals at every tenant, which change a little all the time.
  [[nodiscard]] std::string Encoded(common::WallTime now) {
    Frame frame;
    frame.agent = "node-1";
    frame.epoch = 1;
    frame.sequence = ++sequence_;
    frame.full = sequence_ == 1;
    frame.sampled_at = now;
    for (std::size_t index = 0; index < rates_.size(); ++index) {
      auto& rate = rates_[index];
      rate = std::clamp(rate + std::normal_distribution<double>(0, 1)(random_), 0.0, 80.0);
      totals_[index] += rate * 0.5;
      common::signal::TenantSignal tenant;
      tenant.tenant = NameOf(static_cast<int>(index));
      tenant.arrivals_total = static_cast<std::uint64_t>(totals_[index]);
      tenant.in_flight = 1;
      tenant.queued = 0;
      frame.tenants.push_back(tenant);
    }
    return common::signal::Encode(frame);
  }

  void Send(const std::string& bytes) { on_bytes_(bytes); }

 private:
  std::mt19937 random_{1};
  std::vector<double> rates_;
  std::vector<double> totals_;
  std::uint64_t sequence_ = 0;
  std::function<void(std::string_view)> on_bytes_;
};

/// Ten thousand documents, each for one workload: with headroom, keep-warm and everything else that
/// remembers something.
std::shared_ptr<const scaler::policy::PolicySet> Policies() {
  auto documents = std::make_shared<scaler::policy::Documents>();
  for (int number = 0; number < kWorkloads; ++number) {
    scaler::policy::ScalingPolicy policy;
    policy.name_space = "local";
    policy.name = NameOf(number);
    policy.target.name = policy.name;
    auto& terms = policy.terms.policy;
    terms.name = "local/" + policy.name;
    terms.replicas = {.min = 0, .max = 12};
    terms.signals.requests = scaler::engine::RequestsSignal{20.0};
    terms.objective.overload = 0.001;
    terms.idle = scaler::engine::Idle{.after = std::chrono::minutes(10), .keep_warm = true};
    terms.behavior.scale_down.stabilization_window = seconds(45);
    documents->policies.push_back(std::move(policy));
  }
  return std::make_shared<const scaler::policy::PolicySet>(
      std::map<std::string, scaler::policy::FileDocuments>{{"shops.yaml", documents}});
}

class World {
 public:
  World() {
    ledger_ = std::move(scaler::ledger::Ledger::Open(directory_.Path() / "ledger.sqlite").value());
    signals_ = std::make_unique<scaler::signals::Signals>(executor_, agent_,
                                                          std::vector<std::string>{"node-1:9105"});
    loop_ = std::make_unique<scaler::loop::Loop>(executor_, platform_, *signals_, *ledger_, freeze_,
                                                 board_,
                                                 LoopOptions{.tick = std::chrono::hours(10'000)});
    common::log::Configure(common::log::Level::kError, common::log::Format::kText);
    if (!loop_->Start(Lookup())) {
      std::abort();
    }
  }

  scaler::loop::PolicyLookup Lookup() const {
    return [set = policies_](const auto& workload) { return scaler::loop::Govern(set, workload); };
  }

  void SetPolicies() { loop_->SetPolicies(Lookup(), {}); }

  /// One beat of the agent; how long its folding and the cycle after it took, in CPU seconds.
  struct Cost {
    double fold = 0;
    double cycle = 0;
    double save = 0;  ///< One of ten in a second.
  };
  Cost Beat() {
    Cost cost;
    for (int look = 0; look < 4; ++look) {
      const double begin = ThreadSeconds();
      executor_.RunFor(milliseconds(100));
      cost.save = std::max(cost.save, ThreadSeconds() - begin);
    }
    executor_.RunFor(milliseconds(50));
    const auto bytes = agent_.Encoded(executor_.Wall());
    const double begin = ThreadSeconds();
    agent_.Send(bytes);
    const double folded = ThreadSeconds();
    executor_.RunFor(milliseconds(1));
    cost.fold = folded - begin;
    cost.cycle = ThreadSeconds() - folded;
    executor_.RunFor(milliseconds(49));
    return cost;
  }

  /// Of the states, as they are stored; and `in_memory`, each with its name in a map.
  [[nodiscard]] std::vector<std::size_t> StateBytes(double& in_memory) const {
    std::vector<std::string> problems;
    std::vector<std::size_t> sizes;
    const auto before = ::mallinfo2().uordblks;
    const auto states = ledger_->LoadStates(problems).value();
    in_memory = static_cast<double>(::mallinfo2().uordblks - before) / kWorkloads;
    for (const auto& [name, state] : states) {
      sizes.push_back(scaler::codec::EncodeState(state).size());
    }
    std::sort(sizes.begin(), sizes.end());
    return sizes;
  }

 private:
  tests::SimulatedExecutor executor_{common::WallTime(seconds(1'790'000'000))};
  StillPlatform platform_;
  Agent agent_;
  tests::ScratchDirectory directory_;
  scaler::loop::StatusBoard board_;
  scaler::loop::FreezeSwitch freeze_{directory_.Path() / "freeze.json"};
  std::shared_ptr<const scaler::policy::PolicySet> policies_ = Policies();
  std::unique_ptr<scaler::ledger::Ledger> ledger_;
  std::unique_ptr<scaler::signals::Signals> signals_;
  std::unique_ptr<scaler::loop::Loop> loop_;
};

/// A cycle in the steady state, its worst, and what a workload takes.
void LoopCycle(benchmark::State& state) {
  const auto before = ::mallinfo2().uordblks;
  World world;
  for (int beat = 0; beat < 60; ++beat) {
    static_cast<void>(world.Beat());
  }
  double worst = 0;
  double save = 0;
  double fold = 0;
  for (auto _ : state) {
    const auto cost = world.Beat();
    state.SetIterationTime(cost.cycle);
    worst = std::max(worst, cost.cycle);
    save = std::max(save, cost.save);
    fold += cost.fold;
  }
  double in_memory = 0;
  const auto sizes = world.StateBytes(in_memory);
  state.counters["worst_ms"] = worst * 1e3;
  state.counters["worst_save_ms"] = save * 1e3;
  state.counters["fold_ms"] = fold * 1e3 / static_cast<double>(state.iterations());
  state.counters["state_p50_bytes"] = static_cast<double>(sizes[sizes.size() / 2]);
  state.counters["state_max_bytes"] = static_cast<double>(sizes.back());
  state.counters["state_memory_bytes"] = in_memory;
  state.counters["memory_bytes"] =
      static_cast<double>(::mallinfo2().uordblks - before) / kWorkloads;
}
BENCHMARK(LoopCycle)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(20);

/// The cycle after the policies have changed: every workload looks for its own anew.
void LoopPoliciesChanged(benchmark::State& state) {
  World world;
  for (int beat = 0; beat < 20; ++beat) {
    static_cast<void>(world.Beat());  // Until the shops have the replicas that they need.
  }
  for (auto _ : state) {
    world.SetPolicies();
    state.SetIterationTime(world.Beat().cycle);
  }
}
BENCHMARK(LoopPoliciesChanged)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
