// Runs the benchmarks and then says how we compare, in ratios that hold on other machines too.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <map>
#include <string>

namespace {

struct Comparison {
  const char* words;
  const char* numerator;
  const char* denominator;
};

constexpr std::array<Comparison, 7> kComparisons = {{
    {"counting a request, in scans for the end of its line", "CountRequests", "ScanLines"},
    {"from the file to the counters, in counts of lines in memory", "FollowLog", "CountRequests"},
    {"mtail from the file to the counters, in the CPU time that we take", "Mtail", "FollowLog"},
    {"our metrics page from a snapshot, in pages of prometheus-cpp's registry", "RenderPage",
     "RenderRegistry"},
    {"a decision as a line of the ledger, in decisions", "EncodeLine", "DecideReplicas/pods:1"},
    {"one decision committed, in synced appends of its bytes", "CommitToLedger/1",
     "AppendAndSync/1"},
    {"forty decisions committed, in synced appends of their bytes", "CommitToLedger/40",
     "AppendAndSync/40"},
}};

/// Beside the usual table: keeps the times that the comparisons need. CPU time, so that other work
/// on the machine does not show; where a disk or a child works for us, the time that passed.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  Reporter() : ConsoleReporter(::isatty(STDOUT_FILENO) != 0 ? OO_ColorTabular : OO_Tabular) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) {
      if (!run.error_occurred) {
        const bool passed = !run.run_name.time_type.empty();
        seconds_[run.run_name.function_name +
                 (run.run_name.args.empty() ? "" : "/" + run.run_name.args)] =
            (passed ? run.real_accumulated_time : run.cpu_accumulated_time) /
            static_cast<double>(run.iterations);
      }
    }
    ConsoleReporter::ReportRuns(runs);
  }

  void Finalize() override {
    auto& out = GetOutputStream();
    out << "\nRatios of this run:\n";
    for (const auto& [words, numerator, denominator] : kComparisons) {
      if (seconds_.contains(numerator) && seconds_.contains(denominator)) {
        out << "  " << words << ": " << seconds_[numerator] / seconds_[denominator] << "\n";
      } else if (seconds_.contains(numerator) || seconds_.contains(denominator)) {
        out << "  " << words << ": not measured\n";
      }
    }
  }

 private:
  std::map<std::string, double> seconds_;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
