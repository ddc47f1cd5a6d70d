#include "common/tls/context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/scratch_directory.h"
#include "unit/common/tls/authority.h"

namespace common::tls {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using tests::Authority;
using tests::ReplaceFile;

std::string ContentOf(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

class TlsFiles : public ::testing::Test {
 protected:
  /// Why no server can be made of `files`.
  static std::string WhyNot(const ServerFiles& files) {
    const auto context = MakeServerContext(files);
    EXPECT_FALSE(context);
    return context ? "" : context.error().what;
  }

  std::string Path(const std::string& name) const { return scratch_.Path() / name; }

  tests::ScratchDirectory scratch_;
  Authority authority_{scratch_.Path()};
};

TEST_F(TlsFiles, MakeAServer) {
  const auto files = authority_.Issue();

  const auto context = MakeServerContext(
      {.certificate = files.certificate, .key = files.key, .client_ca = authority_.CaFile()});

  EXPECT_TRUE(context) << context.error().what;
}

TEST_F(TlsFiles, MakeAClient) {
  const auto files = authority_.Issue();

  for (const auto& client :
       {ClientFiles{}, ClientFiles{.insecure = true}, ClientFiles{.ca = authority_.CaFile()},
        ClientFiles{.certificate = files.certificate, .key = files.key}}) {
    const auto context = MakeClientContext(client);
    EXPECT_TRUE(context) << context.error().what;
  }
}

TEST_F(TlsFiles, AMissingFileIsNamed) {
  const auto files = authority_.Issue();

  EXPECT_EQ(WhyNot({.certificate = Path("none.crt"), .key = files.key}),
            "certificate file " + Path("none.crt") + ": No such file or directory");
  EXPECT_EQ(WhyNot({.certificate = files.certificate, .key = Path("none.key")}),
            "key file " + Path("none.key") + ": No such file or directory");
}

TEST_F(TlsFiles, ADirectoryIsNoFile) {
  EXPECT_THAT(WhyNot({.certificate = scratch_.Path(), .key = Path("x")}),
              EndsWith(": is not a regular file"));
}

TEST_F(TlsFiles, AKeyOfAnotherCertificateIsRefused) {
  const auto one = authority_.Issue({.name = "one"});
  const auto two = authority_.Issue({.name = "two"});

  EXPECT_EQ(WhyNot({.certificate = one.certificate, .key = two.key}),
            "key file " + two.key + ": is not the key of the certificate in " + one.certificate);
}

TEST_F(TlsFiles, AnExpiredCertificateIsRefusedWithItsDate) {
  const auto files = authority_.Issue({.valid_until = std::chrono::seconds(-60)});

  EXPECT_THAT(
      WhyNot({.certificate = files.certificate, .key = files.key}),
      AllOf(HasSubstr("certificate file " + files.certificate + ": expired on 20"), EndsWith("Z")));
}

TEST_F(TlsFiles, ACertificateOfTomorrowIsTakenToday) {
  const auto files =
      authority_.Issue({.valid_from = std::chrono::hours(1), .valid_until = std::chrono::hours(2)});

  EXPECT_TRUE(MakeServerContext({.certificate = files.certificate, .key = files.key}));
}

TEST_F(TlsFiles, FilesThatHoldSomethingElseAreRefused) {
  const auto files = authority_.Issue();
  ReplaceFile(Path("empty"), "");
  ReplaceFile(Path("damaged"), ContentOf(files.certificate).substr(0, 200));

  EXPECT_THAT(WhyNot({.certificate = Path("empty"), .key = files.key}),
              EndsWith(": holds no certificate in PEM form"));
  EXPECT_THAT(WhyNot({.certificate = files.key, .key = files.key}),
              EndsWith(": holds no certificate in PEM form"));
  EXPECT_THAT(WhyNot({.certificate = Path("damaged"), .key = files.key}),
              HasSubstr(": is damaged after 0 certificates: "));
  EXPECT_THAT(WhyNot({.certificate = files.certificate, .key = files.certificate}),
              HasSubstr(": holds no private key in PEM form"));
}

TEST_F(TlsFiles, AnEncryptedKeyIsRefusedWithoutAskingForItsPassphrase) {
  const auto files = authority_.Issue();
  const auto command = "openssl pkcs8 -topk8 -in " + files.key + " -out " + Path("locked.key") +
                       " -passout pass:secret";
  if (std::system(command.c_str()) != 0) {
    GTEST_SKIP() << "no openssl command";
  }

  EXPECT_THAT(WhyNot({.certificate = files.certificate, .key = Path("locked.key")}),
              EndsWith("locked.key: is encrypted; give it without a passphrase"));
}

TEST_F(TlsFiles, HalfAPairIsRefused) {
  const auto files = authority_.Issue();

  EXPECT_EQ(WhyNot({.certificate = files.certificate}),
            "TLS needs both a certificate file and its key file");
  const auto client = MakeClientContext({.certificate = files.certificate});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, EndsWith(": its key file is not given"));
}

TEST_F(TlsFiles, AreReadAgainWhenTheyChange) {
  const auto files = authority_.Issue();
  const auto context = OpenServerContext({.certificate = files.certificate, .key = files.key});
  ASSERT_TRUE(context) << context.error().what;
  const auto before = (*context)->Current();
  EXPECT_EQ((*context)->Current(), before);

  (void)authority_.Issue();

  EXPECT_NE((*context)->Current(), before);
  EXPECT_EQ((*context)->Current(), (*context)->Current());
}

TEST_F(TlsFiles, StayAsTheyWereWhileTheNewOnesAreOfNoUse) {
  const auto files = authority_.Issue();
  const auto context = OpenServerContext({.certificate = files.certificate, .key = files.key});
  ASSERT_TRUE(context) << context.error().what;
  const auto before = (*context)->Current();
  const auto good_key = ContentOf(files.key);

  ReplaceFile(files.key, "nonsense");
  EXPECT_EQ((*context)->Current(), before);
  std::filesystem::remove(files.key);
  EXPECT_EQ((*context)->Current(), before);
  ReplaceFile(files.key, good_key);

  EXPECT_NE((*context)->Current(), before);
}

}  // namespace
}  // namespace common::tls
