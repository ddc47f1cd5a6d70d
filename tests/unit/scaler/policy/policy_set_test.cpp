#include "scaler/policy/policy_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scaler/policy/directory.h"
#include "unit/scaler/policy/policy_text.h"

namespace scaler::policy {
namespace {

using ::testing::IsEmpty;

/// Policies as somebody put them into a directory that has gone since.
class PolicySetTest : public ::testing::Test {
 protected:
  PolicySet Set(std::string_view text) {
    directory_.Write("p.yaml", text);
    auto load = LoadDirectory(directory_.Path());
    EXPECT_THAT(load.problems, IsEmpty()) << ToString(load.problems);
    return load.set;
  }

  /// Without the name of the scratch directory.
  std::string Check(const PolicySet& set, const std::vector<Subject>& subjects) {
    auto text = ToString(set.Check(subjects));
    const auto prefix = directory_.Path().string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  PolicyFiles directory_;
};

constexpr std::string_view kShops = "selector: {matchLabels: {app: shop}}";

TEST_F(PolicySetTest, FindsThePolicyOfAWorkload) {
  const auto set = Set(Document("shops", kShops));

  const auto resolved = set.Resolve({"local", "shop-1", {{"app", "shop"}, {"tier", "gold"}}});

  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->policy.name, "local/shops");
  EXPECT_EQ(resolved->tenant, "shop-1");
  EXPECT_FALSE(set.Resolve({"local", "shop-1", {{"app", "blog"}}}));
  EXPECT_FALSE(set.Resolve({"other", "shop-1", {{"app", "shop"}}}));
}

TEST_F(PolicySetTest, AllLabelsOfTheSelectorMustMatch) {
  const auto set = Set(Document("shops", "selector: {matchLabels: {app: shop, tier: gold}}"));

  EXPECT_TRUE(set.Resolve({"local", "a", {{"app", "shop"}, {"tier", "gold"}}}));
  EXPECT_FALSE(set.Resolve({"local", "a", {{"app", "shop"}}}));
  EXPECT_FALSE(set.Resolve({"local", "a", {{"app", "shop"}, {"tier", "silver"}}}));
}

TEST_F(PolicySetTest, ANameGoesBeforeASelectorAndThenTheFirstByName) {
  const auto set = Set(Document("b", kShops) + "---\n" + Document("a", kShops) + "---\n" +
                       Document("z", "name: shop-1"));

  EXPECT_EQ(set.Resolve({"local", "shop-1", {{"app", "shop"}}})->policy.name, "local/z");
  EXPECT_EQ(set.Resolve({"local", "shop-2", {{"app", "shop"}}})->policy.name, "local/a");
}

TEST_F(PolicySetTest, APolicyThatNamesAKindIsForNoOther) {
  const auto set = Set(Document("a", "kind: StatefulSet, name: db"));
  const auto find = [&](const std::string& kind) {
    return set.Resolve({"local", "db", {}, kind}).has_value();
  };
  EXPECT_TRUE(find("StatefulSet"));
  EXPECT_FALSE(find("Deployment"));
  EXPECT_TRUE(find("")) << "of a platform that has but one kind";
}

TEST_F(PolicySetTest, OfThousandsItFindsTheOneThatAskingAllWouldFind) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    const auto number = std::to_string(i);
    const std::string target =
        i % 3 == 0   ? "name: shop-" + number
        : i % 3 == 1 ? "selector: {matchLabels: {plan: p" + number + ", zone: z}}"
                     : "selector: {matchExpressions: [{key: odd, operator: In, values: [\"" +
                           number + "\"]}]}";
    text += (i > 0 ? "---\n" : "") + Document("p" + number, target);
  }
  const auto set = Set(text);
  for (const auto& subject :
       {Subject{"local", "shop-33", {}}, Subject{"local", "x", {{"odd", "5"}}},
        Subject{"local", "shop-3", {{"plan", "p1"}, {"zone", "z"}}},
        Subject{"local", "x", {{"plan", "p1"}, {"zone", "z"}, {"odd", "2"}}},
        Subject{"local", "x", {{"plan", "p1"}}}, Subject{"other", "shop-33", {}}}) {
    const ScalingPolicy* expected = nullptr;
    for (const auto* policy : set.All()) {
      const bool before =
          expected == nullptr || (!policy->target.selector && expected->target.selector);
      if (policy->Matches(subject) && before) {
        expected = policy;
      }
    }
    const auto found = set.Resolve(subject);
    ASSERT_EQ(found.has_value(), expected != nullptr) << subject.name;
    if (found) {
      EXPECT_EQ(found->policy.name, expected->terms.policy.name);
    }
  }
}

TEST_F(PolicySetTest, SaysThatPoliciesCompete) {
  const auto set = Set(Document("b", kShops) + "---\n" + Document("a", kShops));

  EXPECT_EQ(Check(set, {{"local", "shop-1", {{"app", "shop"}}},
                        {"local", "shop-2", {{"app", "shop"}}},
                        {"local", "shop-3", {{"app", "shop"}}}}),
            "p.yaml:1:1: spec.target: local/a also matches local/shop-1 and scales it; and so for "
            "2 more");
}

TEST_F(PolicySetTest, SaysThatAPolicyMatchesNothing) {
  const auto set = Set(Document("shops", kShops));

  EXPECT_EQ(Check(set, {{"local", "blog", {}}}),
            "p.yaml:1:1: spec.target: local/shops matches no workload");
  EXPECT_EQ(Check(set, {{"local", "shop", {{"app", "shop"}}}}), "");
}

TEST_F(PolicySetTest, TakesTheTenantFromItsLabel) {
  const auto set = Set(Document("shops", kShops, "  tenant: {fromLabel: trimtab.io/tenant}"));

  EXPECT_EQ(set.Resolve({"local", "s", {{"app", "shop"}, {"trimtab.io/tenant", "acme"}}})->tenant,
            "acme");
  EXPECT_EQ(set.Resolve({"local", "s", {{"app", "shop"}}})->tenant, "s");
  EXPECT_EQ(Check(set, {{"local", "s", {{"app", "shop"}}}}),
            "p.yaml:1:1: spec.tenant.fromLabel: local/s has no label trimtab.io/tenant; its name "
            "is taken for its tenant");
}

TEST_F(PolicySetTest, AppliesTheFirstOverrideByName) {
  const auto set =
      Set(Document("shops", kShops,
                   "  overrides:\n"
                   "    vip: {selector: {matchLabels: {vip: 'yes'}}, replicas: {max: 30}}\n"
                   "    gold: {selector: {matchLabels: {tier: gold}}, replicas: {max: 20}}\n"));
  const Subject both{"local", "s", {{"app", "shop"}, {"vip", "yes"}, {"tier", "gold"}}};

  EXPECT_EQ(set.Resolve({"local", "s", {{"app", "shop"}}})->policy.replicas.max, 3);
  EXPECT_EQ(set.Resolve({"local", "s", {{"app", "shop"}, {"vip", "yes"}}})->override_name, "vip");
  EXPECT_EQ(set.Resolve(both)->policy.replicas.max, 20);
  EXPECT_EQ(Check(set, {both}),
            "p.yaml:9:5: spec.overrides.vip: override gold also matches local/s and applies, being "
            "first by name");
}

TEST_F(PolicySetTest, OutlivesTheSetThatItWasCopiedFrom) {
  PolicySet copy;
  {
    const auto set = Set(Document("shops", kShops));
    copy = set;
  }
  EXPECT_TRUE(copy.Resolve({"local", "s", {{"app", "shop"}}}));
}

}  // namespace
}  // namespace scaler::policy
