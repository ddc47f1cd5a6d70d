#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "common/http/client.h"
#include "exporters/server.h"
#include "support/scratch_directory.h"
#include "unit/common/tls/authority.h"

namespace exporters {

inline constexpr auto kPatience = std::chrono::seconds(10);
inline constexpr const char* kToken = "the-token-of-this-test";

/// An authority, a server's certificate, a token, and who uses them.
class TlsWorld : public ::testing::Test {
 protected:
  TlsWorld() { tests::ReplaceFile(token_file_, std::string(kToken) + "\n"); }

  /// TLS and nothing else.
  ServerSecurity Tls() const {
    return {.certificate_file = server_files_.certificate, .key_file = server_files_.key};
  }

  /// TLS and the token.
  ServerSecurity TlsAndToken() const {
    auto security = Tls();
    security.token_file = token_file_;
    return security;
  }

  static std::unique_ptr<Server> Serve(Routes routes, const ServerSecurity& security,
                                       const std::string& host = "127.0.0.1") {
    auto server = Server::Start({.host = host, .port = 0}, std::move(routes), security);
    EXPECT_TRUE(server) << server.error().what;
    return server ? std::move(*server) : nullptr;
  }

  static common::http::Client Client(const common::http::ClientOptions& options) {
    auto credentials = common::http::Credentials::Open(options);
    EXPECT_TRUE(credentials) << credentials.error().what;
    return common::http::Client(*credentials);
  }

  common::http::ClientOptions Trusting() const { return {.tls = {.ca = authority_.CaFile()}}; }

  common::http::ClientOptions TrustingWithToken() const {
    return {.tls = {.ca = authority_.CaFile()}, .token_file = token_file_};
  }

  static std::string Url(const Server& server, const std::string& host = "127.0.0.1") {
    return "https://" + host + ":" + std::to_string(server.Port());
  }

  tests::ScratchDirectory scratch_;
  tests::Authority authority_{scratch_.Path()};
  tests::CertificateFiles server_files_ = authority_.Issue({.name = "server"});
  std::string token_file_ = scratch_.Path() / "tokens";
};

inline Routes Hello() {
  return {.handlers = {
              {"/hello", [](const HttpRequest&) { return HttpResponse{.body = "hello\n"}; }},
              {"/healthz", [](const HttpRequest&) { return HttpResponse{.body = "ok\n"}; }},
              {"/echo",
               [](const HttpRequest& request) {
                 return HttpResponse{.body = request.method + " " + request.body};
               },
               {"GET", "POST", "DELETE"}},
          }};
}

}  // namespace exporters
