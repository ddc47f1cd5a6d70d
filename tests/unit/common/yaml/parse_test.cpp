#include "common/yaml/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <string_view>

namespace common::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::string ProblemsOf(std::string_view text) {
  Problems problems("f.yaml");
  (void)ParseText(text, problems);
  return ToString(problems.Sorted());
}

TEST(ParseYaml, KeepsScalarsAsTheyWereWritten) {
  Problems problems("f.yaml");

  const auto documents =
      ParseText("{a: yes, b: 010, c: 1_000, d: '~', e: 0x1F, f: 1.10, g: 2026-01-01}", problems);

  ASSERT_THAT(documents, SizeIs(1)) << ToString(problems.Sorted());
  EXPECT_THAT(documents[0].StringMap(),
              ElementsAre(Pair("a", "yes"), Pair("b", "010"), Pair("c", "1_000"), Pair("d", "~"),
                          Pair("e", "0x1F"), Pair("f", "1.10"), Pair("g", "2026-01-01")));
}

TEST(ParseYaml, GivesEveryDocumentThatHoldsSomething) {
  Problems problems("f.yaml");

  const auto documents = ParseText("---\n# nothing\n---\na: 1\n---\nb: 2\n...\n---\n", problems);

  ASSERT_THAT(documents, SizeIs(2));
  EXPECT_EQ(documents[0].At(), (Position{4, 1}));
  EXPECT_EQ(documents[1].At(), (Position{6, 1}));
  EXPECT_TRUE(problems.Empty());
}

TEST(ParseYaml, FollowsAliases) {
  Problems problems("f.yaml");

  const auto documents = ParseText("gold: &limits {min: 1}\nsilver: *limits\n", problems);

  ASSERT_THAT(documents, SizeIs(1));
  auto silver = documents[0].AsMap()->Required("silver").AsMap();
  ASSERT_TRUE(silver);
  EXPECT_EQ(silver->Required("min").Int(), 1);
}

TEST(ParseYaml, CountsColumnsInCharacters) {
  EXPECT_EQ(ProblemsOf("ärger: {größe: 1, größe: 2}"),
            "f.yaml:1:19: [\"ärger\"][\"größe\"]: is given twice, first at 1:9");
}

TEST(ParseYaml, SkipsAByteOrderMark) {
  EXPECT_EQ(ProblemsOf("\xEF\xBB\xBF{a: 1, a: 2}"), "f.yaml:1:8: a: is given twice, first at 1:2");
}

TEST(ParseYaml, TellsAllThatItCanInOneGo) {
  EXPECT_EQ(ProblemsOf("a: 1\na: 2\nlist:\n  - {x: 1, x: 1}\n<<: {b: 1}\nc: !secret x\n"),
            "f.yaml:2:1: a: is given twice, first at 1:1\n"
            "f.yaml:4:12: list[0].x: is given twice, first at 4:6\n"
            "f.yaml:5:1: merge keys (<<) are not supported; write the keys out\n"
            "f.yaml:6:4: c: tags are not supported, found !secret");
}

struct BadTextCase {
  const char* name;
  std::string_view text;
  std::string_view problem;

  friend void PrintTo(const BadTextCase& bad, std::ostream* out) { *out << bad.name; }
};

class BadText : public ::testing::TestWithParam<BadTextCase> {};

TEST_P(BadText, IsRefusedWithOneClearMessage) {
  EXPECT_EQ(ProblemsOf(GetParam().text), GetParam().problem);
}

using namespace std::literals;

