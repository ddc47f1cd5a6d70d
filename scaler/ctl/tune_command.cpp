#include "scaler/ctl/tune_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "common/replace_file.h"
#include "common/text.h"
#include "scaler/ctl/backtest_inputs.h"
#include "scaler/ctl/backtest_policies.h"
#include "scaler/ctl/parsed_option.h"
#include "scaler/ctl/progress_bar.h"
#include "scaler/ctl/tune_output.h"
#include "scaler/ctl/tune_play.h"
#include "scaler/policy/document/node.h"
#include "scaler/policy/read.h"
#include "scaler/policy/write.h"

namespace scaler::ctl {
namespace {

using backtest::Series;
using backtest::history::History;
using common::Fail;
using common::Result;

constexpr int kFailed = 1;
constexpr int kKeep = 3;
constexpr int kTooLittle = 4;

/// From here on an objective is none (see engine::Objective).
constexpr double kNoObjective = 0.5;

/// What Prometheus said, as often as it is wanted: asked again it would say something else.
class Held final : public History {
 public:
  explicit Held(std::shared_ptr<const std::vector<Series>> all) : all_(std::move(all)) {}

  [[nodiscard]] Result<std::optional<Series>> Next() override {
    return next_ < all_->size() ? std::optional((*all_)[next_++]) : std::nullopt;
  }
  [[nodiscard]] double Progress() const override {
    return all_->empty() ? 1 : static_cast<double>(next_) / static_cast<double>(all_->size());
  }

 private:
  std::shared_ptr<const std::vector<Series>> all_;
  std::size_t next_ = 0;
};

Result<OpenAgain> Reopening(const BacktestOptions& options) {
  auto history = OpenHistory(options);
  if (!history) {
    return tl::make_unexpected(history.error());
  }
  if (options.prometheus.address.empty()) {
    return OpenAgain([options] { return OpenHistory(options); });
  }
  auto all = std::make_shared<std::vector<Series>>();
  while (true) {
    auto series = (*history)->Next();
    if (!series) {
      return tl::make_unexpected(series.error());
    }
    if (!*series) {
      break;
    }
    all->push_back(std::move(**series));
  }
  return OpenAgain(
      [all]() -> Result<std::unique_ptr<History>> { return std::make_unique<Held>(all); });
}

/// What the policy is to be tuned for.
Result<double> OverloadOf(const TuneOptions& options, const std::string& name,
                          const engine::Policy& policy) {
  if (options.overload) {
    return *options.overload;
  }
  if (policy.algorithm == engine::Algorithm::kHpa || policy.objective.overload >= kNoObjective) {
    return Fail(std::errc::invalid_argument,
                name +
                    " has no objective: say with --overload, like 0.1%, what it is to be tuned "
                    "for");
  }
  return policy.objective.overload;
}

Result<std::vector<TuneTask>> MakeTasks(const TuneOptions& options, const backtest::World& world,
                                        const BacktestPolicies& policies) {
  std::vector<TuneTask> tasks;
  for (const auto& [name, document] : policies.runs) {
    const auto overload = OverloadOf(options, name, document.terms.policy);
    if (!overload) {
      return tl::make_unexpected(overload.error());
    }
    tasks.push_back({.name = name,
                     .document = document,
                     .goal = {.overload = *overload, .capacity = world.capacity_per_replica},
                     .world = world,
                     .threads = options.backtest.threads});
  }
  return tasks;
}

/// All documents of the files, with the better settings in the policies that have some.
Result<std::string> ChangedFiles(const std::vector<std::string>& files,
                                 const std::vector<TunedPolicy>& tuned) {
  std::string text;
  const auto add = [&](const auto& document) {
    text += (text.empty() ? "" : "---\n") + policy::document::ToYaml(policy::Write(document));
  };
  std::size_t next = 0;
  for (const auto& file : files) {
    common::yaml::Problems problems(file);
    const auto documents = policy::ReadFile(file, problems);
    if (!problems.Empty()) {
      return tl::make_unexpected(problems.AsError());
    }
    for (const auto& policy : documents.policies) {
      const auto& one = tuned[next++];
      add(one.IsBetter() ? backtest::tuning::Changed(policy, one.tuning->tuned) : policy);
    }
    for (const auto& group : documents.groups) {
      add(group);
    }
    for (const auto& capacity : documents.capacity) {
      add(capacity);
    }
  }
  return text;
}

int CodeOf(const std::vector<TunedPolicy>& policies) {
  int code = kTooLittle;
  for (const auto& policy : policies) {
    if (policy.IsBetter()) {
      return 0;
    }
    code = policy.tuning ? kKeep : code;
  }
  return code;
}

Result<std::vector<TunedPolicy>> TuneAll(std::vector<TuneTask> tasks, const OpenAgain& open,
                                         backtest::Duration block, TuneContext& context) {
  ProgressBar bar;
  const auto extent =
      Measure(open, 1, [&](double share, const std::string& words) { bar.Show(share, words); });
  if (!extent) {
    return tl::make_unexpected(extent.error());
  }
  context.extent = *extent;
  std::vector<TunedPolicy> all;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    auto& task = tasks[i];
    task.world.nodes = task.world.nodes && extent->series == 1;
    auto& one = all.emplace_back(TunedPolicy{.name = task.name, .shortage = {}, .tuning = {}});
    one.shortage = backtest::tuning::FindShortage(*extent, block, task.goal);
    if (one.shortage) {
      continue;
    }
    auto tuning = TuneOne(
        task, open, backtest::tuning::PartTime(*extent, block),
        [&](double share, const std::string& words) {
          bar.Show((static_cast<double>(i) + share) / static_cast<double>(tasks.size()), words);
        });
    if (!tuning) {
      return tl::make_unexpected(tuning.error());
    }
    one.tuning = std::move(*tuning);
  }
  return all;
}

/// Empty: it was written, or there is nothing to write.
std::string WriteChanged(const TuneOptions& options, const std::vector<TunedPolicy>& tuned,
                         TuneContext& context) {
  if (options.write.empty()) {
    return {};
  }
  if (CodeOf(tuned) != 0) {
    context.notes.push_back(options.write + " was not written: nothing is to be changed");
    return {};
  }
  const auto text = ChangedFiles(options.backtest.policies, tuned);
  const auto written = text ? common::ReplaceFile(options.write, *text)
                            : Result<void>(tl::make_unexpected(text.error()));
  return written ? std::string() : written.error().what;
}

}  // namespace

