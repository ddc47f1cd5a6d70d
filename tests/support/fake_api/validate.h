#pragma once

#include <optional>
#include <string>

#include "support/fake_api/json.h"
#include "support/fake_api/store.h"

namespace tests {

/// What a server would say is wrong with an object that somebody wants to keep; nothing where all
/// is well. Names, leases, config maps, events and numbers of replicas.
[[nodiscard]] std::optional<std::string> ProblemOf(const ApiStore::Collection& collection,
                                                   const json::Object& object);

/// What it would say of the change of one; nothing where all is well. Events: all but `series`
/// stays.
[[nodiscard]] std::optional<std::string> ProblemOfChange(const ApiStore::Collection& collection,
                                                         const json::Object& before,
                                                         const json::Object& after);

/// A whole number of at least `least` or nothing at all; else what is wrong.
[[nodiscard]] std::optional<std::string> NumberProblem(const json::Object& object, const char* path,
                                                       int least);

/// "2026-11-21T03:10:12.345678Z", and with as many digits.
[[nodiscard]] bool IsMicroTime(const std::string& text);

/// As ProblemOf, of an Event of events.k8s.io/v1.
[[nodiscard]] std::optional<std::string> EventProblem(const json::Object& event);

/// As ProblemOfChange, of such an Event.
[[nodiscard]] std::optional<std::string> EventChangeProblem(const json::Object& before,
                                                            const json::Object& after);

}  // namespace tests
