#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "integration/exporters/tls_world.h"
#include "support/localhost.h"

namespace exporters {
namespace {

using common::Result;
using common::http::Response;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

/// The status, or the words of the failure.
std::string Outcome(const Result<Response>& answer) {
  return answer ? std::to_string(answer->status) : answer.error().what;
}

TEST_F(TlsWorld, ATrustingClientGetsAnAnswer) {
  if (!tests::LocalhostResolves()) {
    GTEST_SKIP() << "this machine does not know localhost";
  }
  const auto server = Serve(Hello(), Tls());
  const auto client = Client(Trusting());

  for (const auto* const host : {"127.0.0.1", "localhost"}) {
    const auto answer = client.Get(Url(*server, host), "/hello", kPatience);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "hello\n");
    EXPECT_EQ(answer->headers.at("x-content-type-options"), "nosniff");
  }
}

TEST_F(TlsWorld, Ipv6Works) {
  auto server = Server::Start({.host = "::1", .port = 0}, Hello(), Tls());
  if (!server) {
    GTEST_SKIP() << server.error().what;
  }

  EXPECT_EQ(Outcome(Client(Trusting()).Get(Url(**server, "[::1]"), "/hello", kPatience)), "200");
}

TEST_F(TlsWorld, AnAddressWithoutASchemeMeansTlsToAClientThatHasACa) {
  const auto server = Serve(Hello(), Tls());

  EXPECT_EQ(Outcome(Client(Trusting())
                        .Get("127.0.0.1:" + std::to_string(server->Port()), "/hello", kPatience)),
            "200");
}

TEST_F(TlsWorld, AClientBelievesNoUnknownAuthority) {
  const auto server = Serve(Hello(), Tls());
  const tests::Authority other(scratch_.Path(), "other");

  const auto system = common::http::Get(Url(*server), "/hello", kPatience);
  const auto wrong = Client({.tls = {.ca = other.CaFile()}}).Get(Url(*server), "/hello", kPatience);

  for (const auto* const answer : {&system, &wrong}) {
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code, std::errc::protocol_error);
    EXPECT_THAT(answer->error().what,
                AllOf(HasSubstr(Url(*server) + "/hello"),
                      HasSubstr("its certificate cannot be trusted: unable to get local issuer")));
  }
}

TEST_F(TlsWorld, AClientBelievesNoOtherName) {
  if (!tests::LocalhostResolves()) {
    GTEST_SKIP() << "this machine does not know localhost";
  }
  server_files_ = authority_.Issue({.name = "elsewhere", .alternative_names = "DNS:elsewhere"});
  const auto server = Serve(Hello(), Tls());

  EXPECT_THAT(Outcome(Client(Trusting()).Get(Url(*server, "localhost"), "/hello", kPatience)),
              EndsWith("its certificate is not for the name localhost"));
  EXPECT_THAT(Outcome(Client(Trusting()).Get(Url(*server), "/hello", kPatience)),
              EndsWith("its certificate is not for this address"));
  auto knowing = Trusting();
  knowing.tls.server_name = "elsewhere";
  EXPECT_EQ(Outcome(Client(knowing).Get(Url(*server), "/hello", kPatience)), "200");
}

TEST_F(TlsWorld, AnInsecureClientBelievesAnybody) {
  const auto server = Serve(Hello(), Tls());

  EXPECT_EQ(Outcome(Client({.tls = {.insecure = true}}).Get(Url(*server), "/hello", kPatience)),
            "200");
}

TEST_F(TlsWorld, AnExpiredCertificateStartsNoServer) {
  server_files_ = authority_.Issue({.name = "old", .valid_until = std::chrono::seconds(-1)});

  const auto server = Server::Start({.host = "127.0.0.1", .port = 0}, Hello(), Tls());

  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().what, HasSubstr("old.crt: expired on "));
}

TEST_F(TlsWorld, ACertificateThatExpiresWhileItIsServedIsNotBelieved) {
  server_files_ = authority_.Issue({.name = "brief", .valid_until = std::chrono::seconds(2)});
  const auto server = Serve(Hello(), Tls());
  const auto client = Client(Trusting());

  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string outcome = "200";
  while (outcome == "200" && std::chrono::steady_clock::now() < deadline) {
    outcome = Outcome(client.Get(Url(*server), "/hello", kPatience));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }

  EXPECT_THAT(outcome, EndsWith("a certificate that it shows has expired"));
}

TEST_F(TlsWorld, TheTokenOpensThePortAndHealthIsOpen) {
  const auto server = Serve(Hello(), TlsAndToken());
  const auto url = Url(*server);

  const auto without = Client(Trusting()).Get(url, "/hello", kPatience);
  ASSERT_TRUE(without) << without.error().what;
  EXPECT_EQ(without->status, 401);
  EXPECT_EQ(without->headers.at("www-authenticate"), "Bearer realm=\"trimtab\"");
  EXPECT_EQ(Outcome(Client(Trusting())
                        .Get(url, "/hello", kPatience,
                             {{"Authorization", "Bearer not-this-one-at-all"}})),
            "401");
  EXPECT_EQ(Outcome(Client(TrustingWithToken()).Get(url, "/hello", kPatience)), "200");
  EXPECT_EQ(Outcome(Client(Trusting()).Get(url, "/healthz", kPatience)), "200");
  EXPECT_EQ(Outcome(Client(Trusting()).Get(url, "/nothing", kPatience)), "401");
}

