#include "tests/demo/stage/fault_runner.h"

#include <algorithm>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace demo {
namespace {

namespace fs = std::filesystem;
using common::MonotonicTime;
using common::Result;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto kTurn = milliseconds(100);
constexpr auto kAccessLog = "access.log";
constexpr int kRotatedLogs = 9;

}  // namespace

FaultRunner::FaultRunner(const std::vector<PlannedFault>& plan, std::vector<Part> parts,
                         fs::path directory, Children& children, Watch& watch)
    : stages_(plan.size(), Stage::kPlanned),
      replicas_before_(plan.size()),
      parts_(std::move(parts)),
      directory_(std::move(directory)),
      children_(children),
      watch_(watch) {
  for (const auto& fault : plan) {
    reports_.push_back({.plan = fault});
  }
}

const Part& FaultRunner::PartOf(const PlannedFault& fault) const {
  return *std::ranges::find(parts_, ProgramOf(fault.part), &Part::name);
}

bool FaultRunner::IsAbsentAtFirst(const std::string& program) const {
  return std::ranges::any_of(reports_, [&](const FaultReport& report) {
    return report.plan.kind == FaultKind::kAbsent && ProgramOf(report.plan.part) == program;
  });
}

void FaultRunner::Begin(MonotonicTime now) {
  traffic_began_ = now;
  for (std::size_t number = 0; number < reports_.size(); ++number) {
    if (reports_[number].plan.kind == FaultKind::kAbsent) {
      Hurt(number, now);
    }
  }
}

/// Whether an earlier fault of the same part is not over, as on a slow machine.
bool FaultRunner::IsBusy(std::size_t number) const {
  for (std::size_t other = 0; other < reports_.size(); ++other) {
    const bool under_way = stages_[other] == Stage::kHurt || stages_[other] == Stage::kReturning;
    if (other != number && under_way && reports_[other].plan.part == reports_[number].plan.part) {
      return true;
    }
  }
  return false;
}

Result<void> FaultRunner::Advance(MonotonicTime now) {
  for (std::size_t number = 0; number < reports_.size(); ++number) {
    const auto& report = reports_[number];
    auto& stage = stages_[number];
    if (stage == Stage::kPlanned && now - traffic_began_ >= report.plan.at && !IsBusy(number)) {
      Hurt(number, now);
    }
    const auto away_for =
        report.plan.kind == FaultKind::kAbsent ? report.plan.at : report.plan.length;
    if (stage == Stage::kHurt && now - *report.began >= away_for) {
      if (auto back = BringBack(number); !back) {
        return back;
      }
    }
    if (stage == Stage::kReturning) {
      AwaitReady(number);
    }
  }
  return {};
}

std::vector<MonotonicTime> FaultRunner::KillsOf(std::string_view part) const {
  std::vector<MonotonicTime> kills;
  for (const auto& report : reports_) {
    if (report.began && report.plan.part == part && report.plan.kind == FaultKind::kKill) {
      kills.push_back(*report.began);
    }
  }
  return kills;
}

void FaultRunner::Hurt(std::size_t number, MonotonicTime now) {
  auto& report = reports_[number];
  const auto program = ProgramOf(report.plan.part);
  if (report.plan.part == "scaler") {
    replicas_before_[number] = FindReplicas(children_.StrangerIds());
  }
  // Before the deed, so that nothing that it causes seems to come before it.
  report.began = now;
  watch_.Add(PartHurt{.fault = number, .at = now, .is_ingress = report.plan.part == "haproxy"});
  stages_[number] = Stage::kHurt;
  if (report.plan.kind == FaultKind::kKill) {
    children_.Kill(program);
  } else if (report.plan.kind == FaultKind::kPause) {
    children_.Signal(program, SIGSTOP);
  }
}

Result<void> FaultRunner::BringBack(std::size_t number) {
  const auto& plan = reports_[number].plan;
  const auto& part = PartOf(plan);
  stages_[number] = Stage::kReturning;
  switch (plan.kind) {
    case FaultKind::kPause:
      children_.Signal(part.name, SIGCONT);
      return {};
    case FaultKind::kRotate:
      return Rotate();
    case FaultKind::kKill:
    case FaultKind::kAbsent:
      return children_.Start(part.name, part.command, directory_ / (part.name + ".log"));
  }
  return {};
}

void FaultRunner::AwaitReady(std::size_t number) {
  auto& report = reports_[number];
  if (!PartOf(report.plan).ready()) {
    return;
  }
  report.back = steady_clock::now();
  watch_.Add(PartBack{.fault = number, .at = *report.back});
  stages_[number] = Stage::kOver;
  if (report.plan.part == "scaler") {
    report.replicas = Compare(replicas_before_[number], FindReplicas(children_.StrangerIds()));
  }
}

/// access.log becomes access.log.1, and so on; then its writer is told to open it anew.
Result<void> FaultRunner::Rotate() const {
  const auto log = directory_ / kAccessLog;
  const auto numbered = [&](int number) {
    return number == 0 ? log : fs::path(log.string() + "." + std::to_string(number));
  };
  std::error_code error;
  for (int number = kRotatedLogs; number > 0; --number) {
    if (fs::exists(numbered(number - 1))) {
      fs::rename(numbered(number - 1), numbered(number), error);
      if (error) {
        return tl::make_unexpected(common::Error{error, "cannot rotate " + log.string()});
      }
    }
  }
  children_.Signal(ProgramOf("log_writer"), SIGHUP);
  return {};
}

Result<void> FaultRunner::EndAll(milliseconds timeout) {
  for (std::size_t number = 0; number < reports_.size(); ++number) {
    if (stages_[number] == Stage::kHurt) {
      if (auto back = BringBack(number); !back) {
        return back;
      }
    }
  }
  const auto deadline = steady_clock::now() + timeout;
  for (;;) {
    const auto waiting = std::ranges::find(stages_, Stage::kReturning);
    if (waiting == stages_.end()) {
      return {};
    }
    const auto number = static_cast<std::size_t>(waiting - stages_.begin());
    if (steady_clock::now() > deadline) {
      return common::Fail(std::errc::timed_out,
                          reports_[number].plan.part + " did not come back from its fault");
    }
    AwaitReady(number);
    if (stages_[number] == Stage::kReturning) {
      std::this_thread::sleep_for(kTurn);
    }
  }
}

}  // namespace demo