CLI::App* AddTune(CLI::App& app, TuneOptions& options) {
  auto* const command = app.add_subcommand(
      "tune", "Better parameters for a policy's objective, judged by history that was held out");
  command->add_option("policy", options.backtest.policies, "Policy files")->required();
  AddHistoryOptions(*command, options.backtest.trace, options.backtest.history);
  AddPrometheusOptions(*command, options.backtest.prometheus);
  AddWorldOptions(*command, options.backtest.world);
  AddParsed(*command, "--overload", common::ParsePercent, "", options.overload,
            "Tune for this objective instead of the policy's own, like 0.1%")
      ->type_name("SHARE");
  AddDuration(*command, "--block", options.block,
              "What is held out at a time; at least 7 of them are needed");
  command
      ->add_option("--write", options.write,
                   "Writes the policies with what is better; not written if nothing is")
      ->type_name("FILE");
  command->add_flag("--json", options.backtest.json, "As JSON");
  command->add_option("--threads", options.backtest.threads, "How many; one for each core");
  command->footer(
      "Tried are objective.hold, the scale-down window, perReplica, idle and the profile. Each\n"
      "block of time is judged by what was chosen by the time before it alone. Exits with 0 if\n"
      "something better was found, with 3 if what stands is to be kept, with 4 if there is too\n"
      "little history, with 1 if the history cannot be had and with 2 if something is wrong.\n"
      "docs/backtest.md says how it is done.");
  return command;
}

CommandResult Tune(const TuneOptions& options) {
  if (options.overload && (*options.overload <= 0 || *options.overload >= kNoObjective)) {
    return Refuse("--overload: a share above 0% and below 50%");
  }
  auto policies = ReadBacktestPolicies(options.backtest.policies);
  if (!policies) {
    return Refuse(policies.error().what);
  }
  const auto world = WorldOf(options.backtest.world, *policies);
  if (!world) {
    return Refuse(world.error().what);
  }
  if (options.block < world->step * 12) {
    return Refuse("--block: at least 12 steps of the world");
  }
  auto tasks = MakeTasks(options, *world, *policies);
  if (!tasks) {
    return Refuse(tasks.error().what);
  }
  const auto open = Reopening(options.backtest);
  if (!open) {
    return HistoryProblem(options.backtest, open.error());
  }
  const auto& from = options.backtest;
  TuneContext context{.history = from.trace.empty() ? from.prometheus.address : from.trace,
                      .extent = {},
                      .notes = std::move(policies->notes)};
  if (!policies->groups.empty()) {
    context.notes.emplace_back("caps of groups are not played");
  }
  const auto tuned = TuneAll(std::move(*tasks), *open, options.block, context);
  if (!tuned) {
    return HistoryProblem(options.backtest, tuned.error());
  }
  if (const auto problem = WriteChanged(options, *tuned, context); !problem.empty()) {
    return {.code = kFailed, .out = {}, .err = problem + "\n"};
  }
  return {.code = CodeOf(*tuned),
          .out = options.backtest.json ? TuneJson(*tuned, context) : TuneTable(*tuned, context),
          .err = {}};
}

}  // namespace scaler::ctl
