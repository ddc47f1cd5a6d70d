#include "scaler/explain/sentence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scaler::explain {
namespace {

using ::testing::HasSubstr;

engine::Decision Scaled() {
  engine::Decision decision;
  decision.outcome = engine::Outcome::kScaled;
  decision.current = 2;
  decision.desired = 5;
  decision.recommendations = {{"cpu", 0.5, 0.7, 2}, {"requests", 120, 20, 6}};
  decision.clamps = {{engine::Rule::kMax, 6, 5, 5, {}}};
  return decision;
}

TEST(Sentence, NamesTheSignalThatAskedForMostAndTheRuleThatChangedIt) {
  EXPECT_EQ(Headline(Scaled()), "scaled 2 -> 5");
  EXPECT_THAT(Sentence(Scaled()), HasSubstr("requests: 120.0/s, 20/s a replica -> 6; max: 6 -> 5"));
}

TEST(Sentence, OfWhatIsHeldBeginsWithWhatIsMissing) {
  auto decision = Scaled();
  decision.outcome = engine::Outcome::kHeld;
  decision.left_out = {{"requests", "agent a is silent"}};
  EXPECT_THAT(Sentence(decision), testing::StartsWith("requests: agent a is silent; "));
}

TEST(Sentence, OfNothingIsEmpty) { EXPECT_EQ(Sentence({}), ""); }

TEST(Sentence, IsShortHoweverLongItsPartsAre) {
  auto decision = Scaled();
  decision.recommendations[1].signal = std::string(5000, 'x');
  EXPECT_LE(Sentence(decision).size(), 512U);
}

TEST(Shorten, CutsNoCharacter) {
  EXPECT_EQ(Shorten("abc", 3), "abc");
  EXPECT_EQ(Shorten("abcdef", 5), "ab...");
  EXPECT_EQ(Shorten("aä€def", 6), "aä...");
  EXPECT_EQ(Shorten("a€bdef", 6), "a...");
}

}  // namespace
}  // namespace scaler::explain
