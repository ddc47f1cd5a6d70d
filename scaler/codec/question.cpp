#include "scaler/codec/question.h"

#include <utility>

#include "scaler/codec/reader.h"
#include "scaler/codec/sane.h"
#include "scaler/codec/writer.h"
#include "scaler/engine/need.h"

namespace scaler::codec {
namespace {

template <typename T>
common::Result<void> ReadPart(dom::element element, const char* what, T& to) {
  return FromJson<T>(element, what, Reader::Keys::kGiven).map([&](T read) {
    to = std::move(read);
  });
}

/// What a file of policies is refused for as well.
std::string WrongPolicy(const engine::Policy& policy) {
  const auto& signals = policy.signals;
  const auto none_or_positive = [](const auto& signal, auto member) {
    return !signal || (*signal).*member > 0;
  };
  if (signals.requests && signals.requests->per_replica_per_second.value_or(1) <= 0) {
    return "policy.signals.requests.per_replica_per_second: must be more than 0";
  }
  if (!none_or_positive(signals.in_flight, &engine::CountSignal::per_replica)) {
    return "policy.signals.in_flight.per_replica: must be more than 0";
  }
  if (!none_or_positive(signals.queued, &engine::CountSignal::per_replica)) {
    return "policy.signals.queued.per_replica: must be more than 0";
  }
  if (!none_or_positive(signals.cpu, &engine::UtilizationSignal::utilization)) {
    return "policy.signals.cpu.utilization: must be more than 0";
  }
  if (!none_or_positive(signals.memory, &engine::UtilizationSignal::utilization)) {
    return "policy.signals.memory.utilization: must be more than 0";
  }
  for (const auto& external : signals.external) {
    if (external.target <= 0) {
      return "policy.signals.external.target: must be more than 0";
    }
  }
  if (const auto formula = engine::CheckFormula(policy.formula, signals);
      !policy.formula.empty() && !formula.problem.empty()) {
    return "policy.formula: " + formula.problem;
  }
  if (policy.objective.overload <= 0 || policy.objective.overload > 1) {
    return "policy.objective.overload: must be more than 0 and at most 1";
  }
  if (policy.replicas.min < 0 || policy.replicas.max < policy.replicas.min) {
    return "policy.replicas: 0 <= min <= max must hold";
  }
  return {};
}

}  // namespace

template <typename V, typename T>
void Fields(V& visit, const Question&, T& value) {
  visit("policy", value.policy);
  visit("state", value.state);
  visit("observation", value.observation);
}

template <typename V, typename T>
void Fields(V& visit, const engine::Step&, T& value) {
  visit("state", value.state);
  visit("decision", value.decision);
}

common::Result<Question> DecodeQuestion(std::string_view text) {
  dom::parser parser;
  const auto element = Parse(parser, text);
  if (!element) {
    return tl::make_unexpected(element.error());
  }
  Question question;
  for (const auto* key : {"policy", "observation"}) {
    if ((*element)[key].error() != simdjson::SUCCESS) {
      return common::Fail(std::errc::bad_message, std::string(key) + ": expected to be there");
    }
  }
  return ReadPart((*element)["policy"].value(), "policy", question.policy)
      .and_then([&] {
        auto state = (*element)["state"];
        return state.error() != simdjson::SUCCESS || state.is_null()
                   ? common::Result<void>()
                   : ReadPart(state.value(), "state", question.state);
      })
      .and_then([&] {
        return ReadPart((*element)["observation"].value(), "observation", question.observation);
      })
      .and_then([&]() -> common::Result<Question> {
        Sane sane;
        sane.Check(question);
        const auto wrong = sane.Problem().empty() ? WrongPolicy(question.policy) : sane.Problem();
        if (!wrong.empty()) {
          return common::Fail(std::errc::bad_message, wrong);
        }
        return std::move(question);
      });
}

std::string EncodeStep(const engine::Step& step) { return ToJson(step); }

}  // namespace scaler::codec
