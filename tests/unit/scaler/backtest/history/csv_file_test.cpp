#include "scaler/backtest/history/csv_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "support/scratch_directory.h"

namespace scaler::backtest::history {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CsvFileTest : public ::testing::Test {
 protected:
  std::filesystem::path Write(const std::string& text) {
    const auto path = scratch_.Path() / "demand.csv";
    std::ofstream(path) << text;
    return path;
  }

  std::filesystem::path WriteZipped(const std::string& text) {
    const auto path = scratch_.Path() / "demand.csv.gz";
    auto* const file = ::gzopen(path.c_str(), "wb");
    ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(file);
    return path;
  }

  static std::vector<std::string> Texts(const std::vector<Field>& row) {
    std::vector<std::string> texts;
    for (const auto& field : row) {
      texts.emplace_back(field.text);
    }
    return texts;
  }

  tests::ScratchDirectory scratch_;
};

TEST_F(CsvFileTest, ReadsRowsWithQuotesBlankLinesAndEitherLineEnd) {
  auto file = CsvFile::Open(Write("a,b\r\n1,\"x, \"\"y\"\"\"\r\n\n,2"));
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_THAT(file->Header(), ElementsAre("a", "b"));
  std::vector<Field> row;
  ASSERT_TRUE(file->Next(row).value());
  EXPECT_THAT(Texts(row), ElementsAre("1", "x, \"y\""));
  ASSERT_TRUE(file->Next(row).value());
  EXPECT_THAT(Texts(row), ElementsAre("", "2"));
  EXPECT_EQ(row[1].column, 2U);
  EXPECT_EQ(file->Line(), 4U);
  EXPECT_FALSE(file->Next(row).value());
}

TEST_F(CsvFileTest, ReadsGzipLikeText) {
  auto file = CsvFile::Open(WriteZipped("a\n1\n2\n"));
  ASSERT_TRUE(file) << file.error().what;
  std::vector<Field> row;
  ASSERT_TRUE(file->Next(row).value());
  EXPECT_THAT(Texts(row), ElementsAre("1"));
}

TEST_F(CsvFileTest, AGzipThatEndsTooEarlyIsAnError) {
  const auto path = WriteZipped("a\n" + std::string(100'000, '1') + "\n");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 20);
  auto file = CsvFile::Open(path);
  ASSERT_TRUE(file) << file.error().what;
  std::vector<Field> row;
  auto next = file->Next(row);
  next = next && *next ? file->Next(row) : next;
  ASSERT_FALSE(next);
  EXPECT_THAT(next.error().what, HasSubstr("cannot be read"));
}

TEST_F(CsvFileTest, SaysWhereARowIsWrong) {
  const auto error_of = [&](const std::string& text) {
    auto file = CsvFile::Open(Write(text));
    std::vector<Field> row;
    const auto next = file->Next(row);
    return next ? std::string() : next.error().what;
  };
  EXPECT_THAT(error_of("a,b\n1,2,3\n"),
              HasSubstr("demand.csv:2:5: the header has 2 columns, this row 3"));
  EXPECT_THAT(error_of("a,b\n1\n"), HasSubstr(":2:2: the header has 2 columns, this row 1"));
  EXPECT_THAT(error_of("a,b\n1,\"2\n"), HasSubstr(":2:3: the quote has no end"));
  EXPECT_THAT(error_of("a,b\n\"1\"x,2\n"), HasSubstr(":2:4: expected a comma"));
}

TEST_F(CsvFileTest, AnAmountIsFiniteAndNotNegative) {
  auto file = CsvFile::Open(Write("a,b,c,d\n1.5,-1,nan,1e99\n"));
  std::vector<Field> row;
  ASSERT_TRUE(file->Next(row).value());
  EXPECT_EQ(file->Amount(row[0]).value(), 1.5);
  EXPECT_THAT(file->Amount(row[1]).error().what, HasSubstr(":2:5: expected a number"));
  EXPECT_FALSE(file->Amount(row[2]));
  EXPECT_FALSE(file->Amount(row[3]));
}

TEST_F(CsvFileTest, WhatIsNoFileIsSaid) {
  EXPECT_THAT(CsvFile::Open("/nowhere.csv").error().what, HasSubstr("/nowhere.csv: No such file"));
  EXPECT_THAT(CsvFile::Open(scratch_.Path()).error().what, HasSubstr("is a directory"));
  EXPECT_THAT(CsvFile::Open(Write("")).error().what, HasSubstr("is empty"));
}

}  // namespace
}  // namespace scaler::backtest::history
