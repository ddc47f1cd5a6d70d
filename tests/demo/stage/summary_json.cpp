#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "common/json_writer.h"
#include "common/replace_file.h"
#include "tests/demo/stage/summary.h"

namespace demo {
namespace {

using common::JsonWriter;

std::int64_t Signed(std::uint64_t count) { return static_cast<std::int64_t>(count); }

/// Milliseconds are as fine as it makes sense.
void WriteSeconds(JsonWriter& writer, double seconds) {
  writer.Double(std::round(seconds * 1000) / 1000);
}

void WriteSeconds(JsonWriter& writer, const std::optional<double>& seconds) {
  seconds ? WriteSeconds(writer, *seconds) : static_cast<void>(writer.Null());
}

/// The document has a line for each key, and a line for each element of a list in it: for people,
/// and for diff.
class Document {
 public:
  void Add(std::string_view key, std::string value) {
    JsonWriter name;
    name.String(key);
    text_ += (text_.empty() ? "{\n  " : ",\n  ") + name.Take() + ": " + value;
  }

  template <typename List, typename WriteElement>
  void AddList(std::string_view key, const List& list, WriteElement write_element) {
    std::string value = "[";
    for (const auto& element : list) {
      JsonWriter writer;
      write_element(writer, element);
      value += (value.size() == 1 ? "\n    " : ",\n    ") + writer.Take();
    }
    Add(key, value + (value.size() == 1 ? "]" : "\n  ]"));
  }

  void AddCount(std::string_view key, std::uint64_t count) { Add(key, std::to_string(count)); }

  void AddTexts(std::string_view key, const std::vector<std::string>& texts) {
    AddList(key, texts, [](JsonWriter& writer, const std::string& text) { writer.String(text); });
  }

  std::string Take() { return std::move(text_) + "\n}\n"; }

