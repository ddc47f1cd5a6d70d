#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/scratch_directory.h"

namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The dashboards by file name.
std::map<std::string, json::object> Dashboards() {
  std::map<std::string, json::object> dashboards;
  const auto folder = std::filesystem::path(SOURCE_DIR) / "dashboards";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") {
      dashboards[entry.path().filename()] = json::parse(Slurp(entry.path())).as_object();
    }
  }
  return dashboards;
}

std::string Text(const json::object& object, const char* key) {
  const auto* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// The panels that show something; a row only separates them.
std::vector<json::object> Panels(const json::object& dashboard) {
  std::vector<json::object> panels;
  for (const auto& panel : dashboard.at("panels").as_array()) {
    if (Text(panel.as_object(), "type") != "row") {
      panels.push_back(panel.as_object());
    }
  }
  return panels;
}

std::vector<std::string> Expressions(const json::object& panel) {
  std::vector<std::string> expressions;
  for (const auto& target : panel.at("targets").as_array()) {
    expressions.push_back(Text(target.as_object(), "expr"));
  }
  return expressions;
}

void ExpectVariableDatasource(const json::object& object) {
  EXPECT_EQ(Text(object.at("datasource").as_object(), "uid"), "${datasource}");
}

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

TEST(Dashboards, HaveAnIdentityOfTheirOwnAndCannotBeEdited) {
  std::set<std::string> uids;
  ASSERT_EQ(Dashboards().size(), 3U);
  for (const auto& [file, dashboard] : Dashboards()) {
    SCOPED_TRACE(file);
    const auto uid = Text(dashboard, "uid");
    EXPECT_EQ(uid + ".json", file);
    EXPECT_TRUE(uids.insert(uid).second);
    EXPECT_FALSE(dashboard.contains("id"));
    EXPECT_FALSE(dashboard.at("editable").as_bool());
    EXPECT_EQ(dashboard.at("tags"), json::array({json::value("trimtab")}));
    EXPECT_THAT(Text(dashboard, "title"), testing::StartsWith("Trimtab / "));
    EXPECT_THAT(Text(dashboard, "description"), Not(IsEmpty()));
    EXPECT_GE(dashboard.at("schemaVersion").as_int64(), 39);
    EXPECT_LE(dashboard.at("schemaVersion").as_int64(), 41);
  }
}

TEST(Dashboards, LetOneChooseTheDatasourceTheClusterAndTheNamespace) {
  for (const auto& [file, dashboard] : Dashboards()) {
    SCOPED_TRACE(file);
    std::vector<std::string> names;
    for (const auto& variable : dashboard.at("templating").at("list").as_array()) {
      const auto& object = variable.as_object();
      names.push_back(Text(object, "name"));
      if (Text(object, "type") != "query") {
        continue;
      }
      ExpectVariableDatasource(object);
      EXPECT_EQ(object.at("refresh").as_int64(), 2) << "reload when the time range changes";
      EXPECT_TRUE(object.at("multi").as_bool());
      EXPECT_TRUE(object.at("includeAll").as_bool());
    }
    EXPECT_THAT(names, ElementsAre("datasource", "cluster", "namespace", "job", "instance"));
  }
}

TEST(Dashboards, EveryPanelSaysWhatItShowsAndInWhichUnit) {
  for (const auto& [file, dashboard] : Dashboards()) {
    std::set<std::int64_t> ids;
    for (const auto& panel : Panels(dashboard)) {
      SCOPED_TRACE(file + ": " + Text(panel, "title"));
      EXPECT_TRUE(ids.insert(panel.at("id").as_int64()).second);
      EXPECT_THAT(Text(panel, "title"), Not(IsEmpty()));
      EXPECT_THAT(Text(panel, "description"), testing::EndsWith("."));
      EXPECT_THAT(Text(panel.at("fieldConfig").at("defaults").as_object(), "unit"), Not(IsEmpty()));
      ExpectVariableDatasource(panel);
      EXPECT_FALSE(panel.at("targets").as_array().empty());
      for (const auto& target : panel.at("targets").as_array()) {
        ExpectVariableDatasource(target.as_object());
      }
    }
  }
}

TEST(Dashboards, NoTwoPanelsOverlap) {
  for (const auto& [file, dashboard] : Dashboards()) {
    std::set<std::pair<std::int64_t, std::int64_t>> cells;
    for (const auto& panel : dashboard.at("panels").as_array()) {
      SCOPED_TRACE(file + ": " + Text(panel.as_object(), "title"));
      const auto& grid = panel.at("gridPos").as_object();
      const auto x = grid.at("x").as_int64();
      const auto y = grid.at("y").as_int64();
      EXPECT_LE(x + grid.at("w").as_int64(), 24);
      bool free = true;
      for (auto i = x; i < x + grid.at("w").as_int64(); ++i) {
        for (auto j = y; j < y + grid.at("h").as_int64(); ++j) {
          free = cells.emplace(i, j).second && free;
        }
      }
      EXPECT_TRUE(free);
    }
  }
}

TEST(Dashboards, EveryQueryFollowsTheVariablesAndTheScrapeInterval) {
  const std::regex selector(R"(trimtab_\w+(\{[^}]*\})?)");
  const std::regex rate(R"(\b(i?rate)\([^\[]*\[([^\]]*)\])");
  for (const auto& [file, dashboard] : Dashboards()) {
    for (const auto& panel : Panels(dashboard)) {
      for (const auto& expression : Expressions(panel)) {
        SCOPED_TRACE(file + ": " + expression);
        for (std::sregex_iterator it(expression.begin(), expression.end(), selector), end;
             it != end; ++it) {
          EXPECT_THAT((*it)[1].str(),
                      AllOf(HasSubstr(R"(cluster=~"$cluster")"), HasSubstr(R"(job=~"$job")"),
                            HasSubstr(R"(instance=~"$instance")")));
        }
        for (std::sregex_iterator it(expression.begin(), expression.end(), rate), end; it != end;
             ++it) {
          EXPECT_EQ((*it)[2].str(), "$__rate_interval");
        }
      }
    }
  }
}

TEST(Dashboards, EveryCounterIsUnderARateOrAnIncrease) {
  const std::regex counter(R"((\w+\()?trimtab_\w+(_total|_bucket)\b)");
  for (const auto& [file, dashboard] : Dashboards()) {
    for (const auto& panel : Panels(dashboard)) {
      for (const auto& expression : Expressions(panel)) {
        SCOPED_TRACE(file + ": " + expression);
        for (std::sregex_iterator it(expression.begin(), expression.end(), counter), end; it != end;
             ++it) {
          EXPECT_THAT((*it)[1].str(), testing::AnyOf("rate(", "increase("));
        }
      }
    }
  }
}

TEST(Dashboards, EveryQueryIsPromQl) {
  const tests::ScratchDirectory directory;
  const auto rules = directory.Path() / "rules.yaml";
  {
    std::ofstream file(rules);
    file << "groups:\n  - name: dashboards\n    rules:\n";
    for (const auto& [name, dashboard] : Dashboards()) {
      for (const auto& panel : Panels(dashboard)) {
        for (auto expression : Expressions(panel)) {
          expression = Replaced(expression, "$__rate_interval", "1m");
          expression = Replaced(expression, "$__range", "1h");
          file << "      - {record: \"panel:" << panel.at("id").as_int64()
               << ":expression\", expr: " << json::serialize(json::string(expression))
               << ", labels: {dashboard: " << name << ", number: \"" << file.tellp() << "\"}}\n";
        }
      }
    }
  }
  const auto output = directory.Path() / "output";
  const auto command = "promtool check rules " + rules.string() + " > " + output.string() + " 2>&1";

  EXPECT_EQ(std::system(command.c_str()), 0) << Slurp(output);
}

}  // namespace
