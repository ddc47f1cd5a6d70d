#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "scaler/engine/decide.h"

/// The names of the engine's enums in JSON: NamesOf(value of the enum) lists all of them.
namespace scaler::codec {

template <typename E>
using Names = std::vector<std::pair<E, std::string_view>>;

[[nodiscard]] const Names<engine::RateLimit::Kind>& NamesOf(engine::RateLimit::Kind);
[[nodiscard]] const Names<engine::SelectPolicy>& NamesOf(engine::SelectPolicy);
[[nodiscard]] const Names<engine::Mode>& NamesOf(engine::Mode);
[[nodiscard]] const Names<engine::Algorithm>& NamesOf(engine::Algorithm);
[[nodiscard]] const Names<engine::ExternalSignal::Kind>& NamesOf(engine::ExternalSignal::Kind);
[[nodiscard]] const Names<engine::Forecast::Mode>& NamesOf(engine::Forecast::Mode);
[[nodiscard]] const Names<engine::Guards::OnMissing>& NamesOf(engine::Guards::OnMissing);
[[nodiscard]] const Names<engine::MemoryReaction::OnOom>& NamesOf(engine::MemoryReaction::OnOom);
[[nodiscard]] const Names<engine::Placement::Spot>& NamesOf(engine::Placement::Spot);
[[nodiscard]] const Names<engine::Pod::Phase>& NamesOf(engine::Pod::Phase);
[[nodiscard]] const Names<engine::Pod::End>& NamesOf(engine::Pod::End);
[[nodiscard]] const Names<engine::Outcome>& NamesOf(engine::Outcome);
[[nodiscard]] const Names<engine::Rule>& NamesOf(engine::Rule);

}  // namespace scaler::codec
