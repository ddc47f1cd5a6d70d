// What a scaler costs that watches a large cluster: a real etcd and kube-apiserver, nodes that KWOK
// plays, and more and more workloads with a policy each. `cluster_scale [--policies N]...
// [--nodes N] [--seconds N] [--patience SECONDS]`; see scripts/bench. Ends with 1 where a limit is
// missed at the largest size, and with 77 where there is no control plane.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bench/cluster_scale/flood.h"
#include "bench/cluster_scale/population.h"
#include "bench/cluster_scale/process.h"
#include "bench/cluster_scale/say.h"
#include "common/text.h"
#include "tests/cluster/support/audit.h"
#include "tests/cluster/support/control_plane.h"
#include "tests/cluster/support/install.h"
#include "tests/cluster/support/scaler.h"
#include "tests/cluster/support/signal_source.h"

namespace bench {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

struct Options {
  std::vector<int> policies;
  int nodes = 2'000;
  int seconds = 60;  ///< That nothing happens and is looked at.
  /// The first statuses of new policies are written so long at most, some twenty a second.
  int patience_seconds = 1'200;
};

/// What was measured with so many policies.
struct Row {
  int policies = 0;
  double sync_seconds = 0;
  double rss_mib = 0;
  double peak_mib = 0;
  double cpu_percent = 0;
  double decisions_per_second = 0;
  int leases = 0;
  int watches = 0;
  int probes = 0;       ///< Whether KEDA has been installed by now.
  int checkpoints = 0;  ///< Writes of it: the times in a state change with each decision.
  std::map<std::string, int> other_requests;  ///< Though nothing changed, by verb and resource.
  double load = 0;
};

double Since(steady_clock::time_point begun) {
  return std::chrono::duration<double>(steady_clock::now() - begun).count();
}

/// The sum over a family of the metrics page, of the lines with `label`.
double Sum(const std::string& page, const std::string& name, const std::string& label = "") {
  double sum = 0;
  for (std::size_t at = page.find("\n" + name); at != std::string::npos;
       at = page.find("\n" + name, at + 1)) {
    const auto line = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
    const auto end_of_name = line[name.size()];
    if ((end_of_name == '{' || end_of_name == ' ') && line.find(label) != std::string::npos) {
      sum += std::strtod(line.c_str() + line.rfind(' ') + 1, nullptr);
    }
  }
  return sum;
}

/// Every workload is decided for, by what its source of signals says.
bool IsSynced(const std::string& metrics, int policies) {
  return Sum(metrics, "trimtab_workload_replicas", "kind=\"wanted\"") >=
         static_cast<double>(policies) * kReplicas;
}

void Require(bool holds, const std::string& what, const cluster::Scaler& scaler) {
  if (!holds) {
    constexpr std::size_t kMost = 4000;
    const auto log = scaler.Log();
    throw std::runtime_error(what + "; its log ends so:\n" +
                             log.substr(log.size() - std::min(log.size(), kMost)));
  }
}

bool IsProbe(const cluster::Request& request) {
  return request.verb == "get" && request.resource.empty();
}

bool IsOfCheckpoint(const cluster::Request& request) {
  return request.resource == "configmaps" && request.name.starts_with("trimtab-state-");
}

/// Where the first statuses have been written nothing is left to write.
void AwaitQuiet(int patience_seconds, cluster::AuditReader& audit) {
  constexpr auto kQuiet = seconds(10);
  const bool is_quiet = cluster::Eventually(
      [&] {
        static_cast<void>(audit.Next());
        std::this_thread::sleep_for(kQuiet);
        const auto requests = audit.Next();
        return std::all_of(requests.begin(), requests.end(), [](const auto& request) {
          return request.resource == "leases" || request.verb == "watch" || IsProbe(request) ||
                 IsOfCheckpoint(request);
        });
      },
      seconds(patience_seconds));
  if (!is_quiet) {
    Say("  it does not fall quiet");
  }
}

void CountRequests(const std::vector<cluster::Request>& requests, Row& row) {
  for (const auto& request : requests) {
    if (request.resource == "leases") {
      ++row.leases;
    } else if (request.verb == "watch") {
      ++row.watches;
    } else if (IsProbe(request)) {
      ++row.probes;
    } else if (IsOfCheckpoint(request)) {
      ++row.checkpoints;
    } else {
      ++row.other_requests[request.verb + " " + request.resource];
    }
  }
}

void Rest(const cluster::Scaler& scaler, const Options& options, cluster::AuditReader& audit,
          Row& row) {
  const auto evaluations = [&] { return Sum(scaler.Get("/metrics"), "trimtab_evaluations_total"); };
  const auto decided = evaluations();
  static_cast<void>(audit.Next());
  const auto before = TakenBy(scaler.Process());
  const auto begun = steady_clock::now();
  std::this_thread::sleep_for(seconds(options.seconds));
  const auto after = TakenBy(scaler.Process());
  const auto passed = Since(begun);
  CountRequests(audit.Next(), row);
  row.cpu_percent = (after.cpu_seconds - before.cpu_seconds) / passed * 100;
  row.decisions_per_second = (evaluations() - decided) / passed;
  row.rss_mib = after.rss_mib;
  row.peak_mib = after.peak_mib;
  row.load = LoadAverage();
}

Row Measure(int policies, const Options& options, cluster::SignalSource& source) {
  Row row;
  row.policies = policies;
  const auto begun = steady_clock::now();
  cluster::Scaler scaler(cluster::Plane(), fmt::format("scaler-{}", policies), {source.Address()});
  Require(cluster::Eventually([&] { return scaler.IsReady(); }, seconds(1'800)),
          "the scaler does not begin", scaler);
  Require(
      cluster::Eventually([&] { return IsSynced(scaler.Get("/metrics"), policies); }, seconds(60)),
      "the scaler does not decide for all workloads", scaler);
  row.sync_seconds = Since(begun);
  const auto taken = TakenBy(scaler.Process());
  Say("  synced after {:.1f} s, {:.1f} s of CPU; {:.0f} MiB", row.sync_seconds, taken.cpu_seconds,
      taken.rss_mib);
  cluster::AuditReader audit(cluster::Plane());
  AwaitQuiet(options.patience_seconds, audit);
  Say("  quiet after {:.0f} s; now {} s of nothing", Since(begun), options.seconds);
  Rest(scaler, options, audit, row);
  Require(scaler.IsRunning(), "the scaler has ended", scaler);
  static_cast<void>(scaler.Stop());
  return row;
}

void PrintCurve(const std::vector<Row>& rows) {
  Say("\n{:>9} {:>7} {:>7} {:>9} {:>9} {:>7} {:>12} {:>7} {:>8} {:>11} {:>6} {:>6}", "policies",
      "pods", "sync s", "RSS MiB", "peak MiB", "CPU %", "decisions/s", "leases", "watches",
      "checkpoint", "other", "load");
  for (const auto& row : rows) {
    int other = 0;
    for (const auto& [what, count] : row.other_requests) {
      other += count;
    }
    Say("{:>9} {:>7} {:>7.1f} {:>9.0f} {:>9.0f} {:>7.1f} {:>12.0f} {:>7} {:>8} {:>11} {:>6} "
        "{:>6.1f}",
        row.policies, row.policies * kReplicas, row.sync_seconds, row.rss_mib, row.peak_mib,
        row.cpu_percent, row.decisions_per_second, row.leases, row.watches, row.checkpoints, other,
        row.load);
  }
}

/// True where all of it holds.
bool PrintLimits(const Row& row, const Options& options) {
  bool all = true;
  const auto line = [&](const char* what, double is, double limit, const char* unit) {
    const bool holds = is < limit;
    all = all && holds;
    Say("  {:<44} {:>8.1f} {:<5} below {:>5.0f}   {}", what, is, unit, limit,
        holds ? "ok" : "missed");
  };
  int other = 0;
  for (const auto& [what, count] : row.other_requests) {
    other += count;
    Say("  asked though nothing changed: {} times {}", count, what);
  }
  Say("\nLimits, with {} policies, {} pods and {} nodes:", row.policies, row.policies * kReplicas,
      options.nodes);
  line("from start to all decided", row.sync_seconds, 20, "s");
  line("resident memory at rest", row.rss_mib, 250, "MiB");
  line("resident memory, the most there ever was", row.peak_mib, 250, "MiB");
  line("CPU at rest, of one core", row.cpu_percent, 10, "%");
  const bool decides = row.decisions_per_second >= row.policies / 5.5;
  all = all && decides;
  Say("  {:<44} {:>8.0f} {:<5} about {:>5.0f}   {}", "decisions, each policy's every 5 s at least",
      row.decisions_per_second, "/s", row.policies / 5.0, decides ? "ok" : "missed");
  // 32 shards and an index, each every half minute at most, however many policies there are.
  line("writes of the checkpoint a minute", row.checkpoints * 60.0 / options.seconds, 100, "");
  line("looks for KEDA a minute", row.probes * 60.0 / options.seconds, 3, "");
  line("requests at rest beside all these", other, 1, "");
  return all;
}

/// etcd takes JSON over HTTP, too.
std::filesystem::path WriteEtcdConfig(const cluster::ControlPlane& plane) {
  auto path = plane.Directory() / "etcd.kubeconfig";
  std::ofstream(path) << fmt::format(
      "{{clusters: [{{name: etcd, cluster: {{server: \"http://127.0.0.1:{}\"}}}}], "
      "users: [{{name: nobody, user: {{}}}}], current-context: etcd, "
      "contexts: [{{name: etcd, context: {{cluster: etcd, user: nobody}}}}]}}\n",
      plane.EtcdPort());
  return path;
}

int Run(const Options& options) {
  Say("Starting etcd, kube-apiserver and KWOK with {} nodes ...", options.nodes);
  constexpr int kFirstNodes = 6;
  auto& plane = cluster::Plane({.nodes = kFirstNodes, .many_objects = true});
  cluster::Install();
  Flood api(plane.Pki() / "admin.kubeconfig");
  Flood etcd(WriteEtcdConfig(plane));
  Population population(api, etcd, options.nodes);
  population.MakeNodes(kFirstNodes);
  population.MakeNamespaces(options.policies.back());
  plane.Kill("kube-controller-manager");
  plane.Kill("kube-scheduler");
  Say("Controllers and scheduler rest: what they write is written in their place, copies by etcd.");
  cluster::SignalSource source;
  std::vector<Row> rows;
  for (const int policies : options.policies) {
    Say("{} Deployments with {} pods and a policy each ...", policies, kReplicas);
    for (int number = rows.empty() ? 0 : rows.back().policies; number < policies; ++number) {
      source.SetInFlight(WorkloadName(number), kInFlight);
    }
    population.GrowTo(policies);
    rows.push_back(Measure(policies, options, source));
  }
  PrintCurve(rows);
  return PrintLimits(rows.back(), options) ? 0 : 1;
}

Options Read(int argc, char** argv) {
  Options options;
  for (int index = 1; index + 1 < argc; index += 2) {
    const std::string_view key = argv[index];
    const auto value = common::ParseUnsigned(argv[index + 1]);
    constexpr std::uint64_t kMost = 100'000;
    if (!value || *value == 0 || *value > kMost) {
      throw std::invalid_argument(fmt::format("{} wants a number from 1 to {}", key, kMost));
    }
    const auto number = static_cast<int>(*value);
    if (key == "--policies") {
      options.policies.push_back(number);
    } else if (key == "--nodes") {
      options.nodes = std::max(number, 7);
    } else if (key == "--seconds") {
      options.seconds = number;
    } else if (key == "--patience") {
      options.patience_seconds = number;
    } else {
      throw std::invalid_argument(fmt::format("unknown option {}", key));
    }
  }
  if (argc % 2 == 0) {
    throw std::invalid_argument(
        "usage: cluster_scale [--policies N]... [--nodes N] [--seconds N] [--patience SECONDS]");
  }
  if (options.policies.empty()) {
    options.policies = {1'000, 2'000, 5'000, 10'000};
  }
  std::sort(options.policies.begin(), options.policies.end());
  return options;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;
  if (!cluster::IsBuilt()) {
    bench::Say("skipped: there is no control plane; tests/cluster/build.sh builds it with Go");
    return kSkipped;
  }
  int code = 1;
  try {
    code = bench::Run(bench::Read(argc, argv));
  } catch (const std::invalid_argument& error) {
    bench::Say("{}", error.what());
    return 2;
  } catch (const std::exception& error) {
    bench::Say("failed: {}", error.what());
  }
  cluster::EndPlane();
  return code;
}
