#include "common/tls/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/scratch_directory.h"
#include "unit/common/tls/authority.h"

namespace common::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::ReplaceFile;

class TokenFile : public ::testing::Test {
 protected:
  Result<std::vector<std::string>> Read(const std::string& content) const {
    ReplaceFile(path_, content);
    return ReadTokenFile(path_);
  }

  std::string WhyNot(const std::string& content) const {
    const auto tokens = Read(content);
    EXPECT_FALSE(tokens) << content;
    return tokens ? "" : tokens.error().what;
  }

  tests::ScratchDirectory scratch_;
  std::string path_ = scratch_.Path() / "tokens";
};

TEST_F(TokenFile, HoldsOneTokenALine) {
  const auto tokens = Read("# of Prometheus\nfirst-token-0123456\r\n\n  second-token-012345 \n#x");

  ASSERT_TRUE(tokens) << tokens.error().what;
  EXPECT_THAT(*tokens, ElementsAre("first-token-0123456", "second-token-012345"));
}

TEST_F(TokenFile, WithoutATokenIsRefused) {
  EXPECT_EQ(WhyNot(""), "token file " + path_ + ": holds no token");
  EXPECT_EQ(WhyNot("# nothing\n\n"), "token file " + path_ + ": holds no token");
}

TEST_F(TokenFile, WithAWeakTokenIsRefusedAndDoesNotTellIt) {
  EXPECT_EQ(WhyNot("# x\nsecret\n"), "token file " + path_ +
                                         ":2: the token is shorter than 16 characters; make one "
                                         "with: openssl rand -hex 32");
}

TEST_F(TokenFile, WithWhatCannotStandInAHeaderIsRefused) {
  EXPECT_THAT(WhyNot("two words of a token\n"), HasSubstr(":1: the token holds a blank"));
  EXPECT_THAT(WhyNot(std::string("binary\0garbage-0123456789", 25)), Not(HasSubstr("garbage")));
  EXPECT_THAT(WhyNot(std::string(5000, 'x')), HasSubstr("longer than 4096"));
}

TEST_F(TokenFile, ThatOthersMayReadIsRefusedWithTheRemedy) {
  ReplaceFile(path_, "a-token-of-some-length\n");
  ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);

  const auto tokens = ReadTokenFile(path_);

  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().code, std::errc::permission_denied);
  EXPECT_THAT(tokens.error().what, HasSubstr("chmod o-rw " + path_));
}

TEST_F(TokenFile, ThatTheGroupMayReadIsTaken) {
  ReplaceFile(path_, "a-token-of-some-length\n");
  ASSERT_EQ(::chmod(path_.c_str(), 0440), 0);

  EXPECT_TRUE(ReadTokenFile(path_));
}

TEST_F(TokenFile, ThatIsMissingIsNamed) {
  const auto tokens = ReadTokenFile(path_);

  ASSERT_FALSE(tokens);
  EXPECT_EQ(tokens.error().what, "token file " + path_ + ": No such file or directory");
}

TEST_F(TokenFile, IsReadAgainWhenItChanges) {
  ReplaceFile(path_, "the-token-of-yesterday\n");
  const auto tokens = OpenTokens(path_);
  ASSERT_TRUE(tokens) << tokens.error().what;

  ReplaceFile(path_, "the-token-of-today-01\n");

  EXPECT_TRUE((*tokens)->Current()->Accept("the-token-of-today-01"));
  EXPECT_FALSE((*tokens)->Current()->Accept("the-token-of-yesterday"));
}

TEST_F(TokenFile, OfAKubernetesVolumeIsReadAgainWhenItsLinkIsSwapped) {
  const auto volume = scratch_.Path();
  for (const auto* const version : {"v1", "v2"}) {
    std::filesystem::create_directory(volume / version);
    ReplaceFile(volume / version / "token", std::string("the-token-of-version-") + version);
  }
  std::filesystem::create_directory_symlink("v1", volume / "..data");
  std::filesystem::create_symlink("..data/token", volume / "token");
  const auto token = OpenToken(volume / "token");
  ASSERT_TRUE(token) << token.error().what;
  EXPECT_EQ((*token)->Current(), "the-token-of-version-v1");

  std::filesystem::create_directory_symlink("v2", volume / "..data_tmp");
  std::filesystem::rename(volume / "..data_tmp", volume / "..data");

  EXPECT_EQ((*token)->Current(), "the-token-of-version-v2");
}

TEST_F(TokenFile, ThatBecomesUnsafeChangesNothing) {
  ReplaceFile(path_, "the-token-of-yesterday\n");
  const auto tokens = OpenTokens(path_);
  ASSERT_TRUE(tokens) << tokens.error().what;
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);

  EXPECT_TRUE((*tokens)->Current()->Accept("the-token-of-yesterday"));
}

TEST(Tokens, AcceptEachOfThemAndNothingElse) {
  const Tokens tokens({"first-token", "second-token"});

  EXPECT_TRUE(tokens.Accept("first-token"));
  EXPECT_TRUE(tokens.Accept("second-token"));
  for (const auto* const wrong : {"", "first-toke", "first-tokenx", "FIRST-TOKEN", "#"}) {
    EXPECT_FALSE(tokens.Accept(wrong)) << wrong;
  }
}

TEST(Tokens, WithoutAnyAcceptNothing) { EXPECT_FALSE(Tokens({}).Accept("")); }

}  // namespace
}  // namespace common::tls
