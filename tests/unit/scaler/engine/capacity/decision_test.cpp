#include "scaler/engine/capacity/decision.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace scaler::engine::capacity {
namespace {

TEST(CapacityWords, EveryReasonAndLimitHasANameAndASentenceOfItsOwn) {
  std::set<std::string> names;
  std::set<std::string> sentences;
  const auto reasons = static_cast<std::size_t>(kLastReason) + 1;
  for (std::size_t i = 0; i < reasons; ++i) {
    Action action;
    action.reason = static_cast<Reason>(i);
    names.emplace(ReasonName(action.reason));
    sentences.insert(Sentence(action));
  }
  EXPECT_EQ(names.size(), reasons);
  EXPECT_EQ(sentences.size(), reasons);
  names.clear();
  sentences.clear();
  const auto limits = static_cast<std::size_t>(kLastLimit) + 1;
  for (std::size_t i = 0; i < limits; ++i) {
    CapacityClamp clamp;
    clamp.limit = static_cast<Limit>(i);
    names.emplace(LimitName(clamp.limit));
    sentences.insert(Sentence(clamp));
  }
  EXPECT_EQ(names.size(), limits);
  EXPECT_EQ(sentences.size(), limits);
}

TEST(CapacityWords, ActionsSayWhereAndWhy) {
  Action action{Action::Kind::kAdd, Reason::kPendingPods, "spot", "a", {}, 2, {}};
  EXPECT_EQ(Sentence(action), "add 2 nodes to spot in a: pods fit nowhere");
  action = {Action::Kind::kDrain, Reason::kUnneeded, "spot", "", "node-1", 1, {}};
  EXPECT_EQ(Sentence(action), "drain node-1 of spot: what runs on it fits elsewhere");
}

TEST(CapacityWords, LimitsSayHowManyTheyKeepBack) {
  EXPECT_EQ(Sentence(CapacityClamp{Limit::kNoOffer, {}, {}, "shop", 3}),
            "3 pods of shop wait: no pool makes a node on which they fit");
  EXPECT_EQ(Sentence(CapacityClamp{Limit::kCooldown, "spot", {}, "node-1", 1}),
            "1 node of spot (node-1) not changed: nodes were added a moment ago");
}

TEST(CapacityWords, AVerdictSaysWhatHasNoRoom) {
  SpareVerdict verdict;
  verdict.what = "what the shapes ask for";
  verdict.holds = true;
  EXPECT_EQ(Sentence(verdict), "what the shapes ask for fits");
  verdict.holds = false;
  verdict.on_its_way = true;
  verdict.missing = {{"shape shop", 2}, {"shape gold", 1}};
  EXPECT_EQ(Sentence(verdict),
            "what the shapes ask for does not fit until the nodes that come are ready: no room for "
            "2 of shape shop, 1 of shape gold");
}

}  // namespace
}  // namespace scaler::engine::capacity
