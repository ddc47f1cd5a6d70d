#include "common/tls/tokens.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <stdexcept>
#include <utility>

#include "common/text.h"
#include "common/tls/file.h"

namespace common::tls {
namespace {

constexpr std::size_t kShortestToken = 16;
constexpr std::size_t kLongestToken = 4096;
constexpr std::size_t kMostTokens = 1000;

/// Digests have one length, so that comparing them says nothing about that of the token.
std::array<unsigned char, 32> Digest(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 ||
      size != digest.size()) {
    throw std::runtime_error("OpenSSL computes no SHA-256");
  }
  return digest;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// What is wrong with `token`; empty if nothing.
std::string_view Flaw(std::string_view token) {
  if (token.size() < kShortestToken) {
    return "the token is shorter than 16 characters; make one with: openssl rand -hex 32";
  }
  if (token.size() > kLongestToken) {
    return "the token is longer than 4096 characters";
  }
  for (const char letter : token) {
    if (letter <= ' ' || letter > '~') {
      return "the token holds a blank or a character that is not ASCII";
    }
  }
  return {};
}

Result<void> CheckMode(const std::string& path, mode_t mode) {
  if ((mode & (S_IROTH | S_IWOTH)) == 0) {
    return {};
  }
  return Fail(std::errc::permission_denied,
              "token file " + path +
                  ": everybody on this machine may read or write it; chmod o-rw " + path +
                  " (in Kubernetes: defaultMode: 0440 of the secret's volume)");
}

}  // namespace

Tokens::Tokens(const std::vector<std::string>& tokens) {
  digests_.reserve(tokens.size());
  for (const auto& token : tokens) {
    digests_.push_back(Digest(token));
  }
}

bool Tokens::Accept(std::string_view presented) const {
  const auto digest = Digest(presented);
  int accepted = 0;
  for (const auto& known : digests_) {
    accepted |= static_cast<int>(CRYPTO_memcmp(known.data(), digest.data(), digest.size()) == 0);
  }
  return accepted != 0;
}

Result<std::vector<std::string>> ReadTokenFile(const std::string& path) {
  const auto file = ReadFile(path);
  if (!file) {
    return tl::make_unexpected(Error{file.error().code, "token file " + file.error().what});
  }
  if (const auto checked = CheckMode(path, file->mode); !checked) {
    return tl::make_unexpected(checked.error());
  }
  std::vector<std::string> tokens;
  std::string_view rest = file->content;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = Trim(TakeLine(rest));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (const auto flaw = Flaw(line); !flaw.empty()) {
      return Fail(std::errc::invalid_argument,
                  "token file " + path + ":" + std::to_string(number) + ": " + std::string(flaw));
    }
    tokens.emplace_back(line);
  }
  if (tokens.empty() || tokens.size() > kMostTokens) {
    return Fail(std::errc::invalid_argument,
                "token file " + path + ": holds " +
                    (tokens.empty() ? "no token" : "more than 1000 tokens"));
  }
  return tokens;
}

Result<std::unique_ptr<ReloadingTokens>> OpenTokens(const std::string& path) {
  return ReloadingTokens::Open({path}, [path] {
    return ReadTokenFile(path).map([](const std::vector<std::string>& tokens) {
      return std::make_shared<const Tokens>(tokens);
    });
  });
}

Result<std::unique_ptr<ReloadingToken>> OpenToken(const std::string& path) {
  return ReloadingToken::Open({path}, [path] {
    return ReadTokenFile(path).map(
        [](const std::vector<std::string>& tokens) { return tokens.front(); });
  });
}

}  // namespace common::tls
