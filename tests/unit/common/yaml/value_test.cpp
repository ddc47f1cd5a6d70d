#include "common/yaml/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

#include "common/yaml/parse.h"

namespace common::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;
using namespace std::chrono_literals;

/// One document, with what its reader has to say about it.
class Document {
 public:
  explicit Document(std::string_view text) {
    const auto documents = ParseText(text, problems_);
    if (documents.size() == 1) {
      map_ = documents[0].AsMap();
    }
  }

  Map& Root() { return map_.value(); }
  [[nodiscard]] std::string Said() const { return ToString(problems_.Sorted()); }

 private:
  Problems problems_{"f.yaml"};
  std::optional<Map> map_;
};

TEST(YamlMap, ReadsWhatIsThere) {
  Document document(
      "name: shops\non: true\nmax: 12\nfactor: 1.5\nafter: 1m30s\ncpu: 500m\nrate: 600/m\n"
      "share: 70%\nmode: dryRun\nhosts: [a, \"b\"]\nlabels: {tier: gold, empty: ''}\n");
  Map& root = document.Root();
  enum class Mode { kActive, kDryRun };

  EXPECT_EQ(root.Required("name").String(), "shops");
  EXPECT_EQ(root.Required("on").Bool(), true);
  EXPECT_EQ(root.Required("max").Int(1, 12), 12);
  EXPECT_EQ(root.Required("factor").Number(), 1.5);
  EXPECT_EQ(root.Required("after").Duration(), 90s);
  EXPECT_EQ(root.Required("cpu").Quantity(), 0.5);
  EXPECT_EQ(root.Required("rate").Rate(), 10.0);
  EXPECT_EQ(root.Required("share").Percent(), 0.7);
  EXPECT_EQ(
      root.Required("mode").Enum<Mode>({{"active", Mode::kActive}, {"dryRun", Mode::kDryRun}}),
      Mode::kDryRun);
  EXPECT_THAT(root.Required("hosts").Strings(), ElementsAre("a", "b"));
  EXPECT_THAT(root.Required("labels").StringMap(),
              ElementsAre(std::pair("empty", ""), std::pair("tier", "gold")));
  root.Finish();
  EXPECT_EQ(document.Said(), "");
}

TEST(YamlMap, AnAbsentOptionIsNoProblem) {
  Document document("name: x");

  EXPECT_EQ(document.Root().Optional("max").Int(), std::nullopt);
  EXPECT_FALSE(document.Root().Optional("spec").AsMap());
  EXPECT_THAT(document.Root().Optional("list").List(), IsEmpty());
  EXPECT_EQ(document.Said(), "");
}

TEST(YamlMap, SaysWhatIsMissing) {
  Document document("spec:\n  replicas:\n    min: 1\n");
  auto replicas = document.Root().Required("spec").AsMap()->Required("replicas").AsMap();

  (void)replicas->Required("max").Int();

  EXPECT_EQ(document.Said(), "f.yaml:2:3: spec.replicas.max: is required, but missing");
}

TEST(YamlMap, SaysWhichKeysItDoesNotKnow) {
  Document document("spec:\n  replica: 1\n  colour: red\n");
  auto spec = document.Root().Required("spec").AsMap();
  (void)spec->Optional("replicas");
  (void)spec->Optional("idle");

  spec->Finish();

  EXPECT_EQ(document.Said(),
            "f.yaml:2:3: spec.replica: unknown key; did you mean 'replicas'?\n"
            "f.yaml:3:3: spec.colour: unknown key; known here: idle, replicas");
}

TEST(YamlMap, GoesThroughNamedEntries) {
  Document document("overrides:\n  gold: {min: 2}\n  \"a.b/c\": {min: x}\n");

  const auto entries = document.Root().Required("overrides").Entries();

  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].first, "gold");
  EXPECT_EQ(entries[0].second.AsMap()->Required("min").Int(), 2);
  EXPECT_EQ(entries[1].second.AsMap()->Required("min").Int(), std::nullopt);
  EXPECT_EQ(document.Said(),
            "f.yaml:3:18: overrides[\"a.b/c\"].min: expected a whole number, found 'x'");
}

TEST(YamlMap, ReadsMapsInAList) {
  Document document("policies:\n  - {value: 4}\n  - {value: many}\n");

  for (const auto& item : document.Root().Required("policies").List()) {
    (void)item.AsMap()->Required("value").Int();
  }

  EXPECT_EQ(document.Said(),
            "f.yaml:3:13: policies[1].value: expected a whole number, found 'many'");
}

struct WrongValueCase {
  const char* name;
  std::string_view text;
  std::function<bool(const Value&)> read;
  std::string_view problem;

  friend void PrintTo(const WrongValueCase& wrong, std::ostream* out) { *out << wrong.name; }
};

class WrongValue : public ::testing::TestWithParam<WrongValueCase> {};

TEST_P(WrongValue, IsRefused) {
  Document document("k: " + std::string(GetParam().text));

  EXPECT_FALSE(GetParam().read(document.Root().Required("k")));

  EXPECT_EQ(document.Said(), "f.yaml:" + std::string(GetParam().problem));
}