TEST_F(TlsWorld, TheTokenGuardsPlainHttpToo) {
  const auto server = Serve(Hello(), {.token_file = token_file_});
  const auto url = "http://127.0.0.1:" + std::to_string(server->Port());

  EXPECT_EQ(Outcome(common::http::Get(url, "/hello", kPatience)), "401");
  EXPECT_EQ(Outcome(Client({.token_file = token_file_}).Get(url, "/hello", kPatience)), "200");
  EXPECT_EQ(Outcome(common::http::Get(url, "/healthz", kPatience)), "200");
}

TEST_F(TlsWorld, ATokenFileOfEverybodyStartsNoServer) {
  ASSERT_EQ(::chmod(token_file_.c_str(), 0644), 0);

  const auto server = Server::Start({.host = "127.0.0.1", .port = 0}, Hello(), TlsAndToken());

  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, std::errc::permission_denied);
  EXPECT_THAT(server.error().what, HasSubstr("chmod o-rw " + token_file_));
}

TEST_F(TlsWorld, ATokenIsNotSentInTheClear) {
  const auto answer = Client({.token_file = token_file_}).Get("192.0.2.1:9105", "/", kPatience);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::permission_denied);
  EXPECT_THAT(answer.error().what, HasSubstr("write https://192.0.2.1:9105"));
}

TEST_F(TlsWorld, AClientCertificateOpensThePort) {
  auto security = Tls();
  security.client_ca_file = authority_.CaFile();
  const auto server = Serve(Hello(), security);
  const auto own = authority_.Issue({.name = "client"});
  auto certified = Trusting();
  certified.tls.certificate = own.certificate;
  certified.tls.key = own.key;

  EXPECT_EQ(Outcome(Client(certified).Get(Url(*server), "/hello", kPatience)), "200");
  EXPECT_EQ(Outcome(Client(Trusting()).Get(Url(*server), "/hello", kPatience)), "403");
  EXPECT_EQ(Outcome(Client(Trusting()).Get(Url(*server), "/healthz", kPatience)), "200");
}

TEST_F(TlsWorld, AClientCertificateOfAnotherAuthorityIsRefused) {
  auto security = Tls();
  security.client_ca_file = authority_.CaFile();
  const auto server = Serve(Hello(), security);
  const tests::Authority other(scratch_.Path(), "other");
  const auto foreign = other.Issue({.name = "stranger"});
  auto stranger = Trusting();
  stranger.tls.certificate = foreign.certificate;
  stranger.tls.key = foreign.key;

  EXPECT_THAT(Outcome(Client(stranger).Get(Url(*server), "/healthz", kPatience)),
              EndsWith("it does not trust our client certificate"));
}

TEST_F(TlsWorld, ListensBeyondLoopbackWithTlsAndAToken) {
  const auto server = Serve(Hello(), TlsAndToken(), "0.0.0.0");

  EXPECT_EQ(Outcome(Client(TrustingWithToken()).Get(Url(*server), "/hello", kPatience)), "200");
}

TEST_F(TlsWorld, TheEmptyHostIsEveryAddress) {
  const auto server = Serve(Hello(), TlsAndToken(), "");

  EXPECT_EQ(Outcome(Client(TrustingWithToken()).Get(Url(*server), "/hello", kPatience)), "200");
}

TEST_F(TlsWorld, ListensBeyondLoopbackWithoutAnythingOnlyWhenTold) {
  const auto server = Serve(Hello(), {.insecure_beyond_loopback = true}, "0.0.0.0");
  const auto tls_only = [&] {
    auto security = Tls();
    security.insecure_beyond_loopback = true;
    return Serve(Hello(), security, "0.0.0.0");
  }();

  EXPECT_EQ(Outcome(common::http::Get("127.0.0.1:" + std::to_string(server->Port()), "/hello",
                                      kPatience)),
            "200");
  EXPECT_EQ(Outcome(Client(Trusting()).Get(Url(*tls_only), "/hello", kPatience)), "200");
}

TEST_F(TlsWorld, AHostThatIsNoAddressIsNamed) {
  const auto server = Server::Start({.host = "node.example", .port = 9105}, Hello(), TlsAndToken());

  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().what, HasSubstr("node.example is no IP address"));
}

TEST_F(TlsWorld, SaysThatThePortIsTaken) {
  const auto first = Serve(Hello(), Tls());

  const auto second = Server::Start({.host = "127.0.0.1", .port = first->Port()}, Hello(), Tls());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, std::errc::address_in_use);
}

