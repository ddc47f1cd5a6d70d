#include "scaler/codec/capacity.h"

#include "scaler/codec/capacity_fields.h"
#include "scaler/codec/reader.h"
#include "scaler/codec/writer.h"

namespace scaler::engine::capacity {
namespace {

template <typename E, typename NameOf>
codec::Names<E> AllUpTo(E last, const NameOf& name_of) {
  codec::Names<E> names;
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    names.emplace_back(static_cast<E>(value), name_of(static_cast<E>(value)));
  }
  return names;
}

}  // namespace

const codec::Names<CapacityType>& NamesOf(CapacityType) {
  using E = CapacityType;
  static const codec::Names<E> names = {{E::kOnDemand, "on_demand"}, {E::kSpot, "spot"}};
  return names;
}

const codec::Names<Spare::By>& NamesOf(Spare::By) {
  using E = Spare::By;
  static const codec::Names<E> names = {{E::kPlaceholderPods, "placeholder_pods"},
                                        {E::kNodeGroups, "node_groups"}};
  return names;
}

const codec::Names<Event::Kind>& NamesOf(Event::Kind) {
  using E = Event::Kind;
  static const codec::Names<E> names = {{E::kLaunched, "launched"},
                                        {E::kFailed, "failed"},
                                        {E::kStockOut, "stock_out"},
                                        {E::kQuota, "quota"},
                                        {E::kInterrupted, "interrupted"}};
  return names;
}

const codec::Names<Action::Kind>& NamesOf(Action::Kind) {
  static const auto names = AllUpTo(Action::Kind::kRemove, ActionName);
  return names;
}

const codec::Names<Reason>& NamesOf(Reason) {
  static const auto names = AllUpTo(kLastReason, ReasonName);
  return names;
}

const codec::Names<Limit>& NamesOf(Limit) {
  static const auto names = AllUpTo(kLastLimit, LimitName);
  return names;
}

}  // namespace scaler::engine::capacity

namespace scaler::codec {

template <typename V, typename T>
void Fields(V& visit, const CapacityLine&, T& value) {
  int version = CapacityLine::kVersion;
  visit("v", version);
  visit("policy", value.policy);
  visit("state", value.state);
  visit("observation", value.observation);
  visit("decision", value.decision);
}

std::string EncodeCapacityLine(const CapacityLine& line) { return ToJson(line); }

common::Result<CapacityLine> DecodeCapacityLine(std::string_view text) {
  return DecodeVersioned<CapacityLine>(text);
}

std::string EncodeCapacityState(const capacity::CapacityState& state) { return ToJson(state); }

common::Result<capacity::CapacityState> DecodeCapacityState(std::string_view text) {
  return Decode<capacity::CapacityState>(text, "state");
}

std::string EncodeCapacityDecision(const capacity::CapacityDecision& decision) {
  return ToJson(decision);
}

bool Replays(const CapacityLine& line) {
  const auto step = capacity::DecideCapacity(line.policy, line.state, line.observation);
  return EncodeCapacityDecision(step.decision) == EncodeCapacityDecision(line.decision);
}

}  // namespace scaler::codec
