#include "scaler/ctl/tune_output.h"

#include <fmt/format.h>

#include <cmath>

#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/ctl/table.h"

namespace scaler::ctl {
namespace {

using backtest::Totals;
using backtest::tuning::Setting;
using backtest::tuning::Shortage;
using backtest::tuning::Tuning;
using backtest::tuning::Verdict;

double Seconds(backtest::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string Percent(double share) { return fmt::format("{:.3g} %", share * 100); }

const char* NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBetter:
      return "better";
    case Verdict::kNothingBetter:
      return "nothing-better";
    case Verdict::kNotSignificant:
      return "not-significant";
    case Verdict::kBreaksTheObjective:
      break;
  }
  return "breaks-the-objective";
}

std::string ShownName(const std::string& run, std::size_t place) {
  return place == 0 ? run + ", as it is" : run;
}

std::string Words(const Shortage& shortage) {
  const auto more = Seconds(shortage.needed);
  return fmt::format("TOO LITTLE HISTORY: {} of it, and {} is needed: {}",
                     FormatAge(Seconds(shortage.length)),
                     std::isfinite(more) ? FormatAge(std::ceil(more)) : "more", shortage.why);
}

/// What it costs and what it misses, of what stands.
std::string Gain(const Totals& standing, const Totals& tuned) {
  const double cost = standing.pod_hours > 0 ? tuned.pod_hours / standing.pod_hours - 1 : 0;
  return fmt::format("{:+.1f} % pod-hours, {} above capacity instead of {}", cost * 100,
                     Percent(tuned.ExcessShare()), Percent(standing.ExcessShare()));
}

std::string VerdictWords(const Tuning& tuning) {
  const auto gain = Gain(tuning.runs[0].All(), tuning.runs[1].All());
  const auto tested = tuning.folds.Tested();
  switch (tuning.verdict) {
    case Verdict::kBetter:
      return fmt::format(
          "BETTER: {}; in {} of {} blocks, {:.0f} % of resamples of them; {} of {} would have "
          "chosen just this\n",
          gain, tuning.better_in, tested, tuning.confidence * 100, tuning.same_choice, tested);
    case Verdict::kNothingBetter:
      return fmt::format(
          "KEEP WHAT YOU HAVE: of {} settings none was better by 1 % over all of the history\n",
          tuning.played);
    case Verdict::kNotSignificant:
      return fmt::format(
          "KEEP WHAT YOU HAVE: the tuned one may be no better, or only by chance: {}; in {} of {} "
          "blocks, {:.0f} % of resamples of them, and 95 % is asked for\n",
          gain, tuning.better_in, tested, tuning.confidence * 100);
    case Verdict::kBreaksTheObjective:
      break;
  }
  return fmt::format(
      "KEEP WHAT YOU HAVE: the tuned one keeps the objective on what it was chosen by, and breaks "
      "it on what was held out: {}\n",
      gain);
}

/// Where nobody could keep the objective.
std::string FloorWords(const Tuning& tuning) {
  const auto floor = tuning.runs.back().All();
  return tuning.goal.Keeps(floor)
             ? ""
             : fmt::format(
                   "the objective is out of reach: bursts within the start cost {} even to who "
                   "keeps all that was ever needed\n",
                   Percent(floor.ExcessShare()));
}

std::string Table(const Tuning& tuning) {
  std::vector<std::vector<std::string>> rows{
      {"HELD OUT", "POD-HOURS", "EXCESS", "COLD", "ACTIONS", "REVERSALS", "OBJECTIVE"}};
  for (std::size_t i = 0; i + 1 < tuning.runs.size(); ++i) {
    const auto all = tuning.runs[i].All();
    rows.push_back({ShownName(tuning.runs[i].name, i), fmt::format("{:.1f}", all.pod_hours),
                    Percent(all.ExcessShare()), fmt::format("{:.0f}", all.cold_requests),
                    fmt::format("{}", all.actions), fmt::format("{}", all.reversals),
                    tuning.goal.Keeps(all) ? "kept" : "missed"});
  }
  return FormatTable(rows);
}

std::string Show(const TunedPolicy& policy) {
  if (policy.shortage) {
    return policy.name + ": " + Words(*policy.shortage) + "\n";
  }
  const auto& tuning = *policy.tuning;
  auto text = fmt::format(
      "{}: the fewest pod-hours with {} above capacity; {} settings over {} blocks of {}, of which "
      "the last {} were held out, each from the choice for it\n\n",
      policy.name, Percent(tuning.goal.overload), tuning.played, tuning.blocks.count,
      FormatAge(Seconds(tuning.blocks.length)), tuning.folds.Tested());
  text += Table(tuning) + "\n" + VerdictWords(tuning) + FloorWords(tuning);
  if (tuning.verdict == Verdict::kBetter) {
    text += "\n" + backtest::tuning::Patch(tuning.standing, tuning.tuned);
  } else if (tuning.verdict != Verdict::kNothingBetter) {
    text +=
        fmt::format("it would be {}\n",
                    fmt::join(backtest::tuning::ChangedKeys(tuning.standing, tuning.tuned), ", "));
  }
  return text;
}

void WriteTotals(common::JsonWriter& json, const Totals& totals) {
  json.BeginObject();
  json.Key("pod_hours").Double(totals.pod_hours);
  json.Key("requests").Double(totals.requests);
  json.Key("excess").Double(totals.excess);
  json.Key("cold_requests").Double(totals.cold_requests);
  json.Key("actions").Integer(totals.actions);
  json.Key("reversals").Integer(totals.reversals);
  json.EndObject();
}

void WriteChange(common::JsonWriter& json, const Setting& from, const Setting& to) {
  json.BeginArray();
  for (const auto& key : backtest::tuning::ChangedKeys(from, to)) {
    json.String(key);
  }
  json.EndArray();
}

void WriteTuning(common::JsonWriter& json, const Tuning& tuning) {
  json.Key("verdict").String(NameOf(tuning.verdict));
  json.Key("overload").Double(tuning.goal.overload);
  json.Key("settings").Integer(static_cast<std::int64_t>(tuning.played));
  json.Key("block_seconds").Double(Seconds(tuning.blocks.length));
  json.Key("blocks").Integer(static_cast<std::int64_t>(tuning.blocks.count));
  json.Key("held_out_blocks").Integer(static_cast<std::int64_t>(tuning.folds.Tested()));
  json.Key("confidence").Double(tuning.confidence);
  json.Key("better_in").Integer(static_cast<std::int64_t>(tuning.better_in));
  json.Key("change");
  WriteChange(json, tuning.standing, tuning.tuned);
  json.Key("held_out").BeginObject();
  for (std::size_t i = 0; i < tuning.runs.size(); ++i) {
    json.Key(i == 0 ? "standing" : tuning.runs[i].name);
    WriteTotals(json, tuning.runs[i].All());
  }
  json.EndObject().Key("folds").BeginArray();
  for (std::size_t i = 0; i < tuning.chosen.size(); ++i) {
    json.BeginObject().Key("change");
    WriteChange(json, tuning.standing, tuning.chosen[i]);
    json.Key("standing");
    WriteTotals(json, tuning.runs[0].blocks[i]);
    json.Key("tuned");
    WriteTotals(json, tuning.runs[1].blocks[i]);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string TuneTable(const std::vector<TunedPolicy>& policies, const TuneContext& context) {
  auto text =
      fmt::format("{}: {} series, {}, {:.0f} requests\n", context.history, context.extent.series,
                  FormatAge(Seconds(context.extent.Length())), context.extent.requests);
  for (const auto& policy : policies) {
    text += "\n" + Show(policy);
  }
  for (const auto& note : context.notes) {
    text += "note: " + note + "\n";
  }
  return text;
}

std::string TuneJson(const std::vector<TunedPolicy>& policies, const TuneContext& context) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("history").String(context.history);
  json.Key("length_seconds").Double(Seconds(context.extent.Length()));
  json.Key("policies").BeginObject();
  for (const auto& policy : policies) {
    json.Key(policy.name).BeginObject();
    if (policy.shortage) {
      json.Key("verdict").String("too-little-history");
      json.Key("needed_seconds").Double(Seconds(policy.shortage->needed));
      json.Key("why").String(policy.shortage->why);
    } else {
      WriteTuning(json, *policy.tuning);
    }
    json.EndObject();
  }
  json.EndObject().Key("notes").BeginArray();
  for (const auto& note : context.notes) {
    json.String(note);
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

}  // namespace scaler::ctl