bool Text(const Value& value) { return value.String().has_value(); }
bool Bool(const Value& value) { return value.Bool().has_value(); }
bool Int(const Value& value) { return value.Int(-1, 100).has_value(); }
bool Number(const Value& value) { return value.Number(0, 1.5).has_value(); }
bool Duration(const Value& value) { return value.Duration(1s, 1h).has_value(); }
bool Quantity(const Value& value) { return value.Quantity().has_value(); }
bool Rate(const Value& value) { return value.Rate().has_value(); }
bool Percent(const Value& value) { return value.Percent().has_value(); }
bool Enum(const Value& value) {
  return value.Enum<int>({{"active", 1}, {"dryRun", 2}}).has_value();
}
bool List(const Value& value) { return !value.List().empty(); }
bool IsMap(const Value& value) { return value.AsMap().has_value(); }

INSTANTIATE_TEST_SUITE_P(
    Values, WrongValue,
    ::testing::Values(
        WrongValueCase{"TextIsList", "[a]", Text, "1:1: k: expected a text, found a list"},
        WrongValueCase{"TextIsNothing", "", Text, "1:1: k: expected a text, found nothing"},
        WrongValueCase{"TextIsNull", "~", Text, "1:1: k: expected a text, found nothing"},
        WrongValueCase{"TextIsEmpty", "''", Text, "1:4: k: expected a text, found an empty one"},
        WrongValueCase{"BoolIsYes", "yes", Bool, "1:4: k: expected true or false, found 'yes'"},
        WrongValueCase{"BoolIsUpper", "True", Bool, "1:4: k: expected true or false, found 'True'"},
        WrongValueCase{"BoolIsQuoted", "'true'", Bool,
                       "1:4: k: expected true or false, found the quoted text 'true'; leave the "
                       "quotes out"},
        WrongValueCase{"IntIsOctal", "010", Int,
                       "1:4: k: expected a whole number, found '010'; leave the leading zeros out"},
        WrongValueCase{"IntIsHex", "0x10", Int, "1:4: k: expected a whole number, found '0x10'"},
        WrongValueCase{"IntHasUnderscore", "1_0", Int,
                       "1:4: k: expected a whole number, found '1_0'"},
        WrongValueCase{"IntIsFraction", "1.5", Int, "1:4: k: expected a whole number, found '1.5'"},
        WrongValueCase{"IntIsQuoted", "\"5\"", Int,
                       "1:4: k: expected a whole number, found the quoted text '5'; leave the "
                       "quotes out"},
        WrongValueCase{"IntIsLarge", "101", Int, "1:4: k: the largest value is 100, found 101"},
        WrongValueCase{"IntIsSmall", "-2", Int, "1:4: k: the least value is -1, found -2"},
        WrongValueCase{"IntIsHuge", "99999999999999999999", Int,
                       "1:4: k: expected a whole number, found '99999999999999999999'"},
        WrongValueCase{"NumberIsInf", ".inf", Number, "1:4: k: expected a number, found '.inf'"},
        WrongValueCase{"NumberIsLarge", "1.6", Number,
                       "1:4: k: the largest value is 1.5, found 1.6"},
        WrongValueCase{"DurationIsBare", "90", Duration,
                       "1:4: k: expected a duration like 1m30s, found '90'"},
        WrongValueCase{"DurationIsList", "[1s]", Duration,
                       "1:1: k: expected a duration like 1m30s, found a list"},
        WrongValueCase{"DurationIsLong", "2h", Duration,
                       "1:4: k: the largest value is 1h, found 2h"},
        WrongValueCase{"DurationIsZero", "0", Duration, "1:4: k: the least value is 1s, found 0"},
        WrongValueCase{"QuantityIsWord", "much", Quantity,
                       "1:4: k: expected a quantity like 500m, 2 or 64Mi, found 'much'"},
        WrongValueCase{"RateIsBare", "20", Rate,
                       "1:4: k: expected a rate like 20/s, 600/m or 36000/h, found '20'"},
        WrongValueCase{"PercentIsBare", "0.7", Percent,
                       "1:4: k: expected a share like 70%, found '0.7'"},
        WrongValueCase{"EnumIsNear", "dryrun", Enum,
                       "1:4: k: expected one of active, dryRun, found 'dryrun'; did you mean "
                       "'dryRun'?"},
        WrongValueCase{"ListIsText", "a", List, "1:4: k: expected a list, found 'a'"},
        WrongValueCase{"MapIsNothing", "", IsMap, "1:1: k: expected a map, found nothing"}),
    [](const auto& test) { return test.param.name; });

TEST(YamlValue, DoesNotRepeatALongText) {
  Document document("k: " + std::string(5000, 'x'));

  (void)document.Root().Required("k").Int();

  EXPECT_EQ(document.Said(), "f.yaml:1:4: k: expected a whole number, found a text of 5000 bytes");
}

TEST(YamlValue, KeepsAProblemOnOneLine) {
  Document document("k: \"a\\nb\"");

  (void)document.Root().Required("k").Duration();

  EXPECT_EQ(document.Said(),
            "f.yaml:1:4: k: expected a duration like 1m30s, found the quoted text 'a\\x0ab'");
}

}  // namespace
}  // namespace common::yaml
