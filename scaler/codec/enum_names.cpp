#include "scaler/codec/enum_names.h"

namespace scaler::codec {

const Names<engine::RateLimit::Kind>& NamesOf(engine::RateLimit::Kind) {
  using E = engine::RateLimit::Kind;
  static const Names<E> names = {{E::kPods, "pods"}, {E::kPercent, "percent"}};
  return names;
}

const Names<engine::SelectPolicy>& NamesOf(engine::SelectPolicy) {
  using E = engine::SelectPolicy;
  static const Names<E> names = {{E::kMax, "max"}, {E::kMin, "min"}, {E::kDisabled, "disabled"}};
  return names;
}

const Names<engine::Mode>& NamesOf(engine::Mode) {
  using E = engine::Mode;
  static const Names<E> names = {
      {E::kActive, "active"}, {E::kDryRun, "dry_run"}, {E::kPaused, "paused"}};
  return names;
}

const Names<engine::Algorithm>& NamesOf(engine::Algorithm) {
  using E = engine::Algorithm;
  static const Names<E> names = {{E::kObjective, "objective"}, {E::kHpa, "hpa"}};
  return names;
}

const Names<engine::ExternalSignal::Kind>& NamesOf(engine::ExternalSignal::Kind) {
  using E = engine::ExternalSignal::Kind;
  static const Names<E> names = {{E::kPerReplica, "per_replica"}, {E::kValue, "value"}};
  return names;
}

const Names<engine::Forecast::Mode>& NamesOf(engine::Forecast::Mode) {
  using E = engine::Forecast::Mode;
  static const Names<E> names = {{E::kOff, "off"}, {E::kAuto, "auto"}};
  return names;
}

const Names<engine::Guards::OnMissing>& NamesOf(engine::Guards::OnMissing) {
  using E = engine::Guards::OnMissing;
  static const Names<E> names = {{E::kHold, "hold"}, {E::kFallback, "fallback"}};
  return names;
}

const Names<engine::MemoryReaction::OnOom>& NamesOf(engine::MemoryReaction::OnOom) {
  using E = engine::MemoryReaction::OnOom;
  static const Names<E> names = {
      {E::kIgnore, "ignore"}, {E::kRecommend, "recommend"}, {E::kApply, "apply"}};
  return names;
}

const Names<engine::Placement::Spot>& NamesOf(engine::Placement::Spot) {
  using E = engine::Placement::Spot;
  static const Names<E> names = {{E::kPrefer, "prefer"}, {E::kNever, "never"}, {E::kOnly, "only"}};
  return names;
}

const Names<engine::Pod::Phase>& NamesOf(engine::Pod::Phase) {
  using E = engine::Pod::Phase;
  static const Names<E> names = {
      {E::kPending, "pending"}, {E::kRunning, "running"}, {E::kFailed, "failed"}};
  return names;
}

const Names<engine::Pod::End>& NamesOf(engine::Pod::End) {
  using E = engine::Pod::End;
  static const Names<E> names = {{E::kNone, "none"},
                                 {E::kCompleted, "completed"},
                                 {E::kError, "error"},
                                 {E::kOutOfMemory, "out_of_memory"},
                                 {E::kHealthCheck, "health_check"},
                                 {E::kEvicted, "evicted"}};
  return names;
}

const Names<engine::Outcome>& NamesOf(engine::Outcome) {
  using engine::Outcome;
  static const Names<Outcome> names = [] {
    Names<Outcome> all;
    for (const auto outcome :
         {Outcome::kScaled, Outcome::kKept, Outcome::kHeld, Outcome::kDryRun}) {
      all.emplace_back(outcome, engine::OutcomeName(outcome));
    }
    return all;
  }();
  return names;
}

const Names<engine::Rule>& NamesOf(engine::Rule) {
  static const Names<engine::Rule> names = [] {
    Names<engine::Rule> all;
    for (int rule = 0; rule <= static_cast<int>(engine::kLastRule); ++rule) {
      all.emplace_back(static_cast<engine::Rule>(rule),
                       engine::RuleName(static_cast<engine::Rule>(rule)));
    }
    return all;
  }();
  return names;
}

}  // namespace scaler::codec
