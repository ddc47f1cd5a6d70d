// What one decision costs, and its line in the ledger.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/lines.h"
#include "common/clock.h"
#include "scaler/codec/codec.h"
#include "scaler/engine/decide.h"
#include "scaler/ledger/ledger.h"
#include "support/scratch_directory.h"

namespace {

using namespace scaler;
using std::chrono::milliseconds;

/// A workload that is decided upon every 50 ms, with demand that rises and falls. With all that its
/// policy asks for, and without the signals that need a look at each pod.
void DecideReplicas(benchmark::State& state) {
  auto policy = bench::ShopPolicy();
  const bool pods = state.range(0) != 0;
  if (!pods) {
    policy.signals.cpu.reset();
  }
  engine::State memory;
  engine::Time now = bench::kStart;
  int replicas = 1;
  std::int64_t changes = 0;
  for (auto _ : state) {
    now += milliseconds(50);
    auto step = engine::Decide(policy, std::move(memory), bench::Observe(now, replicas, pods));
    memory = std::move(step.state);
    changes += step.decision.desired == replicas ? 0 : 1;
    replicas = step.decision.desired;
  }
  state.SetItemsProcessed(state.iterations());
  // That something was decided: demand rises and falls once in 12,000 decisions.
  state.counters["changes_of_12000"] =
      12'000 * static_cast<double>(changes) / static_cast<double>(state.iterations());
}
BENCHMARK(DecideReplicas)->ArgName("pods")->Arg(0)->Arg(1);

/// What of that is the making of the observation.
void MakeObservation(benchmark::State& state) {
  engine::Time now = bench::kStart;
  for (auto _ : state) {
    now += milliseconds(50);
    benchmark::DoNotOptimize(bench::Observe(now, 8, state.range(0) != 0));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(MakeObservation)->ArgName("pods")->Arg(0)->Arg(1);

void EncodeLine(benchmark::State& state) {
  const auto line = bench::ExampleLine();
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::EncodeLine(line));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(EncodeLine);

void DecodeLine(benchmark::State& state) {
  const auto text = codec::EncodeLine(bench::ExampleLine());
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::DecodeLine(text));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DecodeLine);

ledger::Batch ExampleBatch(std::int64_t workloads) {
  ledger::Batch batch;
  for (std::int64_t i = 0; i < workloads; ++i) {
    auto line = bench::ExampleLine();
    line.workload = "local/shop-" + std::to_string(i);
    batch.states[line.workload] = line.state;
    batch.lines.push_back(std::move(line));
  }
  return batch;
}

/// One transaction with the decisions and states of so many workloads.
void CommitToLedger(benchmark::State& state) {
  const tests::ScratchDirectory directory;
  const auto ledger = ledger::Ledger::Open(directory.Path() / "ledger.sqlite").value();
  const common::SystemClock clock;
  const auto batch = ExampleBatch(state.range(0));
  for (auto _ : state) {
    if (!ledger->Commit(batch, clock)) {
      state.SkipWithError("the ledger cannot be written");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(CommitToLedger)->Arg(1)->Arg(40)->UseRealTime()->Unit(benchmark::kMicrosecond);

/// The least for the same on a disk that may lose its power: the bytes at the end of a file.
void AppendAndSync(benchmark::State& state) {
  const tests::ScratchDirectory directory;
  std::string bytes;
  for (const auto& line : ExampleBatch(state.range(0)).lines) {
    bytes += codec::EncodeLine(line) + codec::EncodeState(line.state);
  }
  const int file =
      ::open((directory.Path() / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  for (auto _ : state) {
    if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fdatasync(file) != 0) {
      state.SkipWithError("the file cannot be written");
      break;
    }
  }
  ::close(file);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(AppendAndSync)->Arg(1)->Arg(40)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
