// Writes what the fuzzers of our own formats begin with: one good value each, as today's code
// encodes it, so that no stored example falls behind.
//   fuzz_seeds DIRECTORY      the files go to DIRECTORY/<fuzzer>/

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "bench/lines.h"
#include "common/signal/frame.h"
#include "scaler/codec/codec.h"
#include "scaler/local/cloud/wire.h"
#include "scaler/local/replica_files.h"

namespace {

namespace fs = std::filesystem;

bool Write(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  return file.good();
}

/// As tests/fuzz/signal_frames.cpp takes them: a byte for the length of the pieces, and the frame
/// without its length.
std::string ExampleFrame() {
  common::signal::Frame frame;
  frame.agent = "node-1";
  frame.epoch = 17;
  frame.sequence = 3;
  frame.full = true;
  frame.tenants = {{.tenant = "red",
                    .arrivals_total = 20,
                    .completions_total = 17,
                    .errors_total = 2,
                    .in_flight = 3,
                    .queued = 0}};
  frame.containers = {{.name_space = "local",
                       .workload = "shop",
                       .replica = "shop-1",
                       .attempt = 1,
                       .cpu_seconds_total = 1.5,
                       .memory_working_set_bytes = 4096,
                       .memory_limit_bytes = 8192,
                       .oom_kills_total = 1}};
  frame.gone_containers = {"local/shop/shop-0/0"};
  frame.node =
      common::signal::NodeSignal{"node-1", "a", "spot", {{"spot", common::WallTime{}, 120'000}}};
  constexpr std::size_t kLengthBytes = 4;
  return "\x20" + common::signal::Encode(frame).substr(kLengthBytes);
}

scaler::local::Launch ExampleLaunch() {
  scaler::local::Launch launch;
  launch.name_space = "local";
  launch.workload = "shop";
  launch.replica = "shop-1";
  launch.port = 8080;
  launch.command = {"/usr/bin/shop", "--port", "8080"};
  launch.env = {{"LANG", "C.UTF-8"}};
  launch.cgroup = "trimtab/shop-1.0";
  launch.resources.memory_limit_bytes = 1 << 20;
  launch.root = "/";
  launch.lifecycle = "/run/trimtab/lifecycle.jsonl";
  launch.state = "/run/trimtab/shop-1.json";
  launch.log = "/run/trimtab/shop-1.log";
  launch.grace_period = std::chrono::seconds(10);
  return launch;
}

scaler::local::ReplicaState ExampleReplica() {
  scaler::local::ReplicaState replica;
  replica.workload = "shop";
  replica.replica = "shop-1";
  replica.port = 8080;
  replica.cgroup = "trimtab/shop-1.0";
  replica.shim_pid = 4710;
  replica.pid = 4711;
  replica.pid_start_ticks = 123456;
  replica.boot_id = "0a1b2c3d-0000-0000-0000-000000000001";
  replica.end.emplace();
  return replica;
}

/// A cloud in the middle of its life.
std::string ExampleCloud() {
  namespace cloud = scaler::local::cloud;
  cloud::State state;
  state.boot_id = "0a1b2c3d-0000-0000-0000-000000000001";
  auto& node = state.nodes.emplace_back();
  node.name = "spot-a-1";
  node.pool = "spot";
  node.zone = "a";
  node.type = cloud::CapacityType::kSpot;
  node.kind.labels = {{"pool", "shops"}};
  node.kind.taints = {"spot=true"};
  node.order = "order-1";
  node.running_at.emplace();
  node.reclaim.emplace();
  node.rebalance.emplace();
  state.orders = {{"order-1", 1}};
  state.troubles.emplace_back();
  state.quotas = {{"spot", 3}};
  state.accounts = {{"spot", 12.5, 0.25}};
  return cloud::Encode(state);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "fuzz_seeds DIRECTORY\n";
    return 2;
  }
  const fs::path directory = argv[1];
  const auto line = bench::ExampleLine();
  const bool written =
      Write(directory / "cloud/state", ExampleCloud()) &&
      Write(directory / "cloud/order",
            scaler::local::cloud::Encode(scaler::platform::NodeOrder{"t", "spot", "a", 2})) &&
      Write(directory / "cloud/wish",
            scaler::local::cloud::Encode(scaler::local::cloud::Mischief{})) &&
      Write(directory / "codec/line", scaler::codec::EncodeLine(line)) &&
      Write(directory / "codec/state", scaler::codec::EncodeState(line.state)) &&
      Write(directory / "signal_frames/frame", ExampleFrame()) &&
      Write(directory / "state_files/launch", scaler::local::Encode(ExampleLaunch())) &&
      Write(directory / "state_files/replica", scaler::local::Encode(ExampleReplica())) &&
      Write(directory / "state_files/workload",
            scaler::local::Encode(scaler::local::WorkloadState{.desired = 3, .next = 8}));
  if (!written) {
    std::cerr << "fuzz_seeds: cannot write below " << directory << "\n";
  }
  return written ? 0 : 1;
}