 private:
  std::string text_;
};

std::string RequestsOf(const Totals& totals) {
  JsonWriter writer;
  writer.BeginObject();
  writer.Key("sent").Integer(Signed(totals.sent));
  writer.Key("answered").Integer(Signed(totals.answered));
  writer.Key("waking").Integer(Signed(totals.waking));
  writer.Key("failed").Integer(Signed(totals.Failed()));
  writer.Key("lost_to_scaling").Integer(Signed(totals.FailedBy(Cause::kLostToScaling)));
  writer.Key("failed_by_cause").BeginObject();
  for (const auto cause :
       {Cause::kInjected, Cause::kLostToReclaim, Cause::kLostToScaling, Cause::kOther}) {
    writer.Key(CauseName(cause)).Integer(Signed(totals.FailedBy(cause)));
  }
  writer.EndObject();
  writer.Key("failed_by_fate").BeginObject();
  for (const auto& [fate, count] : totals.failed_by_fate) {
    writer.Key(fate).Integer(Signed(count));
  }
  writer.EndObject().EndObject();
  return writer.Take();
}

std::string RestartsOf(const Summary& summary) {
  JsonWriter writer;
  writer.BeginObject();
  for (const auto& [reason, count] : RestartsByReason(summary)) {
    writer.Key(reason).Integer(count);
  }
  writer.EndObject();
  return writer.Take();
}

void WriteStep(JsonWriter& writer, const LoadStep& step) {
  writer.BeginObject().Key("tenant").String(step.tenant);
  WriteSeconds(writer.Key("decision_seconds"), step.decision_seconds);
  WriteSeconds(writer.Key("serving_seconds"), step.serving_seconds);
  writer.EndObject();
}

void WriteWake(JsonWriter& writer, const Wake& wake) {
  writer.BeginObject().Key("tenant").String(wake.tenant);
  WriteSeconds(writer.Key("seconds"), wake.seconds);
  WriteSeconds(writer.Key("decision_seconds"), wake.decision_seconds);
  writer.Key("refused").Integer(wake.refused);
  writer.EndObject();
}

void WriteLoss(JsonWriter& writer, const Loss& loss) {
  const std::chrono::duration<double> took = loss.outcome.ended - loss.outcome.sent;
  writer.BeginObject().Key("tenant").String(loss.tenant);
  writer.Key("cause").String(CauseName(loss.cause));
  writer.Key("fate").String(FateName(loss.outcome.fate));
  writer.Key("status").Integer(loss.outcome.status);
  writer.Key("sent_monotonic_ns").Integer(loss.outcome.sent.time_since_epoch().count());
  WriteSeconds(writer.Key("seconds"), took.count());
  writer.EndObject();
}

void WriteAlert(JsonWriter& writer, const common::prometheus::Alert& alert) {
  const auto name = alert.labels.find("alertname");
  writer.BeginObject();
  writer.Key("alertname").String(name == alert.labels.end() ? "" : name->second);
  writer.Key("labels").BeginObject();
  for (const auto& [label, value] : alert.labels) {
    writer.Key(label).String(value);
  }
  writer.EndObject().Key("starts_at").String(alert.starts_at);
  writer.EndObject();
}

void WriteNames(JsonWriter& writer, const std::vector<std::string>& names) {
  writer.BeginArray();
  for (const auto& name : names) {
    writer.String(name);
  }
  writer.EndArray();
}

void WriteGap(JsonWriter& writer, const Gap& gap) {
  writer.Key("answered").Integer(Signed(gap.answered));
  writer.Key("failed_by_cause").BeginObject();
  for (const auto cause :
       {Cause::kInjected, Cause::kLostToReclaim, Cause::kLostToScaling, Cause::kOther}) {
    const auto found = gap.failed.find(cause);
    writer.Key(CauseName(cause)).Integer(found == gap.failed.end() ? 0 : Signed(found->second));
  }
  writer.EndObject().Key("failed_by_fate").BeginObject();
  for (const auto& [fate, count] : gap.failed_by_fate) {
    writer.Key(fate).Integer(Signed(count));
  }
  writer.EndObject();
}

void WriteReplicas(JsonWriter& writer, const std::optional<ReplicaChanges>& replicas) {
  if (!replicas) {
    writer.Null();
    return;
  }
  writer.BeginObject().Key("before").Integer(Signed(replicas->before));
  writer.Key("same").Integer(Signed(replicas->same));
  WriteNames(writer.Key("ended"), replicas->ended);
  WriteNames(writer.Key("twice"), replicas->twice);
  writer.EndObject();
}

void WriteFault(JsonWriter& writer, const FaultSummary& fault) {
  writer.BeginObject().Key("part").String(fault.plan.part);
  writer.Key("kind").String(FaultKindName(fault.plan.kind));
  WriteSeconds(writer.Key("began_seconds"), fault.began_seconds);
  WriteSeconds(writer.Key("back_seconds"), fault.back_seconds);
  WriteGap(writer, fault.gap);
  WriteReplicas(writer.Key("replicas"), fault.replicas);
  writer.EndObject();
}

std::string CountsOf(const Counted& counted) {
  JsonWriter writer;
  writer.BeginObject().Key("by_visitors").Integer(Signed(counted.by_visitors));
  for (const auto& [key, value] :
       {std::pair("in_prometheus", counted.in_prometheus), std::pair("resets", counted.resets)}) {
    writer.Key(key);
    value ? writer.Double(*value) : writer.Null();
  }
  writer.EndObject();
  return writer.Take();
}

std::string HistoryOf(const DecisionHistory& history) {
  JsonWriter writer;
  writer.BeginObject().Key("seen").Integer(Signed(history.seen));
  writer.Key("forgotten").Integer(Signed(history.forgotten));
  writer.Key("broken").Integer(Signed(history.broken));
  writer.Key("held").Integer(Signed(history.held)).EndObject();
  return writer.Take();
}

void WriteReclaim(JsonWriter& writer, const Reclaim& reclaim, std::uint64_t lost) {
  writer.BeginObject().Key("node").String(reclaim.node).Key("zone").String(reclaim.zone);
  WriteSeconds(writer.Key("began_seconds"), reclaim.began_seconds);
  WriteSeconds(writer.Key("notice_seconds"), reclaim.notice_seconds);
  writer.Key("replicas").Integer(Signed(reclaim.replicas));
  WriteNames(writer.Key("tenants"), reclaim.tenants);
  WriteSeconds(writer.Key("emptied_seconds"), reclaim.emptied_seconds);
  WriteSeconds(writer.Key("gone_seconds"), reclaim.gone_seconds);
  writer.Key("requests_lost").Integer(Signed(lost)).EndObject();
}

void WriteAllSeconds(JsonWriter& writer, const std::vector<double>& all) {
  writer.BeginArray();
  for (const auto seconds : all) {
    WriteSeconds(writer, seconds);
  }
  writer.EndArray();
}

std::string CapacityOf(const CapacitySummary& capacity) {
  JsonWriter writer;
  writer.BeginObject();
  WriteSeconds(writer.Key("spare_ok_share"), capacity.spare_ok_share);
  writer.Key("reclaims").BeginArray();
  for (std::size_t number = 0; number < capacity.reclaims.size(); ++number) {
    WriteReclaim(writer, capacity.reclaims[number], capacity.lost.at(number));
  }
  writer.EndArray();
  WriteAllSeconds(writer.Key("fallback_seconds"), capacity.fallback_seconds);
  WriteAllSeconds(writer.Key("return_seconds"), capacity.return_seconds);
  writer.Key("drain_deadline_missed");
  capacity.drain_deadline_missed ? writer.Integer(Signed(*capacity.drain_deadline_missed))
                                 : writer.Null();
  writer.Key("requests_lost").Integer(Signed(capacity.requests_lost));
  WriteSeconds(writer.Key("cost_share_of_on_demand"), capacity.cost_share_of_on_demand);
  writer.Key("most_nodes").Integer(Signed(capacity.most_nodes));
  WriteNames(writer.Key("problems"), capacity.problems);
  writer.EndObject();
  return writer.Take();
}

}  // namespace

std::string ToJson(const Summary& summary) {
  JsonWriter seconds;
  WriteSeconds(seconds, summary.seconds);
  Document document;
  document.Add("seconds", seconds.Take());
  document.Add("requests", RequestsOf(summary.totals));
  document.AddList("load_steps", summary.load_steps, WriteStep);
  document.AddCount("scale_ups", summary.totals.scale_ups);
  document.AddCount("scale_downs", summary.totals.scale_downs);
  document.AddCount("scaled_to_zero", summary.totals.scaled_to_zero);
  document.AddList("wakes", summary.wakes, WriteWake);
  document.AddTexts("still_waking", summary.still_waking);
  document.Add("restarts", RestartsOf(summary));
  document.AddList("alerts_received", summary.alerts_received, WriteAlert);
  document.AddList("losses", summary.losses, WriteLoss);
  document.AddList("scalings", summary.scalings, [&](JsonWriter& writer, const Scaling& scaling) {
    const std::chrono::duration<double> at = scaling.at - summary.began;
    WriteSeconds(writer.BeginObject().Key("at_seconds"), at.count());
    writer.Key("tenant").String(scaling.tenant).Key("from").Integer(scaling.from);
    writer.Key("to").Integer(scaling.to).EndObject();
  });
  document.AddList("faults", summary.faults, WriteFault);
  document.Add("capacity", CapacityOf(summary.capacity));
  document.Add("requests_counted", CountsOf(summary.counted));
  document.Add("decisions", HistoryOf(summary.history));
  document.AddTexts("complaints", summary.complaints);
  document.AddTexts("left_behind", summary.left_behind);
  return document.Take();
}

common::Result<void> WriteSummary(const Summary& summary, const std::filesystem::path& path) {
  return common::ReplaceFile(path, ToJson(summary));
}

}  // namespace demo