INSTANTIATE_TEST_SUITE_P(
    Texts, BadText,
    ::testing::Values(
        BadTextCase{"Empty", "", "f.yaml: is empty"},
        BadTextCase{"Blank", " \n\n", "f.yaml: is empty"},
        BadTextCase{"CommentsOnly", "# a: 1\n", "f.yaml: holds nothing but comments"},
        BadTextCase{"Nul", "a: \0b"sv, "f.yaml:1:4: a NUL byte; this is not a text file"},
        BadTextCase{"Utf16", "\xFF\xFE\x61",
                    "f.yaml:1:1: a byte (0xff) that is not UTF-8; save the file as UTF-8"},
        BadTextCase{"Latin1", "name: Caf\xE9\n",
                    "f.yaml:1:10: a byte (0xe9) that is not UTF-8; save the file as UTF-8"},
        BadTextCase{"ControlCharacter", "a: \x1b[31m",
                    "f.yaml:1:4: a control character (0x1b); write it in double quotes as "
                    "\"\\x1b\""},
        BadTextCase{"OldMacLineEnds", "a: 1\rb: 2\r",
                    "f.yaml:1:5: a carriage return without a line feed; end lines with a line "
                    "feed"},
        BadTextCase{"TabIndentation", "a:\n\tb: 1\n",
                    "f.yaml:2:1: not YAML: a tab; YAML is indented with blanks only"},
        BadTextCase{"TabAfterBlanks", "a:\n  b: 1\n \tc: 1\n",
                    "f.yaml:3:2: not YAML: a tab; YAML is indented with blanks only"},
        BadTextCase{"SecondColon", "a: b: c\n",
                    "f.yaml:1:5: not YAML: a ':' where no key can stand; put the text in quotes, "
                    "or check the indentation"},
        BadTextCase{"OpenList", "a: [1, 2\n",
                    "f.yaml:2:1: not YAML: a '[' is never closed, or a ',' is missing"},
        BadTextCase{"OpenQuote", "a: \"b\nc: 1\n",
                    "f.yaml:1:4: the quote that opens here is never closed"},
        BadTextCase{"OpenQuoteBehindAnchor", "a: &x 'it''s\nc: 1\n",
                    "f.yaml:1:4: the quote that opens here is never closed"},
        BadTextCase{"ListThenKey", "- a\nb: 1\n",
                    "f.yaml:2:1: this does not belong to what stands above it; check the "
                    "indentation, or begin another document with ---"},
        BadTextCase{"LessIndentation", "  a: 1\n b: 2\n",
                    "f.yaml:2:2: this does not belong to what stands above it; check the "
                    "indentation, or begin another document with ---"},
        BadTextCase{"TwoMapsInALine", "{a: 1} {b: 2}\n",
                    "f.yaml:1:8: this does not belong to what stands above it; check the "
                    "indentation, or begin another document with ---"},
        BadTextCase{"UnknownAnchor", "a: *x\n",
                    "f.yaml:1:4: not YAML: the referenced anchor is not defined"},
        BadTextCase{"AliasInItself", "a: &x {b: *x}\n",
                    "f.yaml:1:11: an alias inside the very value that it stands for"},
        BadTextCase{"ListAsKey", "? [a]\n: 1\n", "f.yaml:1:3: a key must be a text"},
        BadTextCase{"NoKey", "~: 1\n", "f.yaml:1:1: a key must be a text"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseYaml, AcceptsBlockScalarsQuotesAndWindowsLineEnds) {
  EXPECT_EQ(ProblemsOf("a: |\r\n  it's\r\nb: >-\r\n  \"x\r\nc: !!str \"y\"\r\nd: 'it''s'\r\n"), "");
}

TEST(ParseYaml, RefusesBillionLaughs) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      text += last + ", ";
    }
    text += "]\n";
  }
  EXPECT_THAT(ProblemsOf(text), HasSubstr("more than 200000 values, aliases written out"));
}

TEST(ParseYaml, RefusesAliasesThatNestTooDeeply) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) {
    const auto number = std::to_string(i);
    text += "a" + number + ": &a" + number + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_THAT(ProblemsOf(text), HasSubstr("more than 64 levels of nesting"));
}

TEST(ParseYaml, BoundsDepthAndSize) {
  EXPECT_THAT(ProblemsOf(std::string(65, '[') + std::string(65, ']')),
              HasSubstr("f.yaml:1:65: more than 64 levels"));
  EXPECT_EQ(ProblemsOf(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_EQ(ProblemsOf(std::string(1'000'000, '[')),
            "f.yaml: has more than 600000 commas, colons, quotes and brackets");
  EXPECT_EQ(ProblemsOf(std::string(9U << 20U, ' ')), "f.yaml: is too large; the limit is 8 MiB");
}

TEST(ParseYaml, KeepsTheFirstHundredProblems) {
  std::string text;
  for (int i = 0; i < 151; ++i) {
    text += "a: 1\n";
  }
  EXPECT_THAT(ProblemsOf(text), HasSubstr("\nf.yaml: and 50 more problems"));
}

class YamlFile : public ::testing::Test {
 protected:
  YamlFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "yaml-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~YamlFile() override { std::filesystem::remove_all(directory_); }

  std::string ProblemsOfFile(const std::filesystem::path& path) {
    Problems problems("f.yaml");
    (void)ParseFile(path, problems);
    return ToString(problems.Sorted());
  }

  std::filesystem::path directory_;
};

TEST_F(YamlFile, IsReadOverASymbolicLink) {
  std::ofstream(directory_ / "real") << "a: 1\n";
  std::filesystem::create_symlink("real", directory_ / "link");

  EXPECT_EQ(ProblemsOfFile(directory_ / "link"), "");
}

TEST_F(YamlFile, SaysWhyItCannotBeRead) {
  EXPECT_EQ(ProblemsOfFile(directory_ / "absent"),
            "f.yaml: cannot be read: No such file or directory");
  EXPECT_EQ(ProblemsOfFile(directory_), "f.yaml: is a directory, not a file");
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(ProblemsOfFile(directory_ / "pipe"), "f.yaml: is not a regular file");
}

TEST_F(YamlFile, AsConfigurationHasOneMap) {
  Problems problems("f.yaml");
  std::ofstream(directory_ / "two") << "a: 1\n---\nb: 1\n";
  std::ofstream(directory_ / "list") << "- a\n";

  EXPECT_TRUE(ParseConfiguration(directory_ / "two", problems));
  EXPECT_FALSE(ParseConfiguration(directory_ / "list", problems));

  EXPECT_EQ(ToString(problems.Sorted()),
            "f.yaml:1:1: expected a map, found a list\n"
            "f.yaml:3:1: expected one document, found another one");
}

}  // namespace
}  // namespace common::yaml
