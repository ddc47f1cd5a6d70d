#include "scaler/explain/sentence.h"

#include <fmt/format.h>

#include <algorithm>

#include "scaler/explain/reasons.h"

namespace scaler::explain {
namespace {

using engine::Outcome;

constexpr std::size_t kLongestSentence = 512;
constexpr std::size_t kMostRules = 3;

void Add(std::string part, std::string& text) {
  text += (text.empty() ? "" : "; ") + std::move(part);
}

std::string RuleText(const engine::Clamp& clamp) {
  return fmt::format("{}: {} -> {} ({})", engine::RuleName(clamp.rule), clamp.from, clamp.to,
                     engine::Why(clamp));
}

/// What the formula made of the signals, or the one that asked for most; null: none asked.
const engine::Recommendation* Decisive(const std::vector<engine::Recommendation>& all) {
  if (all.empty() || all.back().signal == "formula") {
    return all.empty() ? nullptr : &all.back();
  }
  return &*std::max_element(all.begin(), all.end(),
                            [](const auto& a, const auto& b) { return a.replicas < b.replicas; });
}

}  // namespace

std::string Sentence(const engine::Decision& decision) {
  std::string text;
  if (decision.outcome == Outcome::kHeld && !decision.left_out.empty()) {
    const auto& first = decision.left_out.front();
    Add(fmt::format("{}: {}", first.what, first.why), text);
  }
  if (const auto* const decisive = Decisive(decision.recommendations)) {
    Add(Recommended(*decisive), text);
  }
  // The last rules are those that had the last word.
  const auto skipped = decision.clamps.size() - std::min(kMostRules, decision.clamps.size());
  for (auto i = skipped; i < decision.clamps.size(); ++i) {
    Add(RuleText(decision.clamps[i]), text);
  }
  return Shorten(std::move(text), kLongestSentence);
}

std::string Headline(const engine::Decision& decision) {
  switch (decision.outcome) {
    case Outcome::kScaled:
      return fmt::format("scaled {} -> {}", decision.current, decision.desired);
    case Outcome::kDryRun:
      return fmt::format("would scale {} -> {} (dry run)", decision.current, decision.desired);
    case Outcome::kHeld:
      return fmt::format("held at {}", decision.current);
    case Outcome::kKept:
      return fmt::format("kept {}", decision.current);
  }
  return "";
}

std::string Shorten(std::string text, std::size_t most) {
  constexpr std::string_view kMore = "...";
  if (text.size() <= most) {
    return text;
  }
  auto size = most - kMore.size();
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  while (size > 0 && continues(size)) {
    --size;
  }
  text.resize(size);
  return text.append(kMore);
}

}  // namespace scaler::explain
