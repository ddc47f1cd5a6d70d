#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/io_loop.h"
#include "common/kubernetes/connection.h"

namespace bench {

/// Asks an API server many things, a few at a time, as fast as it answers.
class Flood {
 public:
  using Answered = std::function<void(const std::string& body)>;

  /// Throws std::runtime_error where the kubeconfig cannot be used.
  explicit Flood(const std::filesystem::path& kubeconfig);

  /// Creates an object; `answered` gets it as the server has made it, and may ask for more.
  void Create(const std::string& collection, std::string object, Answered answered = {});
  /// A merge patch.
  void Patch(const std::string& target, std::string patch);

  /// Asks until nothing is left to ask, saying every few seconds how far it is, in `what`. Throws
  /// std::runtime_error with the first refusal.
  void Run(const std::string& what);

  /// One object or list. Throws std::runtime_error with the refusal.
  [[nodiscard]] std::string Get(const std::string& target);

 private:
  struct Question {
    common::kubernetes::Request request;
    Answered answered;
  };

  void Answer();
  void Fill();
  void Done(std::size_t id, const Answered& answered,
            const common::kubernetes::Outcome<std::string>& outcome);

  common::IoLoop loop_;
  std::unique_ptr<common::kubernetes::Connection> connection_;
  std::deque<Question> waiting_;
  std::map<std::size_t, std::unique_ptr<common::kubernetes::Pending>> sent_;
  std::size_t ids_ = 0;
  std::size_t done_ = 0;
  std::string problem_;
};

}  // namespace bench
