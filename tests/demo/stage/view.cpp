#include "tests/demo/stage/view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>

namespace demo {
namespace {

constexpr std::size_t kTenantsShown = 14;

/// To the terminal at once; a view that cannot be written is no reason to end.
void Print(std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count <= 0) {
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// The first `columns` characters; our lines are ASCII.
std::string_view Cut(std::string_view line, std::size_t columns) { return line.substr(0, columns); }

struct Row {
  const WorkloadStatus* workload = nullptr;
  double per_second = 0;
};

std::vector<Row> BusiestFirst(const Watch& watch) {
  std::vector<Row> rows;
  for (const auto& workload : watch.Status().workloads) {
    rows.push_back({&workload, watch.RequestsPerSecond(workload.name)});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::pair(a.per_second, a.workload->desired) >
           std::pair(b.per_second, b.workload->desired);
  });
  return rows;
}

struct Sums {
  double per_second = 0;
  int desired = 0;
  int ready = 0;
  int asleep = 0;
};

Sums SumUp(const std::vector<Row>& rows) {
  Sums sums;
  for (const auto& row : rows) {
    sums.per_second += row.per_second;
    sums.desired += row.workload->desired;
    sums.ready += row.workload->ready;
    sums.asleep += row.workload->desired == 0 ? 1 : 0;
  }
  return sums;
}

std::string RestartsInWords(const Watch& watch) {
  std::string words;
  for (const auto& [reason, count] : watch.Restarts()) {
    words += fmt::format("  {} {:.0f}", reason, count);
  }
  return words.empty() ? "  none" : words;
}

std::string RequestsInWords(const Totals& totals) {
  return fmt::format("{} sent, {} answered, {} met a sleeping shop, {} failed ({} injected)",
                     totals.sent, totals.answered, totals.waking, totals.Failed(),
                     totals.FailedBy(Cause::kInjected));
}

std::string TenantLine(const Row& row) {
  const auto& workload = *row.workload;
  const auto bar = std::string(static_cast<std::size_t>(std::clamp(workload.ready, 0, 20)), '#');
  return fmt::format("  {:<10} {:>7.1f}  {:>3}/{:<3} {:<8} {}", workload.name, row.per_second,
                     workload.ready, workload.desired, bar, workload.problem);
}

/// "dedicated-a 1  spot-a 2 (1 draining)".
std::string NodesInWords(const CapacityStatus& nodes) {
  std::map<std::string, std::map<std::string, int>> places;
  for (const auto& node : nodes.nodes) {
    ++places[node.pool + "-" + node.zone][node.state];
  }
  std::string words;
  for (const auto& [place, states] : places) {
    int all = 0;
    std::string others;
    for (const auto& [state, count] : states) {
      all += count;
      if (state != "ready") {
        others += fmt::format("{}{} {}", others.empty() ? "" : ", ", count, state);
      }
    }
    words += fmt::format("  {} {}{}", place, all, others.empty() ? "" : " (" + others + ")");
  }
  return words.empty() ? "  none" : words;
}

std::string SpareInWords(const CapacityStatus& nodes) {
  std::string words = !nodes.spare_ok               ? "not known yet"
                      : *nodes.spare_ok             ? "ok"
                      : nodes.spare_missing.empty() ? "missing"
                                                    : "MISSING: " + nodes.spare_missing.front();
  if (nodes.spot_share) {
    words +=
        fmt::format("; spot {:.0f}% of {:.0f}%", 100 * *nodes.spot_share, 100 * nodes.policy_share);
  }
  return words + (nodes.waiting > 0 ? fmt::format("; {} replicas wait", nodes.waiting) : "");
}

void AppendScalings(const Watch& watch, std::vector<std::string>& lines) {
  lines.emplace_back();
  lines.emplace_back("Last decisions that changed something");
  const auto& scalings = watch.LastScalings();
  for (auto line = scalings.rbegin(); line != scalings.rend(); ++line) {
    // Of "2024-01-31T12:34:56.789Z" the time of day.
    const auto time = line->time.size() > 19 ? line->time.substr(11, 8) : line->time;
    lines.push_back(
        fmt::format("  {}  {:<10} {} -> {}", time, line->workload, line->from, line->to));
  }
}

}  // namespace

bool Screen::IsPossible() {
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr && *terminal != '\0' &&
         std::string_view(terminal) != "dumb";
}

// The alternate screen, without a cursor.
Screen::Screen() { Print("\x1b[?1049h\x1b[?25l\x1b[2J"); }
Screen::~Screen() { Print("\x1b[?25h\x1b[?1049l"); }

void Screen::Draw(const std::vector<std::string>& lines) const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    size.ws_row = 24;
    size.ws_col = 80;
  }
  std::string frame = "\x1b[H";
  const auto rows = std::min<std::size_t>(lines.size(), size.ws_row);
  for (std::size_t row = 0; row < rows; ++row) {
    frame += row == 0 ? "" : "\r\n";
    frame += Cut(lines[row], size.ws_col);
    frame += "\x1b[K";
  }
  frame += "\x1b[J";
  Print(frame);
}

std::vector<std::string> DescribeRun(const Watch& watch, const Ports& ports,
                                     std::chrono::seconds elapsed) {
  const auto rows = BusiestFirst(watch);
  const auto sums = SumUp(rows);
  std::vector<std::string> lines;
  lines.push_back(fmt::format("Trimtab demo, {} s. Shops: http://{}  Prometheus: http://{}",
                              elapsed.count(), Loopback(ports.haproxy),
                              Loopback(ports.prometheus)));
  lines.push_back(fmt::format("Alertmanager: http://{}  Scaler: http://{}  Ctrl-C ends all.",
                              Loopback(ports.alertmanager), Loopback(ports.scaler)));
  lines.emplace_back();
  lines.push_back(fmt::format("Requests  {:.0f}/s; {}", sums.per_second,
                              RequestsInWords(watch.GetAccount().GetTotals())));
  lines.push_back(fmt::format("Replicas  {} ready of {} wanted; {} of {} shops sleep", sums.ready,
                              sums.desired, sums.asleep, rows.size()));
  lines.push_back("Nodes   " + NodesInWords(watch.Nodes()));
  lines.push_back("Spare     " + SpareInWords(watch.Nodes()));
  lines.push_back("Restarts" + RestartsInWords(watch));
  lines.push_back(fmt::format("Alerts    {} received", watch.Alerts().size()));
  lines.push_back(watch.Trouble().empty() ? "" : "Trouble   " + watch.Trouble());
  lines.emplace_back("  shop       requests/s  ready/wanted");
  for (std::size_t row = 0; row < std::min(rows.size(), kTenantsShown); ++row) {
    lines.push_back(TenantLine(rows[row]));
  }
  AppendScalings(watch, lines);
  return lines;
}

std::string DescribeProgress(const Watch& watch, std::chrono::seconds elapsed) {
  const auto sums = SumUp(BusiestFirst(watch));
  return fmt::format(
      "{:>4} s: {:.0f} requests/s; {}; {} of {} replicas ready, {} shops sleep; "
      "nodes{}; spare {}; restarts{}{}",
      elapsed.count(), sums.per_second, RequestsInWords(watch.GetAccount().GetTotals()), sums.ready,
      sums.desired, sums.asleep, NodesInWords(watch.Nodes()), SpareInWords(watch.Nodes()),
      RestartsInWords(watch), watch.Trouble().empty() ? "" : "; trouble: " + watch.Trouble());
}

}  // namespace demo