TEST_F(TlsWorld, HandsBodiesToHandlersThatWantThem) {
  const auto plain = Serve(Hello(), {});
  const auto tls = Serve(Hello(), Tls());
  const auto client = Client(Trusting());
  const std::string largest(kLargestRequestBody, 'x');

  for (const auto& url : {"http://127.0.0.1:" + std::to_string(plain->Port()), Url(*tls)}) {
    const auto posted = client.Send("POST", url, "/echo", "a body", kPatience);
    ASSERT_TRUE(posted) << posted.error().what;
    EXPECT_EQ(posted->body, "POST a body");
    const auto deleted = client.Send("DELETE", url, "/echo", "", kPatience);
    ASSERT_TRUE(deleted) << deleted.error().what;
    EXPECT_EQ(deleted->body, "DELETE ");
    const auto large = client.Send("POST", url, "/echo", largest, kPatience);
    ASSERT_TRUE(large) << large.error().what;
    EXPECT_EQ(large->body.size(), largest.size() + 5);
    EXPECT_EQ(Outcome(client.Send("POST", url, "/echo", largest + "x", kPatience)), "413") << url;
    EXPECT_EQ(Outcome(client.Send("POST", url, "/echo", std::string(700'000, 'x'), kPatience)),
              "413")
        << url;
    const auto put = client.Send("PUT", url, "/echo", "x", kPatience);
    ASSERT_TRUE(put) << put.error().what;
    EXPECT_EQ(put->status, 405);
    EXPECT_EQ(put->headers.at("allow"), "GET, HEAD, POST, DELETE");
    EXPECT_EQ(Outcome(client.Send("POST", url, "/hello", std::string(60'000, 'x'), kPatience)),
              "405")
        << url;
  }
}

TEST_F(TlsWorld, AHeadHasNoBody) {
  const auto server = Serve(Hello(), Tls());

  const auto answer = Client(Trusting()).Send("HEAD", Url(*server), "/hello", "", kPatience);

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->headers.at("content-length"), "6");
  EXPECT_EQ(answer->body, "");
}

TEST_F(TlsWorld, LargeAnswersArriveWhole) {
  const std::string page(20U << 20U, 'm');
  const auto server = Serve(
      {.handlers = {{"/large", [&](const HttpRequest&) { return HttpResponse{.body = page}; }}}},
      Tls());

  const auto answer = Client(Trusting()).Get(Url(*server), "/large", kPatience);

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, page);
}

TEST_F(TlsWorld, NewCertificatesAndTokensAreTakenUp) {
  const auto server = Serve(Hello(), TlsAndToken());
  const auto before = Client(TrustingWithToken());
  ASSERT_EQ(Outcome(before.Get(Url(*server), "/hello", kPatience)), "200");
  const tests::Authority other(scratch_.Path(), "other");

  (void)other.Issue({.name = "server"});
  tests::ReplaceFile(token_file_, "the-token-of-tomorrow\n");

  EXPECT_THAT(Outcome(before.Get(Url(*server), "/hello", kPatience)), HasSubstr("trusted"));
  // The client follows its own file, which is the server's here.
  EXPECT_EQ(Outcome(Client({.tls = {.ca = other.CaFile()}, .token_file = token_file_})
                        .Get(Url(*server), "/hello", kPatience)),
            "200");
  EXPECT_EQ(Outcome(Client({.tls = {.ca = other.CaFile()}})
                        .Get(Url(*server), "/hello", kPatience,
                             {{"Authorization", std::string("Bearer ") + kToken}})),
            "401");
}

TEST_F(TlsWorld, CertificatesAndTokensThatAreOfNoUseChangeNothing) {
  const auto server = Serve(Hello(), TlsAndToken());
  const auto client = Client(Trusting());

  tests::ReplaceFile(server_files_.certificate, "garbage");
  tests::ReplaceFile(token_file_, "short\n");

  EXPECT_EQ(Outcome(client.Get(Url(*server), "/hello", kPatience,
                               {{"Authorization", std::string("Bearer ") + kToken}})),
            "200");
}

TEST_F(TlsWorld, ManyClientsAtOnceAreAllAnswered) {
  const auto server = Serve(Hello(), TlsAndToken());
  const auto client = Client(TrustingWithToken());
  std::vector<std::future<int>> answered;
  for (int thread = 0; thread < 16; ++thread) {
    answered.push_back(std::async(std::launch::async, [&] {
      int count = 0;
      for (int round = 0; round < 10; ++round) {
        count += Outcome(client.Get(Url(*server), "/hello", kPatience)) == "200" ? 1 : 0;
      }
      return count;
    }));
  }

  for (auto& count : answered) {
    EXPECT_EQ(count.get(), 10);
  }
}

TEST_F(TlsWorld, PlainHttpToTheTlsPortIsToldSo) {
  const auto server = Serve(Hello(), Tls());

  const auto answer =
      common::http::Get("127.0.0.1:" + std::to_string(server->Port()), "/hello", kPatience);

  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "This port speaks TLS; write https://.\n");
}

TEST_F(TlsWorld, TlsToThePlainPortFailsInWords) {
  const auto server = Serve(Hello(), {});

  const auto answer = Client(Trusting()).Get(Url(*server), "/hello", kPatience);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, std::errc::protocol_error);
}

}  // namespace
}  // namespace exporters
