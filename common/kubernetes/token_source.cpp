#include "common/kubernetes/token_source.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "common/kubernetes/exec_plugin.h"
#include "common/tls/file.h"

namespace common::kubernetes {
namespace {

class FixedToken final : public TokenSource {
 public:
  explicit FixedToken(std::string token) : token_(std::move(token)) {}
  void Get(const std::string& /*refused*/, Done done) override { done(token_); }

 private:
  std::string token_;
};

/// A kubelet replaces the file long before its token ends; a stat is enough to see it.
class FileToken final : public TokenSource {
 public:
  explicit FileToken(std::string path) : path_(std::move(path)) {}

  void Get(const std::string& /*refused*/, Done done) override {
    const auto stamp = tls::StampOf(path_);
    if (!token_ || stamp != stamp_) {
      auto file = tls::ReadFile(path_);
      if (!file) {
        done(tl::make_unexpected(Error{file.error().code, "token file " + file.error().what}));
        return;
      }
      auto& text = file->content;
      text.erase(std::find_if(text.rbegin(), text.rend(),
                              [](unsigned char letter) { return std::isspace(letter) == 0; })
                     .base(),
                 text.end());
      if (text.empty() || std::any_of(text.begin(), text.end(), [](unsigned char letter) {
            return letter <= ' ' || letter > '~';
          })) {
        done(Fail(std::errc::bad_message, "token file " + path_ + ": holds no token"));
        return;
      }
      token_ = std::move(text);
      stamp_ = stamp;
    }
    done(*token_);
  }

 private:
  std::string path_;
  tls::FileStamp stamp_;
  std::optional<std::string> token_;
};

/// Asks the plugin on a thread of its own: it may take seconds.
class PluginToken final : public TokenSource {
 public:
  PluginToken(Executor& executor, ExecPlugin plugin)
      : executor_(executor), plugin_(std::move(plugin)) {}
  ~PluginToken() override {
    if (thread_.joinable()) {
      thread_.join();  // The plugin has a deadline.
    }
  }
  PluginToken(const PluginToken&) = delete;
  PluginToken& operator=(const PluginToken&) = delete;

  void Get(const std::string& refused, Done done) override {
    const bool good = credential_ && credential_->token != refused &&
                      (!credential_->expires || executor_.Wall() + kMargin < *credential_->expires);
    if (good) {
      done(credential_->token);
      return;
    }
    waiting_.push_back(std::move(done));
    if (!asking_) {
      Ask();
    }
  }

 private:
  static constexpr auto kMargin = std::chrono::seconds(30);

  void Ask() {
    asking_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
    thread_ = std::thread([this, alive = std::weak_ptr<bool>(alive_)] {
      auto credential = RunExecPlugin(plugin_);
      executor_.Post([this, alive, credential = std::move(credential)]() mutable {
        if (!alive.expired()) {
          Answer(std::move(credential));
        }
      });
    });
  }

  void Answer(Result<ExecCredential> credential) {
    asking_ = false;
    Result<std::string> token = tl::make_unexpected(Error{});
    if (credential) {
      credential_ = std::move(*credential);
      token = credential_->token;
    } else {
      token = tl::make_unexpected(credential.error());
    }
    for (auto& done : std::exchange(waiting_, {})) {
      done(token);
    }
  }

  Executor& executor_;
  ExecPlugin plugin_;
  std::optional<ExecCredential> credential_;
  std::vector<Done> waiting_;
  bool asking_ = false;
  std::thread thread_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<TokenSource> MakeTokenSource(Executor& executor, const Access& access) {
  if (access.exec) {
    return std::make_unique<PluginToken>(executor, *access.exec);
  }
  if (!access.token_file.empty()) {
    return std::make_unique<FileToken>(access.token_file);
  }
  return std::make_unique<FixedToken>(access.token);
}

}  // namespace common::kubernetes
