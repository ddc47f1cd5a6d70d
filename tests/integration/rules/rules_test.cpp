#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/yaml/parse.h"

namespace {

using common::yaml::Map;
using common::yaml::Problems;
using common::yaml::Value;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::filesystem::path kSource = SOURCE_DIR;

/// The rules file, read strictly: promtool lets an unknown annotation or label pass.
class RulesTest : public ::testing::Test {
 protected:
  RulesTest() {
    auto root = ParseConfiguration(kSource / "rules/trimtab.rules.yaml", problems_);
    if (!root) {
      return;
    }
    for (const auto& group : root->Required("groups").List()) {
      for (const auto& rule : group.AsMap()->Required("rules").List()) {
        rules_.push_back(*rule.AsMap());
      }
    }
  }
  ~RulesTest() override { EXPECT_TRUE(problems_.Empty()) << problems_.AsError().what; }

  static std::string Text(Map& map, const char* key) {
    return map.Optional(key).String().value_or("");
  }

  /// The alerts, by name.
  std::vector<std::pair<std::string, Map>> Alerts() {
    std::vector<std::pair<std::string, Map>> alerts;
    for (auto& rule : rules_) {
      if (const auto name = rule.Optional("alert").String()) {
        alerts.emplace_back(*name, rule);
      }
    }
    return alerts;
  }

  Problems problems_{"rules"};
  std::vector<Map> rules_;
};

TEST_F(RulesTest, EveryAlertSaysHowMuchItMattersAndWhatItMeans) {
  ASSERT_FALSE(Alerts().empty());
  for (auto& [name, alert] : Alerts()) {
    SCOPED_TRACE(name);
    auto labels = alert.Required("labels").AsMap();
    auto annotations = alert.Required("annotations").AsMap();
    ASSERT_TRUE(labels && annotations);
    (void)alert.Optional("alert");
    (void)alert.Required("expr");
    (void)alert.Optional("for").Duration();
    EXPECT_THAT(Text(*labels, "severity"), AnyOf("critical", "warning"));
    EXPECT_THAT(Text(*annotations, "summary"), Not(HasSubstr("{{")));
    EXPECT_THAT(Text(*annotations, "summary"), testing::EndsWith("."));
    EXPECT_THAT(Text(*annotations, "description"), HasSubstr("{{"));
    EXPECT_EQ(Text(*annotations, "runbook_url"), "docs/runbooks/" + name + ".md");
    alert.Finish();
    labels->Finish();
    annotations->Finish();
  }
}

TEST_F(RulesTest, EveryAlertHasARunbookAndEveryRunbookAnAlert) {
  std::set<std::string> alerts;
  for (const auto& [name, alert] : Alerts()) {
    alerts.insert(name);
  }
  std::set<std::string> runbooks;
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "docs/runbooks")) {
    runbooks.insert(entry.path().stem());
  }
  EXPECT_EQ(alerts, runbooks);
}

TEST_F(RulesTest, NoAggregationDropsTheCluster) {
  for (auto& rule : rules_) {
    const auto expression = Text(rule, "expr");
    SCOPED_TRACE(expression);
    for (auto by = expression.find("by ("); by != std::string::npos;
         by = expression.find("by (", by + 1)) {
      EXPECT_THAT(expression.substr(by), StartsWith("by (cluster"));
    }
    EXPECT_THAT(expression, Not(HasSubstr("without (")));
  }
}

TEST_F(RulesTest, RecordedNamesSayLevelMetricAndOperations) {
  for (auto& rule : rules_) {
    if (const auto name = rule.Optional("record").String()) {
      EXPECT_THAT(*name, testing::MatchesRegex("[a-z_]+:trimtab_[a-z_]+:[a-z0-9_]+"));
    }
  }
}

/// Each alert is named by a test that expects it, and by one that expects nothing.
TEST_F(RulesTest, EveryAlertIsTestedToFireAndNotToFire) {
  std::set<std::string> fires;
  std::set<std::string> rests;
  for (const auto& file : std::filesystem::directory_iterator(kSource / "rules/tests")) {
    Problems problems(file.path().string());
    auto root = ParseConfiguration(file.path(), problems);
    ASSERT_TRUE(root) << problems.AsError().what;
    for (const auto& test : root->Required("tests").List()) {
      for (const auto& expectation : test.AsMap()->Optional("alert_rule_test").List()) {
        auto map = *expectation.AsMap();
        const auto name = Text(map, "alertname");
        (map.Required("exp_alerts").List().empty() ? rests : fires).insert(name);
      }
    }
  }
  for (const auto& [name, alert] : Alerts()) {
    EXPECT_TRUE(fires.contains(name)) << name << " is never expected to fire";
    EXPECT_TRUE(rests.contains(name)) << name << " is never expected to rest";
  }
}

}  // namespace
