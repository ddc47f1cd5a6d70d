#include "agent/requests/checkpoint.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "agent/requests/fingerprint.h"
#include "support/scratch_directory.h"

namespace agent::requests {
namespace {

using ::testing::HasSubstr;

Checkpoint Full() {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  return {.log = "/var/log/a log with blanks",
          .files = {{.id = {.device = 1, .inode = kMost},
                     .position = {.head = {.bytes = 4, .hash = kMost}, .offset = 9},
                     .state = KnownFile::State::kOpen},
                    {.id = {.device = 1, .inode = 2},
                     .position = {.head = {}, .offset = 70'000, .skipping = true},
                     .state = KnownFile::State::kDone},
                    {.state = KnownFile::State::kCopy}},
          .counters = {.epoch = 5,
                       .tenants = {{.tenant = "red",
                                    .requests_total = 1,
                                    .errors_total = 2,
                                    .no_replica_total = 26,
                                    .responses_total = {3, 4, 5, 6, 7, 8},
                                    .latency = {.counts = {9, 10, 11, 12, 13, 14, 15, 16, 17},
                                                .sum_milliseconds = 18},
                                    .sent_bytes_total = kMost,
                                    .received_bytes_total = 20},
                                   {.tenant = "_other"}},
                       .source = {.lines_total = 21,
                                  .rejected_lines_total = {22, 23, 24},
                                  .lost_lines_total = 25}}};
}

std::string Problem(std::string_view text) {
  const auto checkpoint = DecodeCheckpoint(text);
  return checkpoint ? "none" : checkpoint.error().what;
}

TEST(CheckpointText, IsReadAsItWasWritten) {
  const auto checkpoint = DecodeCheckpoint(EncodeCheckpoint(Full()));

  ASSERT_TRUE(checkpoint) << checkpoint.error().what;
  EXPECT_EQ(*checkpoint, Full());
}

TEST(CheckpointText, OfBeforeTheWakingWereCountedIsRead) {
  auto checkpoint = Full();
  checkpoint.counters.tenants = {{.tenant = "red", .received_bytes_total = 20}};
  auto text = EncodeCheckpoint(checkpoint);
  text.replace(text.find(" 20 0\nend "), std::string::npos, " 20\n");
  text += fmt::format("end {}\n", Fingerprint(text));

  const auto read = DecodeCheckpoint(text);

  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, checkpoint);
}

TEST(CheckpointText, OfAnotherVersionIsRefused) {
  EXPECT_THAT(Problem("trimtab-access-log 2\nend 0\n"), HasSubstr("trimtab-access-log 2"));
  EXPECT_THAT(Problem(""), HasSubstr("begins with"));
}

TEST(CheckpointText, IsRefusedWhereverItIsCut) {
  const auto text = EncodeCheckpoint(Full());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(DecodeCheckpoint(std::string_view(text).substr(0, size))) << size;
  }
}

TEST(CheckpointText, IsRefusedWhereverAByteIsWrong) {
  const auto text = EncodeCheckpoint(Full());
  for (std::size_t index = 0; index < text.size(); ++index) {
    auto damaged = text;
    damaged[index] = static_cast<char>(damaged[index] ^ 1);
    EXPECT_FALSE(DecodeCheckpoint(damaged)) << index;
  }
}

TEST(CheckpointFile, ReplacesTheOneBefore) {
  const tests::ScratchDirectory scratch;
  const auto path = scratch.Path() / "checkpoint";
  ASSERT_TRUE(SaveCheckpoint(path, {}));
  ASSERT_TRUE(SaveCheckpoint(path, Full()));

  const auto loaded = LoadCheckpoint(path);

  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(*loaded, Full());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.Path()), {}), 1);
}

TEST(CheckpointText, ThatDoesNotSayOfWhichLogIsRefused) {
  std::string text = "trimtab-access-log 1\nlog\nepoch 1\n";
  text += "end " + std::to_string(Fingerprint(text)) + "\n";

  EXPECT_FALSE(DecodeCheckpoint(text));
}

TEST(CheckpointFile, MayBeAbsent) {
  const tests::ScratchDirectory scratch;

  const auto loaded = LoadCheckpoint(scratch.Path() / "checkpoint");

  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(*loaded, std::nullopt);
}

TEST(CheckpointFile, ThatCannotBeWrittenIsNamed) {
  const tests::ScratchDirectory scratch;

  const auto saved = SaveCheckpoint(scratch.Path() / "no" / "checkpoint", Full());

  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().what, HasSubstr("no/checkpoint"));
}

TEST(CheckpointFile, ThatIsDamagedIsNamed) {
  const tests::ScratchDirectory scratch;
  std::ofstream(scratch.Path() / "checkpoint") << "rubbish";

  const auto loaded = LoadCheckpoint(scratch.Path() / "checkpoint");

  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().what, HasSubstr("checkpoint: begins with \"rubbish\""));
}

}  // namespace
}  // namespace agent::requests
